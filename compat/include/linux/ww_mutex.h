/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Wait-die mutexes: a thread takes several of them, in any order, without a
 * deadlock. Left out: DEFINE_WW_CLASS(), the wound-wait kind. Implemented in
 * compat/ww_mutex.c.
 *
 * A thread that takes several mutexes has an acquire context with a stamp,
 * which says when it began. If two contexts each want a mutex that the other
 * one holds, the older one waits. The younger one gets -EDEADLK: it releases
 * all its mutexes, waits for the mutex that it did not get, and starts again
 * with its old stamp:
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
 * The oldest context never gets -EDEADLK, so every context makes progress in
 * the end.
 *
 * As with a struct mutex, the memory must stay valid until ww_mutex_unlock()
 * has returned in all threads.
 */
#ifndef _LINUX_WW_MUTEX_H
#define _LINUX_WW_MUTEX_H

#include <lfshim/kernel-code.h>
#include <linux/atomic.h>
#include <linux/lockdep.h>
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/sched.h>

/* Users of ww_mutexes have checks of their own under this option. */
#if LFSHIM_CHECKS && !defined(CONFIG_DEBUG_MUTEXES)
#define CONFIG_DEBUG_MUTEXES	1
#endif

/**
 * struct ww_class - mutexes and contexts that belong together
 * @stamp: the stamp of the youngest context
 * @acquire_key: the lockdep key of the contexts
 * @mutex_key: the lockdep key of the mutexes
 * @acquire_name: the name of the contexts, for lockdep
 * @mutex_name: the name of the mutexes, for lockdep
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
 * struct ww_mutex - a mutex that knows the acquire context of its holder
 * @base: the mutex; users pass it to lockdep_assert_held() and the like only
 * @ctx: the context of the holder, or NULL. The holder writes it and any thread
 *	may read it. The context that it points to belongs to the holder.
 * @ww_class: the class of the mutex and of the contexts that may take it
 */
struct ww_mutex {
	struct mutex base;
	struct ww_acquire_ctx *ctx;
	struct ww_class *ww_class;
};

/**
 * struct ww_acquire_ctx - the acquire context of a thread
 * @task: the thread; NULL after ww_acquire_fini()
 * @stamp: the order of ww_acquire_init(): the lower one is the older one
 * @acquired: the number of mutexes that it holds
 * @wounded: unused
 * @is_wait_die: copied from the class
 * @done_acquire: ww_acquire_done() was called
 * @ww_class: the class of the mutexes that it may take
 * @contending_lock: the mutex for which it got -EDEADLK, until it is taken
 *
 * Only one thread uses a context, and that thread holds the mutexes.
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
 * ww_acquire_init - initialise an acquire context
 * @ctx: memory of the caller's; in use until ww_acquire_fini()
 * @ww_class: the class of the mutexes; borrowed
 *
 * Context: the thread that is going to take the mutexes.
 */
void ww_acquire_init(struct ww_acquire_ctx *ctx, struct ww_class *ww_class)
	LFSHIM(ww_acquire_init);

/**
 * ww_acquire_done - declare that no more mutexes will be taken
 * @ctx: the context, which keeps its mutexes
 *
 * This call is optional. With LFSHIM_CHECKS, taking another mutex warns
 * afterwards.
 * Context: the thread of @ctx.
 */
void ww_acquire_done(struct ww_acquire_ctx *ctx) LFSHIM(ww_acquire_done);

/**
 * ww_acquire_fini - end the use of an acquire context
 * @ctx: the context; warns if it holds a mutex. The caller may free it
 *	afterwards.
 *
 * Context: the thread of @ctx.
 */
void ww_acquire_fini(struct ww_acquire_ctx *ctx) LFSHIM(ww_acquire_fini);

/**
 * ww_mutex_init - initialise a mutex
 * @lock: memory of the caller's, not a mutex that is held
 * @ww_class: its class; borrowed for as long as the mutex is used
 *
 * Context: any.
 */
void ww_mutex_init(struct ww_mutex *lock, struct ww_class *ww_class)
	LFSHIM(ww_mutex_init);

/**
 * ww_mutex_destroy - end the use of a mutex
 * @lock: a mutex that is not held; warns otherwise
 *
 * Context: any.
 */
void ww_mutex_destroy(struct ww_mutex *lock) LFSHIM(ww_mutex_destroy);

/**
 * ww_mutex_lock - take a mutex, or fail with -EDEADLK
 * @lock: the mutex
 * @ctx: the caller's context, of the same class; or NULL
 *
 * Without a context this is mutex_lock(). With a context that holds no mutex
 * yet, it waits until the mutex is free. With a context that holds one, it
 * waits as long as no older context holds the mutex or waits for it.
 * Context: may sleep.
 * Return: 0 if it was taken. -EDEADLK if an older context holds the mutex or
 * waits for it: the caller unlocks everything and calls ww_mutex_lock_slow().
 * -EALREADY if the context holds the mutex already; that does not change.
 * Always 0 without a context.
 */
int ww_mutex_lock(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
	LFSHIM(ww_mutex_lock);

/**
 * ww_mutex_lock_interruptible - ww_mutex_lock(), unless a signal comes first
 * @lock: as for ww_mutex_lock()
 * @ctx: as for ww_mutex_lock()
 *
 * Context: may sleep.
 * Return: as ww_mutex_lock(); -EINTR if a signal ended the wait, also if an
 * older context holds the mutex.
 */
int __must_check ww_mutex_lock_interruptible(struct ww_mutex *lock,
					     struct ww_acquire_ctx *ctx)
	LFSHIM(ww_mutex_lock_interruptible);

/**
 * ww_mutex_lock_slow - take a mutex after ww_mutex_lock() returned -EDEADLK
 * @lock: the mutex for which it returned -EDEADLK
 * @ctx: the caller's context, which holds no mutex any more; warns otherwise
 *
 * This waits until the mutex is free.
 * Context: may sleep.
 */
void ww_mutex_lock_slow(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
	LFSHIM(ww_mutex_lock_slow);

/**
 * ww_mutex_lock_slow_interruptible - the same, unless a signal ends the wait
 * @lock: as for ww_mutex_lock_slow()
 * @ctx: as for ww_mutex_lock_slow()
 *
 * Context: may sleep.
 * Return: 0 if it was taken, -EINTR if a signal ended the wait.
 */
int __must_check ww_mutex_lock_slow_interruptible(struct ww_mutex *lock,
						  struct ww_acquire_ctx *ctx)
	LFSHIM(ww_mutex_lock_slow_interruptible);

/**
 * ww_mutex_trylock - take a mutex if it is free
 * @lock: the mutex
 * @ctx: the caller's context, or NULL
 *
 * Context: any; never sleeps.
 * Return: 1 if it was taken, 0 if not, even if the context itself holds it.
 */
int __must_check ww_mutex_trylock(struct ww_mutex *lock,
				  struct ww_acquire_ctx *ctx)
	LFSHIM(ww_mutex_trylock);

/**
 * ww_mutex_unlock - release a mutex
 * @lock: held by the calling thread; otherwise this warns and does nothing
 *
 * Context: any.
 */
void ww_mutex_unlock(struct ww_mutex *lock) LFSHIM(ww_mutex_unlock);

/**
 * ww_mutex_is_locked - does any thread hold the mutex?
 * @lock: the mutex
 *
 * Context: any. The answer may be stale.
 */
static inline bool ww_mutex_is_locked(struct ww_mutex *lock)
{
	return mutex_is_locked(&lock->base);
}

#endif
