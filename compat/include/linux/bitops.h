/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Atomic and non-atomic operations on bits in an array of unsigned long. All of
 * it is inline; <linux/find.h> searches. Left out: reversing and rotating bits,
 * except for rol32() and ror32().
 *
 * In the kernel, set_bit() and clear_bit() have no ordering and test_bit() is a
 * plain read. Here set_bit(), clear_bit() and change_bit() are releases, and
 * test_bit() is an acquire. On x86 this costs nothing. It is stronger than the
 * kernel's rules, so code that is correct there is correct here.
 * ThreadSanitizer needs it to understand the flag protocols of the fence code,
 * which the kernel orders by dependencies and locks. The test_and_ functions
 * are full barriers, as in the kernel.
 */
#ifndef _LINUX_BITOPS_H
#define _LINUX_BITOPS_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/bits.h>
/* The kernel's header leads to this one, and headers rely on that. */
#include <asm/byteorder.h>
#include <asm/barrier.h>

/* No partner: the partner is in the caller. */
static inline void set_bit(long nr, volatile unsigned long *addr)
{
	lfshim_hb_release(addr + BIT_WORD(nr));
	__atomic_fetch_or(addr + BIT_WORD(nr), BIT_MASK(nr),
			  lfshim_release_order);
}

static inline void clear_bit(long nr, volatile unsigned long *addr)
{
	lfshim_hb_release(addr + BIT_WORD(nr));
	__atomic_fetch_and(addr + BIT_WORD(nr), ~BIT_MASK(nr),
			   lfshim_release_order);
}

/* No partner: the partner is in the caller. */
static inline void change_bit(long nr, volatile unsigned long *addr)
{
	lfshim_hb_release(addr + BIT_WORD(nr));
	__atomic_fetch_xor(addr + BIT_WORD(nr), BIT_MASK(nr),
			   lfshim_release_order);
}

/* A release in the kernel, too. No partner: the partner is in the caller. */
static inline void clear_bit_unlock(long nr, volatile unsigned long *addr)
{
	lfshim_hb_release(addr + BIT_WORD(nr));
	__atomic_fetch_and(addr + BIT_WORD(nr), ~BIT_MASK(nr), __ATOMIC_RELEASE);
}

/* No partner: the partner is in the caller. */
static inline bool test_bit(long nr, const volatile unsigned long *addr)
{
	bool set = __atomic_load_n(lfshim_hb_atomic(addr + BIT_WORD(nr)),
				   lfshim_acquire_order) &
		   BIT_MASK(nr);
	/* No ordering for a clear bit: no code in libfence waits for one. */
	if (set)
		lfshim_hb_acquire(addr + BIT_WORD(nr));
	return set;
}

/* No partner: the partner is in the caller. */
static inline bool test_bit_acquire(long nr, const volatile unsigned long *addr)
{
	return smp_load_acquire(addr + BIT_WORD(nr)) & BIT_MASK(nr);
}

/*
 * These return the previous value of the bit.
 * No partner: the partner is in the caller.
 */
static inline bool test_and_set_bit(long nr, volatile unsigned long *addr)
{
	bool old;

	lfshim_hb_release(addr + BIT_WORD(nr));
	lfshim_full_fence();
	old = __atomic_fetch_or(addr + BIT_WORD(nr), BIT_MASK(nr),
				__ATOMIC_SEQ_CST) & BIT_MASK(nr);
	lfshim_full_fence();
	lfshim_hb_acquire(addr + BIT_WORD(nr));
	return old;
}

/* No partner: the partner is in the caller. */
static inline bool test_and_clear_bit(long nr, volatile unsigned long *addr)
{
	bool old;

	lfshim_hb_release(addr + BIT_WORD(nr));
	lfshim_full_fence();
	old = __atomic_fetch_and(addr + BIT_WORD(nr), ~BIT_MASK(nr),
				 __ATOMIC_SEQ_CST) & BIT_MASK(nr);
	lfshim_full_fence();
	lfshim_hb_acquire(addr + BIT_WORD(nr));
	return old;
}

/* No partner: the partner is in the caller. */
static inline bool test_and_set_bit_lock(long nr, volatile unsigned long *addr)
{
	return test_and_set_bit(nr, addr);
}

/* The __ variants are not atomic: the caller serialises all access. */
static inline void __set_bit(long nr, volatile unsigned long *addr)
{
	addr[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static inline void __clear_bit(long nr, volatile unsigned long *addr)
{
	addr[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

/* Set the bit, or clear it. */
static inline void assign_bit(long nr, volatile unsigned long *addr, bool value)
{
	if (value)
		set_bit(nr, addr);
	else
		clear_bit(nr, addr);
}

static inline void __assign_bit(long nr, volatile unsigned long *addr,
				bool value)
{
	if (value)
		__set_bit(nr, addr);
	else
		__clear_bit(nr, addr);
}

/* Not atomic. Return: the old value. */
static inline bool __test_and_clear_bit(long nr, volatile unsigned long *addr)
{
	bool old = addr[BIT_WORD(nr)] & BIT_MASK(nr);

	__clear_bit(nr, addr);
	return old;
}

static inline bool __test_and_set_bit(long nr, volatile unsigned long *addr)
{
	bool old = addr[BIT_WORD(nr)] & BIT_MASK(nr);

	__set_bit(nr, addr);
	return old;
}

/* The number whose sign is the bit @index of @value; the bits above are ignored. */
static inline s32 sign_extend32(u32 value, int index)
{
	return (s32)(value << (31 - index)) >> (31 - index);
}

static inline s64 sign_extend64(u64 value, int index)
{
	return (s64)(value << (63 - index)) >> (63 - index);
}

static inline unsigned int hweight_long(unsigned long w)
{
	return __builtin_popcountl(w);
}

/* The number of bits that are set. Arguments are cut to the width. */
#define hweight8(w)	((unsigned int)__builtin_popcount((u8)(w)))
#define hweight16(w)	((unsigned int)__builtin_popcount((u16)(w)))
#define hweight32(w)	((unsigned int)__builtin_popcount((u32)(w)))
#define hweight64(w)	((unsigned int)__builtin_popcountll(w))

/* Undefined for 0, as in the kernel. */
static inline unsigned long __ffs(unsigned long word)
{
	return __builtin_ctzl(word);
}

static inline unsigned long __fls(unsigned long word)
{
	return BITS_PER_LONG - 1 - __builtin_clzl(word);
}

/* The number of the highest bit that is set, from 1. Return: 0 for 0. */
static inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

static inline int fls_long(unsigned long x)
{
	return x ? BITS_PER_LONG - __builtin_clzl(x) : 0;
}

/* The number of the lowest bit that is set, from 0. Undefined for 0. */
static inline unsigned int __ffs64(u64 x)
{
	return __builtin_ctzll(x);
}

static inline u32 rol32(u32 word, unsigned int shift)
{
	return word << (shift & 31) | word >> (-shift & 31);
}

static inline u32 ror32(u32 word, unsigned int shift)
{
	return word >> (shift & 31) | word << (-shift & 31);
}

#include <linux/find.h>

#endif
