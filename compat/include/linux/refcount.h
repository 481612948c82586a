/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Reference counts that saturate instead of wrapping. Left out: the _acquire
 * and _release variants. compat/refcount.c has refcount_warn_saturate(), and
 * compat/mutex.c refcount_dec_and_mutex_lock().
 *
 * Every misuse (an increment from 0, an overflow, a decrement below 0) warns
 * and sets the count to the middle of the negative range, where it stays. The
 * object leaks, which is better than a use after free. Each kind of misuse
 * warns once in the life of the program.
 */
#ifndef _LINUX_REFCOUNT_H
#define _LINUX_REFCOUNT_H

#include <lfshim/kernel-code.h>
#include <lfshim/seam.h>
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/limits.h>
#include <linux/spinlock.h>

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
 * @t: the kind of misuse
 *
 * Context: any.
 */
void refcount_warn_saturate(refcount_t *r, enum refcount_saturation_type t)
	LFSHIM(refcount_warn_saturate) __cold;

#if LFSHIM_SEAM
/*
 * They return the old value. The replacement may assume that the caller only looks
 * if a count was, or is now, 0, or is one that no count should have. The first two
 * are relaxed. The second one leaves 0 as it is. The third one is a release, and an
 * acquire if the count is 0 then.
 */
int lfshim_count_add(int *count, int n);
int lfshim_count_add_not_zero(int *count, int n);
int lfshim_count_sub(int *count, int n);
#else
/*
 * Relaxed: the caller already holds a reference, so the initialisation of the
 * object is ordered before this.
 */
static inline int lfshim_count_add(int *count, int n)
{
	return __atomic_fetch_add(lfshim_hb_atomic(count), n, __ATOMIC_RELAXED);
}

/*
 * Acquire on success, so that a caller that found the object under RCU sees it
 * initialised. The kernel's function is relaxed. The acquire costs nothing on
 * x86. No partner: the release is in the caller's code, which publishes the
 * object.
 */
static inline int lfshim_count_add_not_zero(int *count, int n)
{
	int old = READ_ONCE(*count);

	do {
		if (!old)
			return 0;
	} while (!__atomic_compare_exchange_n(count, &old,
					      (int)((unsigned int)old + n),
					      false, __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
	lfshim_hb_acquire(count);
	return old;
}

static inline int lfshim_count_sub(int *count, int n)
{
	/*
	 * R1: release. Pairs with A1 in lfshim_count_sub() and A2 in
	 * chain_release(). Without it, this thread may still access the object
	 * when another thread drops the last reference and frees it.
	 *
	 * ThreadSanitizer does not see the fence of A1, so the operation itself
	 * acquires there.
	 */
#if LFSHIM_TSAN
	return __atomic_fetch_sub(count, n, __ATOMIC_ACQ_REL);
#else
	int old;

	lfshim_hb_release(count);
	old = __atomic_fetch_sub(count, n, __ATOMIC_RELEASE);
	if (old == n) {
		/*
		 * A1: acquire. Pairs with R1 in lfshim_count_sub(), and with R3
		 * in refcount_dec_not_one(). Without it, the caller may free
		 * the object while other threads still access it.
		 */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		lfshim_hb_acquire(count);
	}
	return old;
#endif
}
#endif

static inline void refcount_set(refcount_t *r, int n)
{
	atomic_set(&r->refs, n);
}

static inline unsigned int refcount_read(const refcount_t *r)
{
	return atomic_read(&r->refs);
}

/* Relaxed: the caller already holds a reference. */
static inline void refcount_add(int i, refcount_t *r)
{
	int old = lfshim_count_add(&r->refs.counter, i);

	if (unlikely(!old))
		refcount_warn_saturate(r, REFCOUNT_ADD_UAF);
	else if (unlikely(old < 0 || (int)((unsigned int)old + i) < 0))
		refcount_warn_saturate(r, REFCOUNT_ADD_OVF);
}

static inline void refcount_inc(refcount_t *r)
{
	refcount_add(1, r);
}

static inline bool __must_check refcount_add_not_zero(int i, refcount_t *r)
{
	int old = lfshim_count_add_not_zero(&r->refs.counter, i);

	if (!old)
		return false;
	if (unlikely(old < 0 || (int)((unsigned int)old + i) < 0))
		refcount_warn_saturate(r, REFCOUNT_ADD_NOT_ZERO_OVF);
	return true;
}

static inline bool __must_check refcount_inc_not_zero(refcount_t *r)
{
	return refcount_add_not_zero(1, r);
}

/* True if the count reached 0. Then the caller may free the object. */
static inline bool __must_check refcount_sub_and_test(int i, refcount_t *r)
{
	int old = lfshim_count_sub(&r->refs.counter, i);

	if (old > 0 && old == i)
		return true;
	if (unlikely(old <= 0 || (int)((unsigned int)old - i) < 0))
		refcount_warn_saturate(r, REFCOUNT_SUB_UAF);
	return false;
}

static inline bool __must_check refcount_dec_and_test(refcount_t *r)
{
	return refcount_sub_and_test(1, r);
}

/* Drop a reference that must not be the last one. */
static inline void refcount_dec(refcount_t *r)
{
	if (unlikely(lfshim_count_sub(&r->refs.counter, 1) <= 1))
		refcount_warn_saturate(r, REFCOUNT_DEC_LEAK);
}

/*
 * Drop a reference unless it is the last one; false if it is. A saturated count
 * is left alone, and so is 0, with a warning: both return true.
 */
static inline bool __must_check refcount_dec_not_one(refcount_t *r)
{
	int old = refcount_read(r);

	do {
		if (unlikely(old == REFCOUNT_SATURATED))
			return true;
		if (old == 1)
			return false;
		if (unlikely(!old)) {
			WARN_ONCE(1, "refcount_t: underflow; use-after-free");
			return true;
		}
		/*
		 * R3: release. Pairs with A1 in lfshim_count_sub().
		 * Without it, this thread may still access the object when it
		 * is freed.
		 */
	} while (!atomic_try_cmpxchg(&r->refs, &old, old - 1));
	return true;
}

/* Drop the last reference, if this is the last one; false if it is not. */
static inline bool __must_check refcount_dec_if_one(refcount_t *r)
{
	int one = 1;

	return atomic_try_cmpxchg(&r->refs, &one, 0);
}

/*
 * Drop a reference. If it is the last one, this is done with @lock held: so a
 * search with @lock held finds no object whose count is 0. Returns true, with
 * @lock held, if the count reached 0.
 */
static inline bool __must_check refcount_dec_and_lock(refcount_t *r,
						      spinlock_t *lock)
{
	if (refcount_dec_not_one(r))
		return false;
	spin_lock(lock);
	if (refcount_dec_and_test(r))
		return true;
	spin_unlock(lock);
	return false;
}

/* The same. If it returns true, interrupts are disabled, and *@flags is for the unlock. */
static inline bool __must_check
refcount_dec_and_lock_irqsave(refcount_t *r, spinlock_t *lock,
			      unsigned long *flags)
{
	if (refcount_dec_not_one(r))
		return false;
	spin_lock_irqsave(lock, *flags);
	if (refcount_dec_and_test(r))
		return true;
	spin_unlock_irqrestore(lock, *flags);
	return false;
}

struct mutex;

/**
 * refcount_dec_and_mutex_lock - drop a reference, the last one with a mutex held
 * @r: the count
 * @lock: the mutex that a search for the object takes
 *
 * Context: may sleep.
 * Return: true, with @lock held, if the count reached 0.
 */
bool __must_check refcount_dec_and_mutex_lock(refcount_t *r, struct mutex *lock)
	LFSHIM(refcount_dec_and_mutex_lock);

#endif
