/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Alignment of numbers and pointers to a power of two. All of it is macros.
 */
#ifndef _LINUX_ALIGN_H
#define _LINUX_ALIGN_H

#include <lfshim/kernel-code.h>
#include <linux/math.h>

#undef ALIGN
#define ALIGN(x, a)		round_up(x, (__typeof__(x))(a))
#define ALIGN_DOWN(x, a)	round_down(x, (__typeof__(x))(a))
#define IS_ALIGNED(x, a)	(((x) & ((__typeof__(x))(a) - 1)) == 0)
#define PTR_ALIGN(p, a)		((__typeof__(p))ALIGN((unsigned long)(p), (a)))

#endif
