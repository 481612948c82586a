// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Arrays: the counter, the error, and the threads that signal and release them.
 */
#include "stress.h"
#include <linux/dma-fence-array.h>
#include <linux/dma-fence-unwrap.h>

#define MAX_PARTS	4

static struct round {
	struct dma_fence *parts[MAX_PARTS], *array;
	struct dma_fence_cb cb;
	int nr, kind, status;
	bool polled, stalled, enabled, signalled, recorded;
	atomic_t ran, readers;
	spinlock_t lock, *first_lock;
} s;

static struct dma_fence *new_part(const struct dma_fence_ops *ops,
				  spinlock_t *lock)
{
	struct dma_fence *fence;

	if (!lock)
		return stress_fence(ops);
	fence = kmalloc_obj(*fence);
	assert_non_null(fence);
	dma_fence_init(fence, ops, lock, 1, 1);
	return fence;
}

/* The round has a reference to each part, and so has the array. */
static void new_array(const struct dma_fence_ops *ops, spinlock_t *lock, int nr)
{
	struct dma_fence **table = kmalloc_objs(*table, nr);
	int i, kind = s.kind;

	assert_non_null(table);
	memset(&s, 0, sizeof(s));
	spin_lock_init(&s.lock);
	s.nr = nr;
	s.kind = kind;
	for (i = 0; i < nr; i++) {
		s.parts[i] = new_part(ops, lock);
		table[i] = dma_fence_get(s.parts[i]);
	}
	s.array = &dma_fence_array_create(nr, table, 7, 1)->base;
	assert_non_null(s.array);
	s.first_lock = dma_fence_spinlock(s.parts[0]);
}

static void put_parts(void)
{
	int i;

	for (i = 0; i < s.nr; i++)
		dma_fence_put(s.parts[i]);
}

static void count_run(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	s.status = fence->error ?: 1;
	atomic_inc(&s.ran);
	raise_flag(s.signalled);
}

/* Only the address: hooks may call this after the array was freed. */
static struct dma_fence_array *the_array(void)
{
	return container_of(s.array, struct dma_fence_array, base);
}

/*
 * H18: enabling counts down for a signalled part while a poller counts it too.
 */

static void h18_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where == STRESS_TEST_BIT && what == &s.array->flags &&
	    nr == DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT && stress_role() == 0) {
		raise_flag(s.stalled);
		await_flag(s.enabled);
	}
}

static void h18_poll(void)
{
	s.polled = dma_fence_is_signaled(s.array);
	raise_flag(s.stalled);
}

static void h18_enable(void)
{
	if (s.kind)
		await_flag(s.stalled);
	dma_fence_enable_signaling(s.array);
	raise_flag(s.enabled);
}

static void h18_part_is_not_counted_twice(void **state)
{
	int i;

	stress_team(h18_poll, h18_enable);
	for (i = 0; i < stress_rounds(4000); i++) {
		s.kind = i & 1;
		stress_set_hook(s.kind ? h18_hook : NULL);
		new_array(&stress_counted_ops, NULL, 2);
		dma_fence_signal(s.parts[0]);
		stress_team_round();
		assert_false(s.polled);
		assert_false(dma_fence_is_signaled(s.array));
		dma_fence_signal(s.parts[1]);
		assert_true(dma_fence_is_signaled(s.array));
		dma_fence_put(s.array);
		put_parts();
		assert_int_equal(stress_live(), 0);
	}
	stress_team_stop();
}

/* H19: a part is signalled as soon as enabling has added a callback to it. */

static void h19_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where == STRESS_UNLOCKED && stress_role() == 0 && !s.stalled &&
	    what == s.first_lock) {
		raise_flag(s.stalled);
		await_flag(s.recorded);
	}
}

static void h19_enable(void)
{
	if (dma_fence_add_callback(s.array, &s.cb, count_run))
		raise_flag(s.signalled);
	/* From here on the callbacks keep the array. */
	dma_fence_put(s.array);
}

static void h19_signal_parts(void)
{
	if (s.kind & 1)
		await_flag(s.stalled);
	dma_fence_signal(s.parts[0]);
	raise_flag(s.recorded);
	if (s.kind & 2)
		dma_fence_signal(s.parts[1]);
}

static void h19_early_part_does_not_end_the_array(void **state)
{
	int i;

	stress_team(h19_enable, h19_signal_parts);
	for (i = 0; i < stress_rounds(6000); i++) {
		s.kind = i % 4;
		stress_set_hook(s.kind & 1 ? h19_hook : NULL);
		new_array(&stress_counted_ops, NULL, 2);
		/*
		 * The second part is pending for a while, or signalled before
		 * the round.
		 */
		if (!(s.kind & 2))
			dma_fence_signal(s.parts[1]);
		stress_team_round();
		/* A member signalled the array or found it signalled. */
		assert_true(s.signalled);
		assert_true(atomic_read(&s.ran) <= 1);
		put_parts();
		assert_int_equal(stress_live(), 0);
	}
	stress_team_stop();
}

static void h19_last_hook(enum stress_where where, const volatile void *what,
			  long nr)
{
	/* Reading the counter does not suffice to find the last part. */
	if (where == STRESS_READ && what == &the_array()->num_pending &&
	    stress_role() >= 0) {
		atomic_inc(&s.readers);
		stress_until(atomic_read(&s.readers) == 2, STRESS_WINDOW_MS);
	}
}

static void signal_part(void)
{
	dma_fence_signal(s.parts[stress_role()]);
}

static void h19_one_of_two_last_parts_signals(void **state)
{
	int i;

	stress_team(signal_part, signal_part);
	for (i = 0; i < stress_rounds(4000); i++) {
		new_array(&stress_counted_ops, NULL, 2);
		stress_set_hook(i & 1 ? h19_last_hook : NULL);
		assert_int_equal(dma_fence_add_callback(s.array, &s.cb,
							count_run), 0);
		stress_team_round();
		assert_int_equal(atomic_read(&s.ran), 1);
		assert_int_equal(kref_read(&s.array->refcount), 1);
		dma_fence_put(s.array);
		put_parts();
		assert_int_equal(stress_live(), 0);
	}
	stress_team_stop();
}

/* H20: the failed part is not the last, and is held up after counting down. */

static void h20_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where == STRESS_DEC_AND_TEST && stress_role() == 0 && !nr &&
	    what == &the_array()->num_pending) {
		raise_flag(s.stalled);
		await_flag(s.signalled);
	}
}

static void h20_fail(void)
{
	dma_fence_set_error(s.parts[0], -EIO);
	dma_fence_signal(s.parts[0]);
}

static void h20_succeed(void)
{
	if (s.kind)
		await_flag(s.stalled);
	dma_fence_signal(s.parts[1]);
}

static void h20_error_is_there_before_the_last_part(void **state)
{
	int i;

	stress_team(h20_fail, h20_succeed);
	for (i = 0; i < stress_rounds(4000); i++) {
		s.kind = i & 1;
		new_array(&stress_counted_ops, NULL, 2);
		stress_set_hook(s.kind ? h20_hook : NULL);
		assert_int_equal(dma_fence_add_callback(s.array, &s.cb,
							count_run), 0);
		stress_team_round();
		assert_int_equal(s.status, -EIO);
		assert_int_equal(dma_fence_get_status(s.array), -EIO);
		dma_fence_put(s.array);
		put_parts();
	}
	stress_team_stop();
	assert_int_equal(stress_live(), 0);
}

/* H11, H21: a driver whose fences share one lock, which their release takes. */

static atomic_t released;

static void shared_lock_release(struct dma_fence *fence)
{
	unsigned long flags;

	dma_fence_lock_irqsave(fence, flags);
	atomic_inc(&released);
	dma_fence_unlock_irqrestore(fence, flags);
	dma_fence_free(fence);
}

static const struct dma_fence_ops shared_lock_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.release = shared_lock_release,
};

static void ask_the_parts(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	int i;

	for (i = 0; i < s.nr; i++)
		dma_fence_get_status(the_array()->fences[i]);
	atomic_inc(&s.ran);
}

/* No part's lock is held when the array is signalled. */
static void h21_array_callback_may_take_the_parts_locks(void **state)
{
	int i, j;

	for (i = 0; i < 100; i++) {
		new_array(&stress_counted_ops, NULL, 3);
		assert_int_equal(dma_fence_add_callback(s.array, &s.cb,
							ask_the_parts), 0);
		for (j = 0; j < s.nr; j++)
			dma_fence_signal(s.parts[j]);
		assert_int_equal(atomic_read(&s.ran), 1);
		dma_fence_put(s.array);
		put_parts();
		assert_int_equal(stress_live(), 0);
	}
}

static void signal_all_parts(void)
{
	unsigned long flags;
	int i;

	/* Signal all of them in one locked section, and put them afterwards. */
	spin_lock_irqsave(&s.lock, flags);
	for (i = 1; i < s.nr; i++)
		dma_fence_signal_locked(s.parts[i]);
	spin_unlock_irqrestore(&s.lock, flags);
	put_parts();
}

static void wait_and_put(void)
{
	stress_check(!dma_fence_wait(s.array, false));
	dma_fence_put(s.array);
}

static void h11_array_is_released_outside_of_the_shared_lock(void **state)
{
	int i;

	stress_team(signal_all_parts, wait_and_put);
	for (i = 0; i < stress_rounds(2000); i++) {
		atomic_set(&released, 0);
		new_array(&shared_lock_ops, &s.lock, 3);
		dma_fence_enable_signaling(s.array);
		/* The array has the only reference to the first part. */
		dma_fence_signal(s.parts[0]);
		dma_fence_put(s.parts[0]);
		s.parts[0] = NULL;
		if (i & 1) {
			stress_team_round();
		} else {
			/*
			 * The callbacks have the only references to the array.
			 */
			dma_fence_put(s.array);
			signal_all_parts();
		}
		assert_int_equal(atomic_read(&released), 3);
	}
	stress_team_stop();
}

/* The shim reports the caller's mistake. */
static void h11_last_put_under_the_shared_lock_is_found(void **state)
{
	new_array(&shared_lock_ops, &s.lock, 1);
	dma_fence_put(s.array);
	assert_dies("spinlock recursion",
		    spin_lock_irq(&s.lock);
		    dma_fence_put(s.parts[0]));
	put_parts();
}

static bool always_done(struct dma_fence *fence)
{
	return true;
}

static const struct dma_fence_ops done_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.signaled = always_done,
};

static void h25_polling_under_a_parts_lock_is_found(void **state)
{
	unsigned long flags;

	new_array(&done_ops, &s.lock, 2);
	assert_dies("spinlock recursion",
		    dma_fence_lock_irqsave(s.parts[0], flags);
		    dma_fence_is_signaled(s.array));
	/* With the array's lock held, the lock order is correct. */
	dma_fence_lock_irqsave(s.array, flags);
	assert_true(dma_fence_is_signaled_locked(s.array));
	dma_fence_unlock_irqrestore(s.array, flags);
	dma_fence_put(s.array);
	put_parts();
}

/* H37: an array remains an array after it was signalled. */

static void h37_signalled_array_is_an_array(void **state)
{
	struct dma_fence_unwrap cursor;
	struct dma_fence *fence;
	int nr = 0, i;

	new_array(&stress_counted_ops, NULL, 3);
	dma_fence_enable_signaling(s.array);
	for (i = 0; i < s.nr; i++)
		dma_fence_signal(s.parts[i]);
	assert_true(dma_fence_test_signaled_flag(s.array));
	assert_true(dma_fence_is_array(s.array));
	assert_true(dma_fence_is_container(s.array));
	dma_fence_unwrap_for_each(fence, &cursor, s.array)
		assert_ptr_equal(fence, s.parts[nr++]);
	assert_int_equal(nr, 3);
	put_parts();
	dma_fence_put(s.array);
	/* The array dropped its references to the parts. */
	assert_int_equal(stress_live(), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(h18_part_is_not_counted_twice),
		TEST(h19_early_part_does_not_end_the_array),
		TEST(h19_one_of_two_last_parts_signals),
		TEST(h20_error_is_there_before_the_last_part),
		TEST(h21_array_callback_may_take_the_parts_locks),
		TEST(h11_array_is_released_outside_of_the_shared_lock),
		TEST(h11_last_put_under_the_shared_lock_is_found),
		TEST(h25_polling_under_a_parts_lock_is_found),
		TEST(h37_signalled_array_is_an_array),
	};
	return STRESS_MAIN("stress-array", tests);
}
