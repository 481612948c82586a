/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * min(), max(), clamp() and swap(). Unlike the kernel's they do not check the
 * signs of their arguments. Left out: min_not_zero(), min_array(), MIN() and
 * MAX().
 */
#ifndef _LINUX_MINMAX_H
#define _LINUX_MINMAX_H

#include <lfshim/kernel-code.h>
#include <linux/compiler_types.h>

/* Each argument is evaluated once. */
#define lfshim_cmp_(op, x, y) ({			\
	__typeof__(x) __x = (x);			\
	__typeof__(y) __y = (y);			\
	__x op __y ? __x : __y; })

#define min(x, y)	lfshim_cmp_(<, x, y)
#define max(x, y)	lfshim_cmp_(>, x, y)
#define min3(x, y, z)	min(min(x, y), z)
#define max3(x, y, z)	max(max(x, y), z)
#define min_t(type, x, y) lfshim_cmp_(<, (type)(x), (type)(y))
#define max_t(type, x, y) lfshim_cmp_(>, (type)(x), (type)(y))
#define clamp(val, lo, hi) min(max(val, lo), hi)
#define clamp_t(type, val, lo, hi) min_t(type, max_t(type, val, lo), hi)

#define swap(a, b) \
	do { __typeof__(a) __tmp = (a); (a) = (b); (b) = __tmp; } while (0)

#endif
