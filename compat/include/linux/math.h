/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Division and rounding: DIV_ROUND_UP(), round_up(), round_down(), roundup().
 */
#ifndef _LINUX_MATH_H
#define _LINUX_MATH_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define round_up(x, y)		((((x) - 1) | ((__typeof__(x))(y) - 1)) + 1)
#define round_down(x, y)	((x) & ~((__typeof__(x))(y) - 1))
/* <sys/param.h> may have been included; it defines this, too. */
#undef roundup
#define roundup(x, y)		((((x) + ((y) - 1)) / (y)) * (y))

#endif
