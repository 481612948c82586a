// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "mock.h"
#include <linux/sched/signal.h>
#include <stdlib.h>

atomic_t mock_calls[MOCK_NR_OPS];
unsigned int mock_context[MOCK_NR_OPS];
atomic_t mock_live;
static atomic_t nr_callbacks;

static unsigned int context_of(struct dma_fence *fence)
{
	return (test_lock_held(dma_fence_spinlock(fence)) ? MOCK_LOCKED : 0) |
	       (irqs_disabled() ? MOCK_IRQS_OFF : 0) |
	       (test_rcu_depth() ? MOCK_RCU : 0);
}

static void called(struct dma_fence *fence, enum mock_op op)
{
	WRITE_ONCE(mock_context[op], context_of(fence));
	atomic_inc(&mock_calls[op]);
}

static const char *driver_name(struct dma_fence *fence)
{
	called(fence, MOCK_NAME);
	return MOCK_DRIVER;
}

static const char *timeline_name(struct dma_fence *fence)
{
	called(fence, MOCK_NAME);
	return MOCK_TIMELINE;
}

static bool enable_signaling(struct dma_fence *fence)
{
	struct mock_fence *mock = to_mock(fence);

	called(fence, MOCK_ENABLE);
	if (mock->enable_error)
		dma_fence_set_error(fence, mock->enable_error);
	return !mock->enable_fails;
}

static bool signaled(struct dma_fence *fence)
{
	struct mock_fence *mock = to_mock(fence);

	called(fence, MOCK_SIGNALED);
	mock->polls++;
	if (!mock->done_at_poll || mock->polls < mock->done_at_poll)
		return false;
	if (mock->poll_error)
		dma_fence_set_error(fence, mock->poll_error);
	return true;
}

static signed long wait(struct dma_fence *fence, bool intr, signed long timeout)
{
	struct mock_fence *mock = to_mock(fence);

	called(fence, MOCK_WAIT);
	mock->wait_intr = intr;
	mock->wait_timeout = timeout;
	mock->wait_refs = mock_refs(fence);
	return mock->wait_result;
}

static void release(struct dma_fence *fence)
{
	called(fence, MOCK_RELEASE);
	atomic_dec(&mock_live);
	if (!to_mock(fence)->keep)
		dma_fence_free(fence);
}

#if CORE_HAS(dma_fence_set_deadline)
static void set_deadline(struct dma_fence *fence, ktime_t deadline)
{
	called(fence, MOCK_DEADLINE);
	to_mock(fence)->deadline = deadline;
}
#endif

#define NAMES .get_driver_name = driver_name, .get_timeline_name = timeline_name
DEFINE_SPINLOCK(mock_lock);

const struct dma_fence_ops mock_ops = { NAMES, .release = release };
const struct dma_fence_ops mock_names_ops = { NAMES };
const struct dma_fence_ops mock_enable_ops = {
	NAMES, .enable_signaling = enable_signaling
};
const struct dma_fence_ops mock_signaled_ops = { NAMES, .signaled = signaled };
const struct dma_fence_ops mock_deadline_ops = {
	NAMES,
#if CORE_HAS(dma_fence_set_deadline)
	.set_deadline = set_deadline,
#endif
};
const struct dma_fence_ops mock_wait_ops = { NAMES, .wait = wait };
const struct dma_fence_ops mock_full_ops = {
	NAMES,
	.enable_signaling = enable_signaling,
	.signaled = signaled,
	.release = release,
#if CORE_HAS(dma_fence_set_deadline)
	.set_deadline = set_deadline,
#endif
};

struct mock_fence *mock_new(const struct dma_fence_ops *ops, u64 context,
			    u64 seqno)
{
	struct mock_fence *mock = kzalloc_obj(*mock);

	assert_non_null(mock);
	spin_lock_init(&mock->lock);
	dma_fence_init(&mock->base, ops, MOCK_LOCK(&mock->lock), context, seqno);
	if (ops->release)
		atomic_inc(&mock_live);
	return mock;
}

struct dma_fence *mock_fence_at(u64 context, u64 seqno)
{
	return &mock_new(&mock_full_ops, context, seqno)->base;
}

struct dma_fence *mock_fence(void)
{
	return mock_fence_at(dma_fence_context_alloc(1), 1);
}

struct dma_fence *mock_array(int nr, struct dma_fence **fences)
{
	struct dma_fence **table = kmalloc_objs(*table, nr);
	struct dma_fence_array *array;
	int i;

	for (i = 0; i < nr; i++)
		table[i] = dma_fence_get(fences[i]);
	array = dma_fence_array_create(nr, table, dma_fence_context_alloc(1),
				       1);
	assert_non_null(array);
	return &array->base;
}

struct dma_fence *mock_link(struct dma_fence *prev, struct dma_fence *fence,
			    u64 seqno)
{
	struct dma_fence_chain *chain = dma_fence_chain_alloc();

	assert_non_null(chain);
	dma_fence_chain_init(chain, dma_fence_get(prev), dma_fence_get(fence),
			     seqno);
	return &chain->base;
}

bool mock_flag(struct dma_fence *fence, enum dma_fence_flag_bits bit)
{
	return test_bit(bit, &fence->flags);
}

/* The caller holds the lock. */
static unsigned int count_queued(struct dma_fence *fence)
{
	struct list_head *pos;
	unsigned int n = 0;

	if (!dma_fence_test_signaled_flag(fence))
		list_for_each(pos, &fence->cb_list)
			n++;
	return n;
}

unsigned int mock_queued(struct dma_fence *fence)
{
	unsigned long flags;
	unsigned int n;

	dma_fence_lock_irqsave(fence, flags);
	n = count_queued(fence);
	dma_fence_unlock_irqrestore(fence, flags);
	return n;
}

unsigned long mock_lock_when_queued(struct dma_fence *fence)
{
	unsigned long flags;

	for (;;) {
		dma_fence_lock_irqsave(fence, flags);
		if (count_queued(fence))
			return flags;
		dma_fence_unlock_irqrestore(fence, flags);
		usleep_range(100, 200);
	}
}

void mock_unlock(struct dma_fence *fence, unsigned long flags)
{
	dma_fence_unlock_irqrestore(fence, flags);
}

void mock_cb_func(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct mock_cb *mock = container_of(cb, struct mock_cb, base);

	mock->ran++;
	mock->order = atomic_inc_return(&nr_callbacks);
	mock->context = context_of(fence);
	mock->signaled = mock_flag(fence, DMA_FENCE_FLAG_SIGNALED_BIT);
	mock->timestamp_set = mock_flag(fence, DMA_FENCE_FLAG_TIMESTAMP_BIT);
	mock->self_linked = list_empty(&cb->node);
	mock->timestamp = fence->timestamp;
	mock->error = fence->error;
}

int mock_add(struct dma_fence *fence, struct mock_cb *cb)
{
	memset(cb, 0, sizeof(*cb));
	return dma_fence_add_callback(fence, &cb->base, mock_cb_func);
}

struct mock_thread {
	int (*fn)(void *data);
	void *data;
	/* Set when the thread gets the signals that tests send. */
	int *ready;
};

static int mock_thread(void *data)
{
	struct mock_thread thread = *(struct mock_thread *)data;

	free(data);
	/* A kthread ignores signals that it does not allow. */
	allow_signal(SIGUSR1);
	__atomic_store_n(thread.ready, 1, __ATOMIC_RELEASE);
	return thread.fn(thread.data);
}

struct task_struct *mock_run(int (*fn)(void *data), void *data)
{
	struct mock_thread *thread = malloc(sizeof(*thread));
	struct task_struct *k;
	int ready = 0;

	*thread = (struct mock_thread){ fn, data, &ready };
	k = kthread_create(mock_thread, thread, "mock");
	assert_false(IS_ERR(k));
	get_task_struct(k);
	wake_up_process(k);
	while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
		yield_to(k, false);
	return k;
}

int mock_join(struct task_struct *k)
{
	int ret = test_join(k);

	put_task_struct(k);
	return ret;
}

int mock_setup(void **state)
{
	int i;

	for (i = 0; i < MOCK_NR_OPS; i++) {
		atomic_set(&mock_calls[i], 0);
		mock_context[i] = 0;
	}
	atomic_set(&mock_live, 0);
	atomic_set(&nr_callbacks, 0);
	return test_setup(state);
}

int mock_teardown(void **state)
{
	int ret = test_teardown(state), ms;

	/*
	 * The thread that has signalled a fence may drop its reference a little
	 * later than a waiter returns: that of the watches, or of irq_work.
	 */
	for (ms = 0; atomic_read(&mock_live) && ms < 3000; ms++)
		msleep(1);
	if (atomic_read(&mock_live)) {
		print_error("%d fences were not released\n",
			    atomic_read(&mock_live));
		ret = -1;
	}
	if (test_irqs_off() || test_rcu_depth() || test_preempt_depth()) {
		print_error("unbalanced: irq %u, rcu %u, preempt %u\n",
			    test_irqs_off(), test_rcu_depth(),
			    test_preempt_depth());
		ret = -1;
	}
	/* Run all deferred frees, so that errors show in this test. */
	rcu_barrier();
	return ret;
}
