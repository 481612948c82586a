/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Prime numbers, found by trial division. All of it is inline. */
#ifndef _LINUX_PRIME_NUMBERS_H
#define _LINUX_PRIME_NUMBERS_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

static inline bool is_prime_number(unsigned long x)
{
	unsigned long d;

	if (x < 4)
		return x >= 2;
	if (x % 2 == 0)
		return false;
	for (d = 3; d <= x / d; d += 2)
		if (x % d == 0)
			return false;
	return true;
}

/* The first prime number after @x. ULONG_MAX + 1 is not reached: then 0. */
static inline unsigned long next_prime_number(unsigned long x)
{
	while (++x && !is_prime_number(x))
		;
	return x;
}

/* Every prime number from 2 up to @max; @from is skipped over below. */
#define for_each_prime_number_from(prime, from, max)			\
	for (prime = (from) <= 2 ? 2 : next_prime_number((from) - 1);	\
	     prime && prime <= (max);					\
	     prime = next_prime_number(prime))
#define for_each_prime_number(prime, max) \
	for_each_prime_number_from(prime, 2, max)

#endif
