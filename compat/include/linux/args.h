/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Counting the arguments of a macro, up to 15, and joining two words. */
#ifndef _LINUX_ARGS_H
#define _LINUX_ARGS_H

#include <lfshim/kernel-code.h>

#define lfshim_16th(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13,	\
		    _14, _15, _16, n, ...)	n
#define COUNT_ARGS(...)							\
	lfshim_16th(, ##__VA_ARGS__, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,	\
		    3, 2, 1, 0)

#define lfshim_concatenate(a, b)	a ## b
/* After the macros in both are replaced. */
#define CONCATENATE(a, b)	lfshim_concatenate(a, b)

#endif
