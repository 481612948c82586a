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
#include <asm/div64.h>

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

static inline s64 div64_s64(s64 dividend, s64 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64_rem(u64 dividend, u64 divisor, u64 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

/* The product of two 32-bit numbers, which does not overflow. */
static inline u64 mul_u32_u32(u32 a, u32 b)
{
	return (u64)a * b;
}

#define DIV64_U64_ROUND_UP(ll, d) ({					\
	u64 __d = (d);							\
	div64_u64((ll) + __d - 1, __d); })

#endif
