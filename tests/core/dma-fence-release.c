// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The drop of the last reference. */
#include "mock.h"

static void pending_callbacks_are_run_in_order_with_edeadlk(void **state)
{
	struct mock_fence *m = mock_new(&mock_ops, 0xabc, 0xdef);
	struct mock_cb a, b;

	m->keep = true;
	assert_int_equal(mock_add(&m->base, &a), 0);
	assert_int_equal(mock_add(&m->base, &b), 0);
	/* The message has context and seqno in hexadecimal. */
	assert_warns_like(":abc:def released", dma_fence_put(&m->base));
	assert_int_equal(a.order, 1);
	assert_int_equal(b.order, 2);
	assert_int_equal(a.error, -EDEADLK);
	assert_true(a.timestamp_set);
	assert_int_equal(a.context, MOCK_LOCKED | MOCK_IRQS_OFF | mock_op_rcu());
	assert_int_equal(mock_called(MOCK_RELEASE), 1);
	assert_true(mock_flag(&m->base, DMA_FENCE_FLAG_SIGNALED_BIT));
	assert_int_equal(m->base.error, -EDEADLK);
	assert_int_equal(mock_refs(&m->base), 0);
	kfree(m);
}

static void pending_callbacks_without_a_release_op(void **state)
{
	struct dma_fence *f = &mock_new(&mock_names_ops, 1, 1)->base;
	struct mock_cb cb;

	assert_int_equal(mock_add(f, &cb), 0);
	assert_warns_like("released with pending signals", dma_fence_put(f));
	assert_int_equal(cb.ran, 1);
	assert_int_equal(cb.error, -EDEADLK);
}

static void removed_callbacks_are_not_pending(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb cb;

	assert_int_equal(mock_add(f, &cb), 0);
	assert_true(dma_fence_remove_callback(f, &cb.base));
	dma_fence_put(f);
	assert_int_equal(cb.ran, 0);
	assert_int_equal(mock_called(MOCK_RELEASE), 1);
}

/* The timestamp replaces the list head, which no longer looks empty. */
static void signalled_fence_is_not_taken_for_one_with_callbacks(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb cb;

	assert_int_equal(mock_add(f, &cb), 0);
	dma_fence_signal_timestamp(f, 1);
	assert_false(list_empty(&f->cb_list));
	dma_fence_put(f);
	assert_int_equal(cb.ran, 1);
	assert_int_equal(mock_called(MOCK_RELEASE), 1);
}

static void error_set_before_is_overwritten(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb cb;

	assert_int_equal(mock_add(f, &cb), 0);
	dma_fence_set_error(f, -EIO);
	assert_warns(1, dma_fence_put(f));
	assert_int_equal(cb.error, -EDEADLK);
}

static void release_op_is_called_once_under_rcu(void **state)
{
	struct dma_fence *f = mock_fence();

	dma_fence_get(f);
	dma_fence_signal(f);
	dma_fence_put(f);
	assert_int_equal(mock_called(MOCK_RELEASE), 0);
	dma_fence_put(f);
	assert_int_equal(mock_called(MOCK_RELEASE), 1);
	assert_int_equal(mock_context[MOCK_RELEASE], mock_op_rcu());
}

static void unsignalled_fence_is_released_as_it_is(void **state)
{
	struct mock_fence *m = mock_new(&mock_full_ops, 1, 1);

	m->keep = true;
	dma_fence_enable_signaling(&m->base);
	dma_fence_put(&m->base);
	assert_int_equal(mock_called(MOCK_RELEASE), 1);
	assert_false(dma_fence_test_signaled_flag(&m->base));
	assert_int_equal(m->base.error, 0);
	/* The producer is not polled. */
	assert_int_equal(mock_called(MOCK_SIGNALED), 0);
	kfree(m);
}

/* One object with two fences, like the GPU scheduler's drm_sched_fence. */
struct twins {
	struct dma_fence first, second;
	spinlock_t lock;
	bool *gone;
};

static const char *twin_name(struct dma_fence *fence)
{
	return "twin";
}

static void twins_free(struct rcu_head *rcu)
{
	struct twins *t = container_of(rcu, struct twins, second.rcu);

	WRITE_ONCE(*t->gone, true);
	kfree(t);
}

static void first_release(struct dma_fence *f)
{
	struct twins *t = container_of(f, struct twins, first);

	call_rcu(&t->second.rcu, twins_free);
}

static const struct dma_fence_ops first_ops = {
	.get_driver_name = twin_name,
	.get_timeline_name = twin_name,
	.release = first_release,
};

static void second_release(struct dma_fence *f)
{
	dma_fence_put(&container_of(f, struct twins, second)->first);
}

static const struct dma_fence_ops second_ops = {
	.get_driver_name = twin_name,
	.get_timeline_name = twin_name,
	.release = second_release,
};

static void release_op_may_leave_the_memory_to_another_fence(void **state)
{
	struct twins *t = kzalloc_obj(*t);
	bool gone = false;

	spin_lock_init(&t->lock);
	t->gone = &gone;
	dma_fence_init(&t->first, &first_ops, &t->lock, 1, 1);
	dma_fence_init(&t->second, &second_ops, &t->lock, 2, 1);
	dma_fence_get(&t->first);
	dma_fence_signal(&t->first);
	dma_fence_put(&t->second);
	assert_int_equal(mock_refs(&t->second), 0);
	rcu_barrier();
	assert_false(READ_ONCE(gone));
	assert_int_equal(dma_fence_get_status(&t->first), 1);
	dma_fence_put(&t->first);
	rcu_barrier();
	assert_true(READ_ONCE(gone));
}

/* A reader that found a released fence can still read its constant fields. */
static void memory_stays_for_readers(void **state)
{
	struct dma_fence *f = &mock_new(&mock_names_ops, 3, 4)->base;

	rcu_read_lock();
	dma_fence_put(f);
	assert_null(dma_fence_get_rcu(f));
	assert_int_equal(f->context, 3);
	assert_int_equal(f->seqno, 4);
#if CORE_HAS(dma_fence_was_initialized)
	assert_true(dma_fence_was_initialized(f));
#endif
	rcu_read_unlock();
}

/*
 * A region with interrupts disabled is a read-side section too, so that the
 * holder of the lock can still unlock it.
 */
static void memory_stays_while_the_lock_is_held(void **state)
{
	struct dma_fence *f = &mock_new(&mock_names_ops, 3, 4)->base;
	struct dma_fence *g = &mock_new(&mock_names_ops, 3, 5)->base;
	unsigned long flags;

	dma_fence_lock_irqsave(g, flags);
	dma_fence_put(f);
	assert_int_equal(f->seqno, 4);
	dma_fence_unlock_irqrestore(g, flags);
	dma_fence_put(g);
}

static void free_gives_back_memory_that_was_never_a_fence(void **state)
{
	struct dma_fence *f = kzalloc_obj(*f);

	/* Leak checkers show whether the memory is freed. */
	dma_fence_free(f);
	rcu_barrier();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(pending_callbacks_are_run_in_order_with_edeadlk),
		MOCK_TEST(pending_callbacks_without_a_release_op),
		MOCK_TEST(removed_callbacks_are_not_pending),
		MOCK_TEST(signalled_fence_is_not_taken_for_one_with_callbacks),
		MOCK_TEST(error_set_before_is_overwritten),
		MOCK_TEST(release_op_is_called_once_under_rcu),
		MOCK_TEST(unsignalled_fence_is_released_as_it_is),
		MOCK_TEST(release_op_may_leave_the_memory_to_another_fence),
		MOCK_TEST(memory_stays_for_readers),
		MOCK_TEST(memory_stays_while_the_lock_is_held),
		MOCK_TEST(free_gives_back_memory_that_was_never_a_fence),
	};

	return TEST_MAIN("dma-fence-release", tests);
}
