/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Mutexes: sleeping locks that know their owner. Without contention, locking
 * and unlocking are one atomic operation each; a waiter sleeps in a list. Left
 * out: atomic_dec_and_mutex_lock() and the io variants. Implemented in
 * compat/mutex.c.
 *
 * The memory of a mutex must stay valid until mutex_unlock() has returned in
 * all threads: another thread may lock and unlock the mutex while
 * mutex_unlock() still uses it.
 */
#ifndef _LINUX_MUTEX_H
#define _LINUX_MUTEX_H

#include <lfshim/kernel-code.h>
#include <linux/cleanup.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/rwlock.h>
#include <linux/spinlock.h>

struct mutex {
	/* The task that holds it, or 0; and the bit LFSHIM_MUTEX_WAITERS. */
	unsigned long owner;
	/* Protects the list and that bit. Innermost, except for wake-ups. */
	spinlock_t wait_lock;
	struct list_head waiters;
#ifdef CONFIG_LOCKDEP
	struct lockdep_map dep_map;
#endif
};

/* The list is not empty, so unlocking takes the slow path. */
#define LFSHIM_MUTEX_WAITERS	1ul

#ifdef CONFIG_LOCKDEP
#define lfshim_mutex_dep_map_(lockname)					\
	, .dep_map = {							\
		.name = #lockname,					\
		.wait_type_inner = LD_WAIT_SLEEP,			\
	}
#else
#define lfshim_mutex_dep_map_(lockname)
#endif

#define __MUTEX_INITIALIZER(lockname)					\
	{ .wait_lock = __SPIN_LOCK_UNLOCKED((lockname).wait_lock),	\
	  .waiters = LIST_HEAD_INIT((lockname).waiters)			\
	  lfshim_mutex_dep_map_(lockname) }
#define DEFINE_MUTEX(mutexname) \
	struct mutex mutexname = __MUTEX_INITIALIZER(mutexname)

/**
 * mutex_init - initialise a mutex
 * @mutex: memory of the caller's, not a mutex that is held
 *
 * For lockdep, all mutexes that one call site initialises are one class.
 * Context: any.
 */
#define mutex_init(mutex)						\
	do {								\
		static struct lock_class_key __key;			\
									\
		__mutex_init((mutex), #mutex, &__key);			\
	} while (0)
void __mutex_init(struct mutex *lock, const char *name,
		  struct lock_class_key *key) LFSHIM(__mutex_init);

/**
 * mutex_destroy - end the use of a mutex
 * @lock: a mutex that is not held; warns otherwise
 *
 * Context: any.
 */
void mutex_destroy(struct mutex *lock) LFSHIM(mutex_destroy);

/**
 * mutex_lock - take a mutex, sleeping until it is free
 * @lock: the mutex; it is a BUG if the caller holds it already
 *
 * A waiter that was woken and found the mutex taken again becomes its owner at
 * the next unlock, so that it cannot starve.
 * Context: may sleep.
 */
void mutex_lock(struct mutex *lock) LFSHIM(mutex_lock);

/**
 * mutex_lock_nested - take a mutex while another of its class is held
 * @lock: as for mutex_lock()
 * @subclass: the lockdep subclass, 0 ... 7
 *
 * Context: may sleep.
 */
void mutex_lock_nested(struct mutex *lock, unsigned int subclass)
	LFSHIM(mutex_lock_nested);

/**
 * mutex_lock_interruptible - take a mutex, unless a signal comes first
 * @lock: as for mutex_lock()
 *
 * Context: may sleep.
 * Return: 0 if it was taken, -EINTR if a signal ended the wait.
 */
__must_check int mutex_lock_interruptible(struct mutex *lock)
	LFSHIM(mutex_lock_interruptible);

/**
 * mutex_lock_killable - take a mutex, unless a fatal signal comes first
 * @lock: as for mutex_lock()
 *
 * Context: may sleep.
 * Return: as mutex_lock_interruptible().
 */
__must_check int mutex_lock_killable(struct mutex *lock)
	LFSHIM(mutex_lock_killable);

/**
 * mutex_trylock - take a mutex if it is free
 * @lock: the mutex
 *
 * Context: any; never sleeps.
 * Return: 1 if it was taken, 0 if not.
 */
int mutex_trylock(struct mutex *lock) LFSHIM(mutex_trylock);

/**
 * mutex_unlock - release a mutex
 * @lock: held by the calling thread; otherwise this warns and does nothing
 *
 * Context: any.
 */
void mutex_unlock(struct mutex *lock) LFSHIM(mutex_unlock);

/**
 * mutex_is_locked - does any thread hold the mutex?
 * @lock: the mutex
 *
 * Context: any. The answer may be stale.
 */
static inline bool mutex_is_locked(struct mutex *lock)
{
	return READ_ONCE(lock->owner) & ~LFSHIM_MUTEX_WAITERS;
}

DEFINE_GUARD(mutex, struct mutex *, mutex_lock(_T), mutex_unlock(_T))

#endif
