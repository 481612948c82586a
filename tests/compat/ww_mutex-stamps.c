// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Wait-die mutexes: the members of a context, and the order of stamps. */

#include "ww_mutex.h"

static void a_new_context_has_nothing(void **state)
{
	struct ww_acquire_ctx ctx;

	memset(&ctx, 1, sizeof(ctx));
	ww_acquire_init(&ctx, &class);
	assert_ptr_equal(ctx.task, current);
	assert_ptr_equal(ctx.ww_class, &class);
	assert_int_equal(ctx.acquired, 0);
	assert_int_equal(ctx.wounded, 0);
	assert_false(ctx.done_acquire);
	assert_null(ctx.contending_lock);
	ww_acquire_fini(&ctx);
}

static void contexts_have_stamps_in_order(void **state)
{
	struct ww_acquire_ctx first, second;

	ww_acquire_init(&first, &class);
	ww_acquire_fini(&first);
	assert_null(first.task);
	ww_acquire_init(&second, &class);
	assert_true(first.stamp < second.stamp);
	assert_ptr_equal(second.task, current);
	assert_int_equal(second.acquired, 0);
	assert_int_equal(second.is_wait_die, 1);
	ww_acquire_fini(&second);
}

static void stamps_are_in_order_when_they_wrap(void **state)
{
	static const long before_wrap[] = { LONG_MAX - 1, -2 };
	struct actor old, young;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(before_wrap); i++) {
		atomic_long_set(&class.stamp, before_wrap[i]);
		actor_begin(&old);
		actor_begin(&young);
		assert_int_equal(do_it(&old, LOCK, &a), 0);
		assert_int_equal(do_it(&young, LOCK, &b), 0);
		assert_int_equal(do_it(&young, LOCK, &a), -EDEADLK);
		tell(&old, LOCK, &b);
		assert_waits(&old, &b);
		do_it(&young, UNLOCK, &b);
		assert_int_equal(result(&old), 0);
		do_it(&old, UNLOCK, &a);
		do_it(&old, UNLOCK, &b);
		tell(&young, SLOW, &a);
		result(&young);
		do_it(&young, UNLOCK, &a);
		actor_end(&old);
		actor_end(&young);
	}
	atomic_long_set(&class.stamp, 0);
}

static void the_queue_is_in_the_order_of_stamps(void **state)
{
	struct actor actors[6];
	static const int come[] = { 3, 0, 4, 1, 2 };
	int i;

	for (i = 0; i < 6; i++)
		actor_begin(&actors[i]);
	assert_int_equal(do_it(&actors[5], LOCK, &a), 0);
	for (i = 0; i < 5; i++) {
		tell(&actors[come[i]], LOCK, &a);
		assert_waits(&actors[come[i]], &a);
	}
	do_it(&actors[5], UNLOCK, &a);
	for (i = 0; i < 5; i++) {
		assert_int_equal(result(&actors[i]), 0);
		assert_ptr_equal(a.ctx, &actors[i].ctx);
		do_it(&actors[i], UNLOCK, &a);
	}
	for (i = 0; i < 6; i++)
		actor_end(&actors[i]);
}

/*
 * An older context takes the mutex without queueing. The unlock before has woken
 * the first waiter, which has no context, and not the second one.
 */
static void a_sleeper_that_is_not_the_first_dies_too(void **state)
{
	struct ww_acquire_ctx old;
	struct actor plain, young;
	int i, tries = 2000 / (int)test_slowness();
	bool stolen = false;

	ww_acquire_init(&old, &class);
	actor_begin(&plain);
	actor_begin(&young);
	plain.no_ctx = true;
	for (i = 0; i < tries && !stolen; i++) {
		assert_int_equal(ww_mutex_lock(&a, NULL), 0);
		assert_int_equal(do_it(&young, LOCK, &b), 0);
		tell(&plain, LOCK, &a);
		assert_waits(&plain, &a);
		/* A waiter without a context is not older. */
		tell(&young, LOCK, &a);
		assert_still_waits(&young, &a);
		ww_mutex_unlock(&a);
		stolen = ww_mutex_trylock(&a, &old);
		if (stolen) {
			assert_int_equal(result(&young), -EDEADLK);
			do_it(&young, UNLOCK, &b);
			ww_mutex_unlock(&a);
		}
		assert_int_equal(result(&plain), 0);
		do_it(&plain, UNLOCK, &a);
		if (stolen) {
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

static bool is_locked, may_unlock;

/* Nobody can queue or leave the queue meanwhile. */
static int hold_the_queue(void *unused)
{
	spin_lock_irq(&a.base.wait_lock);
	WRITE_ONCE(is_locked, true);
	while (!READ_ONCE(may_unlock))
		barrier();
	spin_unlock_irq(&a.base.wait_lock);
	return 0;
}

static void a_signal_comes_before_an_older_waiter_that_came_later(void **state)
{
	struct actor old, young, plain;
	struct task_struct *holder;

	actor_begin(&old);
	actor_begin(&young);
	actor_begin(&plain);
	plain.no_ctx = true;
	is_locked = may_unlock = false;
	assert_int_equal(do_it(&plain, LOCK, &a), 0);
	assert_int_equal(do_it(&young, LOCK, &b), 0);
	tell(&young, LOCK_INTR, &a);
	assert_waits(&young, &a);
	holder = start(hold_the_queue, NULL);
	assert_true(eventually(READ_ONCE(is_locked)));
	/* It comes to the queue first, and the one with the signal next. */
	tell(&old, LOCK, &a);
	msleep(5);
	send_sig(SIGUSR1, young.task, 0);
	msleep(5);
	WRITE_ONCE(may_unlock, true);
	assert_int_equal(result(&young), -EINTR);
	assert_null(young.ctx.contending_lock);
	finish(holder);
	do_it(&plain, UNLOCK, &a);
	assert_int_equal(result(&old), 0);
	do_it(&old, UNLOCK, &a);
	do_it(&young, UNLOCK, &b);
	actor_end(&plain);
	actor_end(&old);
	actor_end(&young);
}

static void contending_lock_is_set_until_it_is_taken(void **state)
{
	struct actor old, young;
	int queued;

	actor_begin(&old);
	actor_begin(&young);
	for (queued = 0; queued < 2; queued++) {
		assert_int_equal(do_it(&old, LOCK, &a), 0);
		assert_int_equal(do_it(&young, LOCK, &b), 0);
		assert_null(young.ctx.contending_lock);
		assert_int_equal(do_it(&young, LOCK, &a), -EDEADLK);
		assert_ptr_equal(young.ctx.contending_lock, &a);
		do_it(&young, UNLOCK, &b);
		if (queued) {
			tell(&young, SLOW, &a);
			assert_waits(&young, &a);
			do_it(&old, UNLOCK, &a);
			result(&young);
		} else {
			do_it(&old, UNLOCK, &a);
			do_it(&young, SLOW, &a);
		}
		assert_null(young.ctx.contending_lock);
		do_it(&young, UNLOCK, &a);
	}
	actor_end(&old);
	actor_end(&young);
}

static void finishing_the_acquisitions_twice_warns(void **state)
{
	struct ww_acquire_ctx ctx;

	ww_acquire_init(&ctx, &class);
	ww_acquire_done(&ctx);
	assert_warns_like("for the second time", ww_acquire_done(&ctx));
	ww_acquire_fini(&ctx);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		WW_TEST(a_new_context_has_nothing),
		WW_TEST(contexts_have_stamps_in_order),
		WW_TEST(stamps_are_in_order_when_they_wrap),
		WW_TEST(the_queue_is_in_the_order_of_stamps),
		WW_TEST(a_sleeper_that_is_not_the_first_dies_too),
		WW_TEST(a_signal_comes_before_an_older_waiter_that_came_later),
		WW_TEST(contending_lock_is_set_until_it_is_taken),
		WW_TEST(finishing_the_acquisitions_twice_warns),
	};

	return TEST_MAIN("ww_mutex-stamps", tests);
}
