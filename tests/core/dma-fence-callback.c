// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Callbacks, and enabling signalling. */
#include "mock.h"

static void removing_from_the_middle_leaves_the_others_in_order(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb cb[4];
	int i;

	for (i = 0; i < 4; i++)
		assert_int_equal(mock_add(f, &cb[i]), 0);
	assert_true(dma_fence_remove_callback(f, &cb[1].base));
	assert_true(list_empty(&cb[1].base.node));
	assert_false(dma_fence_remove_callback(f, &cb[1].base));
	assert_int_equal(mock_queued(f), 3);
	dma_fence_signal(f);
	assert_int_equal(cb[1].ran, 0);
	assert_int_equal(cb[0].order, 1);
	assert_int_equal(cb[2].order, 2);
	assert_int_equal(cb[3].order, 3);
	dma_fence_put(f);
}

static void removed_callback_can_be_added_again(void **state)
{
	struct dma_fence *a = mock_fence(), *b = mock_fence();
	struct mock_cb cb;

	assert_int_equal(mock_add(a, &cb), 0);
	assert_true(dma_fence_remove_callback(a, &cb.base));
	assert_int_equal(dma_fence_add_callback(b, &cb.base, mock_cb_func), 0);
	dma_fence_signal(a);
	assert_int_equal(cb.ran, 0);
	dma_fence_signal(b);
	assert_int_equal(cb.ran, 1);
	dma_fence_put(a);
	dma_fence_put(b);
}

static void remove_after_a_failed_add_is_false(void **state)
{
	struct dma_fence *f = dma_fence_get_stub();
	struct mock_cb cb;

	assert_int_equal(mock_add(f, &cb), -ENOENT);
	assert_false(dma_fence_remove_callback(f, &cb.base));
	dma_fence_put(f);
}

static void callback_memory_needs_no_initialisation(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb cb = { .ran = 0 };

	memset(&cb.base, 0xa5, sizeof(cb.base));
	assert_int_equal(dma_fence_add_callback(f, &cb.base, mock_cb_func), 0);
	dma_fence_signal(f);
	assert_int_equal(cb.ran, 1);
	dma_fence_put(f);
}

static void bad_arguments_leave_the_callback_alone(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_fence_cb cb, pattern;

	memset(&cb, 0xa5, sizeof(cb));
	pattern = cb;
	assert_warns(1, assert_int_equal(
		dma_fence_add_callback(NULL, &cb, mock_cb_func), -EINVAL));
	assert_warns(1, assert_int_equal(
		dma_fence_add_callback(f, &cb, NULL), -EINVAL));
	assert_memory_equal(&cb, &pattern, sizeof(cb));
	/* Signalling is not enabled either. */
	assert_int_equal(mock_called(MOCK_ENABLE), 0);
	dma_fence_put(f);
}

static void free_own_memory(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	kfree(cb);
}

static void callback_may_free_its_memory(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb last;
	int i;

	for (i = 0; i < 3; i++) {
		struct dma_fence_cb *cb = kmalloc_obj(*cb);

		assert_int_equal(dma_fence_add_callback(f, cb, free_own_memory),
				 0);
	}
	assert_int_equal(mock_add(f, &last), 0);
	dma_fence_signal(f);
	assert_int_equal(last.ran, 1);
	dma_fence_put(f);
}

struct other_cb {
	struct dma_fence_cb base;
	struct dma_fence *other;
};

static void signal_and_put_other(struct dma_fence *f, struct dma_fence_cb *cb)
{
	struct other_cb *o = container_of(cb, struct other_cb, base);

	dma_fence_signal(o->other);
	dma_fence_put(o->other);
}

static void callback_may_signal_and_release_other_fences(void **state)
{
	struct dma_fence *a, *b;
	struct other_cb on_a;
	struct mock_cb on_b;

	test_not_with_lockdep("it reports that the lock of a fence nests in that of a fence");
	a = mock_fence();
	b = on_a.other = mock_fence();
	assert_int_equal(mock_add(b, &on_b), 0);
	assert_int_equal(dma_fence_add_callback(a, &on_a.base,
						signal_and_put_other), 0);
	dma_fence_signal(a);
	assert_int_equal(on_b.ran, 1);
	assert_int_equal(mock_called(MOCK_RELEASE), 1);
	dma_fence_put(a);
}

static void put_fence(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	dma_fence_put(fence);
}

static void callback_may_put_its_fence(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_fence_cb cb;

	dma_fence_get(f);
	assert_int_equal(dma_fence_add_callback(f, &cb, put_fence), 0);
	dma_fence_signal(f);
	assert_int_equal(mock_refs(f), 1);
	dma_fence_put(f);
}

static void remove_self(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	dma_fence_remove_callback(fence, cb);
}

static void removing_inside_a_callback_of_the_fence_is_a_bug(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_fence_cb cb;

	assert_int_equal(dma_fence_add_callback(f, &cb, remove_self), 0);
	assert_dies("recursion", dma_fence_signal(f));
	assert_true(dma_fence_remove_callback(f, &cb));
	dma_fence_put(f);
}

/* Enabling */

static void enable_op_is_called_under_lock_and_rcu(void **state)
{
	struct dma_fence *f = mock_fence();

	dma_fence_enable_signaling(f);
	assert_int_equal(mock_called(MOCK_ENABLE), 1);
	assert_int_equal(mock_context[MOCK_ENABLE],
			 MOCK_LOCKED | MOCK_IRQS_OFF | mock_op_rcu());
	assert_false(dma_fence_is_signaled(f));
	/* The old name of the same function. */
	dma_fence_enable_sw_signaling(f);
	assert_int_equal(mock_called(MOCK_ENABLE), 1);
	dma_fence_put(f);
}

static void enable_op_that_fails_signals(void **state)
{
	struct dma_fence *f = mock_fence();
	ktime_t before = ktime_get();

	to_mock(f)->enable_fails = true;
	dma_fence_enable_signaling(f);
	assert_true(dma_fence_test_signaled_flag(f));
	assert_int_equal(dma_fence_get_status(f), 1);
	assert_between(dma_fence_timestamp(f), before, ktime_get());
	dma_fence_put(f);
}

static void enabling_a_signalled_fence_only_sets_the_flag(void **state)
{
	struct dma_fence *f = mock_fence();

	dma_fence_signal(f);
	/* Signalling a fence does not set its enable flag. */
	assert_false(mock_flag(f, DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT));
	dma_fence_enable_signaling(f);
	assert_true(mock_flag(f, DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT));
	assert_int_equal(mock_called(MOCK_ENABLE), 0);
	dma_fence_put(f);
}

static void enable_flag_set_by_the_driver_suppresses_the_op(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb cb;

	set_bit(DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT, &f->flags);
	to_mock(f)->enable_fails = true;
	assert_int_equal(mock_add(f, &cb), 0);
	assert_int_equal(mock_called(MOCK_ENABLE), 0);
	assert_true(dma_fence_remove_callback(f, &cb.base));
	dma_fence_put(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(removing_from_the_middle_leaves_the_others_in_order),
		MOCK_TEST(removed_callback_can_be_added_again),
		MOCK_TEST(remove_after_a_failed_add_is_false),
		MOCK_TEST(callback_memory_needs_no_initialisation),
		MOCK_TEST(bad_arguments_leave_the_callback_alone),
		MOCK_TEST(callback_may_free_its_memory),
		MOCK_TEST(callback_may_signal_and_release_other_fences),
		MOCK_TEST(callback_may_put_its_fence),
		MOCK_TEST(removing_inside_a_callback_of_the_fence_is_a_bug),
		MOCK_TEST(enable_op_is_called_under_lock_and_rcu),
		MOCK_TEST(enable_op_that_fails_signals),
		MOCK_TEST(enabling_a_signalled_fence_only_sets_the_flag),
		MOCK_TEST(enable_flag_set_by_the_driver_suppresses_the_op),
	};

	return TEST_MAIN("dma-fence-callback", tests);
}
