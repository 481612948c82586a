/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Spinlocks. A lock is a word of four bytes: 0 if free, else the number of the
 * thread that holds it; the top bit is set while other threads sleep in a futex
 * on the word. compat/spinlock.c has the slow paths.
 *
 * In userspace the holder of a lock may be preempted, so no thread spins for
 * long: after a bounded number of turns a waiter sleeps until an unlock wakes
 * it. Since the word names the owner, lockdep_assert_held() and the check in
 * spin_unlock() cost nothing.
 */
#ifndef _LINUX_SPINLOCK_H
#define _LINUX_SPINLOCK_H

#include <lfshim/kernel-code.h>
#include <lfshim/seam.h>
#include <linux/types.h>
#include <linux/bug.h>
#include <linux/cleanup.h>
#include <linux/instruction_pointer.h>
#include <linux/interrupt_rc.h>
#include <linux/irqflags.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <asm/barrier.h>
#include <asm/processor.h>

typedef struct spinlock {
	u32 word;
} spinlock_t;

typedef spinlock_t raw_spinlock_t;
/* The tag of that type in the kernel. */
#define raw_spinlock	spinlock

#define __SPIN_LOCK_UNLOCKED(name)	{ 0 }
#define DEFINE_SPINLOCK(name) \
	spinlock_t name = __SPIN_LOCK_UNLOCKED(name)
#define __RAW_SPIN_LOCK_UNLOCKED(name)	__SPIN_LOCK_UNLOCKED(name)
#define DEFINE_RAW_SPINLOCK(name)	DEFINE_SPINLOCK(name)

#if LFSHIM_CHECKS
/*
 * Record which locks this thread holds, and the call site. The order is checked
 * before the thread waits. @caller: see lfshim_lock_caller_.
 */
void lfshim_spin_acquire(spinlock_t *lock, unsigned int subclass, bool trylock,
			 unsigned long caller);
void lfshim_spin_released(spinlock_t *lock);
/* Forget the class of a lock that was at this address. */
void lfshim_spin_forget(spinlock_t *lock);
/* All locks that one call site initialises are a class. */
void lfshim_spin_init(spinlock_t *lock, const char *name,
		      struct lock_class_key *key, bool instances);
#ifdef LFSHIM_INTERNAL
/* An internal lock: it counts as atomic context, but is not recorded. */
#define lfshim_spin_acquire(lock, subclass, trylock, caller)	\
	((void)(lfshim_internal_locks(1), lfshim_tls.preempt_depth++))
#define lfshim_spin_released(lock)		\
	((void)(lfshim_tls.preempt_depth && lfshim_tls.preempt_depth--))
#define lfshim_spin_unlocked()	((void)lfshim_internal_locks(-1))
#endif
#else
#define lfshim_spin_acquire(lock, subclass, trylock, caller)	((void)0)
#define lfshim_spin_released(lock)				((void)0)
#endif

#ifndef lfshim_spin_unlocked
#define lfshim_spin_unlocked()	((void)0)
#endif

#ifdef LFSHIM_LOCK_INSTANCES
/*
 * The library: a callback of one fence may signal another, so locks of one
 * class nest, and their users cannot annotate that. The call site of a lock is
 * that of the library's function, so that reports name the program.
 */
#define lfshim_instances_	true
#define lfshim_lock_caller_	_RET_IP_
#else
#define lfshim_instances_	false
#define lfshim_lock_caller_	0ul
#endif

/* Initialise a lock that has no class. */
static inline void lfshim_spin_clear(spinlock_t *lock)
{
#if LFSHIM_CHECKS
	lfshim_spin_forget(lock);
#endif
	WRITE_ONCE(lock->word, 0);
}

#if LFSHIM_CHECKS && !defined(LFSHIM_INTERNAL)
#define spin_lock_init(lock)						\
	do {								\
		static struct lock_class_key __key;			\
									\
		lfshim_spin_init(lock, #lock, &__key, lfshim_instances_); \
	} while (0)
#else
#define spin_lock_init(lock)	lfshim_spin_clear(lock)
#endif

#if LFSHIM_SEAM
/*
 * The lock itself, without the records of the checks. The word is 0 exactly
 * while the lock is free.
 */
void lfshim_spin_lock(spinlock_t *lock);
bool lfshim_spin_trylock(spinlock_t *lock);
void lfshim_spin_unlock(spinlock_t *lock);
#else
#define LFSHIM_SPIN_WAITERS	0x80000000u

/* The lock is contended, or this is the thread's first lock. */
void lfshim_spin_lock_slow(spinlock_t *lock);
/* Sets the thread's number if this is its first lock. Never waits. */
bool lfshim_spin_trylock_first(spinlock_t *lock);
/* @old was not our number alone: wake a waiter, or warn. */
void lfshim_spin_unlock_slow(spinlock_t *lock, u32 old);

static inline bool lfshim_spin_try(spinlock_t *lock)
{
	u32 tid = lfshim_tls.tid, free = 0;

	/*
	 * A1: acquire. Pairs with R1 in lfshim_spin_unlock(). Without it, the
	 * section may read data from before the last section.
	 */
	if (unlikely(!tid) ||
	    !__atomic_compare_exchange_n(lfshim_hb_atomic(&lock->word), &free,
					 tid, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return false;
	lfshim_hb_acquire(&lock->word);
	return true;
}

static lfshim_inline void lfshim_spin_lock(spinlock_t *lock)
{
	if (unlikely(!lfshim_spin_try(lock)))
		lfshim_spin_lock_slow(lock);
}

static lfshim_inline bool lfshim_spin_trylock(spinlock_t *lock)
{
	return lfshim_spin_try(lock) ||
	       (unlikely(!lfshim_tls.tid) && lfshim_spin_trylock_first(lock));
}

static inline void lfshim_spin_unlock(spinlock_t *lock)
{
	u32 old;

	lfshim_hb_release(&lock->word);
	/*
	 * R1: release. Pairs with A1 in lfshim_spin_try() and A1 in
	 * spin_try_acquire(). Without it, the next holder may not see the
	 * stores of this section.
	 */
	old = __atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE);
	if (unlikely(old != lfshim_tls.tid))
		lfshim_spin_unlock_slow(lock, old);
}
#endif

/* Always inline with the checks, so that the caller is recorded. */
static lfshim_inline void spin_lock_nested(spinlock_t *lock,
					   unsigned int subclass)
{
	lfshim_spin_acquire(lock, subclass, false, lfshim_lock_caller_);
	lfshim_spin_lock(lock);
}

static lfshim_inline void spin_lock(spinlock_t *lock)
{
	spin_lock_nested(lock, 0);
}

static inline void spin_unlock(spinlock_t *lock)
{
	lfshim_spin_released(lock);
	lfshim_spin_unlock(lock);
	lfshim_spin_unlocked();
}

static lfshim_inline int spin_trylock(spinlock_t *lock)
{
	if (!lfshim_spin_trylock(lock))
		return 0;
	lfshim_spin_acquire(lock, 0, true, lfshim_lock_caller_);
	return 1;
}

static inline int spin_is_locked(const spinlock_t *lock)
{
	return READ_ONCE(lock->word) != 0;
}

#define assert_spin_locked(lock)	WARN_ON(!spin_is_locked(lock))

#if LFSHIM_CHECKS && !defined(LFSHIM_INTERNAL)
#define lfshim_spin_check_irq() \
	((void)(irqs_disabled() && (lfshim_check_irq_nested(), 1)))
#else
#define lfshim_spin_check_irq()	((void)0)
#endif

static lfshim_inline void spin_lock_irq(spinlock_t *lock)
{
	lfshim_spin_check_irq();
	lfshim_irq_save(LFSHIM_IRQS_OFF_LOCK);
	spin_lock(lock);
}

static lfshim_inline void spin_unlock_irq(spinlock_t *lock)
{
	spin_unlock(lock);
#if LFSHIM_CHECKS
	lfshim_check_irq_restore();
#endif
	local_irq_enable();
}

#define spin_lock_irqsave(lock, flags)					\
	do {								\
		(flags) = lfshim_irq_save(LFSHIM_IRQS_OFF_LOCK);	\
		spin_lock(lock);					\
	} while (0)
#define spin_unlock_irqrestore(lock, flags)				\
	do {								\
		spin_unlock(lock);					\
		local_irq_restore(flags);				\
	} while (0)
#define spin_trylock_irqsave(lock, flags) ({				\
	int __got;							\
	(flags) = lfshim_irq_save(LFSHIM_IRQS_OFF_LOCK);		\
	__got = spin_trylock(lock);					\
	if (!__got)							\
		local_irq_restore(flags);				\
	__got; })

#define spin_lock_irqsave_nested(lock, flags, subclass)		\
	do {								\
		(flags) = lfshim_irq_save(LFSHIM_IRQS_OFF_LOCK);	\
		spin_lock_nested(lock, subclass);			\
	} while (0)

/* With local_interrupt_disable(): several of these may end in any order. */
static lfshim_inline void spin_lock_irq_disable(spinlock_t *lock)
{
	lfshim_interrupt_off(LFSHIM_IRQS_OFF_LOCK);
	spin_lock(lock);
}

static inline void spin_unlock_irq_enable(spinlock_t *lock)
{
	spin_unlock(lock);
	local_interrupt_enable();
}

static lfshim_inline int spin_trylock_irq_disable(spinlock_t *lock)
{
	lfshim_interrupt_off(LFSHIM_IRQS_OFF_LOCK);
	if (spin_trylock(lock))
		return 1;
	local_interrupt_enable();
	return 0;
}

static lfshim_inline void spin_lock_bh(spinlock_t *lock)
{
	local_bh_disable();
	spin_lock(lock);
}

static lfshim_inline void spin_unlock_bh(spinlock_t *lock)
{
	spin_unlock(lock);
	local_bh_enable();
}

static lfshim_inline int spin_trylock_bh(spinlock_t *lock)
{
	local_bh_disable();
	if (spin_trylock(lock))
		return 1;
	local_bh_enable();
	return 0;
}

#define raw_spin_lock_init(lock)	spin_lock_init(lock)
#define raw_spin_lock(lock)		spin_lock(lock)
#define raw_spin_unlock(lock)		spin_unlock(lock)
#define raw_spin_lock_irq(lock)		spin_lock_irq(lock)
#define raw_spin_unlock_irq(lock)	spin_unlock_irq(lock)
#define raw_spin_lock_irq_disable(lock)	spin_lock_irq_disable(lock)
#define raw_spin_unlock_irq_enable(lock) spin_unlock_irq_enable(lock)
#define raw_spin_trylock_irq_disable(lock) spin_trylock_irq_disable(lock)
#define raw_spin_lock_irqsave(lock, flags) spin_lock_irqsave(lock, flags)
#define raw_spin_unlock_irqrestore(lock, flags) \
	spin_unlock_irqrestore(lock, flags)

DEFINE_LOCK_GUARD_1(spinlock, spinlock_t, spin_lock(_T->lock),
		    spin_unlock(_T->lock))
DEFINE_LOCK_GUARD_1(spinlock_irq, spinlock_t, spin_lock_irq(_T->lock),
		    spin_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(spinlock_irqsave, spinlock_t,
		    spin_lock_irqsave(_T->lock, _T->flags),
		    spin_unlock_irqrestore(_T->lock, _T->flags),
		    unsigned long flags)

DEFINE_LOCK_GUARD_1(spinlock_bh, spinlock_t, spin_lock_bh(_T->lock),
		    spin_unlock_bh(_T->lock))
DEFINE_LOCK_GUARD_1(raw_spinlock, raw_spinlock_t, raw_spin_lock(_T->lock),
		    raw_spin_unlock(_T->lock))
DEFINE_LOCK_GUARD_1(raw_spinlock_irq, raw_spinlock_t,
		    raw_spin_lock_irq(_T->lock), raw_spin_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(raw_spinlock_irqsave, raw_spinlock_t,
		    raw_spin_lock_irqsave(_T->lock, _T->flags),
		    raw_spin_unlock_irqrestore(_T->lock, _T->flags),
		    unsigned long flags)

#endif
