/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* READ_ONCE() and WRITE_ONCE(); see <linux/compiler.h>. */
#ifndef _ASM_RWONCE_H
#define _ASM_RWONCE_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>

#endif
