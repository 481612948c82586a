// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Waiting for one fence. The results for each timeout, and for events that
 * coincide, are in conformance.c, x12 to x17. Waiting for several fences is in
 * dma-fence-wait-any.c. POSIX signals are in dma-fence-wait-posix.c.
 */
#include "mock.h"

static int signal_a_waited_fence(void *fence)
{
	mock_unlock(fence, mock_lock_when_queued(fence));
	dma_fence_signal(fence);
	return 0;
}

static void wait_enables_signalling_first(void **state)
{
	struct dma_fence *f = mock_fence();

	assert_int_equal(dma_fence_wait_timeout(f, false, 0), 0);
	assert_int_equal(mock_called(MOCK_ENABLE), 1);
	assert_int_equal(dma_fence_wait_timeout(f, false, 0), 0);
	assert_int_equal(mock_called(MOCK_ENABLE), 1);
	/* With signalling enabled, the fence is not polled. */
	assert_int_equal(mock_called(MOCK_SIGNALED), 0);
	dma_fence_put(f);
}

static void wait_sees_a_fence_that_enabling_signals(void **state)
{
	struct dma_fence *f = mock_fence();

	to_mock(f)->enable_fails = true;
	assert_int_equal(dma_fence_wait_timeout(f, false, 12), 12);
	dma_fence_put(f);
}

static void default_wait_does_not_enable(void **state)
{
	struct dma_fence *f = mock_fence();

	assert_int_equal(dma_fence_default_wait(f, false, 0), 0);
	assert_int_equal(dma_fence_default_wait(f, true, 1), 0);
	assert_int_equal(mock_called(MOCK_ENABLE), 0);
	assert_false(mock_flag(f, DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT));
	dma_fence_signal(f);
	assert_int_equal(dma_fence_default_wait(f, false, 0), 1);
	assert_int_equal(dma_fence_default_wait(f, false, 5), 5);
	dma_fence_put(f);
}

static void wait_without_limit_returns_the_limit(void **state)
{
	struct dma_fence *f = mock_fence();
	struct task_struct *k = mock_run(signal_a_waited_fence, f);

	assert_int_equal(dma_fence_wait_timeout(f, false, MAX_SCHEDULE_TIMEOUT),
			 MAX_SCHEDULE_TIMEOUT);
	assert_int_equal(mock_join(k), 0);
	dma_fence_put(f);
}

static void huge_timeouts_do_not_overflow(void **state)
{
	static const signed long timeouts[] = {
		LONG_MAX - 1, LONG_MAX / 2, LONG_MAX / 1000,
		sizeof(long) == 8 ? U32_MAX : S32_MAX / 3,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(timeouts); i++) {
		struct dma_fence *f = mock_fence();
		struct task_struct *k = mock_run(signal_a_waited_fence, f);
		signed long left;

		left = dma_fence_wait_timeout(f, i & 1, timeouts[i]);
		assert_between(left, timeouts[i] - 100 * HZ, timeouts[i]);
		assert_int_equal(mock_join(k), 0);
		dma_fence_put(f);
	}
}

static void wait_returns_0_whatever_is_left(void **state)
{
	struct dma_fence *f = mock_fence();
	struct task_struct *k = mock_run(signal_a_waited_fence, f);

	assert_int_equal(dma_fence_wait(f, true), 0);
	assert_int_equal(mock_join(k), 0);
	assert_int_equal(dma_fence_wait(f, false), 0);
	dma_fence_put(f);
}

static void wait_passes_negative_results_on(void **state)
{
	struct dma_fence *f = mock_fence();

	send_sig(SIGUSR1, current, 1);
	assert_int_equal(dma_fence_wait(f, true), -ERESTARTSYS);
	flush_signals(current);
	dma_fence_signal(f);
	dma_fence_put(f);
}

/* Send a signal when the waiter sleeps or is about to sleep. */
static int interrupt(void *task)
{
	struct task_struct *waiter = task;

	while (READ_ONCE(waiter->__state) != TASK_INTERRUPTIBLE)
		usleep_range(100, 200);
	send_sig(SIGUSR1, waiter, 1);
	return 0;
}

static void simulated_signal_ends_an_interruptible_sleep(void **state)
{
	struct dma_fence *f = mock_fence();
	struct task_struct *k = mock_run(interrupt, current);

	assert_int_equal(dma_fence_wait_timeout(f, true, 1000 * HZ),
			 -ERESTARTSYS);
	assert_int_equal(mock_join(k), 0);
	assert_false(dma_fence_test_signaled_flag(f));
	assert_int_equal(mock_queued(f), 0);
	assert_int_equal(get_current_state(), TASK_RUNNING);
	flush_signals(current);
	dma_fence_put(f);
}

static void signal_does_not_end_an_uninterruptible_sleep(void **state)
{
	struct dma_fence *f = mock_fence();

	send_sig(SIGUSR1, current, 1);
	assert_int_equal(dma_fence_wait_timeout(f, false, 3), 0);
	send_sig(SIGKILL, current, 1);
	assert_int_equal(dma_fence_wait_timeout(f, false, 3), 0);
	flush_signals(current);
	dma_fence_put(f);
}

/* Waiters and callbacks */

struct watch {
	struct task_struct *waiter;
	struct dma_fence *fence;
};

static int first_in_the_list(void *data)
{
	struct dma_fence *f = ((struct watch *)data)->fence;
	struct task_struct *waiter = ((struct watch *)data)->waiter;
	unsigned long flags;
	bool first;

	/* The waiter adds its callback before it sets its state. */
	while (READ_ONCE(waiter->__state) == TASK_RUNNING)
		usleep_range(100, 200);
	dma_fence_lock_irqsave(f, flags);
	first = list_first_entry(&f->cb_list, struct dma_fence_cb, node)->func !=
		mock_cb_func;
	dma_fence_signal_locked(f);
	dma_fence_unlock_irqrestore(f, flags);
	return first;
}

static void waiter_is_woken_before_the_callbacks_run(void **state)
{
	struct dma_fence *f = mock_fence();
	struct watch s = { current, f };
	struct task_struct *k;
	struct mock_cb cb;

	assert_int_equal(mock_add(f, &cb), 0);
	k = mock_run(first_in_the_list, &s);
	assert_int_equal(dma_fence_wait(f, false), 0);
	assert_int_equal(cb.ran, 1);
	assert_int_equal(mock_join(k), true);
	dma_fence_put(f);
}

struct slow_cb {
	struct dma_fence_cb base;
	bool done;
};

static void be_slow(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct slow_cb *slow = container_of(cb, struct slow_cb, base);

	mdelay(5);
	WRITE_ONCE(slow->done, true);
}

static void callbacks_have_finished_when_the_waiter_returns(void **state)
{
	struct dma_fence *f = mock_fence();
	struct task_struct *k;
	struct slow_cb cb = {};

	assert_int_equal(dma_fence_add_callback(f, &cb.base, be_slow), 0);
	/* The waiter comes during the callback, or is woken before it. */
	k = mock_run(signal_a_waited_fence, f);
	assert_int_equal(dma_fence_wait(f, false), 0);
	assert_true(READ_ONCE(cb.done));
	assert_int_equal(mock_join(k), 0);
	dma_fence_put(f);
}

#define NR_WAITERS	4

static int wait_for(void *fence)
{
	return dma_fence_wait(fence, false);
}

static void one_signal_wakes_all_waiters(void **state)
{
	struct dma_fence *f = mock_fence();
	struct task_struct *k[NR_WAITERS];
	int i;

	for (i = 0; i < NR_WAITERS; i++)
		k[i] = mock_run(wait_for, f);
	while (mock_queued(f) < NR_WAITERS)
		usleep_range(100, 200);
	dma_fence_signal(f);
	for (i = 0; i < NR_WAITERS; i++)
		assert_int_equal(mock_join(k[i]), 0);
	assert_int_equal(mock_refs(f), 1);
	dma_fence_put(f);
}

/* The wait op */

static void wait_op_replaces_the_default(void **state)
{
	static const struct {
		signed long result, wait;
	} rows[] = {
		{ 17, 0 }, { 0, 0 }, { -ERESTARTSYS, -ERESTARTSYS },
		{ -EIO, -EIO }, { LONG_MAX, 0 },
	};
	struct dma_fence *f = &mock_new(&mock_wait_ops, 1, 1)->base;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		to_mock(f)->wait_result = rows[i].result;
		assert_int_equal(dma_fence_wait_timeout(f, i & 1, i),
				 rows[i].result);
		assert_int_equal(to_mock(f)->wait_intr, i & 1);
		assert_int_equal(to_mock(f)->wait_timeout, i);
		assert_int_equal(dma_fence_wait(f, false), rows[i].wait);
		assert_int_equal(to_mock(f)->wait_timeout,
				 MAX_SCHEDULE_TIMEOUT);
	}
	/* The op may sleep: it is called without the lock and outside RCU. */
	assert_int_equal(mock_context[MOCK_WAIT], 0);
	/* The op is called even if the fence is signalled. */
	dma_fence_signal(f);
	to_mock(f)->wait_result = 3;
	assert_int_equal(dma_fence_wait_timeout(f, false, 99), 3);
	dma_fence_put(f);
}

static void wait_op_does_not_see_negative_timeouts(void **state)
{
	struct dma_fence *f = &mock_new(&mock_wait_ops, 1, 1)->base;

	assert_warns(1, assert_int_equal(
		dma_fence_wait_timeout(f, false, -1), -EINVAL));
	assert_int_equal(mock_called(MOCK_WAIT), 0);
	dma_fence_put(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(wait_enables_signalling_first),
		MOCK_TEST(wait_sees_a_fence_that_enabling_signals),
		MOCK_TEST(default_wait_does_not_enable),
		MOCK_TEST(wait_without_limit_returns_the_limit),
		MOCK_TEST(huge_timeouts_do_not_overflow),
		MOCK_TEST(wait_returns_0_whatever_is_left),
		MOCK_TEST(wait_passes_negative_results_on),
		MOCK_TEST(simulated_signal_ends_an_interruptible_sleep),
		MOCK_TEST(signal_does_not_end_an_uninterruptible_sleep),
		MOCK_TEST(waiter_is_woken_before_the_callbacks_run),
		MOCK_TEST(callbacks_have_finished_when_the_waiter_returns),
		MOCK_TEST(one_signal_wakes_all_waiters),
		MOCK_TEST(wait_op_replaces_the_default),
		MOCK_TEST(wait_op_does_not_see_negative_timeouts),
	};

	return TEST_MAIN("dma-fence-wait", tests);
}
