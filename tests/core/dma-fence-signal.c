// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Signalling, errors, status, timestamps. */
#include "mock.h"

#define STAMP	4711

static void with_lock(struct dma_fence *f, void (*fn)(struct dma_fence *))
{
	unsigned long flags;

	dma_fence_lock_irqsave(f, flags);
	fn(f);
	dma_fence_unlock_irqrestore(f, flags);
}

/* Wrappers of one type: in older kernels, the functions return an int. */
static void by_signal(struct dma_fence *f)
{
	dma_fence_signal(f);
}

static void signal_locked(struct dma_fence *f)
{
	dma_fence_signal_locked(f);
}

static void by_signal_locked(struct dma_fence *f)
{
	with_lock(f, signal_locked);
}

static void by_timestamp(struct dma_fence *f)
{
	dma_fence_signal_timestamp(f, STAMP);
}

static void stamp_locked(struct dma_fence *f)
{
	dma_fence_signal_timestamp_locked(f, STAMP);
}

static void by_timestamp_locked(struct dma_fence *f)
{
	with_lock(f, stamp_locked);
}

static void by_check(struct dma_fence *f)
{
	dma_fence_check_and_signal(f);
}

static void check_locked(struct dma_fence *f)
{
	dma_fence_check_and_signal_locked(f);
}

static void by_check_locked(struct dma_fence *f)
{
	with_lock(f, check_locked);
}

static const struct {
	void (*signal)(struct dma_fence *f);
	bool stamps;
} family[] = {
	{ by_signal, false },
	{ by_signal_locked, false },
	{ by_timestamp, true },
	{ by_timestamp_locked, true },
	{ by_check, false },
	{ by_check_locked, false },
};

static void every_way_of_signalling_signals_at_a_time(void **state)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(family); i++) {
		struct dma_fence *f = mock_fence();
		ktime_t before = ktime_get();
		struct mock_cb cb;

		assert_int_equal(mock_add(f, &cb), 0);
		family[i].signal(f);
		/* The callback has run when the call returns. */
		assert_int_equal(cb.ran, 1);
		assert_true(dma_fence_test_signaled_flag(f));
		assert_int_equal(dma_fence_get_status(f), 1);
		assert_int_equal(mock_refs(f), 1);
		if (family[i].stamps)
			assert_int_equal(dma_fence_timestamp(f), STAMP);
		else
			assert_between(dma_fence_timestamp(f), before,
					ktime_get());
		dma_fence_put(f);
	}
}

static void only_the_first_signal_counts(void **state)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(family); i++) {
		struct dma_fence *f = mock_fence();
		struct mock_cb cb;

		assert_int_equal(mock_add(f, &cb), 0);
		dma_fence_set_error(f, -EIO);
		dma_fence_signal_timestamp(f, 1);
		family[i].signal(f);
		assert_int_equal(cb.ran, 1);
		assert_int_equal(dma_fence_timestamp(f), 1);
		assert_int_equal(dma_fence_get_status(f), -EIO);
		dma_fence_put(f);
	}
}

static void any_time_is_kept_as_it_is(void **state)
{
	static const ktime_t times[] = { 0, -1, KTIME_MAX, S64_MIN };
	int i;

	for (i = 0; i < ARRAY_SIZE(times); i++) {
		struct dma_fence *f = mock_fence();

		dma_fence_signal_timestamp(f, times[i]);
		assert_int_equal(dma_fence_timestamp(f), times[i]);
		dma_fence_put(f);
	}
}

static void signal_timestamp_of_null_warns(void **state)
{
	assert_warns(CORE_BEFORE(702, "signalling NULL returns an error without a warning") ? 0 : 1,
		     dma_fence_signal_timestamp(NULL, 1));
}

static void check_and_signal_says_what_was(void **state)
{
	struct dma_fence *f = mock_fence();
	unsigned long flags;

	assert_false(dma_fence_check_and_signal(f));
	assert_true(dma_fence_check_and_signal(f));
	dma_fence_lock_irqsave(f, flags);
	assert_true(dma_fence_check_and_signal_locked(f));
	dma_fence_unlock_irqrestore(f, flags);
	dma_fence_put(f);
}

#define NR_SIGNALLERS	3

struct race {
	struct dma_fence *fence;
	bool go;
};

static int check_and_signal(void *data)
{
	struct race *r = data;

	/* Pairs with the release in one_of_many_signallers_was_first(). */
	while (!smp_load_acquire(&r->go))
		cpu_relax();
	return !dma_fence_check_and_signal(r->fence);
}

static void one_of_many_signallers_was_first(void **state)
{
	unsigned int round, rounds = 200 / test_slowness();
	struct task_struct *k[NR_SIGNALLERS];
	int i, firsts;

	for (round = 0; round < rounds; round++) {
		struct dma_fence *f = mock_fence();
		struct race r = { .fence = f };

		for (i = 0; i < NR_SIGNALLERS; i++)
			k[i] = mock_run(check_and_signal, &r);
		/* Pairs with the acquire in check_and_signal(). */
		smp_store_release(&r.go, true);
		for (firsts = 0, i = 0; i < NR_SIGNALLERS; i++)
			firsts += mock_join(k[i]);
		assert_int_equal(firsts, 1);
		dma_fence_put(f);
	}
}

/* Afterwards the producer may be unloaded, unless release or wait is needed. */
static void signalling_clears_ops_without_release_or_wait(void **state)
{
	static const struct {
		const struct dma_fence_ops *ops;
		bool stay;
	} rows[] = {
		{ &mock_names_ops, false },
		{ &mock_enable_ops, false },
		{ &mock_signaled_ops, false },
		{ &mock_deadline_ops, false },
		{ &mock_ops, true },
		{ &mock_wait_ops, true },
		{ &mock_full_ops, true },
	};
	bool all_stay = mock_ops_stay();
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dma_fence *f = &mock_new(rows[i].ops, 1, 1)->base;

		assert_ptr_equal(f->ops, rows[i].ops);
		dma_fence_signal(f);
		assert_ptr_equal(f->ops, all_stay || rows[i].stay ?
				 rows[i].ops : NULL);
		dma_fence_put(f);
	}
}

static void callbacks_see_time_error_and_detached_names(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb cb;

	assert_int_equal(mock_add(f, &cb), 0);
	dma_fence_set_error(f, -ETIME);
	dma_fence_signal_timestamp(f, STAMP);
	assert_true(cb.signaled);
	assert_int_equal(cb.timestamp, STAMP);
	assert_int_equal(cb.error, -ETIME);
	assert_int_equal(cb.context & (MOCK_LOCKED | MOCK_IRQS_OFF),
			 MOCK_LOCKED | MOCK_IRQS_OFF);
	dma_fence_put(f);
}

/* Errors and status */

static void set_error_takes_errnos_only(void **state)
{
	static const struct {
		int error, warnings;
	} rows[] = {
		{ -1, 0 }, { -EIO, 0 }, { -MAX_ERRNO, 0 },
		{ 0, 1 }, { 1, 1 }, { -MAX_ERRNO - 1, 1 },
		{ INT_MAX, 1 }, { INT_MIN, 1 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dma_fence *f = mock_fence();

		assert_warns(rows[i].warnings,
			     dma_fence_set_error(f, rows[i].error));
		/* Stored all the same, and of no effect before the signal. */
		assert_int_equal(f->error, rows[i].error);
		assert_int_equal(dma_fence_get_status(f), 0);
		dma_fence_signal(f);
		assert_int_equal(dma_fence_get_status(f), rows[i].error ?: 1);
		dma_fence_put(f);
	}
}

static void last_error_before_the_signal_counts(void **state)
{
	struct dma_fence *f = mock_fence();

	dma_fence_set_error(f, -ECANCELED);
	dma_fence_set_error(f, -ENODATA);
	dma_fence_signal(f);
	assert_int_equal(dma_fence_get_status(f), -ENODATA);
	dma_fence_put(f);
}

static void polling_signals_with_the_error_of_the_op(void **state)
{
	struct dma_fence *f = mock_fence();
	unsigned long flags;
	struct mock_cb cb;

	assert_int_equal(mock_add(f, &cb), 0);
	mock_done_at(f, 3);
	to_mock(f)->poll_error = -EIO;
	assert_int_equal(dma_fence_get_status(f), 0);
	assert_int_equal(mock_context[MOCK_SIGNALED],
			 MOCK_LOCKED | MOCK_IRQS_OFF | mock_op_rcu());
	assert_false(dma_fence_is_signaled(f));
	/* In a section that is closed before signalling. */
	assert_int_equal(mock_context[MOCK_SIGNALED], mock_op_rcu());
	assert_int_equal(cb.ran, 0);

	dma_fence_lock_irqsave(f, flags);
	assert_int_equal(dma_fence_get_status_locked(f), -EIO);
	dma_fence_unlock_irqrestore(f, flags);
	assert_int_equal(cb.ran, 1);
	assert_int_equal(cb.error, -EIO);
	assert_int_equal(mock_called(MOCK_SIGNALED), 3);

	/* A signalled fence is not polled. */
	assert_true(dma_fence_is_signaled(f));
	assert_int_equal(dma_fence_get_status(f), -EIO);
	assert_int_equal(mock_called(MOCK_SIGNALED), 3);
	dma_fence_put(f);
}

static void polling_closes_rcu_before_it_signals(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb cb;

	assert_int_equal(mock_add(f, &cb), 0);
	mock_done_at(f, 1);
	assert_true(dma_fence_is_signaled(f));
	assert_int_equal(cb.context, MOCK_LOCKED | MOCK_IRQS_OFF);
	dma_fence_put(f);
}

static void looking_never_enables(void **state)
{
	struct dma_fence *f = mock_fence();

	assert_false(dma_fence_test_signaled_flag(f));
	assert_int_equal(mock_called(MOCK_SIGNALED), 0);
	assert_false(dma_fence_is_signaled(f));
	assert_int_equal(dma_fence_get_status(f), 0);
	assert_int_equal(mock_called(MOCK_ENABLE), 0);
	assert_false(mock_flag(f, DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT));
	dma_fence_put(f);
}

/* Timestamps */

static void timestamp_before_the_signal_warns_and_is_now(void **state)
{
	struct dma_fence *f = mock_fence();
	ktime_t before = ktime_get(), got = 0;

	assert_warns(1, got = dma_fence_timestamp(f));
	assert_between(got, before, ktime_get());
	dma_fence_put(f);
}

static int read_timestamp(void *fence)
{
	return dma_fence_timestamp(fence);
}

/* After the signalled flag is set, the union still has the list head. */
static void timestamp_waits_until_it_is_set(void **state)
{
	struct dma_fence *f = mock_fence();
	struct task_struct *k;

	set_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &f->flags);
	k = mock_run(read_timestamp, f);
	msleep(2);
	f->timestamp = STAMP;
	/* Pairs with the test of the bit in dma_fence_timestamp(). */
	smp_mb__before_atomic();
	set_bit(DMA_FENCE_FLAG_TIMESTAMP_BIT, &f->flags);
	assert_int_equal(mock_join(k), STAMP);
	dma_fence_put(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(every_way_of_signalling_signals_at_a_time),
		MOCK_TEST(only_the_first_signal_counts),
		MOCK_TEST(any_time_is_kept_as_it_is),
		MOCK_TEST(signal_timestamp_of_null_warns),
		MOCK_TEST(check_and_signal_says_what_was),
		MOCK_TEST(one_of_many_signallers_was_first),
		MOCK_TEST(signalling_clears_ops_without_release_or_wait),
		MOCK_TEST(callbacks_see_time_error_and_detached_names),
		MOCK_TEST(set_error_takes_errnos_only),
		MOCK_TEST(last_error_before_the_signal_counts),
		MOCK_TEST(polling_signals_with_the_error_of_the_op),
		MOCK_TEST(polling_closes_rcu_before_it_signals),
		MOCK_TEST(looking_never_enables),
		MOCK_TEST(timestamp_before_the_signal_warns_and_is_now),
		MOCK_TEST(timestamp_waits_until_it_is_set),
	};

	return TEST_MAIN("dma-fence-signal", tests);
}
