// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Chains. Their conformance vectors are x28 to x32. */
#include "mock.h"

#define NR	5

/* Links with seqnos 10, 20, ...: l[i] contains f[i] and follows l[i - 1]. */
static struct dma_fence *f[NR], *l[NR];

static void make(void)
{
	int i;

	for (i = 0; i < NR; i++) {
		f[i] = mock_fence();
		l[i] = mock_link(i ? l[i - 1] : NULL, f[i], (i + 1) * 10);
	}
}

static void put_all(void)
{
	int i;

	for (i = NR; i--;)
		dma_fence_put(l[i]);
	for (i = 0; i < NR; i++) {
		/* Callbacks and irq_work have dropped all other references. */
		assert_int_equal(mock_refs(f[i]), 1);
		dma_fence_put(f[i]);
	}
}

static struct dma_fence *prev_of(struct dma_fence *link)
{
	return rcu_access_pointer(to_dma_fence_chain(link)->prev);
}

static void names_and_kind(void **state)
{
	make();
	rcu_read_lock();
	assert_string_equal(dma_fence_driver_name(l[0]), "dma_fence_chain");
	assert_string_equal(dma_fence_timeline_name(l[0]), "unbound");
	rcu_read_unlock();
	assert_true(dma_fence_is_chain(l[0]));
	assert_false(dma_fence_is_array(l[0]));
	assert_true(dma_fence_is_container(l[0]));
	assert_ptr_equal(to_dma_fence_chain(l[0]), l[0]);
	assert_null(to_dma_fence_chain(f[0]));
	assert_null(to_dma_fence_chain(NULL));
	assert_ptr_equal(dma_fence_chain_contained(l[1]), f[1]);
	assert_ptr_equal(dma_fence_chain_contained(f[1]), f[1]);
	assert_null(dma_fence_chain_contained(NULL));
#if CORE_HAS(DMA_FENCE_FLAG_SEQNO64_BIT)
	assert_true(mock_flag(l[0], DMA_FENCE_FLAG_SEQNO64_BIT));
#endif
	put_all();
}

static void memory_that_was_never_initialised_is_given_back(void **state)
{
	dma_fence_chain_free(dma_fence_chain_alloc());
	dma_fence_chain_free(NULL);
	libfence_fail_nth(1);
	assert_null(dma_fence_chain_alloc());
	assert_true(mock_alloc_failed());
}

static void init_consumes_both_references(void **state)
{
	struct dma_fence_chain *chain = dma_fence_chain_alloc();
	struct dma_fence *prev = mock_fence(), *fence = mock_fence();

	dma_fence_chain_init(chain, prev, fence, 1);
	assert_int_equal(mock_refs(&chain->base), 1);
	assert_int_equal(mock_refs(prev), 1);
	assert_int_equal(mock_refs(fence), 1);
	/* @prev is not a link, so the link has a new context. */
	assert_int_not_equal(chain->base.context, prev->context);
	dma_fence_put(&chain->base);
	assert_int_equal(mock_called(MOCK_RELEASE), 2);
}

static void chain_in_a_link_warns(void **state)
{
	struct dma_fence *bad = NULL;

	make();
	assert_warns(1, bad = mock_link(NULL, l[0], 1));
	dma_fence_put(bad);
	put_all();
}

static void seqnos_are_of_64_bits(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct dma_fence *a = mock_link(NULL, fence, U32_MAX);
	struct dma_fence *b = mock_link(a, fence, 1ULL << 32);

	assert_int_equal(a->context, b->context);
	assert_true(dma_fence_is_later(b, a));
	dma_fence_put(b);
	dma_fence_put(a);
	dma_fence_put(fence);
}

/* Walking */

static void walk_consumes_one_and_returns_one(void **state)
{
	struct dma_fence *iter;

	make();
	iter = dma_fence_chain_walk(dma_fence_get(l[2]));
	assert_ptr_equal(iter, l[1]);
	assert_int_equal(mock_refs(l[2]), 2);
	assert_int_equal(mock_refs(l[1]), 3);
	iter = dma_fence_chain_walk(iter);
	assert_ptr_equal(iter, l[0]);
	assert_null(dma_fence_chain_walk(iter));
	assert_int_equal(mock_refs(l[0]), 2);

	/* A fence that is not a link has no predecessor. */
	assert_null(dma_fence_chain_walk(dma_fence_get(f[0])));
	assert_int_equal(mock_refs(f[0]), 2);
	put_all();
}

static void walk_takes_signalled_links_out_in_the_middle(void **state)
{
	struct dma_fence *iter;
	int n = 0;

	make();
	dma_fence_signal(f[1]);
	dma_fence_signal(f[2]);
	dma_fence_chain_for_each(iter, l[4]) {
		static const int left[] = { 4, 3, 0 };

		assert_ptr_equal(iter, l[left[n++]]);
	}
	assert_int_equal(n, 3);
	assert_ptr_equal(prev_of(l[3]), l[0]);
	/* Removed links keep their own references. */
	assert_int_equal(mock_refs(l[2]), 1);
	assert_ptr_equal(prev_of(l[2]), l[1]);
	/* References of the test, of l[1], and the new one of l[3]. */
	assert_int_equal(mock_refs(l[0]), 3);
	put_all();
}

static void walk_looks_at_the_fence_in_the_link_and_polls_it(void **state)
{
	make();
	mock_done_at(f[3], 1);
	assert_ptr_equal(dma_fence_chain_walk(dma_fence_get(l[4])), l[2]);
	assert_true(dma_fence_test_signaled_flag(f[3]));
	/* The link is pending, because the links before it are. */
	assert_false(dma_fence_test_signaled_flag(l[3]));
	dma_fence_put(l[2]);
	put_all();
}

static void walk_begins_with_the_head_signalled_or_not(void **state)
{
	struct dma_fence *iter = NULL;

	make();
	dma_fence_signal(f[4]);
	/* The same variable may be iterator and head. */
	iter = l[4];
	dma_fence_chain_for_each(iter, iter) {
		assert_ptr_equal(iter, l[4]);
		dma_fence_put(iter);
		break;
	}
	dma_fence_chain_for_each(iter, NULL)
		fail_msg("NULL has a link");
	put_all();
}

static void walk_ends_with_a_fence_that_is_no_link(void **state)
{
	struct dma_fence *oldest = mock_fence(), *fence = mock_fence(), *iter;
	struct dma_fence *link = mock_link(oldest, fence, 1);
	int n = 0;

	dma_fence_chain_for_each(iter, link)
		assert_ptr_equal(iter, n++ ? oldest : link);
	assert_int_equal(n, 2);

	/* The link also waits for @oldest. */
	dma_fence_signal(fence);
	assert_false(dma_fence_is_signaled(link));
	dma_fence_signal(oldest);
	assert_null(dma_fence_chain_walk(dma_fence_get(link)));
	assert_null(prev_of(link));
	assert_int_equal(mock_refs(oldest), 1);
	assert_true(dma_fence_is_signaled(link));
	dma_fence_put(link);
	dma_fence_put(fence);
	dma_fence_put(oldest);
}

/* Finding the link for a seqno */

static int find(int from, u64 seqno, struct dma_fence **found)
{
	*found = dma_fence_get(l[from]);
	return dma_fence_chain_find_seqno(found, seqno);
}

static void find_returns_the_link_that_covers_the_point(void **state)
{
	static const struct {
		u64 seqno;
		int link;
	} rows[] = {
		{ 50, 4 }, { 49, 4 }, { 41, 4 }, { 40, 3 }, { 31, 3 },
		{ 30, 2 }, { 11, 1 }, { 10, 0 }, { 1, 0 },
	};
	struct dma_fence *found;
	int i;

	make();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(find(4, rows[i].seqno, &found), 0);
		assert_ptr_equal(found, l[rows[i].link]);
		dma_fence_put(found);
	}
	put_all();
}

static void find_that_fails_changes_nothing(void **state)
{
	struct dma_fence *found;

	make();
	assert_int_equal(find(4, 51, &found), -EINVAL);
	assert_ptr_equal(found, l[4]);
	assert_int_equal(mock_refs(l[4]), 2);
	dma_fence_put(found);
	assert_int_equal(find(4, U64_MAX, &found), -EINVAL);
	dma_fence_put(found);

	/* A fence that is not a link. */
	found = f[0];
	assert_int_equal(dma_fence_chain_find_seqno(&found, 1), -EINVAL);
	assert_ptr_equal(found, f[0]);
	found = NULL;
	assert_int_equal(dma_fence_chain_find_seqno(&found, 1), -EINVAL);
	/* Seqno 0 needs no search: any fence, and NULL, is left as it is. */
	assert_int_equal(dma_fence_chain_find_seqno(&found, 0), 0);
	assert_null(found);
	assert_int_equal(find(4, 0, &found), 0);
	assert_ptr_equal(found, l[4]);
	dma_fence_put(found);
	put_all();
}

/* prev_seqno is set by init and stays the same when links are removed. */
static void find_is_right_after_links_are_removed(void **state)
{
	struct dma_fence *found;

	make();
	dma_fence_signal(f[2]);
	/* l[2] is signalled, so a wait for 30 may wait for l[1], seqno 20. */
	assert_int_equal(find(4, 30, &found), 0);
	assert_ptr_equal(found, l[1]);
	dma_fence_put(found);
	assert_ptr_equal(prev_of(l[3]), l[1]);
	/* Start at the link that now has a gap before it. */
	assert_int_equal(find(3, 35, &found), 0);
	assert_ptr_equal(found, l[3]);
	dma_fence_put(found);
	assert_int_equal(find(3, 20, &found), 0);
	assert_ptr_equal(found, l[1]);
	dma_fence_put(found);
	put_all();
}

static void find_stops_where_another_context_begins(void **state)
{
	struct dma_fence *a = mock_fence(), *b = mock_fence(), *found;
	struct dma_fence *other, *later;

	make();
	/* 50 is not later than l[4], so this link begins a new context. */
	other = mock_link(l[4], a, 50);
	later = mock_link(other, b, 60);
	assert_int_equal(later->context, other->context);
	found = dma_fence_get(later);
	assert_int_equal(dma_fence_chain_find_seqno(&found, 55), 0);
	assert_ptr_equal(found, later);
	assert_int_equal(dma_fence_chain_find_seqno(&found, 20), 0);
	assert_ptr_equal(found, other);
	dma_fence_put(found);

	/* It also stops there when the first link of the context is removed. */
	dma_fence_signal(a);
	found = dma_fence_get(later);
	assert_int_equal(dma_fence_chain_find_seqno(&found, 20), 0);
	assert_ptr_equal(found, l[4]);
	dma_fence_put(found);
	dma_fence_put(later);
	dma_fence_put(other);
	dma_fence_put(a);
	dma_fence_put(b);
	put_all();
}

static void find_may_end_at_a_fence_that_is_no_link(void **state)
{
	struct dma_fence *oldest = mock_fence(), *a = mock_fence();
	struct dma_fence *b = mock_fence(), *first, *head, *found;

	first = mock_link(oldest, a, 1);
	head = mock_link(first, b, 2);
	dma_fence_signal(a);
	found = dma_fence_get(head);
	assert_int_equal(dma_fence_chain_find_seqno(&found, 1), 0);
	assert_ptr_equal(found, oldest);
	dma_fence_put(found);
	dma_fence_put(head);
	dma_fence_put(first);
	dma_fence_put(oldest);
	dma_fence_put(a);
	dma_fence_put(b);
}

/* Signalling */

static void link_is_signalled_when_all_before_it_are(void **state)
{
	make();
	dma_fence_signal(f[2]);
	assert_false(dma_fence_is_signaled(l[2]));
	dma_fence_signal(f[0]);
	assert_true(dma_fence_is_signaled(l[0]));
	assert_false(dma_fence_is_signaled(l[2]));
	dma_fence_signal(f[1]);
	assert_true(dma_fence_is_signaled(l[2]));
	assert_false(dma_fence_is_signaled(l[3]));
	put_all();
}

static void errors_in_a_link_do_not_become_its_own(void **state)
{
	make();
	dma_fence_enable_signaling(l[1]);
	dma_fence_set_error(f[0], -EIO);
	dma_fence_signal(f[0]);
	dma_fence_set_error(f[1], -EIO);
	dma_fence_signal(f[1]);
	assert_true(dma_fence_test_signaled_flag(l[1]));
	assert_int_equal(dma_fence_get_status(l[1]), 1);
	assert_int_equal(dma_fence_get_status(l[0]), 1);
	put_all();
}

/* One callback, on the newest pending fence, in any order of signalling. */
static void callback_moves_from_fence_to_fence(void **state)
{
	static const int order[] = { 2, 4, 0, 3, 1 };
	static const int on[] = { 4, 3, 3, 1, -1 };
	struct mock_cb cb;
	int i, j;

	make();
	assert_int_equal(mock_add(l[4], &cb), 0);
	for (i = 0; i < NR; i++) {
		assert_int_equal(cb.ran, 0);
		assert_int_equal(mock_refs(l[4]), 2);
		dma_fence_signal(f[order[i]]);
		for (j = 0; j < NR; j++)
			assert_int_equal(mock_queued(f[j]), j == on[i]);
	}
	assert_int_equal(cb.ran, 1);
	assert_int_equal(mock_refs(l[4]), 1);
	put_all();
}

static void enabling_when_all_is_signalled_signals(void **state)
{
	struct mock_cb cb;
	int i;

	make();
	for (i = 0; i < NR; i++)
		dma_fence_signal(f[i]);
	assert_int_equal(mock_add(l[4], &cb), -ENOENT);
	assert_true(dma_fence_test_signaled_flag(l[4]));
	assert_int_equal(mock_refs(l[4]), 1);
	put_all();
}

static void enabled_link_outlives_its_owner(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct dma_fence *link = mock_link(NULL, fence, 1);
	struct mock_cb cb;

	assert_int_equal(mock_add(link, &cb), 0);
	dma_fence_put(link);
	dma_fence_signal(fence);
	assert_int_equal(cb.ran, 1);
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

static void array_in_a_link_is_a_fence_like_any(void **state)
{
	struct dma_fence *a = mock_fence(), *b = mock_fence();
	struct dma_fence *array = mock_array_of(a, b);
	struct dma_fence *link = mock_link(NULL, array, 1);

	dma_fence_enable_signaling(link);
	dma_fence_signal(a);
	assert_false(dma_fence_is_signaled(link));
	dma_fence_signal(b);
	assert_true(dma_fence_test_signaled_flag(link));
	dma_fence_put(link);
	assert_int_equal(mock_refs(array), 1);
	dma_fence_put(array);
	dma_fence_put(a);
	dma_fence_put(b);
}

/* Release */

static void release_stops_at_a_link_that_others_have(void **state)
{
	struct dma_fence *kept;
	int i;

	make();
	kept = dma_fence_get(l[2]);
	for (i = 0; i < NR; i++)
		dma_fence_put(l[i]);
	/* The links above @kept are freed. @kept holds the links below it. */
	assert_int_equal(mock_refs(f[4]), 1);
	assert_int_equal(mock_refs(f[3]), 1);
	assert_int_equal(mock_refs(f[2]), 2);
	assert_int_equal(mock_refs(f[0]), 2);
	assert_int_equal(mock_refs(kept), 1);
	assert_ptr_equal(prev_of(kept), l[1]);
	dma_fence_put(kept);
	for (i = 0; i < NR; i++) {
		assert_int_equal(mock_refs(f[i]), 1);
		dma_fence_put(f[i]);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(names_and_kind),
		MOCK_TEST(memory_that_was_never_initialised_is_given_back),
		MOCK_TEST(init_consumes_both_references),
		MOCK_TEST(chain_in_a_link_warns),
		MOCK_TEST(seqnos_are_of_64_bits),
		MOCK_TEST(walk_consumes_one_and_returns_one),
		MOCK_TEST(walk_takes_signalled_links_out_in_the_middle),
		MOCK_TEST(walk_looks_at_the_fence_in_the_link_and_polls_it),
		MOCK_TEST(walk_begins_with_the_head_signalled_or_not),
		MOCK_TEST(walk_ends_with_a_fence_that_is_no_link),
		MOCK_TEST(find_returns_the_link_that_covers_the_point),
		MOCK_TEST(find_that_fails_changes_nothing),
		MOCK_TEST(find_is_right_after_links_are_removed),
		MOCK_TEST(find_stops_where_another_context_begins),
		MOCK_TEST(find_may_end_at_a_fence_that_is_no_link),
		MOCK_TEST(link_is_signalled_when_all_before_it_are),
		MOCK_TEST(errors_in_a_link_do_not_become_its_own),
		MOCK_TEST(callback_moves_from_fence_to_fence),
		MOCK_TEST(enabling_when_all_is_signalled_signals),
		MOCK_TEST(enabled_link_outlives_its_owner),
		MOCK_TEST(array_in_a_link_is_a_fence_like_any),
		MOCK_TEST(release_stops_at_a_link_that_others_have),
	};

	return TEST_MAIN("dma-fence-chain", tests);
}
