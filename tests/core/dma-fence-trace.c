// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Trace events: which events there are, their order, and the state of the fence
 * at each event. Compiled together with the core; see meson.build.
 */
#include "mock.h"
#include "trace-recorder.h"

#define MAX_EVENTS	32

static struct {
	const char *name;
	struct dma_fence *fence;
	/* The names that the event's class records. */
	const char *driver, *timeline;
	unsigned long flags;
	unsigned int refs, callbacks_ran;
	unsigned int enable_calls, wait_calls;
	bool rcu;
} events[MAX_EVENTS];
static unsigned int nr;
/* The fence whose events are recorded. */
static struct dma_fence *watched;
static struct mock_cb cb;

/* True for events whose class calls the ops, which must be there then. */
static bool asks_ops(const char *name)
{
	return !strcmp(name, "dma_fence_init") ||
	       !strcmp(name, "dma_fence_enable_signal") ||
	       !strcmp(name, "dma_fence_signaled");
}

void trace_record(const char *name, struct dma_fence *fence)
{
	const struct dma_fence_ops *ops;

	if (fence != watched || nr == MAX_EVENTS)
		return;
	events[nr].name = name;
	events[nr].fence = fence;
	events[nr].rcu = lfshim_rcu_depth();
	rcu_read_lock();
	if (asks_ops(name)) {
		ops = rcu_dereference(fence->ops);
		events[nr].driver = ops->get_driver_name(fence);
		events[nr].timeline = ops->get_timeline_name(fence);
	} else {
		events[nr].driver = dma_fence_driver_name(fence);
		events[nr].timeline = dma_fence_timeline_name(fence);
	}
	rcu_read_unlock();
	events[nr].flags = READ_ONCE(fence->flags);
	events[nr].refs = mock_refs(fence);
	events[nr].callbacks_ran = cb.ran;
	events[nr].enable_calls = mock_called(MOCK_ENABLE);
	events[nr].wait_calls = mock_called(MOCK_WAIT);
	nr++;
}

/* Allocate a fence, and record its events from its initialisation on. */
static struct dma_fence *watch(const struct dma_fence_ops *ops)
{
	struct mock_fence *mock = kzalloc_obj(*mock);

	nr = 0;
	memset(&cb, 0, sizeof(cb));
	watched = &mock->base;
	dma_fence_init(watched, ops, NULL, 3, 4);
	if (ops->release)
		atomic_inc(&mock_live);
	return watched;
}

static void assert_events(const char *first, ...)
{
	unsigned int i = 0;
	const char *name;
	va_list args;

	va_start(args, first);
	for (name = first; name; name = va_arg(args, const char *), i++) {
		assert_true(i < nr);
		assert_string_equal(events[i].name, name);
		assert_ptr_equal(events[i].fence, watched);
	}
	va_end(args);
	assert_int_equal(nr, i);
}

static bool had(unsigned int event, enum dma_fence_flag_bits bit)
{
	return events[event].flags & BIT(bit);
}

static void whole_life_with_a_callback_and_a_wait(void **state)
{
	struct dma_fence *f = watch(&mock_full_ops);

	assert_int_equal(dma_fence_add_callback(f, &cb.base, mock_cb_func), 0);
	dma_fence_signal(f);
	assert_int_equal(dma_fence_wait_timeout(f, false, 1), 1);
	dma_fence_put(f);
	assert_events("dma_fence_init", "dma_fence_enable_signal",
		      "dma_fence_signaled", "dma_fence_wait_start",
		      "dma_fence_wait_end", "dma_fence_destroy", NULL);
}

static void init_is_traced_when_the_fence_can_be_used(void **state)
{
	struct dma_fence *f = watch(&mock_full_ops);

	assert_events("dma_fence_init", NULL);
	assert_int_equal(events[0].refs, 1);
	assert_true(had(0, DMA_FENCE_FLAG_INITIALIZED_BIT));
	assert_string_equal(events[0].driver, MOCK_DRIVER);
	assert_string_equal(events[0].timeline, MOCK_TIMELINE);
	dma_fence_put(f);
}

static void enable_is_traced_before_the_op_and_only_with_one(void **state)
{
	struct dma_fence *f = watch(&mock_full_ops);

	dma_fence_enable_signaling(f);
	dma_fence_enable_signaling(f);
	assert_events("dma_fence_init", "dma_fence_enable_signal", NULL);
	assert_int_equal(events[1].enable_calls, 0);
	assert_true(had(1, DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT));
	assert_true(events[1].rcu);
	dma_fence_put(f);

	f = watch(&mock_names_ops);
	dma_fence_enable_signaling(f);
	assert_events("dma_fence_init", NULL);
	dma_fence_put(f);
}

static void enable_that_fails_is_traced_before_the_signal(void **state)
{
	struct dma_fence *f = watch(&mock_full_ops);

	to_mock(f)->enable_fails = true;
	dma_fence_enable_signaling(f);
	assert_events("dma_fence_init", "dma_fence_enable_signal",
		      "dma_fence_signaled", NULL);
	assert_int_equal(events[2].enable_calls, 1);
	dma_fence_put(f);
}

/*
 * The event comes after the signalled flag is set, and before the timestamp is
 * set, the ops are cleared and the callbacks run.
 */
static void signal_is_traced_between_the_flag_and_the_rest(void **state)
{
	struct dma_fence *f = watch(&mock_names_ops);

	assert_int_equal(dma_fence_add_callback(f, &cb.base, mock_cb_func), 0);
	dma_fence_signal(f);
	assert_null(f->ops);
	assert_int_equal(cb.ran, 1);
	/* A second signal makes no event. */
	dma_fence_signal(f);
	assert_events("dma_fence_init", "dma_fence_signaled", NULL);
	assert_true(had(1, DMA_FENCE_FLAG_SIGNALED_BIT));
	assert_false(had(1, DMA_FENCE_FLAG_TIMESTAMP_BIT));
	assert_int_equal(events[1].callbacks_ran, 0);
	/* The names come from the ops. The helpers have no names now. */
	assert_string_equal(events[1].driver, MOCK_DRIVER);
	assert_string_equal(events[1].timeline, MOCK_TIMELINE);
	dma_fence_put(f);
}

static void polling_traces_the_signal(void **state)
{
	struct dma_fence *f = watch(&mock_full_ops);

	assert_false(dma_fence_is_signaled(f));
	assert_events("dma_fence_init", NULL);
	mock_done_at(f, 1);
	assert_true(dma_fence_is_signaled(f));
	assert_events("dma_fence_init", "dma_fence_signaled", NULL);
	dma_fence_put(f);
}

static void wait_is_traced_after_enabling_and_under_rcu(void **state)
{
	struct dma_fence *f = watch(&mock_full_ops);

	assert_int_equal(dma_fence_wait_timeout(f, false, 0), 0);
	assert_events("dma_fence_init", "dma_fence_enable_signal",
		      "dma_fence_wait_start", "dma_fence_wait_end", NULL);
	assert_int_equal(events[2].enable_calls, 1);
	assert_true(events[2].rcu);
	assert_string_equal(events[2].driver, MOCK_DRIVER);
	assert_true(events[3].rcu);
	dma_fence_put(f);
}

static void wait_op_is_called_between_the_events(void **state)
{
	struct dma_fence *f = watch(&mock_wait_ops);

	dma_fence_signal(f);
	assert_int_equal(dma_fence_wait_timeout(f, false, 5), 0);
	assert_events("dma_fence_init", "dma_fence_signaled",
		      "dma_fence_wait_start", "dma_fence_wait_end", NULL);
	assert_int_equal(events[2].wait_calls, 0);
	assert_int_equal(events[3].wait_calls, 1);
	assert_string_equal(events[2].driver, "detached-driver");
	assert_string_equal(events[3].timeline, "signaled-timeline");
	/* The op itself may sleep. */
	assert_int_equal(mock_context[MOCK_WAIT], 0);
	dma_fence_put(f);
}

static void refused_and_other_waits_are_not_traced(void **state)
{
	struct dma_fence *f = watch(&mock_names_ops);

	assert_warns(1, dma_fence_wait_timeout(f, false, -1));
	assert_int_equal(dma_fence_default_wait(f, false, 0), 0);
	assert_int_equal(dma_fence_wait_any_timeout(&f, 1, false, 1, NULL), 0);
	assert_events("dma_fence_init", NULL);
	dma_fence_put(f);
}

static void destroy_is_traced_first_under_rcu_without_references(void **state)
{
	struct dma_fence *f = watch(&mock_names_ops);

	dma_fence_put(f);
	assert_events("dma_fence_init", "dma_fence_destroy", NULL);
	assert_int_equal(events[1].refs, 0);
	assert_true(events[1].rcu);
	assert_string_equal(events[1].driver, MOCK_DRIVER);
}

static void destroy_is_traced_before_a_forced_signal(void **state)
{
	struct dma_fence *f = watch(&mock_names_ops);

	assert_int_equal(dma_fence_add_callback(f, &cb.base, mock_cb_func), 0);
	assert_warns(1, dma_fence_put(f));
	assert_events("dma_fence_init", "dma_fence_destroy",
		      "dma_fence_signaled", NULL);
	assert_int_equal(events[1].callbacks_ran, 0);
	assert_int_equal(cb.ran, 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(whole_life_with_a_callback_and_a_wait),
		MOCK_TEST(init_is_traced_when_the_fence_can_be_used),
		MOCK_TEST(enable_is_traced_before_the_op_and_only_with_one),
		MOCK_TEST(enable_that_fails_is_traced_before_the_signal),
		MOCK_TEST(signal_is_traced_between_the_flag_and_the_rest),
		MOCK_TEST(polling_traces_the_signal),
		MOCK_TEST(wait_is_traced_after_enabling_and_under_rcu),
		MOCK_TEST(wait_op_is_called_between_the_events),
		MOCK_TEST(refused_and_other_waits_are_not_traced),
		MOCK_TEST(destroy_is_traced_first_under_rcu_without_references),
		MOCK_TEST(destroy_is_traced_before_a_forced_signal),
	};

	return TEST_MAIN("dma-fence-trace", tests);
}
