/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* ilog2(); is_power_of_2() and rounding to powers of two, for unsigned long. */
#ifndef _LINUX_LOG2_H
#define _LINUX_LOG2_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/bitops.h>

/* The number of the highest set bit; -1 for 0. */
static inline int lfshim_ilog2(unsigned long long n)
{
	return n ? (int)(8 * sizeof(n)) - 1 - __builtin_clzll(n) : -1;
}

/* Of a constant, for the size of an array, for example. 0 for 0. */
#define const_ilog2(n) \
	((n) < 2 ? 0 : (int)(8 * sizeof(long long)) - 1 - __builtin_clzll(n))

/* A constant if @n is one, and then 0 for 0; as in the kernel, else -1 for 0. */
#define ilog2(n) \
	(__builtin_constant_p(n) ? const_ilog2(n) : lfshim_ilog2(n))

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return n <= 1 ? 1 : 1UL << (ilog2(n - 1) + 1);
}

/* The order of roundup_pow_of_two(@n); 0 for 0. */
static inline int order_base_2(unsigned long n)
{
	return n <= 1 ? 0 : ilog2(n - 1) + 1;
}

static inline unsigned long rounddown_pow_of_two(unsigned long n)
{
	return 1UL << ilog2(n);
}

#endif
