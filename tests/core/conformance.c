// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Conformance vectors for fences: each test states one behaviour of the kernel.
 * Arrays, chains and merging are in conformance-containers.c, reservation
 * objects in conformance-resv.c.
 */
#include "mock.h"

#include <linux/seq_file.h>

static void x01_init_on_garbage(void **state)
{
	struct dma_fence *f = kmalloc_obj(*f);

	memset(f, 0xa5, sizeof(*f));
	dma_fence_init(f, &mock_names_ops, MOCK_LOCK(&mock_lock), 7, 9);
	if (CORE_HAS(inline_lock))
		assert_int_equal(f->flags, 0x3);
	assert_int_equal(mock_refs(f), 1);
	assert_int_equal(f->error, 0);
	dma_fence_put(f);
}

static void x02_signal_a_names_only_fence(void **state)
{
	struct dma_fence *f = &mock_new(&mock_names_ops, 7, 9)->base;
	struct seq_file m;

	dma_fence_signal_timestamp(f, 1234);
	assert_int_equal(f->timestamp, 1234);
	if (mock_ops_stay() && mock_names_stay()) {
		dma_fence_put(f);
		return;
	}
	assert_null(f->ops);
	rcu_read_lock();
	assert_string_equal(dma_fence_driver_name(f), "detached-driver");
	assert_string_equal(dma_fence_timeline_name(f), "signaled-timeline");
	rcu_read_unlock();
	lfshim_seq_open(&m);
	dma_fence_describe(f, &m);
	assert_string_equal(lfshim_seq_text(&m), "7:9   signalled\n");
	lfshim_seq_release(&m);
	dma_fence_put(f);
}

static void x03_inside_a_callback(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb cb;

	assert_int_equal(mock_add(f, &cb), 0);
	dma_fence_signal(f);
	assert_true(cb.context & MOCK_LOCKED);
	assert_true(cb.timestamp_set);
	assert_true(cb.self_linked);
	dma_fence_put(f);
}

static void x04_callbacks_run_in_registration_order(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb a, b;

	assert_int_equal(mock_add(f, &a), 0);
	assert_int_equal(mock_add(f, &b), 0);
	dma_fence_signal(f);
	assert_int_equal(a.order, 1);
	assert_int_equal(b.order, 2);
	dma_fence_put(f);
}

static void x05_add_after_signal(void **state)
{
	struct dma_fence *f = mock_fence();
	dma_fence_func_t before;
	struct dma_fence_cb cb;

	dma_fence_signal(f);
	memset(&cb, 0xa5, sizeof(cb));
	before = cb.func;
	assert_int_equal(dma_fence_add_callback(f, &cb, mock_cb_func), -ENOENT);
	assert_true(list_empty(&cb.node));
	assert_true(cb.func == before);
	dma_fence_put(f);
}

static void x06_remove_after_run(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb cb;

	assert_int_equal(mock_add(f, &cb), 0);
	dma_fence_signal(f);
	assert_int_equal(cb.ran, 1);
	assert_false(dma_fence_remove_callback(f, &cb.base));
	dma_fence_put(f);
}

static void x07_signal_a_fence_with_release(void **state)
{
	struct dma_fence *f = mock_fence();
	int deadlines = mock_no_deadlines() ? 0 : 1;

	dma_fence_set_deadline(f, 1);
	assert_int_equal(mock_called(MOCK_DEADLINE), deadlines);
	dma_fence_signal(f);
	assert_ptr_equal(f->ops, &mock_full_ops);
	rcu_read_lock();
	assert_string_equal(dma_fence_driver_name(f), mock_driver_then());
	assert_string_equal(dma_fence_timeline_name(f), mock_timeline_then());
	rcu_read_unlock();
	dma_fence_set_deadline(f, 2);
	assert_int_equal(mock_called(MOCK_DEADLINE), deadlines);
	dma_fence_put(f);
}

static void x08_enable_op_sets_an_error_and_fails(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb cb;

	to_mock(f)->enable_fails = true;
	to_mock(f)->enable_error = -EIO;
	assert_int_equal(mock_add(f, &cb), -ENOENT);
	assert_true(list_empty(&cb.base.node));
	assert_int_equal(dma_fence_get_status(f), -EIO);
	assert_int_equal(mock_add(f, &cb), -ENOENT);
	dma_fence_enable_signaling(f);
	assert_int_equal(mock_called(MOCK_ENABLE), 1);
	assert_int_equal(cb.ran, 0);
	dma_fence_put(f);
}

static void x09_enable_op_is_called_once(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb a, b;

	dma_fence_enable_signaling(f);
	assert_int_equal(mock_add(f, &a), 0);
	assert_int_equal(mock_add(f, &b), 0);
	dma_fence_enable_signaling(f);
	assert_int_equal(mock_called(MOCK_ENABLE), 1);
	dma_fence_signal(f);
	dma_fence_put(f);
}

static void x10_set_error_after_signal(void **state)
{
	struct dma_fence *f = mock_fence();

	dma_fence_signal(f);
	assert_warns(1, dma_fence_set_error(f, -EIO));
	assert_int_equal(f->error, -EIO);
	assert_warns(2, dma_fence_set_error(f, 5));
	assert_int_equal(f->error, 5);
	dma_fence_put(f);
}

static void x11_null_fence(void **state)
{
	struct dma_fence_cb cb;

	assert_warns(CORE_BEFORE(702, "signalling NULL returns an error without a warning") ? 0 : 1,
		     dma_fence_signal(NULL));
	assert_warns(1, assert_int_equal(
		dma_fence_add_callback(NULL, &cb, mock_cb_func), -EINVAL));
}

/* The data of a helper thread that acts on the fence and on its waiter. */
struct helper {
	struct dma_fence *fence;
	struct task_struct *waiter;
	atomic_t wakeups;
};

static struct task_struct *start(int (*fn)(void *), struct helper *h)
{
	h->waiter = current;
	return mock_run(fn, h);
}

static int signal_after_five_jiffies(void *data)
{
	struct helper *h = data;
	unsigned long flags, asleep_at;

	/* Once the waiter sleeps, its timeout is running. */
	while (!test_asleep(h->waiter))
		usleep_range(100, 200);
	asleep_at = jiffies;
	while (time_before(jiffies, asleep_at + 5))
		usleep_range(100, 200);
	dma_fence_lock_irqsave(h->fence, flags);
	dma_fence_signal_locked(h->fence);
	dma_fence_unlock_irqrestore(h->fence, flags);
	return 0;
}

static void x12_wait_returns_what_is_left(void **state)
{
	struct dma_fence *f = mock_fence();
	struct helper h = { .fence = f };
	unsigned long before = jiffies;
	struct task_struct *k = start(signal_after_five_jiffies, &h);
	signed long left;

	left = dma_fence_wait_timeout(f, false, 100 * HZ);
	assert_between(left, 100 * HZ - (jiffies - before), 100 * HZ - 5);
	assert_int_equal(mock_join(k), 0);

	assert_int_equal(dma_fence_wait_timeout(f, false, 10), 10);
	assert_int_equal(dma_fence_wait_timeout(f, true, 10), 10);
	assert_int_equal(dma_fence_wait_timeout(f, false, 0), 1);
	assert_int_equal(dma_fence_wait_timeout(f, true, LONG_MAX), LONG_MAX);
	dma_fence_put(f);
}

static void x13_wait_0_unsignalled(void **state)
{
	struct dma_fence *f = mock_fence();

	assert_int_equal(dma_fence_wait_timeout(f, true, 0), 0);
	assert_int_equal(dma_fence_wait_timeout(f, false, 0), 0);
	send_sig(SIGUSR1, current, 1);
	assert_int_equal(dma_fence_wait_timeout(f, true, 0), -ERESTARTSYS);
	assert_int_equal(dma_fence_wait_timeout(f, false, 0), 0);
	/* A signalled fence takes precedence over a pending signal. */
	dma_fence_signal(f);
	assert_int_equal(dma_fence_wait_timeout(f, true, 0), 1);
	assert_int_equal(dma_fence_wait_timeout(f, true, 7), 7);
	flush_signals(current);
	dma_fence_put(f);
}

/* A timeout that gives the helper enough time to find the waiter asleep. */
static long a_while(void)
{
	return HZ / 5 * test_slowness();
}

/*
 * Nothing wakes the waiter, so it runs again only when its timeout has expired.
 * It cannot return then, because it needs the lock, which this thread holds.
 */
static int signal_when_time_is_up(void *data)
{
	struct helper *h = data;
	unsigned long flags;

	while (READ_ONCE(h->waiter->__state) == TASK_RUNNING)
		usleep_range(100, 200);
	flags = mock_lock_when_queued(h->fence);
	/* Pairs with the full barrier at the end of the sleep. */
	while (smp_load_acquire(&h->waiter->__state) != TASK_RUNNING)
		cpu_relax();
	dma_fence_signal_locked(h->fence);
	mock_unlock(h->fence, flags);
	return 0;
}

static void x14_time_is_up_when_the_fence_is_signalled(void **state)
{
	struct dma_fence *f;
	struct helper h = {};
	struct task_struct *k;

	test_not_in_a_kernel("a timer of the helper's CPU would have to run while it has interrupts disabled");
	f = h.fence = mock_fence();
	k = start(signal_when_time_is_up, &h);
	assert_int_equal(dma_fence_wait_timeout(f, false, a_while()), 0);
	assert_true(dma_fence_test_signaled_flag(f));
	assert_int_equal(mock_join(k), 0);
	dma_fence_put(f);
}

static int signal_both(void *data)
{
	struct helper *h = data;
	unsigned long flags = mock_lock_when_queued(h->fence);

	send_sig(SIGUSR1, h->waiter, 1);
	dma_fence_signal_locked(h->fence);
	mock_unlock(h->fence, flags);
	return 0;
}

static void x15_fence_and_signal_arrive_together(void **state)
{
	struct dma_fence *f = mock_fence();
	struct helper h = { .fence = f };
	struct task_struct *k = start(signal_both, &h);

	assert_int_equal(dma_fence_wait_timeout(f, true, 100 * HZ),
			 -ERESTARTSYS);
	assert_true(dma_fence_test_signaled_flag(f));
	assert_int_equal(mock_join(k), 0);
	flush_signals(current);
	dma_fence_put(f);
}

static int keep_waking(void *data)
{
	struct helper *h = data;

	while (!kthread_should_stop()) {
		atomic_add(wake_up_process(h->waiter), &h->wakeups);
		usleep_range(100, 200);
	}
	return 0;
}

static void x16_spurious_wakeups_only(void **state)
{
	struct dma_fence *f = mock_fence();
	struct helper h = { .fence = f };
	struct task_struct *k;
	unsigned long start_at;

	k = start(keep_waking, &h);
	start_at = jiffies;
	assert_int_equal(dma_fence_wait_timeout(f, false, HZ / 20), 0);
	assert_between(atomic_read(&h.wakeups), 1, INT_MAX);
	assert_true(jiffies - start_at >= HZ / 20);
	assert_int_equal(mock_queued(f), 0);
	assert_int_equal(kthread_stop_put(k), 0);
	dma_fence_put(f);
}

static void x17_negative_timeout(void **state)
{
	struct dma_fence *f = mock_fence();

	assert_warns(1, assert_int_equal(
		dma_fence_wait_timeout(f, false, -1), -EINVAL));
	assert_warns(1, assert_int_equal(
		dma_fence_wait_timeout(f, true, LONG_MIN), -EINVAL));
	assert_int_equal(mock_called(MOCK_ENABLE), 0);
	dma_fence_put(f);
}

static void x18_wait_any_with_one_signalled(void **state)
{
	struct dma_fence *f = mock_fence(), *stub = dma_fence_get_stub();
	struct dma_fence *both[] = { f, stub };
	u32 idx = 99;

	assert_int_equal(dma_fence_wait_any_timeout(both, 2, false, 0, &idx),
			 1);
	assert_int_equal(idx, 1);
	idx = 99;
	assert_int_equal(dma_fence_wait_any_timeout(both, 2, false, 50, &idx),
			 50);
	assert_int_equal(idx, 1);
	assert_int_equal(mock_queued(f), 0);
	dma_fence_put(f);
	dma_fence_put(stub);
}

static void x19_wait_any_that_fails(void **state)
{
	struct dma_fence *f = mock_fence();
	struct helper h = { .fence = f };
	struct task_struct *k;
	u32 idx = 99;

	assert_warns(1, assert_int_equal(
		dma_fence_wait_any_timeout(&f, 0, false, 1, &idx), -EINVAL));
	libfence_fail_nth(1);
	assert_int_equal(dma_fence_wait_any_timeout(&f, 1, false, 1, &idx),
			 -ENOMEM);
	assert_true(mock_alloc_failed());
	assert_int_equal(dma_fence_wait_any_timeout(&f, 1, false, 2, &idx), 0);
	assert_int_equal(mock_queued(f), 0);
	if (!TEST_IRQS_STOP_TIMERS) {
		k = start(signal_when_time_is_up, &h);
		assert_int_equal(dma_fence_wait_any_timeout(&f, 1, false,
							    a_while(), &idx), 0);
		assert_true(dma_fence_test_signaled_flag(f));
		assert_int_equal(mock_join(k), 0);
	}
	assert_int_equal(idx, 99);
	dma_fence_put(f);
}

static void x20_fence_with_only_a_signaled_op(void **state)
{
	struct dma_fence *f = &mock_new(&mock_signaled_ops, 1, 1)->base;
	struct mock_cb cb;

	mock_done_at(f, 1);
	assert_int_equal(mock_add(f, &cb), 0);
	assert_int_equal(mock_called(MOCK_SIGNALED), 0);
	assert_true(dma_fence_is_signaled(f));
	assert_int_equal(cb.ran, 1);
	dma_fence_put(f);
}

static void x21_last_put(void **state)
{
	struct mock_fence *m = mock_new(&mock_ops, 7, 9);
	struct mock_cb cb;

	assert_int_equal(mock_add(&m->base, &cb), 0);
	assert_warns_like("Fence " MOCK_DRIVER ":" MOCK_TIMELINE
			  ":7:9 released with pending signals!",
			  dma_fence_put(&m->base));
	assert_int_equal(cb.ran, 1);

	m = mock_new(&mock_ops, 7, 9);
	m->keep = true;
	dma_fence_put(&m->base);
	assert_false(dma_fence_test_signaled_flag(&m->base));
	kfree(m);
}

static void x22_private_stub(void **state)
{
	struct dma_fence *f = dma_fence_allocate_private_stub(4242);

	assert_int_equal(f->context, 0);
	assert_int_equal(f->seqno, 0);
	assert_int_equal(f->timestamp, 4242);
	if (!mock_ops_stay())
		assert_null(f->ops);
	dma_fence_put(f);
}

static void x23_seqnos_of_32_bits(void **state)
{
	struct dma_fence *a = mock_fence_at(1, 0x100000001);
	struct dma_fence *b = mock_fence_at(1, 0xffffffff);
	struct dma_fence *c = mock_fence_at(1, 0xffffffff);

	assert_true(dma_fence_is_later(a, b));
	assert_false(dma_fence_is_later(b, a));
	assert_false(dma_fence_is_later_or_same(b, c));
	dma_fence_put(a);
	dma_fence_put(b);
	dma_fence_put(c);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(x01_init_on_garbage),
		MOCK_TEST(x02_signal_a_names_only_fence),
		MOCK_TEST(x03_inside_a_callback),
		MOCK_TEST(x04_callbacks_run_in_registration_order),
		MOCK_TEST(x05_add_after_signal),
		MOCK_TEST(x06_remove_after_run),
		MOCK_TEST(x07_signal_a_fence_with_release),
		MOCK_TEST(x08_enable_op_sets_an_error_and_fails),
		MOCK_TEST(x09_enable_op_is_called_once),
		MOCK_TEST(x10_set_error_after_signal),
		MOCK_TEST(x11_null_fence),
		MOCK_TEST(x12_wait_returns_what_is_left),
		MOCK_TEST(x13_wait_0_unsignalled),
		MOCK_TEST(x14_time_is_up_when_the_fence_is_signalled),
		MOCK_TEST(x15_fence_and_signal_arrive_together),
		MOCK_TEST(x16_spurious_wakeups_only),
		MOCK_TEST(x17_negative_timeout),
		MOCK_TEST(x18_wait_any_with_one_signalled),
		MOCK_TEST(x19_wait_any_that_fails),
		MOCK_TEST(x20_fence_with_only_a_signaled_op),
		MOCK_TEST(x21_last_put),
		MOCK_TEST(x22_private_stub),
		MOCK_TEST(x23_seqnos_of_32_bits),
	};

	return TEST_MAIN("conformance", tests);
}
