/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Division and rounding: DIV_ROUND_UP(), round_up(), round_down(), roundup(), rounddown().
 */
#ifndef _LINUX_MATH_H
#define _LINUX_MATH_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define DIV_ROUND_UP_ULL(n, d)	DIV_ROUND_UP((u64)(n), d)
#define DIV_ROUND_DOWN_ULL(n, d) ((u64)(n) / (u32)(d))
/* To the nearest integer, and away from 0 in the middle. */
#define DIV_ROUND_CLOSEST(x, d) ({					\
	__typeof__(x) __x = (x);					\
	__typeof__(d) __d = (d);					\
	(((__typeof__(x))-1) > 0 || ((__typeof__(d))-1) > 0 ||		\
	 (__x > 0) == (__d > 0)) ?					\
		(__x + __d / 2) / __d : (__x - __d / 2) / __d; })
#define DIV_ROUND_CLOSEST_ULL(x, d) ({					\
	u32 __d32 = (d);						\
	((u64)(x) + __d32 / 2) / __d32; })
#define round_up(x, y)		((((x) - 1) | ((__typeof__(x))(y) - 1)) + 1)
#define round_down(x, y)	((x) & ~((__typeof__(x))(y) - 1))
/* <sys/param.h> may have been included; it defines this, too. */
#undef roundup
#define roundup(x, y)		((((x) + ((y) - 1)) / (y)) * (y))
#define rounddown(x, y)	((x) - (x) % (y))

#endif
