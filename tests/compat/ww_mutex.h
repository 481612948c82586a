/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Actors: threads with acquire contexts, for the tests of wait-die mutexes. */
#ifndef TESTS_COMPAT_WW_MUTEX_H
#define TESTS_COMPAT_WW_MUTEX_H

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/sched/signal.h>
#include <linux/ww_mutex.h>

static DEFINE_WD_CLASS(class);

static struct ww_mutex a, b;

/*
 * An actor is a thread with an acquire context that carries out acts. Actors
 * that begin earlier have older contexts.
 */
enum act { LOCK, LOCK_INTR, SLOW, SLOW_INTR, UNLOCK, QUIT };

struct actor {
	struct task_struct *task;
	struct ww_acquire_ctx ctx;
	struct completion told, done, ready;
	enum act act;
	struct ww_mutex *lock;
	bool no_ctx;
	int ret;
	int seq;
};

static atomic_t sequence;

static int act(void *data)
{
	struct actor *me = data;

	ww_acquire_init(&me->ctx, &class);
	complete(&me->ready);
	for (;;) {
		struct ww_acquire_ctx *ctx;

		wait_for_completion(&me->told);
		ctx = me->no_ctx ? NULL : &me->ctx;
		me->ret = 0;
		switch (me->act) {
		case LOCK:
			me->ret = ww_mutex_lock(me->lock, ctx);
			break;
		case LOCK_INTR:
			me->ret = ww_mutex_lock_interruptible(me->lock, ctx);
			break;
		case SLOW:
			ww_mutex_lock_slow(me->lock, ctx);
			break;
		case SLOW_INTR:
			me->ret = ww_mutex_lock_slow_interruptible(me->lock,
								   ctx);
			break;
		case UNLOCK:
			ww_mutex_unlock(me->lock);
			break;
		case QUIT:
			ww_acquire_fini(&me->ctx);
			return 0;
		}
		flush_signals(current);
		me->seq = atomic_inc_return(&sequence);
		complete(&me->done);
	}
}

static void actor_begin(struct actor *me)
{
	memset(me, 0, sizeof(*me));
	init_completion(&me->told);
	init_completion(&me->done);
	init_completion(&me->ready);
	me->task = start(act, me);
	wait_for_completion(&me->ready);
}

static void tell(struct actor *me, enum act what, struct ww_mutex *lock)
{
	me->act = what;
	me->lock = lock;
	complete(&me->told);
}

static int result(struct actor *me)
{
	if (!wait_for_completion_timeout(&me->done, PATIENCE_S * HZ))
		fail_msg("an actor hangs");
	return me->ret;
}

static int do_it(struct actor *me, enum act what, struct ww_mutex *lock)
{
	tell(me, what, lock);
	return result(me);
}

static void actor_end(struct actor *me)
{
	tell(me, QUIT, NULL);
	finish(me->task);
}

/* True if the thread waits for @lock, and sleeps. */
static bool waits(struct actor *me, struct ww_mutex *lock)
{
	unsigned long flags;
	bool queued;

	spin_lock_irqsave(&lock->base.wait_lock, flags);
	queued = !list_empty(&lock->base.waiters);
	spin_unlock_irqrestore(&lock->base.wait_lock, flags);
	return queued && (sleeps_in(me->task, TASK_UNINTERRUPTIBLE) ||
			  sleeps_in(me->task, TASK_INTERRUPTIBLE)) &&
	       !completion_done(&me->done);
}

static inline void *holder(struct ww_mutex *lock)
{
	return (void *)(READ_ONCE(lock->base.owner) & ~LFSHIM_MUTEX_WAITERS);
}

#define assert_waits(me, lock)	assert_true(eventually(waits(me, lock)))
/* Give a woken thread enough time to check and to go on. */
#define assert_still_waits(me, lock)					\
	do {								\
		msleep(3);						\
		assert_waits(me, lock);					\
	} while (0)

static int setup(void **state)
{
	ww_mutex_init(&a, &class);
	ww_mutex_init(&b, &class);
	return test_setup(state);
}

#define WW_TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

static int teardown(void **state)
{
	int ret = test_teardown(state);

	if (a.base.owner || b.base.owner || a.ctx || b.ctx) {
		print_error("a mutex is left locked\n");
		return -1;
	}
	ww_mutex_destroy(&a);
	ww_mutex_destroy(&b);
	return ret;
}

#endif
