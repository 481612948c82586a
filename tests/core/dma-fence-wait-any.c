// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Waiting for the first of several fences. */
#include "mock.h"

#define NR	3

static struct dma_fence *f[NR];

static void make(void)
{
	int i;

	for (i = 0; i < NR; i++)
		f[i] = mock_fence();
}

/* The wait has left no callback and no reference on the fences. */
static void check_and_put(void)
{
	int i;

	for (i = 0; i < NR; i++) {
		assert_int_equal(mock_queued(f[i]), 0);
		assert_int_equal(mock_refs(f[i]), 1);
		dma_fence_put(f[i]);
	}
	assert_int_equal(get_current_state(), TASK_RUNNING);
}

static void bad_arguments_warn(void **state)
{
	u32 idx = 99;

	make();
	assert_warns(1, assert_int_equal(
		dma_fence_wait_any_timeout(NULL, 1, false, 1, &idx), -EINVAL));
	assert_warns(1, assert_int_equal(
		dma_fence_wait_any_timeout(f, 0, false, 0, &idx), -EINVAL));
	assert_warns(1, assert_int_equal(
		dma_fence_wait_any_timeout(f, NR, false, -1, &idx), -EINVAL));
	assert_warns(1, assert_int_equal(
		dma_fence_wait_any_timeout(f, NR, true, LONG_MIN, &idx),
		-EINVAL));
	assert_int_equal(idx, 99);
	assert_int_equal(mock_called(MOCK_ENABLE), 0);
	check_and_put();
}

static void timeout_0_polls_in_order_and_enables_nothing(void **state)
{
	u32 idx = 99;

	make();
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, false, 0, &idx), 0);
	assert_int_equal(idx, 99);
	assert_int_equal(mock_called(MOCK_SIGNALED), NR);

	/* The first signalled fence ends the call, which allocates nothing. */
	mock_done_at(f[1], 1);
	mock_done_at(f[2], 1);
	libfence_fail_nth(1);
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, false, 0, &idx), 1);
	assert_false(mock_alloc_failed());
	assert_int_equal(idx, 1);
	assert_true(dma_fence_test_signaled_flag(f[1]));
	assert_false(dma_fence_test_signaled_flag(f[2]));
	assert_int_equal(mock_called(MOCK_ENABLE), 0);

	/* A pending signal is not looked at either. */
	send_sig(SIGUSR1, current, 1);
	assert_int_equal(dma_fence_wait_any_timeout(f, 1, true, 0, &idx), 0);
	flush_signals(current);
	check_and_put();
}

static void without_memory_nothing_is_registered(void **state)
{
	u32 idx = 99;

	make();
	libfence_fail_nth(1);
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, false, 9, &idx),
			 -ENOMEM);
	assert_true(mock_alloc_failed());
	assert_int_equal(mock_called(MOCK_ENABLE), 0);
	assert_int_equal(idx, 99);

	/* The call makes only one allocation, so a second cannot fail. */
	dma_fence_signal(f[0]);
	libfence_fail_nth(2);
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, false, 9, &idx), 9);
	assert_false(mock_alloc_failed());
	check_and_put();
}

static void fences_behind_a_signalled_one_are_left_alone(void **state)
{
	u32 idx = 99;

	make();
	dma_fence_signal(f[1]);
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, true, 50, &idx), 50);
	assert_int_equal(idx, 1);
	assert_true(mock_flag(f[0], DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT));
	assert_false(mock_flag(f[2], DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT));
	check_and_put();
}

static void producer_that_is_done_when_enabled_counts_as_signalled(void **state)
{
	u32 idx = 99;

	make();
	to_mock(f[1])->enable_fails = true;
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, false, 8, &idx), 8);
	assert_int_equal(idx, 1);
	check_and_put();
}

/* Set both flags before the wake-up, so that the waiter sees both at once. */
static int flag_two_and_wake(void *data)
{
	struct task_struct *waiter = data;

	while (!test_asleep(waiter))
		usleep_range(100, 200);
	set_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &f[1]->flags);
	set_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &f[2]->flags);
	wake_up_process(waiter);
	return 0;
}

static void lowest_index_of_several_signalled_ones(void **state)
{
	struct task_struct *k;
	signed long left;
	u32 idx = 99;

	make();
	k = mock_run(flag_two_and_wake, current);
	left = dma_fence_wait_any_timeout(f, NR, false, 1000 * HZ, &idx);
	assert_between(left, 1, 1000 * HZ);
	assert_int_equal(idx, 1);
	assert_int_equal(mock_join(k), 0);
	clear_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &f[1]->flags);
	clear_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &f[2]->flags);
	check_and_put();
}

static int signal_the_last(void *data)
{
	mock_unlock(f[NR - 1], mock_lock_when_queued(f[NR - 1]));
	dma_fence_signal(f[NR - 1]);
	return 0;
}

static void last_of_them_ends_the_wait(void **state)
{
	struct task_struct *k;
	u32 idx = 99;

	make();
	k = mock_run(signal_the_last, NULL);
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, true, LONG_MAX,
						    &idx), LONG_MAX);
	assert_int_equal(idx, NR - 1);
	assert_int_equal(mock_join(k), 0);
	check_and_put();
}

static void index_may_be_null(void **state)
{
	struct task_struct *k;

	make();
	k = mock_run(signal_the_last, NULL);
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, false, LONG_MAX,
						    NULL), LONG_MAX);
	assert_int_equal(mock_join(k), 0);
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, false, 4, NULL), 4);
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, false, 0, NULL), 1);
	check_and_put();
}

static void signal_ends_an_interruptible_wait_only(void **state)
{
	u32 idx = 99;

	make();
	send_sig(SIGUSR1, current, 1);
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, true, LONG_MAX,
						    &idx), -ERESTARTSYS);
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, false, 2, &idx), 0);
	/* A signalled fence takes precedence over a pending signal. */
	dma_fence_signal(f[2]);
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, true, 6, &idx), 6);
	assert_int_equal(idx, 2);
	flush_signals(current);
	check_and_put();
}

static void expiry_enables_but_leaves_nothing(void **state)
{
	unsigned long before = jiffies;
	u32 idx = 99;

	make();
	assert_int_equal(dma_fence_wait_any_timeout(f, NR, false, 5, &idx), 0);
	assert_true(jiffies - before >= 5);
	assert_int_equal(idx, 99);
	assert_int_equal(mock_called(MOCK_ENABLE), NR);
	assert_int_equal(mock_called(MOCK_SIGNALED), 0);
	check_and_put();
}

static void same_fence_twice_is_fine(void **state)
{
	struct dma_fence *twice[2];
	u32 idx = 99;

	make();
	twice[0] = twice[1] = f[0];
	assert_int_equal(dma_fence_wait_any_timeout(twice, 2, false, 2, &idx),
			 0);
	dma_fence_signal(f[0]);
	assert_int_equal(dma_fence_wait_any_timeout(twice, 2, false, 2, &idx),
			 2);
	assert_int_equal(idx, 0);
	check_and_put();
}

/* A NULL entry is a mistake of the caller. The result is that of the kernel. */
static void null_entry_warns_and_counts_as_signalled(void **state)
{
	struct dma_fence *fences[2];
	u32 idx = 99;

	make();
	fences[0] = f[0];
	fences[1] = NULL;
	assert_warns(1, assert_int_equal(
		dma_fence_wait_any_timeout(fences, 2, false, 7, &idx), 7));
	assert_int_equal(idx, 1);
	check_and_put();
}

static void wait_ops_are_not_used(void **state)
{
	struct dma_fence *fence = &mock_new(&mock_wait_ops, 1, 1)->base;

	to_mock(fence)->wait_result = 5;
	assert_int_equal(dma_fence_wait_any_timeout(&fence, 1, false, 2, NULL),
			 0);
	assert_int_equal(mock_called(MOCK_WAIT), 0);
	dma_fence_put(fence);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(bad_arguments_warn),
		MOCK_TEST(timeout_0_polls_in_order_and_enables_nothing),
		MOCK_TEST(without_memory_nothing_is_registered),
		MOCK_TEST(fences_behind_a_signalled_one_are_left_alone),
		MOCK_TEST(producer_that_is_done_when_enabled_counts_as_signalled),
		MOCK_TEST(lowest_index_of_several_signalled_ones),
		MOCK_TEST(last_of_them_ends_the_wait),
		MOCK_TEST(index_may_be_null),
		MOCK_TEST(signal_ends_an_interruptible_wait_only),
		MOCK_TEST(expiry_enables_but_leaves_nothing),
		MOCK_TEST(same_fence_twice_is_fine),
		MOCK_TEST(null_entry_warns_and_counts_as_signalled),
		MOCK_TEST(wait_ops_are_not_used),
	};

	return TEST_MAIN("dma-fence-wait-any", tests);
}
