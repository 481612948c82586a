/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Searching arrays of unsigned long for bits, and the for_each_set_bit() macros.
 * All of it is inline. The functions return @size, or more, if there is no such
 * bit. Left out: the functions for two and three arrays, for the nth bit, for
 * byte orders, and the wrapping and atomic variants.
 */
#ifndef _LINUX_FIND_H
#define _LINUX_FIND_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/bits.h>

/* The first bit in the words of @addr ^ @invert that is not before @offset. */
static inline unsigned long lfshim_find_bit(const unsigned long *addr,
					    unsigned long size,
					    unsigned long offset,
					    unsigned long invert)
{
	unsigned long word, nr;

	if (offset >= size)
		return size;
	nr = BIT_WORD(offset);
	word = (addr[nr] ^ invert) & (~0UL << (offset % BITS_PER_LONG));
	while (!word) {
		if (++nr * BITS_PER_LONG >= size)
			return size;
		word = addr[nr] ^ invert;
	}
	offset = nr * BITS_PER_LONG + __builtin_ctzl(word);
	/* The last word may have bits after @size. */
	return offset < size ? offset : size;
}

static inline unsigned long find_next_bit(const unsigned long *addr,
					  unsigned long size,
					  unsigned long offset)
{
	return lfshim_find_bit(addr, size, offset, 0);
}

static inline unsigned long find_next_zero_bit(const unsigned long *addr,
					       unsigned long size,
					       unsigned long offset)
{
	return lfshim_find_bit(addr, size, offset, ~0UL);
}

static inline unsigned long find_first_bit(const unsigned long *addr,
					   unsigned long size)
{
	return lfshim_find_bit(addr, size, 0, 0);
}

static inline unsigned long find_first_zero_bit(const unsigned long *addr,
						unsigned long size)
{
	return lfshim_find_bit(addr, size, 0, ~0UL);
}

static inline unsigned long find_last_bit(const unsigned long *addr,
					  unsigned long size)
{
	unsigned long nr = size;

	while (nr--)
		if (addr[BIT_WORD(nr)] & BIT_MASK(nr))
			return nr;
	return size;
}

#define for_each_set_bit(bit, addr, size)				\
	for ((bit) = find_first_bit(addr, size); (bit) < (size);	\
	     (bit) = find_next_bit(addr, size, (bit) + 1))
/* As for_each_set_bit(), from the bit @bit on. */
#define for_each_set_bit_from(bit, addr, size)				\
	for ((bit) = find_next_bit(addr, size, bit); (bit) < (size);	\
	     (bit) = find_next_bit(addr, size, (bit) + 1))
#define for_each_clear_bit(bit, addr, size)				\
	for ((bit) = find_first_zero_bit(addr, size); (bit) < (size);	\
	     (bit) = find_next_zero_bit(addr, size, (bit) + 1))

#endif
