/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * 64-bit division: div_u64(), div_s64() and div64_u64(). The variants with a
 * remainder or a multiplication are left out.
 */
#ifndef _LINUX_MATH64_H
#define _LINUX_MATH64_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/math.h>

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline s64 div_s64(s64 dividend, s32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

#endif
