/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* ARRAY_SIZE(), as in the kernel. */
#ifndef _LINUX_ARRAY_SIZE_H
#define _LINUX_ARRAY_SIZE_H

#include <lfshim/kernel-code.h>
#include <linux/build_bug.h>

/* The number of elements of an array. A pointer does not compile. */
#define ARRAY_SIZE(arr)							\
	(sizeof(arr) / sizeof((arr)[0]) +				\
	 BUILD_BUG_ON_ZERO(__builtin_types_compatible_p(		\
		__typeof__(arr), __typeof__(&(arr)[0]))))

#endif
