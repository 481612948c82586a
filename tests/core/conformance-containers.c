// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Conformance vectors for arrays, chains and merging; see conformance.c. */
#include "mock.h"

#include <linux/dma-fence-unwrap.h>

static void fail_with(struct dma_fence *f, int error)
{
	dma_fence_set_error(f, error);
	dma_fence_signal(f);
}

static void x24_array_that_is_not_enabled_has_no_error(void **state)
{
	struct dma_fence *f = mock_fence(), *g = mock_fence();
	struct dma_fence *array = mock_array_of(f, g);

	fail_with(f, -EIO);
	assert_int_equal(dma_fence_get_status(array), 0);
	dma_fence_signal(g);
	assert_true(dma_fence_is_signaled(array));
	assert_int_equal(dma_fence_get_status(array), 1);
	assert_int_equal(array->error, 0);
	dma_fence_put(array);
	dma_fence_put(f);
	dma_fence_put(g);
}

/* irq_work queued with interrupts disabled runs when they are enabled again. */
static void x25_array_keeps_the_first_error(void **state)
{
	bool polled;

	for (polled = false;; polled = true) {
		struct dma_fence *f = mock_fence(), *g = mock_fence();
		struct dma_fence *array = mock_array_of(f, g);
		unsigned long flags;

		dma_fence_enable_signaling(array);
		local_irq_save(flags);
		fail_with(g, -EIO);
		fail_with(f, -ENOMEM);
		assert_int_equal(array->error, -EIO);
		assert_false(dma_fence_test_signaled_flag(array));
		if (polled) {
			assert_true(dma_fence_is_signaled(array));
			assert_true(dma_fence_test_signaled_flag(array));
		}
		local_irq_restore(flags);
		assert_true(dma_fence_test_signaled_flag(array));
		assert_int_equal(dma_fence_get_status(array), -EIO);
		assert_int_equal(mock_refs(array), 1);
		dma_fence_put(array);
		dma_fence_put(f);
		dma_fence_put(g);
		if (polled)
			break;
	}
}

static void x26_enabled_array_has_a_reference_per_component(void **state)
{
	struct dma_fence *f = mock_fence(), *g = mock_fence();
	struct dma_fence *array = mock_array_of(f, g);

	dma_fence_enable_signaling(array);
	assert_int_equal(mock_refs(array), 1 + 2);
	dma_fence_signal(f);
	assert_int_equal(mock_refs(array), 1 + 1);
	dma_fence_signal(g);
	assert_int_equal(mock_refs(array), 1);
	dma_fence_put(array);
	dma_fence_put(f);
	dma_fence_put(g);
}

static void x27_array_in_an_array(void **state)
{
	struct dma_fence *f, *g, *inner, *outer = NULL;

	test_not_with_lockdep("it reports that the lock of an array nests in that of an array");
	f = mock_fence();
	g = mock_fence();
	inner = mock_array_of(f);
	assert_warns(1, outer = mock_array_of(inner, g));
	dma_fence_enable_signaling(outer);
	dma_fence_signal(f);
	assert_false(dma_fence_is_signaled(outer));
	dma_fence_signal(g);
	assert_true(dma_fence_is_signaled(outer));
	assert_int_equal(dma_fence_get_status(outer), 1);
	dma_fence_put(outer);
	dma_fence_put(inner);
	dma_fence_put(f);
	dma_fence_put(g);
}

static u64 prev_seqno(struct dma_fence *link)
{
	return to_dma_fence_chain(link)->prev_seqno;
}

static void x28_contexts_of_a_chain(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_fence *five = mock_link(NULL, f, 5);
	struct dma_fence *nine = mock_link(five, f, 9);
	struct dma_fence *again = mock_link(nine, f, 9);
	struct dma_fence *three = mock_link(nine, f, 3);

	assert_int_equal(nine->context, five->context);
	assert_int_equal(prev_seqno(nine), 5);
	assert_int_equal(prev_seqno(five), 0);

	assert_int_not_equal(again->context, nine->context);
	assert_int_equal(again->seqno, 9);
	assert_int_equal(prev_seqno(again), 0);
	assert_int_not_equal(three->context, nine->context);
	assert_int_not_equal(three->context, again->context);
	assert_int_equal(three->seqno, 9);
	assert_int_equal(prev_seqno(three), 0);

	dma_fence_put(three);
	dma_fence_put(again);
	dma_fence_put(nine);
	dma_fence_put(five);
	dma_fence_put(f);
}

static void x29_find_seqno(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_fence *five = mock_link(NULL, f, 5);
	struct dma_fence *tail = mock_link(five, f, 9), *found = tail;

	assert_int_equal(dma_fence_chain_find_seqno(&found, 10), -EINVAL);
	assert_ptr_equal(found, tail);
	assert_int_equal(mock_refs(tail), 1);

	assert_int_equal(dma_fence_chain_find_seqno(&found, 7), 0);
	assert_ptr_equal(found, tail);
	assert_int_equal(mock_refs(tail), 1);

	/* The reference to @tail is dropped, and one to @five is taken. */
	dma_fence_get(tail);
	assert_int_equal(dma_fence_chain_find_seqno(&found, 5), 0);
	assert_ptr_equal(found, five);
	assert_int_equal(mock_refs(tail), 1);
	assert_int_equal(mock_refs(five), 3);
	dma_fence_put(found);
	dma_fence_put(tail);
	dma_fence_put(five);
	dma_fence_put(f);
}

static void x30_chain_moves_on_to_the_older_fence(void **state)
{
	struct dma_fence *old = mock_fence(), *new = mock_fence();
	struct dma_fence *five = mock_link(NULL, old, 5);
	struct dma_fence *tail = mock_link(five, new, 9);
	unsigned long flags;

	dma_fence_enable_signaling(tail);
	assert_int_equal(mock_queued(new), 1);
	assert_int_equal(mock_queued(old), 0);
	assert_int_equal(mock_refs(tail), 2);

	local_irq_save(flags);
	fail_with(new, -EIO);
	assert_false(dma_fence_test_signaled_flag(tail));
	assert_int_equal(mock_queued(old), 0);
	local_irq_restore(flags);
	assert_false(dma_fence_is_signaled(tail));
	assert_int_equal(mock_queued(old), 1);
	assert_int_equal(mock_refs(tail), 2);

	local_irq_save(flags);
	dma_fence_signal(old);
	assert_false(dma_fence_test_signaled_flag(tail));
	local_irq_restore(flags);
	assert_true(dma_fence_test_signaled_flag(tail));
	assert_int_equal(dma_fence_get_status(tail), 1);
	assert_int_equal(mock_refs(tail), 1);
	/* The chain has dropped its reference to the signalled link. */
	assert_int_equal(mock_refs(five), 1);
	/* The test and the link hold one reference each. */
	assert_int_equal(mock_refs(old), 2);
	assert_int_equal(mock_refs(new), 2);
	dma_fence_put(tail);
	dma_fence_put(five);
	dma_fence_put(old);
	dma_fence_put(new);
}

static void x31_find_when_all_are_signalled(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_fence *five = mock_link(NULL, f, 5);
	struct dma_fence *tail = mock_link(five, f, 9), *found = tail;

	dma_fence_signal(f);
	dma_fence_get(tail);
	assert_int_equal(dma_fence_chain_find_seqno(&found, 5), 0);
	assert_null(found);
	assert_null(to_dma_fence_chain(tail)->prev);
	assert_int_equal(mock_refs(tail), 1);
	assert_int_equal(mock_refs(five), 1);
	dma_fence_put(tail);
	dma_fence_put(five);
	dma_fence_put(f);
}

static void x32_put_the_head_of_300000_links(void **state)
{
	struct dma_fence *f = mock_fence(), *head = NULL, *link;
	int links = test_nested_calls(300000), i;

	for (i = 1; i <= links; i++) {
		link = mock_link(head, f, i);
		dma_fence_put(head);
		head = link;
	}
	assert_int_equal(mock_refs(f), links + 1);
	dma_fence_put(head);
	/* All links are freed. */
	assert_int_equal(mock_refs(f), 1);
	dma_fence_put(f);
}

static void x33_merge_of_one_fence_is_that_fence(void **state)
{
	struct dma_fence *f = mock_fence(), *merged;

	merged = dma_fence_unwrap_merge(f, NULL);
	assert_ptr_equal(merged, f);
	assert_int_equal(mock_refs(f), 2);
	dma_fence_put(merged);

	merged = dma_fence_unwrap_merge(f, f);
	assert_ptr_equal(merged, f);
	assert_int_equal(mock_refs(f), 2);
	dma_fence_put(merged);
	dma_fence_put(f);
}

static void x34_merge_without_memory(void **state)
{
	struct dma_fence *f = mock_fence(), *g = mock_fence(), *merged;
	int n;

	for (n = 1; n <= 2; n++) {
		libfence_fail_nth(n);
		merged = dma_fence_unwrap_merge(f, g);
		assert_true(mock_alloc_failed());
		assert_null(merged);
		assert_int_equal(mock_refs(f), 1);
		assert_int_equal(mock_refs(g), 1);
	}
	libfence_fail_nth(n);
	merged = dma_fence_unwrap_merge(f, g);
	assert_false(mock_alloc_failed());
	assert_true(dma_fence_is_array(merged));
	dma_fence_put(merged);
	dma_fence_put(f);
	dma_fence_put(g);
}

static void x35_merge_of_signalled_fences(void **state)
{
	struct dma_fence *a = mock_fence(), *b = mock_fence(), *merged;

	dma_fence_signal_timestamp(a, 300);
	dma_fence_signal_timestamp(b, 100);
	merged = dma_fence_unwrap_merge(a, b);
	assert_ptr_not_equal(merged, a);
	assert_int_equal(merged->context, 0);
	assert_int_equal(merged->seqno, 0);
	assert_int_equal(dma_fence_get_status(merged), 1);
	assert_int_equal(dma_fence_timestamp(merged), 300);
	dma_fence_put(merged);

	merged = dma_fence_unwrap_merge(NULL);
	assert_int_equal(dma_fence_get_status(merged), 1);
	assert_int_equal(dma_fence_timestamp(merged), 0);
	dma_fence_put(merged);
	dma_fence_put(a);
	dma_fence_put(b);
}

#if CORE_HAS(dma_fence_dedup_array)
static void x36_dedup(void **state)
{
	struct dma_fence *a = mock_fence_at(60, 1), *b = mock_fence_at(61, 1);
	struct dma_fence *c = mock_fence_at(60, 3);
	struct dma_fence *array[] = { a, b, c, dma_fence_get(c) };

	assert_int_equal(dma_fence_dedup_array(array, 4), 2);
	assert_ptr_equal(array[0], c);
	assert_int_equal(mock_refs(c), 1);
	assert_ptr_equal(array[1], b);
	assert_int_equal(mock_refs(b), 1);
	/* The reference to the earlier fence has been dropped. */
	assert_int_equal(mock_called(MOCK_RELEASE), 1);
	dma_fence_put(b);
	dma_fence_put(c);
}
#endif

static void x43_empty_array_ends_the_iteration(void **state)
{
	struct dma_fence *array = NULL, *f = mock_fence(), *older, *head, *leaf;
	struct dma_fence_unwrap cursor;
	int leaves = 0;

	assert_warns(1, array = mock_array(0, NULL));
	older = mock_link(NULL, f, 1);
	head = mock_link(older, array, 2);
	dma_fence_unwrap_for_each(leaf, &cursor, head)
		leaves++;
	assert_int_equal(leaves, 0);
	assert_int_equal(mock_refs(head), 2);
	dma_fence_put(cursor.chain);
	dma_fence_put(head);
	dma_fence_put(older);
	dma_fence_put(array);
	dma_fence_put(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(x24_array_that_is_not_enabled_has_no_error),
		MOCK_TEST(x25_array_keeps_the_first_error),
		MOCK_TEST(x26_enabled_array_has_a_reference_per_component),
		MOCK_TEST(x27_array_in_an_array),
		MOCK_TEST(x28_contexts_of_a_chain),
		MOCK_TEST(x29_find_seqno),
		MOCK_TEST(x30_chain_moves_on_to_the_older_fence),
		MOCK_TEST(x31_find_when_all_are_signalled),
		MOCK_TEST(x32_put_the_head_of_300000_links),
		MOCK_TEST(x33_merge_of_one_fence_is_that_fence),
		MOCK_TEST(x34_merge_without_memory),
		MOCK_TEST(x35_merge_of_signalled_fences),
#if CORE_HAS(dma_fence_dedup_array)
		MOCK_TEST(x36_dedup),
#endif
		MOCK_TEST(x43_empty_array_ends_the_iteration),
	};

	return TEST_MAIN("conformance-containers", tests);
}
