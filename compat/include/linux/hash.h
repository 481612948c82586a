/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Hashes of integers and pointers, by multiplication. All of it is inline. */
#ifndef _LINUX_HASH_H
#define _LINUX_HASH_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

/* Odd numbers near 2^32 and 2^64, divided by the golden ratio. */
#define GOLDEN_RATIO_32		0x61C88647U
#define GOLDEN_RATIO_64		0x61C8864680B583EBULL

static inline u32 __hash_32(u32 val)
{
	return val * GOLDEN_RATIO_32;
}

/* The top bits of a product depend on all bits of @val. */
static inline u32 hash_32(u32 val, unsigned int bits)
{
	return __hash_32(val) >> (32 - bits);
}

static inline u32 hash_64(u64 val, unsigned int bits)
{
	return (val * GOLDEN_RATIO_64) >> (64 - bits);
}

static inline u32 hash_long(unsigned long val, unsigned int bits)
{
	return sizeof(val) == 8 ? hash_64(val, bits) : hash_32(val, bits);
}

static inline u32 hash_ptr(const void *ptr, unsigned int bits)
{
	return hash_long((unsigned long)ptr, bits);
}

#endif
