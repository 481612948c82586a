// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Unwrapping and merging. Their conformance vectors are x33 to x36 and x43. */
#include "mock.h"

#include <stdlib.h>
#include <linux/dma-fence-unwrap.h>

#define MAX_LEAVES	16

static struct dma_fence *leaf[MAX_LEAVES];

/* Store the leaves of @head in leaf[], in the order of iteration. */
static int unwrap(struct dma_fence *head)
{
	struct dma_fence_unwrap cursor;
	struct dma_fence *f;
	int n = 0;

	dma_fence_unwrap_for_each(f, &cursor, head) {
		assert_true(n < MAX_LEAVES);
		leaf[n++] = f;
	}
	/* A finished iteration holds no reference. */
	assert_null(cursor.chain);
	return n;
}

static struct dma_fence *f[4];

static void make(void)
{
	int i;

	for (i = 0; i < 4; i++)
		f[i] = mock_fence();
}

static void put_all(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		assert_int_equal(mock_refs(f[i]), 1);
		dma_fence_put(f[i]);
	}
}

static void plain_fence_is_its_only_leaf(void **state)
{
	make();
	assert_int_equal(unwrap(f[0]), 1);
	assert_ptr_equal(leaf[0], f[0]);
	assert_int_equal(unwrap(NULL), 0);
	put_all();
}

static void leaves_of_arrays_in_chains_come_newest_first(void **state)
{
	struct dma_fence *array, *old, *head;

	make();
	array = mock_array_of(f[1], f[2]);
	old = mock_link(f[3], array, 1);
	head = mock_link(old, f[0], 2);
	assert_int_equal(unwrap(head), 4);
	assert_memory_equal(leaf, f, sizeof(f));
	assert_int_equal(unwrap(array), 2);
	assert_ptr_equal(leaf[1], f[2]);
	dma_fence_put(head);
	dma_fence_put(old);
	dma_fence_put(array);
	put_all();
}

/*
 * The head's own fence and the fences of arrays are returned even if they are
 * signalled. Signalled fences of older links are not.
 */
static void signalled_leaves_may_be_among_them(void **state)
{
	struct dma_fence *array, *old, *head;

	make();
	array = mock_array_of(f[1], f[2]);
	old = mock_link(f[3], array, 1);
	head = mock_link(old, f[0], 2);
	dma_fence_signal(f[0]);
	dma_fence_signal(f[1]);
	assert_int_equal(unwrap(head), 4);
	dma_fence_signal(f[2]);
	/* The array is signalled, so its link is skipped. */
	assert_int_equal(unwrap(head), 2);
	assert_ptr_equal(leaf[0], f[0]);
	assert_ptr_equal(leaf[1], f[3]);
	dma_fence_signal(f[3]);
	assert_int_equal(unwrap(head), 1);
	dma_fence_put(head);
	dma_fence_put(old);
	dma_fence_put(array);
	put_all();
}

static void leaving_the_loop_early_leaves_a_reference(void **state)
{
	struct dma_fence_unwrap cursor;
	struct dma_fence *first;

	make();
	first = dma_fence_unwrap_first(f[0], &cursor);
	assert_ptr_equal(first, f[0]);
	assert_ptr_equal(cursor.chain, f[0]);
	assert_int_equal(mock_refs(f[0]), 2);
	dma_fence_put(cursor.chain);
	put_all();
}

/* Merging */

static void merge_is_an_array_in_the_order_of_contexts(void **state)
{
	struct dma_fence *merged;
	int i;

	make();
	merged = dma_fence_unwrap_merge(f[2], f[0], f[3], f[1]);
	assert_true(dma_fence_is_array(merged));
	assert_int_equal(merged->seqno, 1);
	assert_int_equal(mock_refs(merged), 1);
	assert_int_equal(unwrap(merged), 4);
	assert_memory_equal(leaf, f, sizeof(f));
	/* The arguments' references are borrowed. */
	for (i = 0; i < 4; i++)
		assert_int_equal(mock_refs(f[i]), 2);
	dma_fence_put(merged);
	put_all();
}

static void merge_flattens_containers(void **state)
{
	struct dma_fence *array, *link, *merged, *again;

	make();
	array = mock_array_of(f[0], f[1]);
	link = mock_link(f[2], f[3], 1);
	/* No warning about nested containers. */
	merged = dma_fence_unwrap_merge(array, NULL, link);
	again = dma_fence_unwrap_merge(merged, link, array, f[0]);
	assert_int_equal(unwrap(again), 4);
	assert_memory_equal(leaf, f, sizeof(f));
	assert_int_not_equal(again->context, merged->context);
	dma_fence_put(again);
	dma_fence_put(merged);
	dma_fence_put(link);
	dma_fence_put(array);
	put_all();
}

static void merge_leaves_out_what_is_signalled_and_what_is_earlier(void **state)
{
	struct dma_fence *early = mock_fence_at(3, 7);
	struct dma_fence *late = mock_fence_at(3, 8);
	struct dma_fence *merged;

	make();
	dma_fence_signal(f[0]);
	merged = dma_fence_unwrap_merge(f[0], early, f[1], late);
	assert_int_equal(unwrap(merged), 2);
	assert_ptr_equal(leaf[0], late);
	assert_ptr_equal(leaf[1], f[1]);
	dma_fence_put(merged);

	/* A single remaining fence is returned itself, not in an array. */
	merged = dma_fence_unwrap_merge(f[0], early, late);
	assert_ptr_equal(merged, late);
	dma_fence_put(merged);
	assert_int_equal(mock_refs(early), 1);
	assert_int_equal(mock_refs(late), 1);
	dma_fence_put(early);
	dma_fence_put(late);
	put_all();
}

static void merge_of_one_pending_fence_needs_no_memory(void **state)
{
	struct dma_fence *merged;

	make();
	dma_fence_signal(f[1]);
	libfence_fail_nth(1);
	merged = dma_fence_unwrap_merge(f[0], f[1]);
	if (CORE_BEFORE(702, "dma_fence_unwrap_merge() allocates even for a single pending fence")) {
		assert_true(mock_alloc_failed());
		assert_null(merged);
		put_all();
		return;
	}
	assert_false(mock_alloc_failed());
	assert_ptr_equal(merged, f[0]);
	dma_fence_put(merged);
	put_all();
}

static void merge_asks_one_pending_fence_once(void **state)
{
	bool twice = CORE_BEFORE(702, "dma_fence_unwrap_merge() makes two passes even for a single pending fence");
	struct dma_fence *merged;

	make();
	dma_fence_signal(f[1]);
	merged = dma_fence_unwrap_merge(f[0], f[1]);
	assert_ptr_equal(merged, f[0]);
	assert_int_equal(mock_called(MOCK_SIGNALED), 1 + twice);
	dma_fence_put(merged);
	put_all();
}

static void merge_of_no_fences_is_a_stub(void **state)
{
	struct dma_fence *merged = __dma_fence_unwrap_merge(0, NULL, NULL);

	assert_int_equal(dma_fence_get_status(merged), 1);
	assert_int_equal(dma_fence_timestamp(merged), 0);
	dma_fence_put(merged);
}

/* The result has the latest timestamp of the signalled leaves, at least 0. */
static void merge_takes_no_time_before_0(void **state)
{
	struct dma_fence *merged;

	make();
	dma_fence_signal_timestamp(f[0], -5);
	merged = dma_fence_unwrap_merge(f[0]);
	assert_int_equal(dma_fence_timestamp(merged), 0);
	dma_fence_put(merged);
	put_all();
}

static void merge_polls_the_leaves(void **state)
{
	struct dma_fence *merged;

	make();
	mock_done_at(f[0], 1);
	merged = dma_fence_unwrap_merge(f[0], f[1]);
	assert_ptr_equal(merged, f[1]);
	assert_true(dma_fence_test_signaled_flag(f[0]));
	dma_fence_put(merged);
	put_all();
}

/*
 * In the next two tests, fences are signalled between the two passes. The table
 * has room for two fences then, but only one or none is pending.
 */
static void leaf_that_signals_between_the_passes_is_left_out(void **state)
{
	struct dma_fence *merged;

	make();
	mock_done_at(f[0], 2);
	merged = dma_fence_unwrap_merge(f[0], f[1]);
	assert_ptr_equal(merged, f[1]);
	assert_int_equal(to_mock(f[0])->polls, 2);
	dma_fence_put(merged);
	put_all();
}

static void all_that_signal_between_the_passes_make_a_stub(void **state)
{
	struct dma_fence *merged;
	ktime_t before, after;

	make();
	mock_done_at(f[0], 2);
	mock_done_at(f[1], 2);
	before = ktime_get();
	merged = dma_fence_unwrap_merge(f[0], f[1]);
	after = ktime_get();
	assert_ptr_not_equal(merged, f[0]);
	assert_ptr_not_equal(merged, f[1]);
	assert_int_equal(dma_fence_get_status(merged), 1);
	assert_between(dma_fence_timestamp(merged), before, after);
	assert_int_equal(dma_fence_timestamp(merged), dma_fence_timestamp(f[1]));
	dma_fence_put(merged);
	put_all();
}

/* Without memory */

/* Functions that prepare the fences for one attempt. */
static void nothing(void)
{
}

static void one_context(void)
{
	f[1]->context = f[0]->context;
	f[1]->seqno = f[0]->seqno + 1;
}

static void all_signalled(void)
{
	dma_fence_signal(f[0]);
	dma_fence_signal(f[1]);
}

static void signal_between_passes(void)
{
	mock_done_at(f[0], 2);
	mock_done_at(f[1], 2);
}

static void one_left_after_the_first_pass(void)
{
	mock_done_at(f[0], 2);
}

static void every_failing_allocation_is_null_and_nothing_else(void **state)
{
	static const struct {
		void (*prepare)(void);
		int allocations;
	} rows[] = {
		/* One allocation for the table, one for the array. */
		{ nothing, 2 },
		{ one_context, 1 },
		{ all_signalled, 1 },
		{ signal_between_passes, 2 },
		{ one_left_after_the_first_pass, 1 },
	};
	struct dma_fence *merged;
	bool failed;
	int i, n;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (n = 1, failed = true; failed; n++) {
			make();
			rows[i].prepare();
			libfence_fail_nth(n);
			merged = dma_fence_unwrap_merge(f[0], f[1]);
			failed = mock_alloc_failed();
			if (failed)
				assert_null(merged);
			else
				assert_non_null(merged);
			dma_fence_put(merged);
			put_all();
		}
		assert_int_equal(n - 2, rows[i].allocations);
	}
}

/* Deduplication */

#if CORE_HAS(dma_fence_dedup_array)
static void dedup_of_nothing_and_of_one(void **state)
{
	make();
	assert_int_equal(dma_fence_dedup_array(NULL, 0), 0);
	assert_int_equal(dma_fence_dedup_array(f, 0), 0);
	assert_int_equal(dma_fence_dedup_array(f, 1), 1);
	put_all();
}
#endif

#define NR_CONTEXTS	5
#define PER_CONTEXT	6

#if CORE_HAS(dma_fence_dedup_array)
static void dedup_keeps_the_latest_of_each_context(void **state)
{
	struct dma_fence *all[NR_CONTEXTS * PER_CONTEXT];
	struct dma_fence *shuffled[NR_CONTEXTS * PER_CONTEXT];
	unsigned int i, j, nr = ARRAY_SIZE(all);

	srand(test_seed());
	/* The seqnos wrap: the latest one of each context is 2. */
	for (i = 0; i < nr; i++)
		all[i] = mock_fence_at(i / PER_CONTEXT,
				       (u32)(i % PER_CONTEXT - 3));
	for (i = 0; i < nr; i++) {
		j = rand() % (i + 1);
		shuffled[i] = shuffled[j];
		shuffled[j] = dma_fence_get(all[i]);
	}
	assert_int_equal(dma_fence_dedup_array(shuffled, nr), NR_CONTEXTS);
	for (i = 0; i < NR_CONTEXTS; i++) {
		assert_ptr_equal(shuffled[i], all[(i + 1) * PER_CONTEXT - 1]);
		dma_fence_put(shuffled[i]);
	}
	for (i = 0; i < nr; i++) {
		assert_int_equal(mock_refs(all[i]), 1);
		dma_fence_put(all[i]);
	}
}

/* Of two fences with the same context and seqno, either one is kept. */
static void dedup_of_equal_seqnos_keeps_one(void **state)
{
	struct dma_fence *a = mock_fence_at(1, 1), *b = mock_fence_at(1, 1);
	struct dma_fence *array[] = { a, b };

	assert_int_equal(dma_fence_dedup_array(array, 2), 1);
	assert_true(array[0] == a || array[0] == b);
	assert_int_equal(mock_called(MOCK_RELEASE), 1);
	dma_fence_put(array[0]);
}

static void dedup_compares_seqnos_as_the_fences_do(void **state)
{
	struct dma_fence *a = kzalloc_obj(*a), *b = kzalloc_obj(*b);
	struct dma_fence *array[] = { a, b };

	dma_fence_init64(a, &mock_names_ops, NULL, 1, 5);
	dma_fence_init64(b, &mock_names_ops, NULL, 1, 1ULL << 40);
	assert_int_equal(dma_fence_dedup_array(array, 2), 1);
	assert_ptr_equal(array[0], b);
	dma_fence_put(b);
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(plain_fence_is_its_only_leaf),
		MOCK_TEST(leaves_of_arrays_in_chains_come_newest_first),
		MOCK_TEST(signalled_leaves_may_be_among_them),
		MOCK_TEST(leaving_the_loop_early_leaves_a_reference),
		MOCK_TEST(merge_is_an_array_in_the_order_of_contexts),
		MOCK_TEST(merge_flattens_containers),
		MOCK_TEST(merge_leaves_out_what_is_signalled_and_what_is_earlier),
		MOCK_TEST(merge_of_one_pending_fence_needs_no_memory),
		MOCK_TEST(merge_asks_one_pending_fence_once),
		MOCK_TEST(merge_of_no_fences_is_a_stub),
		MOCK_TEST(merge_takes_no_time_before_0),
		MOCK_TEST(merge_polls_the_leaves),
		MOCK_TEST(leaf_that_signals_between_the_passes_is_left_out),
		MOCK_TEST(all_that_signal_between_the_passes_make_a_stub),
		MOCK_TEST(every_failing_allocation_is_null_and_nothing_else),
#if CORE_HAS(dma_fence_dedup_array)
		MOCK_TEST(dedup_of_nothing_and_of_one),
		MOCK_TEST(dedup_keeps_the_latest_of_each_context),
		MOCK_TEST(dedup_of_equal_seqnos_keeps_one),
		MOCK_TEST(dedup_compares_seqnos_as_the_fences_do),
#endif
	};

	return TEST_MAIN("dma-fence-unwrap", tests);
}
