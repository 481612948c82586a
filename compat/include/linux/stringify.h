/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* __stringify(), as in the kernel. */
#ifndef _LINUX_STRINGIFY_H
#define _LINUX_STRINGIFY_H

#include <lfshim/kernel-code.h>

#define __stringify_1(x...)	#x
#define __stringify(x...)	__stringify_1(x)

#endif
