/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* As in the kernel, this includes <asm/processor.h>. */
#include <asm/processor.h>
