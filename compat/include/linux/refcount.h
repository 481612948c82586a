/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Reference counts that saturate instead of wrapping.
 *
 * Every misuse (increment from 0, overflow, dropping below 0) warns and leaves
 * the count in the middle of the negative range, where it stays: the object
 * leaks, which is better than being freed while in use.
 */
#ifndef _LINUX_REFCOUNT_H
#define _LINUX_REFCOUNT_H

#include <lfshim/kernel-code.h>
#include <linux/atomic.h>
#include <linux/bug.h>

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

#define REFCOUNT_INIT(n)	{ .refs = ATOMIC_INIT(n) }
#define REFCOUNT_MAX		__INT_MAX__
#define REFCOUNT_SATURATED	(-__INT_MAX__ / 2 - 1)

enum refcount_saturation_type {
	REFCOUNT_ADD_NOT_ZERO_OVF,
	REFCOUNT_ADD_OVF,
	REFCOUNT_ADD_UAF,
	REFCOUNT_SUB_UAF,
	REFCOUNT_DEC_LEAK,
};

/**
 * refcount_warn_saturate - saturate a count and warn
 * @r: the count
 * @t: what happened
 */
void refcount_warn_saturate(refcount_t *r, enum refcount_saturation_type t)
	LFSHIM(refcount_warn_saturate) __cold;

static inline void refcount_set(refcount_t *r, int n)
{
	atomic_set(&r->refs, n);
}

static inline unsigned int refcount_read(const refcount_t *r)
{
	return atomic_read(&r->refs);
}

/*
 * Relaxed: whoever increments holds a reference already, and that is what
 * orders the object's initialisation before this.
 */
static inline void refcount_add(int i, refcount_t *r)
{
	int old = atomic_fetch_add_relaxed(i, &r->refs);

	if (unlikely(!old))
		refcount_warn_saturate(r, REFCOUNT_ADD_UAF);
	else if (unlikely(old < 0 || (int)((unsigned int)old + i) < 0))
		refcount_warn_saturate(r, REFCOUNT_ADD_OVF);
}

static inline void refcount_inc(refcount_t *r)
{
	refcount_add(1, r);
}

/*
 * Acquire on success, where the kernel is relaxed: pairs with the release of
 * whoever published the object with this count, so that a caller which found
 * it under RCU sees it initialised. Free on x86.
 */
static inline bool __must_check refcount_add_not_zero(int i, refcount_t *r)
{
	int old = refcount_read(r);

	do {
		if (!old)
			return false;
	} while (!__atomic_compare_exchange_n(&r->refs.counter, &old,
					      (int)((unsigned int)old + i),
					      false, __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));

	lfshim_hb_acquire(&r->refs.counter);
	if (unlikely(old < 0 || (int)((unsigned int)old + i) < 0))
		refcount_warn_saturate(r, REFCOUNT_ADD_NOT_ZERO_OVF);
	return true;
}

static inline bool __must_check refcount_inc_not_zero(refcount_t *r)
{
	return refcount_add_not_zero(1, r);
}

/*
 * True when the count reached 0. Release, so that all the caller did with the
 * object comes before its end; acquire by the one who ends it, pairing with the
 * releases of all the others.
 */
static inline bool __must_check refcount_sub_and_test(int i, refcount_t *r)
{
#if LFSHIM_TSAN
	/* The acquire below is a fence, which ThreadSanitizer does not see. */
	int old = __atomic_fetch_sub(&r->refs.counter, i, __ATOMIC_ACQ_REL);
#else
	int old = atomic_fetch_sub_release(i, &r->refs);
#endif

	if (old > 0 && old == i) {
#if !LFSHIM_TSAN
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		lfshim_hb_acquire(&r->refs.counter);
#endif
		return true;
	}
	if (unlikely(old <= 0 || (int)((unsigned int)old - i) < 0))
		refcount_warn_saturate(r, REFCOUNT_SUB_UAF);
	return false;
}

static inline bool __must_check refcount_dec_and_test(refcount_t *r)
{
	return refcount_sub_and_test(1, r);
}

/* Must not be the last one. */
static inline void refcount_dec(refcount_t *r)
{
	if (unlikely(atomic_fetch_sub_release(1, &r->refs) <= 1))
		refcount_warn_saturate(r, REFCOUNT_DEC_LEAK);
}

#endif
