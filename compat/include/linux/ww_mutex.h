/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Mutexes that are taken several at a time, in any order, without a deadlock.
 *
 * Who wants several has an acquire context, with a stamp: the time it began.
 * Where two contexts want what the other one has, the older one waits and the
 * younger one is told so, gives back all it has, waits for the mutex that it
 * did not get, and begins again with its old stamp ("wait-die"):
 *
 *	ww_acquire_init(&ctx, &class);
 *	...
 *	err = ww_mutex_lock(lock, &ctx);
 *	if (err == -EDEADLK) {
 *		ww_mutex_unlock() all that ctx has
 *		ww_mutex_lock_slow(lock, &ctx);
 *		the others again
 *	}
 *	...
 *	ww_acquire_fini(&ctx);
 *
 * The oldest context never dies, so everybody gets through in the end. Classes
 * are of the wait-die kind only: there is no DEFINE_WW_CLASS.
 *
 * As with a struct mutex, the memory must stay until ww_mutex_unlock() has
 * returned in all threads.
 */
#ifndef _LINUX_WW_MUTEX_H
#define _LINUX_WW_MUTEX_H

#include <lfshim/kernel-code.h>
#include <linux/atomic.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/sched.h>

/* What users of a ww_mutex check besides, where the kernel has debugging. */
#if LFSHIM_CHECKS && !defined(CONFIG_DEBUG_MUTEXES)
#define CONFIG_DEBUG_MUTEXES	1
#endif

/**
 * struct ww_class - mutexes and contexts that belong together
 * @stamp: the last stamp that was given out
 * @acquire_key: of the contexts, for lockdep
 * @mutex_key: of the mutexes
 * @acquire_name: name of the contexts
 * @mutex_name: name of the mutexes
 * @is_wait_die: always 1
 */
struct ww_class {
	atomic_long_t stamp;
	struct lock_class_key acquire_key;
	struct lock_class_key mutex_key;
	const char *acquire_name;
	const char *mutex_name;
	unsigned int is_wait_die;
};

#define DEFINE_WD_CLASS(classname)					\
	struct ww_class classname = {					\
		.stamp = ATOMIC_LONG_INIT(0),				\
		.acquire_name = #classname "_acquire",			\
		.mutex_name = #classname "_mutex",			\
		.is_wait_die = 1,					\
	}

/**
 * struct ww_mutex - a mutex that knows on whose behalf it is held
 * @base: the mutex; for lockdep_assert_held() and the like only
 * @ctx: the context of the holder, NULL if it has none. Written by the holder,
 *	read by anybody, but what it points to is the holder's.
 * @ww_class: which contexts go with it
 */
struct ww_mutex {
	struct mutex base;
	struct ww_acquire_ctx *ctx;
	struct ww_class *ww_class;
};

/**
 * struct ww_acquire_ctx - somebody who takes several mutexes
 * @task: the thread; NULL after ww_acquire_fini()
 * @stamp: since when it is at it: the lower, the older
 * @acquired: how many mutexes it has
 * @wounded: unused
 * @is_wait_die: as the class
 * @done_acquire: ww_acquire_done() was called
 * @ww_class: whose mutexes it is for
 * @contending_lock: the mutex that it was told to give way for, until it has it
 *
 * Of one thread, which holds the mutexes.
 */
struct ww_acquire_ctx {
	struct task_struct *task;
	unsigned long stamp;
	unsigned int acquired;
	unsigned short wounded;
	unsigned short is_wait_die;
	bool done_acquire;
	struct ww_class *ww_class;
	struct ww_mutex *contending_lock;
#ifdef CONFIG_LOCKDEP
	struct lockdep_map dep_map;
#endif
};

/**
 * ww_acquire_init - begin to take mutexes
 * @ctx: memory of the caller's, its own until ww_acquire_fini()
 * @ww_class: the class of the mutexes
 *
 * Context: any thread, the one that is going to take the mutexes.
 */
void ww_acquire_init(struct ww_acquire_ctx *ctx, struct ww_class *ww_class)
	LFSHIM(ww_acquire_init);

/**
 * ww_acquire_done - all mutexes are taken
 * @ctx: may go on to hold what it has
 *
 * Need not be called. LFSHIM_CHECKS: taking another one warns from now on.
 */
void ww_acquire_done(struct ww_acquire_ctx *ctx) LFSHIM(ww_acquire_done);

/**
 * ww_acquire_fini - the end
 * @ctx: holds no mutex; warns otherwise. The memory is the caller's again.
 */
void ww_acquire_fini(struct ww_acquire_ctx *ctx) LFSHIM(ww_acquire_fini);

/**
 * ww_mutex_init - make memory a mutex
 * @lock: not a mutex that somebody holds
 * @ww_class: its class, which outlives it
 */
void ww_mutex_init(struct ww_mutex *lock, struct ww_class *ww_class)
	LFSHIM(ww_mutex_init);

/**
 * ww_mutex_destroy - the memory is going to be something else
 * @lock: a mutex that nobody holds; warns otherwise
 */
void ww_mutex_destroy(struct ww_mutex *lock) LFSHIM(ww_mutex_destroy);

/**
 * ww_mutex_lock - take a mutex, or be told to give way
 * @lock: the mutex
 * @ctx: the caller's context, of the same class; or NULL
 *
 * Without a context this is mutex_lock(). With one that holds no mutex yet it
 * waits for as long as it takes. With one that does, it waits while nobody
 * older has the mutex or waits for it.
 * Context: may sleep.
 * Return: 0 when it was taken. -EDEADLK: somebody older is before us, or came
 * while we waited; unlock everything, then ww_mutex_lock_slow(). -EALREADY: the
 * context has it already, and still has. Always 0 without a context.
 */
int ww_mutex_lock(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
	LFSHIM(ww_mutex_lock);

/**
 * ww_mutex_lock_interruptible - the same, unless a signal comes first
 * @lock: as for ww_mutex_lock()
 * @ctx: as for ww_mutex_lock()
 *
 * Context: may sleep.
 * Return: also -EINTR, when a signal ended the wait.
 */
int __must_check ww_mutex_lock_interruptible(struct ww_mutex *lock,
					     struct ww_acquire_ctx *ctx)
	LFSHIM(ww_mutex_lock_interruptible);

/**
 * ww_mutex_lock_slow - take the mutex that we had to give way for
 * @lock: what ww_mutex_lock() said -EDEADLK about
 * @ctx: holds nothing any more; warns otherwise
 *
 * Waits for as long as it takes.
 * Context: may sleep.
 */
void ww_mutex_lock_slow(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
	LFSHIM(ww_mutex_lock_slow);

/**
 * ww_mutex_lock_slow_interruptible - the same, unless a signal comes first
 * @lock: as for ww_mutex_lock_slow()
 * @ctx: as for ww_mutex_lock_slow()
 *
 * Context: may sleep.
 * Return: 0 when it was taken, -EINTR when a signal ended the wait.
 */
int __must_check ww_mutex_lock_slow_interruptible(struct ww_mutex *lock,
						  struct ww_acquire_ctx *ctx)
	LFSHIM(ww_mutex_lock_slow_interruptible);

/**
 * ww_mutex_trylock - take a mutex if it is free
 * @lock: the mutex
 * @ctx: the caller's context, or NULL
 *
 * Return: 1 when it was taken, 0 when it was not, by whomever it is held.
 */
int __must_check ww_mutex_trylock(struct ww_mutex *lock,
				  struct ww_acquire_ctx *ctx)
	LFSHIM(ww_mutex_trylock);

/**
 * ww_mutex_unlock - give a mutex back
 * @lock: held by the calling thread; otherwise warns and does nothing
 */
void ww_mutex_unlock(struct ww_mutex *lock) LFSHIM(ww_mutex_unlock);

/**
 * ww_mutex_is_locked - does anybody hold it?
 */
static inline bool ww_mutex_is_locked(struct ww_mutex *lock)
{
	return mutex_is_locked(&lock->base);
}

#endif
