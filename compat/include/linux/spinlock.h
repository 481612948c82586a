/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Spinlocks: four bytes, 0 when free, else the number of the thread that holds
 * it, with the top bit set while others sleep in a futex on it.
 *
 * A thread that holds a lock may be descheduled in userspace, so nobody spins
 * for long: after a bounded spin a waiter sleeps until an unlock wakes it.
 * The owner in the word makes lockdep_assert_held() and the unlock check cost
 * nothing.
 */
#ifndef _LINUX_SPINLOCK_H
#define _LINUX_SPINLOCK_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/bug.h>
#include <linux/irqflags.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <asm/barrier.h>
#include <asm/processor.h>

typedef struct spinlock {
	u32 word;
} spinlock_t;

typedef spinlock_t raw_spinlock_t;

#define LFSHIM_SPIN_WAITERS	0x80000000u

#define __SPIN_LOCK_UNLOCKED(name)	{ 0 }
#define DEFINE_SPINLOCK(name) \
	spinlock_t name = __SPIN_LOCK_UNLOCKED(name)
#define DEFINE_RAW_SPINLOCK(name)	DEFINE_SPINLOCK(name)

/* Contended, or the thread's first lock. */
void lfshim_spin_lock_slow(spinlock_t *lock);
/* @old was not just our number: wake a waiter, or complain. */
void lfshim_spin_unlock_slow(spinlock_t *lock, u32 old);
#if LFSHIM_CHECKS
/* Keep the list of what this thread holds; the place is the caller's. */
void lfshim_spin_acquired(spinlock_t *lock, bool trylock);
void lfshim_spin_released(spinlock_t *lock);
#ifdef LFSHIM_INTERNAL
/* A lock of the shim's own: it makes atomic, and is nobody's business. */
#define lfshim_spin_acquired(lock, trylock)	\
	((void)lfshim_tls.preempt_depth++)
#define lfshim_spin_released(lock)		\
	((void)(lfshim_tls.preempt_depth && lfshim_tls.preempt_depth--))
#endif
#else
#define lfshim_spin_acquired(lock, trylock)	((void)0)
#define lfshim_spin_released(lock)		((void)0)
#endif

static inline void spin_lock_init(spinlock_t *lock)
{
	WRITE_ONCE(lock->word, 0);
}

static inline bool lfshim_spin_try(spinlock_t *lock)
{
	u32 tid = lfshim_tls.tid, free = 0;

	/* Acquire: pairs with the release in spin_unlock(). */
	if (unlikely(!tid) ||
	    !__atomic_compare_exchange_n(lfshim_hb_atomic(&lock->word), &free,
					 tid, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return false;
	lfshim_hb_acquire(&lock->word);
	return true;
}

/* Always inline, as what is below: the place of a lock is who called this. */
static lfshim_inline void spin_lock(spinlock_t *lock)
{
	if (unlikely(!lfshim_spin_try(lock)))
		lfshim_spin_lock_slow(lock);
	lfshim_spin_acquired(lock, false);
}

static inline void spin_unlock(spinlock_t *lock)
{
	u32 old;

	lfshim_spin_released(lock);
	lfshim_hb_release(&lock->word);
	/* Release: pairs with the acquire in lfshim_spin_try() and the slow path. */
	old = __atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE);
	if (unlikely(old != lfshim_tls.tid))
		lfshim_spin_unlock_slow(lock, old);
}

/* Never waits; the first call of a thread learns its number on the way. */
bool lfshim_spin_trylock_first(spinlock_t *lock);

static lfshim_inline int spin_trylock(spinlock_t *lock)
{
	if (!lfshim_spin_try(lock) &&
	    (likely(lfshim_tls.tid) || !lfshim_spin_trylock_first(lock)))
		return 0;
	lfshim_spin_acquired(lock, true);
	return 1;
}

static inline int spin_is_locked(const spinlock_t *lock)
{
	return READ_ONCE(lock->word) != 0;
}

#define assert_spin_locked(lock)	WARN_ON(!spin_is_locked(lock))

static lfshim_inline void spin_lock_irq(spinlock_t *lock)
{
	local_irq_disable();
	spin_lock(lock);
}

static inline void spin_unlock_irq(spinlock_t *lock)
{
	spin_unlock(lock);
	local_irq_enable();
}

#define spin_lock_irqsave(lock, flags)					\
	do {								\
		local_irq_save(flags);					\
		spin_lock(lock);					\
	} while (0)
#define spin_unlock_irqrestore(lock, flags)				\
	do {								\
		spin_unlock(lock);					\
		local_irq_restore(flags);				\
	} while (0)
#define spin_trylock_irqsave(lock, flags) ({				\
	int __got;							\
	local_irq_save(flags);						\
	__got = spin_trylock(lock);					\
	if (!__got)							\
		local_irq_restore(flags);				\
	__got; })

#define spin_lock_nested(lock, subclass)	spin_lock(lock)
#define spin_lock_irqsave_nested(lock, flags, subclass) \
	spin_lock_irqsave(lock, flags)
#define spin_lock_bh(lock)		spin_lock(lock)
#define spin_unlock_bh(lock)		spin_unlock(lock)

#define raw_spin_lock_init(lock)	spin_lock_init(lock)
#define raw_spin_lock(lock)		spin_lock(lock)
#define raw_spin_unlock(lock)		spin_unlock(lock)
#define raw_spin_lock_irq(lock)		spin_lock_irq(lock)
#define raw_spin_unlock_irq(lock)	spin_unlock_irq(lock)
#define raw_spin_lock_irqsave(lock, flags) spin_lock_irqsave(lock, flags)
#define raw_spin_unlock_irqrestore(lock, flags) \
	spin_unlock_irqrestore(lock, flags)

#endif
