// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Wait-die mutexes: waiting and giving way; ww_mutex-crowd.c is about load. */

#include "ww_mutex.h"
#include <linux/slab.h>

static DEFINE_WD_CLASS(other_class);

/* One thread */

static void without_a_context_it_is_a_mutex(void **state)
{
	assert_false(ww_mutex_is_locked(&a));
	assert_int_equal(ww_mutex_lock(&a, NULL), 0);
	assert_true(ww_mutex_is_locked(&a));
	assert_null(READ_ONCE(a.ctx));
	lockdep_assert_held(&a.base);
	assert_true(lockdep_is_held(&a.base));
	assert_int_equal(ww_mutex_trylock(&a, NULL), 0);
	ww_mutex_unlock(&a);
	assert_false(ww_mutex_is_locked(&a));
	assert_false(lockdep_is_held(&a.base));
	assert_int_equal(ww_mutex_lock_interruptible(&a, NULL), 0);
	ww_mutex_unlock(&a);
	assert_int_equal(ww_mutex_trylock(&a, NULL), 1);
	ww_mutex_unlock(&a);
}

static void a_locked_mutex_has_the_context_of_its_holder(void **state)
{
	struct ww_acquire_ctx ctx;

	ww_acquire_init(&ctx, &class);
	assert_int_equal(ww_mutex_lock(&a, &ctx), 0);
	assert_ptr_equal(READ_ONCE(a.ctx), &ctx);
	assert_int_equal(ctx.acquired, 1);
	assert_int_equal(ww_mutex_trylock(&b, &ctx), 1);
	assert_ptr_equal(READ_ONCE(b.ctx), &ctx);
	assert_int_equal(ctx.acquired, 2);
	ww_acquire_done(&ctx);
	ww_mutex_unlock(&a);
	assert_null(READ_ONCE(a.ctx));
	ww_mutex_unlock(&b);
	assert_int_equal(ctx.acquired, 0);
	ww_acquire_fini(&ctx);
	assert_warns(LFSHIM_CHECKS, ww_acquire_fini(&ctx));
}

static void locking_again_with_the_same_context_is_ealready(void **state)
{
	struct ww_acquire_ctx ctx;

	ww_acquire_init(&ctx, &class);
	assert_int_equal(ww_mutex_lock(&a, &ctx), 0);
	assert_int_equal(ww_mutex_lock(&a, &ctx), -EALREADY);
	assert_int_equal(ww_mutex_lock_interruptible(&a, &ctx), -EALREADY);
	assert_int_equal(ww_mutex_trylock(&a, &ctx), 0);
	/* The context counts the mutex once. */
	assert_int_equal(ctx.acquired, 1);
	ww_mutex_unlock(&a);
	ww_acquire_fini(&ctx);
}

static void an_initialised_mutex_is_free(void **state)
{
	struct ww_mutex *p = kmalloc_obj(*p);

	memset(p, 0xff, sizeof(*p));
	ww_mutex_init(p, &class);
	assert_false(ww_mutex_is_locked(p));
	assert_null(p->ctx);
	assert_int_equal(ww_mutex_trylock(p, NULL), 1);
	ww_mutex_unlock(p);
	ww_mutex_destroy(p);
	kfree(p);
}

static void an_uncontended_one_ignores_signals(void **state)
{
	struct ww_acquire_ctx ctx;

	ww_acquire_init(&ctx, &class);
	send_sig(SIGKILL, current, 0);
	assert_int_equal(ww_mutex_lock_interruptible(&a, &ctx), 0);
	ww_mutex_unlock(&a);
	assert_int_equal(ww_mutex_lock_interruptible(&b, NULL), 0);
	ww_mutex_unlock(&b);
	flush_signals(current);
	ww_acquire_fini(&ctx);
}

/* Two threads */

static void the_older_one_waits(void **state)
{
	struct actor old, young;

	actor_begin(&old);
	actor_begin(&young);
	assert_int_equal(do_it(&old, LOCK, &a), 0);
	assert_int_equal(do_it(&young, LOCK, &b), 0);
	tell(&old, LOCK, &b);
	assert_waits(&old, &b);
	assert_int_equal(do_it(&young, UNLOCK, &b), 0);
	assert_int_equal(result(&old), 0);
	assert_ptr_equal(b.ctx, &old.ctx);
	assert_int_equal(old.ctx.acquired, 2);
	do_it(&old, UNLOCK, &a);
	do_it(&old, UNLOCK, &b);
	actor_end(&old);
	actor_end(&young);
}

static void the_younger_one_dies(void **state)
{
	struct actor old, young;

	actor_begin(&old);
	actor_begin(&young);
	assert_int_equal(do_it(&old, LOCK, &a), 0);
	assert_int_equal(do_it(&young, LOCK, &b), 0);
	assert_int_equal(do_it(&young, LOCK, &a), -EDEADLK);
	assert_int_equal(young.ctx.acquired, 1);
	assert_ptr_equal(a.ctx, &old.ctx);
	do_it(&young, UNLOCK, &b);
	tell(&young, SLOW, &a);
	assert_waits(&young, &a);
	do_it(&old, UNLOCK, &a);
	assert_int_equal(result(&young), 0);
	assert_int_equal(do_it(&old, LOCK, &b), 0);
	do_it(&young, UNLOCK, &a);
	assert_int_equal(do_it(&old, LOCK, &a), 0);
	do_it(&old, UNLOCK, &b);
	/* The same with the interruptible variant. */
	assert_int_equal(do_it(&young, LOCK, &b), 0);
	assert_int_equal(do_it(&young, LOCK_INTR, &a), -EDEADLK);
	do_it(&young, UNLOCK, &b);
	do_it(&old, UNLOCK, &a);
	actor_end(&old);
	tell(&young, SLOW, &a);
	result(&young);
	do_it(&young, UNLOCK, &a);
	actor_end(&young);
}

static void a_context_that_holds_nothing_waits_however_young(void **state)
{
	struct actor old, young;

	actor_begin(&old);
	actor_begin(&young);
	assert_int_equal(do_it(&old, LOCK, &a), 0);
	tell(&young, LOCK, &a);
	assert_waits(&young, &a);
	do_it(&old, UNLOCK, &a);
	assert_int_equal(result(&young), 0);
	do_it(&young, UNLOCK, &a);
	actor_end(&old);
	actor_end(&young);
}

static void a_thread_without_a_context_waits_and_is_waited_for(void **state)
{
	struct actor plain, young;
	struct ww_mutex c;

	/* A thread without a context must not hold two mutexes of one class. */
	ww_mutex_init(&c, &other_class);
	actor_begin(&plain);
	actor_begin(&young);
	plain.no_ctx = true;
	/* @plain holds a mutex and waits for a holder with a context. */
	assert_int_equal(do_it(&young, LOCK, &a), 0);
	assert_int_equal(do_it(&plain, LOCK, &c), 0);
	tell(&plain, LOCK, &a);
	assert_waits(&plain, &a);
	do_it(&young, UNLOCK, &a);
	assert_int_equal(result(&plain), 0);
	do_it(&plain, UNLOCK, &c);
	/* The other way round: a holder without a context is not older. */
	assert_int_equal(do_it(&young, LOCK, &b), 0);
	tell(&young, LOCK, &a);
	assert_still_waits(&young, &a);
	do_it(&plain, UNLOCK, &a);
	assert_int_equal(result(&young), 0);
	do_it(&young, UNLOCK, &a);
	do_it(&young, UNLOCK, &b);
	actor_end(&plain);
	actor_end(&young);
}

static void a_signal_ends_the_interruptible_wait(void **state)
{
	struct actor old, young;
	int slow;

	actor_begin(&old);
	actor_begin(&young);
	for (slow = 0; slow < 2; slow++) {
		assert_int_equal(do_it(&old, LOCK, &a), 0);
		tell(&young, slow ? SLOW_INTR : LOCK_INTR, &a);
		assert_waits(&young, &a);
		send_sig(SIGUSR1, young.task, 0);
		assert_int_equal(result(&young), -EINTR);
		assert_int_equal(young.ctx.acquired, 0);
		assert_true(list_empty(&a.base.waiters));
		/* Without a signal, it gets the mutex. */
		tell(&young, slow ? SLOW_INTR : LOCK_INTR, &a);
		assert_waits(&young, &a);
		do_it(&old, UNLOCK, &a);
		assert_int_equal(result(&young), 0);
		assert_ptr_equal(a.ctx, &young.ctx);
		do_it(&young, UNLOCK, &a);
	}
	actor_end(&old);
	actor_end(&young);
}

static void a_pending_signal_comes_before_an_older_holder(void **state)
{
	struct actor old, young, plain;

	actor_begin(&old);
	actor_begin(&young);
	actor_begin(&plain);
	plain.no_ctx = true;
	assert_int_equal(do_it(&young, LOCK, &b), 0);
	assert_int_equal(do_it(&old, LOCK, &a), 0);
	send_sig(SIGUSR1, young.task, 0);
	assert_int_equal(do_it(&young, LOCK_INTR, &a), -EINTR);
	/* So it may take any other mutex. */
	assert_null(young.ctx.contending_lock);
	assert_int_equal(do_it(&young, LOCK_INTR, &a), -EDEADLK);
	assert_ptr_equal(young.ctx.contending_lock, &a);
	do_it(&young, UNLOCK, &b);
	do_it(&old, UNLOCK, &a);
	do_it(&young, SLOW, &a);
	do_it(&young, UNLOCK, &a);
	/* It does not queue behind an older waiter, with or without a signal. */
	assert_int_equal(do_it(&plain, LOCK, &a), 0);
	tell(&old, LOCK, &a);
	assert_waits(&old, &a);
	assert_int_equal(do_it(&young, LOCK, &b), 0);
	send_sig(SIGUSR1, young.task, 0);
	assert_int_equal(do_it(&young, LOCK_INTR, &a), -EDEADLK);
	assert_ptr_equal(young.ctx.contending_lock, &a);
	do_it(&young, UNLOCK, &b);
	do_it(&plain, UNLOCK, &a);
	assert_int_equal(result(&old), 0);
	do_it(&old, UNLOCK, &a);
	actor_end(&plain);
	actor_end(&old);
	actor_end(&young);
}

static void no_signal_ends_the_plain_wait(void **state)
{
	struct actor old, young;
	int slow;

	actor_begin(&old);
	actor_begin(&young);
	for (slow = 0; slow < 2; slow++) {
		assert_int_equal(do_it(&old, LOCK, &a), 0);
		tell(&young, slow ? SLOW : LOCK, &a);
		assert_waits(&young, &a);
		send_sig(SIGKILL, young.task, 0);
		assert_still_waits(&young, &a);
		do_it(&old, UNLOCK, &a);
		assert_int_equal(result(&young), 0);
		do_it(&young, UNLOCK, &a);
	}
	actor_end(&old);
	actor_end(&young);
}

/* Three threads */

static void a_sleeper_dies_when_somebody_older_queues(void **state)
{
	struct actor old, middle, young;

	actor_begin(&old);
	actor_begin(&middle);
	actor_begin(&young);
	/* @middle holds @b, and waits because it is older than @young. */
	assert_int_equal(do_it(&young, LOCK, &a), 0);
	assert_int_equal(do_it(&middle, LOCK, &b), 0);
	tell(&middle, LOCK, &a);
	assert_still_waits(&middle, &a);
	tell(&old, LOCK, &a);
	assert_int_equal(result(&middle), -EDEADLK);
	assert_waits(&old, &a);
	do_it(&young, UNLOCK, &a);
	assert_int_equal(result(&old), 0);
	do_it(&old, UNLOCK, &a);
	do_it(&middle, UNLOCK, &b);
	tell(&middle, SLOW, &a);
	result(&middle);
	do_it(&middle, UNLOCK, &a);
	actor_end(&old);
	actor_end(&middle);
	actor_end(&young);
}

static void a_sleeper_that_has_nothing_stays(void **state)
{
	struct actor old, middle, young;

	actor_begin(&old);
	actor_begin(&middle);
	actor_begin(&young);
	assert_int_equal(do_it(&young, LOCK, &a), 0);
	tell(&middle, LOCK, &a);
	assert_waits(&middle, &a);
	tell(&old, LOCK, &a);
	assert_waits(&old, &a);
	assert_still_waits(&middle, &a);
	do_it(&young, UNLOCK, &a);
	/* The older thread gets it first, although it came later. */
	assert_int_equal(result(&old), 0);
	assert_still_waits(&middle, &a);
	do_it(&old, UNLOCK, &a);
	assert_int_equal(result(&middle), 0);
	do_it(&middle, UNLOCK, &a);
	actor_end(&old);
	actor_end(&middle);
	actor_end(&young);
}

/*
 * An older context takes the mutex without queueing. The waiter that the unlock
 * has woken then finds an older holder, and gives way.
 */
static void a_sleeper_dies_when_somebody_older_takes_it_unqueued(void **state)
{
	struct ww_acquire_ctx old;
	struct actor plain, young;
	int i, tries = 2000 / (int)test_slowness();
	bool stolen = false;

	ww_acquire_init(&old, &class);
	actor_begin(&plain);
	actor_begin(&young);
	for (i = 0; i < tries && !stolen; i++) {
		assert_int_equal(ww_mutex_lock(&a, NULL), 0);
		assert_int_equal(do_it(&young, LOCK, &b), 0);
		/* The holder has no context, so @young waits. */
		tell(&young, LOCK, &a);
		assert_waits(&young, &a);
		ww_mutex_unlock(&a);
		stolen = ww_mutex_trylock(&a, &old);
		if (stolen) {
			assert_int_equal(result(&young), -EDEADLK);
			ww_mutex_unlock(&a);
			do_it(&young, UNLOCK, &b);
			tell(&young, SLOW, &a);
			result(&young);
		} else {
			assert_int_equal(result(&young), 0);
			do_it(&young, UNLOCK, &b);
		}
		do_it(&young, UNLOCK, &a);
	}
	assert_true(stolen);
	actor_end(&plain);
	actor_end(&young);
	ww_acquire_fini(&old);
}

/*
 * A thread that unlocks the mutex and takes it again may be faster than the
 * woken waiter, with or without a context. The next unlock is for the waiter.
 */
static void a_waiter_loses_it_to_a_newcomer_only_once(void **state)
{
	struct actor waiter;
	int i, nr_stolen = 0;
	bool stolen;

	actor_begin(&waiter);
	for (i = 0; i < 2000 && nr_stolen < 5; i++) {
		waiter.no_ctx = i & 1;
		assert_int_equal(ww_mutex_lock(&a, NULL), 0);
		tell(&waiter, LOCK, &a);
		assert_waits(&waiter, &a);
		ww_mutex_unlock(&a);
		stolen = ww_mutex_trylock(&a, NULL);
		if (stolen) {
			/* The waiter was too late and sleeps again. */
			assert_still_waits(&waiter, &a);
			nr_stolen++;
			ww_mutex_unlock(&a);
			assert_ptr_equal(holder(&a), waiter.task);
			assert_int_equal(ww_mutex_trylock(&a, NULL), 0);
		}
		assert_int_equal(result(&waiter), 0);
		do_it(&waiter, UNLOCK, &a);
	}
	assert_true(nr_stolen);
	actor_end(&waiter);
}

/* If a waiter was woken and gives up, the next waiter gets the wake-up. */
static void a_waiter_that_gives_up_passes_the_wake_up_on(void **state)
{
	unsigned int i, rounds = 2000 / test_slowness();
	struct actor leaver, stayer;

	actor_begin(&leaver);
	actor_begin(&stayer);
	for (i = 0; i < rounds; i++) {
		assert_int_equal(ww_mutex_lock(&a, NULL), 0);
		tell(&leaver, LOCK_INTR, &a);
		assert_waits(&leaver, &a);
		tell(&stayer, LOCK, &a);
		assert_waits(&stayer, &a);
		if (i % 2)
			send_sig(SIGUSR1, leaver.task, 0);
		ww_mutex_unlock(&a);
		if (!(i % 2))
			send_sig(SIGUSR1, leaver.task, 0);
		if (!result(&leaver))
			do_it(&leaver, UNLOCK, &a);
		assert_int_equal(result(&stayer), 0);
		do_it(&stayer, UNLOCK, &a);
	}
	actor_end(&leaver);
	actor_end(&stayer);
}

/* Deadlock */

/* Without contexts, two threads that wait for each other deadlock. */
static void two_without_contexts_deadlock_and_two_with_do_not(void **state)
{
	struct actor x, y;

	actor_begin(&x);
	actor_begin(&y);
	/* Without contexts, neither thread gives way. */
	x.no_ctx = y.no_ctx = true;
	assert_int_equal(do_it(&x, LOCK, &a), 0);
	assert_int_equal(do_it(&y, LOCK, &b), 0);
	/* lockdep reports the deadlock. */
	test_expect_warnings();
	tell(&x, LOCK_INTR, &b);
	assert_waits(&x, &b);
	test_expected_warnings(IS_ENABLED(CONFIG_LOCKDEP), NULL, __FILE__,
			       __LINE__);
	tell(&y, LOCK_INTR, &a);
	assert_waits(&y, &a);
	msleep(20);
	/* Each sleeps for the mutex that the other holds. */
	assert_true(waits(&x, &b) && waits(&y, &a));
	assert_ptr_equal(holder(&a), x.task);
	assert_ptr_equal(holder(&b), y.task);
	send_sig(SIGUSR1, y.task, 0);
	assert_int_equal(result(&y), -EINTR);
	do_it(&y, UNLOCK, &b);
	assert_int_equal(result(&x), 0);
	do_it(&x, UNLOCK, &a);
	do_it(&x, UNLOCK, &b);

	/* The same with contexts. */
	x.no_ctx = y.no_ctx = false;
	assert_int_equal(do_it(&x, LOCK, &a), 0);
	assert_int_equal(do_it(&y, LOCK, &b), 0);
	tell(&x, LOCK_INTR, &b);
	assert_waits(&x, &b);
	assert_int_equal(do_it(&y, LOCK_INTR, &a), -EDEADLK);
	do_it(&y, UNLOCK, &b);
	assert_int_equal(result(&x), 0);
	do_it(&x, UNLOCK, &a);
	do_it(&x, UNLOCK, &b);
	tell(&y, SLOW, &a);
	result(&y);
	do_it(&y, UNLOCK, &a);
	actor_end(&x);
	actor_end(&y);
}

/* Mistakes */

static int unlock_it(void *data)
{
	ww_mutex_unlock(data);
	return 0;
}

static void only_the_owner_unlocks(void **state)
{
	struct ww_acquire_ctx ctx;

	ww_acquire_init(&ctx, &class);
	assert_warns_like("that is not held", ww_mutex_unlock(&a));
	assert_int_equal(ww_mutex_lock(&a, &ctx), 0);
	assert_warns_like("another thread holds", finish(start(unlock_it, &a)));
	assert_ptr_equal(a.ctx, &ctx);
	assert_int_equal(ctx.acquired, 1);
	ww_mutex_unlock(&a);
	ww_acquire_fini(&ctx);
}

static void ending_a_context_that_holds_something_warns(void **state)
{
	struct ww_acquire_ctx ctx;

	ww_acquire_init(&ctx, &class);
	assert_int_equal(ww_mutex_lock(&a, &ctx), 0);
	assert_warns_like("that holds 1 mutexes", ww_acquire_fini(&ctx));
	ww_mutex_unlock(&a);
}

static void destroying_it_while_held_warns(void **state)
{
	assert_int_equal(ww_mutex_lock(&a, NULL), 0);
	assert_warns_like("destroyed while it is held", ww_mutex_destroy(&a));
	ww_mutex_unlock(&a);
}

static void slow_with_others_held_warns(void **state)
{
	struct ww_acquire_ctx ctx;

	ww_acquire_init(&ctx, &class);
	assert_int_equal(ww_mutex_lock(&a, &ctx), 0);
	assert_warns_like("by a context that holds 1 mutexes",
			  ww_mutex_lock_slow(&b, &ctx));
	ww_mutex_unlock(&b);
	assert_warns_like("by a context that holds 1 mutexes",
		assert_int_equal(ww_mutex_lock_slow_interruptible(&b, &ctx),
				 0));
	ww_mutex_unlock(&b);
	ww_mutex_unlock(&a);
	ww_acquire_fini(&ctx);
}

static void lock_twice(void)
{
	ww_mutex_lock(&a, NULL);
	ww_mutex_lock(&a, NULL);
}

static void locking_twice_without_a_context_is_a_bug(void **state)
{
	assert_dies("ww_mutex recursion", lock_twice());
}

#if LFSHIM_CHECKS
static int lock_with(void *ctx)
{
	int err = ww_mutex_lock(&a, ctx);

	ww_mutex_unlock(&a);
	return err;
}

static void a_context_that_has_ended_warns(void **state)
{
	struct ww_acquire_ctx ctx;

	ww_acquire_init(&ctx, &class);
	ww_acquire_fini(&ctx);
	assert_warns_like("after ww_acquire_fini()", lock_with(&ctx));
	ww_acquire_init(&ctx, &class);
	assert_warns_like("another thread than its own",
			  finish(start(lock_with, &ctx)));
	ww_acquire_done(&ctx);
	assert_warns_like("after ww_acquire_done()", lock_with(&ctx));
	assert_warns_like("for the second time", ww_acquire_done(&ctx));
	ww_acquire_fini(&ctx);
	ww_acquire_init(&ctx, &other_class);
	assert_warns_like("of different classes", lock_with(&ctx));
	ww_acquire_fini(&ctx);
}

static void going_on_after_edeadlk_warns(void **state)
{
	struct ww_mutex c, d;
	struct ww_acquire_ctx ctx;
	struct actor old;

	ww_mutex_init(&c, &class);
	ww_mutex_init(&d, &class);
	actor_begin(&old);
	ww_acquire_init(&ctx, &class);
	assert_int_equal(do_it(&old, LOCK, &a), 0);
	assert_int_equal(ww_mutex_lock(&c, &ctx), 0);
	assert_int_equal(ww_mutex_lock(&a, &ctx), -EDEADLK);
	assert_warns_like("with others still held",
			  assert_int_equal(ww_mutex_lock(&d, &ctx), 0));
	ww_mutex_unlock(&d);
	assert_int_equal(ww_mutex_lock(&a, &ctx), -EDEADLK);
	ww_mutex_unlock(&c);
	assert_warns_like("another ww_mutex is taken",
			  assert_int_equal(ww_mutex_lock(&d, &ctx), 0));
	ww_mutex_unlock(&d);
	do_it(&old, UNLOCK, &a);
	ww_acquire_fini(&ctx);
	actor_end(&old);
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		WW_TEST(without_a_context_it_is_a_mutex),
		WW_TEST(a_locked_mutex_has_the_context_of_its_holder),
		WW_TEST(locking_again_with_the_same_context_is_ealready),
		WW_TEST(an_initialised_mutex_is_free),
		WW_TEST(an_uncontended_one_ignores_signals),
		WW_TEST(the_older_one_waits),
		WW_TEST(the_younger_one_dies),
		WW_TEST(a_context_that_holds_nothing_waits_however_young),
		WW_TEST(a_thread_without_a_context_waits_and_is_waited_for),
		WW_TEST(a_signal_ends_the_interruptible_wait),
		WW_TEST(a_pending_signal_comes_before_an_older_holder),
		WW_TEST(no_signal_ends_the_plain_wait),
		WW_TEST(a_sleeper_dies_when_somebody_older_queues),
		WW_TEST(a_sleeper_that_has_nothing_stays),
		WW_TEST(a_sleeper_dies_when_somebody_older_takes_it_unqueued),
		WW_TEST(a_waiter_loses_it_to_a_newcomer_only_once),
		WW_TEST(a_waiter_that_gives_up_passes_the_wake_up_on),
		WW_TEST(two_without_contexts_deadlock_and_two_with_do_not),
		WW_TEST(only_the_owner_unlocks),
		WW_TEST(ending_a_context_that_holds_something_warns),
		WW_TEST(destroying_it_while_held_warns),
		WW_TEST(slow_with_others_held_warns),
		WW_TEST(locking_twice_without_a_context_is_a_bug),
#if LFSHIM_CHECKS
		WW_TEST(a_context_that_has_ended_warns),
		WW_TEST(going_on_after_edeadlk_warns),
#endif
	};

	return TEST_MAIN("ww_mutex", tests);
}
