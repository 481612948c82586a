// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Arrays. Their conformance vectors are x24 to x27 and x43. */
#include "mock.h"

static void names_and_kind(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_fence *array = mock_array_of(f);

	rcu_read_lock();
	assert_string_equal(dma_fence_driver_name(array), "dma_fence_array");
	assert_string_equal(dma_fence_timeline_name(array), "unbound");
	rcu_read_unlock();
	assert_true(dma_fence_is_array(array));
	assert_false(dma_fence_is_chain(array));
	assert_true(dma_fence_is_container(array));
	assert_ptr_equal(to_dma_fence_array(array), array);
	assert_null(to_dma_fence_array(f));
	assert_null(to_dma_fence_array(NULL));

	/* A signalled array is still an array, but has lost its names. */
	dma_fence_signal(f);
	assert_true(dma_fence_is_signaled(array));
	assert_true(dma_fence_is_array(array));
	rcu_read_lock();
	assert_string_equal(dma_fence_driver_name(array), mock_names_stay() ?
			    "dma_fence_array" : "detached-driver");
	rcu_read_unlock();
	dma_fence_put(array);
	dma_fence_put(f);
}

static void create_consumes_the_table_and_its_references(void **state)
{
	struct dma_fence **table = kmalloc_objs(*table, 2);
	struct dma_fence_array *array;

	table[0] = mock_fence();
	table[1] = mock_fence();
	array = dma_fence_array_create(2, table, 5, 6);
	assert_int_equal(array->base.context, 5);
	assert_int_equal(array->base.seqno, 6);
#if CORE_HAS(inline_lock)
	assert_int_equal(array->base.flags,
			 BIT(DMA_FENCE_FLAG_INITIALIZED_BIT) |
			 BIT(DMA_FENCE_FLAG_INLINE_LOCK_BIT));
#endif
	assert_int_equal(array->num_fences, 2);
	assert_ptr_equal(array->fences, table);
	assert_int_equal(mock_refs(table[0]), 1);
	assert_int_equal(mock_refs(&array->base), 1);
	/* The array may be freed while its fences are pending. */
	dma_fence_put(&array->base);
	assert_int_equal(mock_called(MOCK_RELEASE), 2);
}

static void create_without_memory_consumes_nothing(void **state)
{
	struct dma_fence *table[] = { mock_fence(), mock_fence() };

	libfence_fail_nth(1);
	assert_null(dma_fence_array_create(2, table, 1, 1));
	assert_true(mock_alloc_failed());
	assert_int_equal(mock_refs(table[0]), 1);
	assert_int_equal(mock_refs(table[1]), 1);
	dma_fence_put(table[0]);
	dma_fence_put(table[1]);
}

#if CORE_HAS(dma_fence_was_initialized)
static void alloc_makes_no_fence_yet(void **state)
{
	struct dma_fence_array *array;

	libfence_fail_nth(1);
	assert_null(dma_fence_array_alloc(3));
	assert_true(mock_alloc_failed());

	array = dma_fence_array_alloc(3);
	assert_false(dma_fence_was_initialized(&array->base));
	kfree(array);
}

static void init_uses_what_was_allocated(void **state)
{
	struct dma_fence_array *array = dma_fence_array_alloc(1);
	struct dma_fence **table = kmalloc_objs(*table, 1);
	struct dma_fence *f = mock_fence();

	table[0] = dma_fence_get(f);
	libfence_fail_nth(1);
	dma_fence_array_init(array, 1, table, 1, 1);
	assert_false(mock_alloc_failed());
	dma_fence_signal(f);
	assert_true(dma_fence_is_signaled(&array->base));
	dma_fence_put(&array->base);
	dma_fence_put(f);
}
#endif

static void without_fences_it_warns_and_is_never_signalled(void **state)
{
	struct dma_fence *array = NULL;

	assert_warns(1, array = &dma_fence_array_create(0, NULL, 1, 1)->base);
	assert_false(dma_fence_is_signaled(array));
	dma_fence_enable_signaling(array);
	assert_false(dma_fence_test_signaled_flag(array));
	assert_null(dma_fence_array_first(array));
	assert_null(dma_fence_array_next(array, 0));
	/* Without fences, all of them match. */
	assert_true(dma_fence_match_context(array, 1));
	dma_fence_put(array);
}

static void iteration_visits_each_fence_once_and_takes_no_reference(void **state)
{
	struct dma_fence *f[3] = { mock_fence(), mock_fence(), mock_fence() };
	struct dma_fence *array = mock_array(3, f), *iter;
	unsigned int i, n = 0;

	dma_fence_array_for_each(iter, i, array) {
		assert_int_equal(i, n);
		assert_ptr_equal(iter, f[n++]);
		assert_int_equal(mock_refs(iter), 2);
	}
	assert_int_equal(n, 3);
	assert_null(dma_fence_array_next(array, 3));
	assert_null(dma_fence_array_next(array, UINT_MAX));

	/* A plain fence is like an array of one, NULL like an empty array. */
	n = 0;
	dma_fence_array_for_each(iter, i, f[0]) {
		assert_ptr_equal(iter, f[0]);
		n++;
	}
	assert_int_equal(n, 1);
	assert_null(dma_fence_array_next(f[0], 0));
	dma_fence_array_for_each(iter, i, NULL)
		n++;
	assert_int_equal(n, 1);

	dma_fence_put(array);
	for (i = 0; i < 3; i++)
		dma_fence_put(f[i]);
}

static void match_context_asks_the_components(void **state)
{
	struct dma_fence *a = mock_fence_at(40, 1), *b = mock_fence_at(40, 2);
	struct dma_fence *c = mock_fence_at(41, 1);
	struct dma_fence *same = mock_array_of(a, b), *mixed;
	struct dma_fence *link = mock_link(NULL, a, 1);

	mixed = mock_array_of(a, c);
	assert_true(dma_fence_match_context(a, 40));
	assert_false(dma_fence_match_context(a, 41));
	assert_true(dma_fence_match_context(same, 40));
	assert_false(dma_fence_match_context(same, same->context));
	assert_false(dma_fence_match_context(mixed, 40));
	assert_false(dma_fence_match_context(mixed, 41));
	/* For a chain link, its own context counts, not that of its fence. */
	assert_true(dma_fence_match_context(link, link->context));
	assert_false(dma_fence_match_context(link, 40));
	dma_fence_put(link);
	dma_fence_put(mixed);
	dma_fence_put(same);
	dma_fence_put(a);
	dma_fence_put(b);
	dma_fence_put(c);
}

/* Signalling */

static void error_is_a_placeholder_until_signalled(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_fence *array = mock_array_of(f);

	assert_int_equal(array->error, 1);
	assert_int_equal(dma_fence_get_status(array), 0);
	dma_fence_enable_signaling(array);
	assert_int_equal(array->error, 1);
	dma_fence_signal(f);
	assert_int_equal(array->error, 0);
	assert_int_equal(dma_fence_get_status(array), 1);
	dma_fence_put(array);
	dma_fence_put(f);
}

static void not_enabled_it_asks_the_components(void **state)
{
	struct dma_fence *f = mock_fence(), *g = mock_fence();
	struct dma_fence *array = mock_array_of(f, g);

	mock_done_at(f, 1);
	assert_false(dma_fence_is_signaled(array));
	assert_true(dma_fence_test_signaled_flag(f));
	assert_int_equal(to_mock(g)->polls, 1);
	assert_int_equal(mock_called(MOCK_ENABLE), 0);
	mock_done_at(g, 1);
	assert_true(dma_fence_is_signaled(array));
	assert_int_equal(mock_refs(array), 1);
	dma_fence_put(array);
	dma_fence_put(f);
	dma_fence_put(g);
}

static void enabled_it_does_not_ask_them(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_fence *array = mock_array_of(f);

	dma_fence_enable_signaling(array);
	assert_int_equal(mock_called(MOCK_ENABLE), 1);
	mock_done_at(f, 1);
	assert_false(dma_fence_is_signaled(array));
	assert_int_equal(mock_called(MOCK_SIGNALED), 0);
	dma_fence_signal(f);
	dma_fence_put(array);
	dma_fence_put(f);
}

static void enabling_when_all_are_signalled_signals(void **state)
{
	struct dma_fence *f = mock_fence(), *g = mock_fence();
	struct dma_fence *array = mock_array_of(f, g);
	struct mock_cb cb;

	dma_fence_signal(f);
	dma_fence_set_error(g, -EIO);
	dma_fence_signal(g);
	assert_int_equal(mock_add(array, &cb), -ENOENT);
	assert_true(dma_fence_test_signaled_flag(array));
	/* With signalling enabled, the array keeps the error. */
	assert_int_equal(dma_fence_get_status(array), -EIO);
	assert_int_equal(mock_refs(array), 1);
	dma_fence_put(array);
	dma_fence_put(f);
	dma_fence_put(g);
}

static void enabling_when_some_are_signalled_waits_for_the_others(void **state)
{
	struct dma_fence *f = mock_fence(), *g = mock_fence();
	struct dma_fence *array = mock_array_of(f, g);
	struct mock_cb cb;

	dma_fence_set_error(f, -EIO);
	dma_fence_signal(f);
	assert_int_equal(mock_add(array, &cb), 0);
	assert_int_equal(mock_refs(array), 2);
	assert_false(dma_fence_is_signaled(array));
	dma_fence_set_error(g, -ENOMEM);
	dma_fence_signal(g);
	assert_int_equal(cb.ran, 1);
	assert_int_equal(cb.error, -EIO);
	/* The callback runs with the lock of the array held. */
	assert_true(cb.context & MOCK_LOCKED);
	dma_fence_put(array);
	dma_fence_put(f);
	dma_fence_put(g);
}

static void component_that_is_done_when_enabled_counts(void **state)
{
	struct dma_fence *f = mock_fence(), *g = mock_fence();
	struct dma_fence *array = mock_array_of(f, g);

	to_mock(f)->enable_fails = true;
	to_mock(g)->enable_fails = true;
	to_mock(g)->enable_error = -ENODATA;
	dma_fence_enable_signaling(array);
	assert_true(dma_fence_test_signaled_flag(array));
	assert_int_equal(dma_fence_get_status(array), -ENODATA);
	dma_fence_put(array);
	dma_fence_put(f);
	dma_fence_put(g);
}

static void one_fence_several_times_counts_as_often(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_fence *polled = mock_array_of(f, f, f);
	struct dma_fence *enabled = mock_array_of(f, f, f);

	dma_fence_enable_signaling(enabled);
	assert_int_equal(mock_refs(enabled), 4);
	assert_false(dma_fence_is_signaled(polled));
	dma_fence_signal(f);
	assert_true(dma_fence_test_signaled_flag(enabled));
	assert_true(dma_fence_is_signaled(polled));
	assert_int_equal(mock_refs(enabled), 1);
	dma_fence_put(polled);
	dma_fence_put(enabled);
	assert_int_equal(mock_refs(f), 1);
	dma_fence_put(f);
}

static void timestamp_is_when_the_array_was_signalled(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_fence *array = mock_array_of(f);
	ktime_t before = ktime_get();

	dma_fence_enable_signaling(array);
	dma_fence_signal_timestamp(f, 1);
	assert_between(dma_fence_timestamp(array), before, ktime_get());
	dma_fence_put(array);
	dma_fence_put(f);
}

static void enabled_array_outlives_its_owner(void **state)
{
	struct dma_fence *f = mock_fence(), *g = mock_fence();
	struct dma_fence *array = mock_array_of(f, g);
	struct mock_cb cb;

	assert_int_equal(mock_add(array, &cb), 0);
	dma_fence_put(array);
	dma_fence_signal(f);
	assert_int_equal(cb.ran, 0);
	dma_fence_signal(g);
	assert_int_equal(cb.ran, 1);
	/* The array is freed now, and has dropped its references. */
	assert_int_equal(mock_refs(f), 1);
	assert_int_equal(mock_refs(g), 1);
	dma_fence_put(f);
	dma_fence_put(g);
}

/*
 * The callback on the last component drops the last reference to the array.
 * The array is then freed and drops its references to the components.
 */
static void signalled_by_its_owner_it_goes_with_its_components(void **state)
{
	struct dma_fence *f = mock_fence(), *g = mock_fence();
	struct dma_fence *array = mock_array_of(f, g);

	dma_fence_enable_signaling(array);
	dma_fence_signal(array);
	dma_fence_put(array);
	dma_fence_signal(f);
	assert_int_equal(mock_refs(f), 2);
	dma_fence_signal(g);
	assert_int_equal(mock_refs(f), 1);
	assert_int_equal(mock_refs(g), 1);
	dma_fence_put(f);
	dma_fence_put(g);
}

static int signal_both(void *data)
{
	struct dma_fence **f = data;

	mock_unlock(f[0], mock_lock_when_queued(f[0]));
	dma_fence_signal(f[0]);
	dma_fence_signal(f[1]);
	return 0;
}

static void waiting_for_an_array_waits_for_all(void **state)
{
	struct dma_fence *f[2] = { mock_fence(), mock_fence() };
	struct dma_fence *array = mock_array(2, f);
	struct task_struct *k = mock_run(signal_both, f);

	assert_int_equal(dma_fence_wait(array, false), 0);
	assert_true(dma_fence_test_signaled_flag(f[0]));
	assert_true(dma_fence_test_signaled_flag(f[1]));
	/* The irq_work wakes this thread before it drops its reference. */
	assert_int_equal(mock_join(k), 0);
	assert_int_equal(mock_refs(array), 1);
	dma_fence_put(array);
	dma_fence_put(f[0]);
	dma_fence_put(f[1]);
}

static void chain_in_an_array_warns(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_fence *link = mock_link(NULL, f, 1), *array = NULL;

	assert_warns(1, array = mock_array_of(link, f));
	dma_fence_put(array);
	dma_fence_put(link);
	dma_fence_put(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(names_and_kind),
		MOCK_TEST(create_consumes_the_table_and_its_references),
		MOCK_TEST(create_without_memory_consumes_nothing),
#if CORE_HAS(dma_fence_was_initialized)
		MOCK_TEST(alloc_makes_no_fence_yet),
		MOCK_TEST(init_uses_what_was_allocated),
#endif
		MOCK_TEST(without_fences_it_warns_and_is_never_signalled),
		MOCK_TEST(iteration_visits_each_fence_once_and_takes_no_reference),
		MOCK_TEST(match_context_asks_the_components),
		MOCK_TEST(error_is_a_placeholder_until_signalled),
		MOCK_TEST(not_enabled_it_asks_the_components),
		MOCK_TEST(enabled_it_does_not_ask_them),
		MOCK_TEST(enabling_when_all_are_signalled_signals),
		MOCK_TEST(enabling_when_some_are_signalled_waits_for_the_others),
		MOCK_TEST(component_that_is_done_when_enabled_counts),
		MOCK_TEST(one_fence_several_times_counts_as_often),
		MOCK_TEST(timestamp_is_when_the_array_was_signalled),
		MOCK_TEST(enabled_array_outlives_its_owner),
		MOCK_TEST(signalled_by_its_owner_it_goes_with_its_components),
		MOCK_TEST(waiting_for_an_array_waits_for_all),
		MOCK_TEST(chain_in_an_array_warns),
	};

	return TEST_MAIN("dma-fence-array", tests);
}
