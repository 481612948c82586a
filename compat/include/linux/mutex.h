/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Mutexes: sleeping locks that know their owner. Uncontended, taking one and
 * giving it back is an atomic operation each; a waiter sleeps in a list.
 *
 * The memory of a mutex must stay until mutex_unlock() has returned, in all
 * threads: the last to unlock is not the last to look at it.
 */
#ifndef _LINUX_MUTEX_H
#define _LINUX_MUTEX_H

#include <lfshim/kernel-code.h>
#include <linux/cleanup.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

struct mutex {
	/* The task that holds it, or 0; and LFSHIM_MUTEX_WAITERS. */
	unsigned long owner;
	/* Protects the list, and that bit. Innermost but for waking. */
	spinlock_t wait_lock;
	struct list_head waiters;
#ifdef CONFIG_LOCKDEP
	struct lockdep_map dep_map;
#endif
};

/* Somebody is on the list: unlocking has more to do. */
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
 * mutex_init - make memory a mutex
 * @mutex: not a mutex that somebody holds
 *
 * All mutexes that one place in the program initialises are a class to lockdep.
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
 * mutex_destroy - the memory is going to be something else
 * @lock: a mutex that nobody holds; warns otherwise
 */
void mutex_destroy(struct mutex *lock) LFSHIM(mutex_destroy);

/**
 * mutex_lock - take a mutex, sleeping until it is free
 * @lock: not held by the caller: that is a BUG
 *
 * A waiter that has once been woken in vain is given the mutex by the next
 * unlock, so newcomers cannot keep it out.
 * Context: may sleep.
 */
void mutex_lock(struct mutex *lock) LFSHIM(mutex_lock);

/**
 * mutex_lock_nested - take a mutex while another of its class is held
 * @lock: as for mutex_lock()
 * @subclass: says in which order; up to 7
 */
void mutex_lock_nested(struct mutex *lock, unsigned int subclass)
	LFSHIM(mutex_lock_nested);

/**
 * mutex_lock_interruptible - take a mutex, unless a signal comes first
 * @lock: as for mutex_lock()
 *
 * Context: may sleep.
 * Return: 0 when it was taken, -EINTR when it was not.
 */
__must_check int mutex_lock_interruptible(struct mutex *lock)
	LFSHIM(mutex_lock_interruptible);

/**
 * mutex_lock_killable - the same, but only a fatal signal counts
 */
__must_check int mutex_lock_killable(struct mutex *lock)
	LFSHIM(mutex_lock_killable);

/**
 * mutex_trylock - take a mutex if it is free
 *
 * Return: 1 when it was taken, 0 when it was not.
 */
int mutex_trylock(struct mutex *lock) LFSHIM(mutex_trylock);

/**
 * mutex_unlock - give a mutex back
 * @lock: held by the calling thread; otherwise warns and does nothing
 */
void mutex_unlock(struct mutex *lock) LFSHIM(mutex_unlock);

/**
 * mutex_is_locked - does anybody hold it?
 */
static inline bool mutex_is_locked(struct mutex *lock)
{
	return READ_ONCE(lock->owner) & ~LFSHIM_MUTEX_WAITERS;
}

DEFINE_GUARD(mutex, struct mutex *, mutex_lock(_T), mutex_unlock(_T))

#endif
