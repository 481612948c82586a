// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Deadlines: hints for the producer of a pending fence. */
#include "mock.h"

#if CORE_HAS(dma_fence_set_deadline)
static void op_gets_every_deadline_as_it_is(void **state)
{
	static const ktime_t deadlines[] = { 5, 3, 9, 0, -1, KTIME_MAX };
	struct dma_fence *f = mock_fence();
	int i;

	for (i = 0; i < ARRAY_SIZE(deadlines); i++) {
		dma_fence_set_deadline(f, deadlines[i]);
		assert_int_equal(to_mock(f)->deadline, deadlines[i]);
	}
	assert_int_equal(mock_called(MOCK_DEADLINE), i);
	/* Called under RCU, without the lock. */
	assert_int_equal(mock_context[MOCK_DEADLINE], mock_op_rcu());
	/* A deadline is a hint: it does not enable signalling. */
	assert_int_equal(mock_called(MOCK_ENABLE), 0);
	dma_fence_put(f);
}
#endif

static void fence_without_the_op_ignores_it(void **state)
{
	struct dma_fence *f = &mock_new(&mock_signaled_ops, 1, 1)->base;

	/* The fence is not polled either. */
	mock_done_at(f, 1);
	dma_fence_set_deadline(f, 1);
	assert_int_equal(mock_called(MOCK_SIGNALED), 0);
	assert_false(dma_fence_test_signaled_flag(f));
	dma_fence_put(f);
}

static void signalled_fence_ignores_it(void **state)
{
	/* Signalling clears these ops: they have no release and no wait. */
	struct dma_fence *f = &mock_new(&mock_deadline_ops, 1, 1)->base;

	dma_fence_signal(f);
	dma_fence_set_deadline(f, 1);
	assert_int_equal(mock_called(MOCK_DEADLINE), 0);
	dma_fence_put(f);
}

#if CORE_HAS(dma_fence_set_deadline)
static void fence_found_done_is_signalled_instead(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb cb;

	assert_int_equal(mock_add(f, &cb), 0);
	mock_done_at(f, 1);
	dma_fence_set_deadline(f, 1);
	assert_int_equal(mock_called(MOCK_DEADLINE), 0);
	assert_int_equal(cb.ran, 1);
	/* Callbacks run inside the read-side section. */
	assert_int_equal(cb.context & MOCK_RCU, mock_op_rcu());
	dma_fence_put(f);
}

static void array_hands_it_to_every_pending_fence(void **state)
{
	struct dma_fence *a = mock_fence(), *b = mock_fence();
	struct dma_fence *array = mock_array_of(a, b);

	dma_fence_set_deadline(array, 11);
	assert_int_equal(to_mock(a)->deadline, 11);
	assert_int_equal(to_mock(b)->deadline, 11);

	dma_fence_signal(a);
	dma_fence_set_deadline(array, 12);
	assert_int_equal(to_mock(a)->deadline, 11);
	assert_int_equal(to_mock(b)->deadline, 12);

	dma_fence_signal(b);
	dma_fence_set_deadline(array, 13);
	assert_int_equal(mock_called(MOCK_DEADLINE), 3);
	assert_true(dma_fence_test_signaled_flag(array));
	dma_fence_put(array);
	dma_fence_put(a);
	dma_fence_put(b);
}

static void chain_hands_it_to_every_pending_fence(void **state)
{
	struct dma_fence *f[3], *l[3], *prev = NULL;
	int i;

	for (i = 0; i < 3; i++) {
		f[i] = mock_fence();
		prev = l[i] = mock_link(prev, f[i], i + 1);
	}
	dma_fence_set_deadline(l[1], 21);
	assert_int_equal(to_mock(f[0])->deadline, 21);
	assert_int_equal(to_mock(f[1])->deadline, 21);
	assert_int_equal(to_mock(f[2])->deadline, 0);

	dma_fence_signal(f[1]);
	dma_fence_set_deadline(l[2], 22);
	assert_int_equal(to_mock(f[0])->deadline, 22);
	assert_int_equal(to_mock(f[1])->deadline, 21);
	assert_int_equal(to_mock(f[2])->deadline, 22);
	for (i = 0; i < 3; i++) {
		dma_fence_put(l[i]);
		dma_fence_put(f[i]);
	}
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#if CORE_HAS(dma_fence_set_deadline)
		MOCK_TEST(op_gets_every_deadline_as_it_is),
#endif
		MOCK_TEST(fence_without_the_op_ignores_it),
		MOCK_TEST(signalled_fence_ignores_it),
#if CORE_HAS(dma_fence_set_deadline)
		MOCK_TEST(fence_found_done_is_signalled_instead),
		MOCK_TEST(array_hands_it_to_every_pending_fence),
		MOCK_TEST(chain_hands_it_to_every_pending_fence),
#endif
	};

	return TEST_MAIN("dma-fence-deadline", tests);
}
