// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Chains: collecting links, releasing them, and walking them from fence to
 * fence.
 */
#include "stress.h"
#include <linux/dma-fence-chain.h>
#include <linux/dma-fence-unwrap.h>
#include <linux/preempt.h>

#define LINKS	8

static struct round {
	struct dma_fence *fences[LINKS], *links[LINKS], *tail, *held;
	struct dma_fence *found[2];
	struct dma_fence_cb cb;
	atomic_t at_cas, ran;
	bool first[2];
	bool in_op, signalling, stalled, dropped, went_on;
	spinlock_t lock, *stop_lock;
} s;

static struct dma_fence *new_link(struct dma_fence *prev,
				  struct dma_fence *fence, u64 seqno)
{
	struct dma_fence_chain *chain = dma_fence_chain_alloc();

	assert_non_null(chain);
	dma_fence_chain_init(chain, prev, fence, seqno);
	return &chain->base;
}

/*
 * Makes s.tail with @nr links, 0 the oldest. The round has a reference to each
 * fence.
 */
static void new_chain(const struct dma_fence_ops *ops, int nr)
{
	int i;

	memset(&s, 0, sizeof(s));
	for (i = 0; i < nr; i++) {
		s.fences[i] = stress_fence(ops);
		s.tail = new_link(s.tail, dma_fence_get(s.fences[i]), i + 1);
		s.links[i] = s.tail;
	}
}

static void signal_and_put(int i)
{
	dma_fence_signal(s.fences[i]);
	dma_fence_put(s.fences[i]);
}

static struct dma_fence *prev_of(struct dma_fence *link)
{
	return rcu_access_pointer(to_dma_fence_chain(link)->prev);
}

static void count_run(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	atomic_inc(&s.ran);
}

/* H14: two walkers have computed a new prev for the same link. */

static void h14_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	int role = stress_role();

	if (where != STRESS_CMPXCHG || role < 0 || role > 1 || s.first[role])
		return;
	s.first[role] = true;
	atomic_inc(&s.at_cas);
	stress_until(atomic_read(&s.at_cas) == 2, STRESS_WINDOW_MS);
}

static void h14_walk(void)
{
	s.found[stress_role()] = dma_fence_chain_walk(dma_fence_get(s.tail));
}

static void h14_two_collectors_share_the_references(void **state)
{
	int i, j;

	stress_team(h14_walk, h14_walk);
	for (i = 0; i < stress_rounds(2000); i++) {
		stress_set_hook(i & 1 ? h14_hook : NULL);
		new_chain(&stress_counted_ops, LINKS);
		for (j = 1; j < LINKS - 1; j++)
			signal_and_put(j);
		stress_team_round();
		for (j = 0; j < 2; j++) {
			assert_ptr_equal(s.found[j], s.links[0]);
			dma_fence_put(s.found[j]);
		}
		/*
		 * The links between were freed; each remaining link has one
		 * reference.
		 */
		assert_int_equal(stress_live(), 2);
		assert_ptr_equal(prev_of(s.tail), s.links[0]);
		assert_int_equal(kref_read(&s.links[0]->refcount), 1);
		assert_int_equal(kref_read(&s.tail->refcount), 1);
		dma_fence_put(s.tail);
		dma_fence_put(s.fences[0]);
		dma_fence_put(s.fences[LINKS - 1]);
		assert_int_equal(stress_live(), 0);
	}
	stress_team_stop();
}

static void h14_find(void)
{
	int i;

	for (i = 0; i < LINKS; i++) {
		struct dma_fence *fence = dma_fence_get(s.tail);
		u64 seqno = get_random_u32_inclusive(1, LINKS);

		stress_check(!dma_fence_chain_find_seqno(&fence, seqno));
		stress_check(!fence || fence->seqno <= seqno ||
			     to_dma_fence_chain(fence)->prev_seqno < seqno);
		dma_fence_put(fence);
	}
}

static void h14_signal_all(void)
{
	int first = get_random_u32_below(LINKS), i;

	for (i = 0; i < LINKS; i++)
		dma_fence_signal(s.fences[(first + 3 * i) % LINKS]);
}

static void h14_searches_race_signals(void **state)
{
	int i, j;

	stress_team(h14_find, h14_find, h14_signal_all);
	for (i = 0; i < stress_rounds(1500); i++) {
		new_chain(&stress_counted_ops, LINKS);
		if (i & 1)
			assert_false(dma_fence_add_callback(s.tail, &s.cb,
							    count_run));
		stress_team_round();
		assert_true(dma_fence_is_signaled(s.tail));
		assert_null(dma_fence_chain_walk(dma_fence_get(s.tail)));
		assert_int_equal(atomic_read(&s.ran), i & 1);
		dma_fence_put(s.tail);
		for (j = 0; j < LINKS; j++)
			dma_fence_put(s.fences[j]);
		assert_int_equal(stress_live(), 0);
	}
	stress_team_stop();
}

/*
 * H15: release may take a link apart only if nothing else has a reference to
 * it.
 */

static void h15_put_tail(void)
{
	dma_fence_put(s.tail);
	raise_flag(s.dropped);
}

static void h15_walk_on(void)
{
	if (s.stalled)
		await_flag(s.dropped);
	s.found[0] = dma_fence_chain_walk(s.held);
}

static void h15_release_leaves_links_that_are_in_use(void **state)
{
	int i, j;

	stress_team(h15_put_tail, h15_walk_on);
	for (i = 0; i < stress_rounds(2000); i++) {
		new_chain(&stress_counted_ops, 4);
		s.held = dma_fence_get(s.links[2]);
		s.stalled = i & 1;
		stress_team_round();
		assert_ptr_equal(s.found[0], s.links[1]);
		dma_fence_put(s.found[0]);
		for (j = 0; j < 4; j++)
			dma_fence_put(s.fences[j]);
		assert_int_equal(stress_live(), 0);
	}
	stress_team_stop();
}

/* H16: the release of a chain needs no more stack if the chain is longer. */

#define LONG_CHAIN	2000
#define STACK_BOUND	(16 * 1024)

static char *stack_start;
static unsigned long stack_used;

static void measure_release(struct dma_fence *fence)
{
	char here;
	unsigned long used = (unsigned long)stack_start - (unsigned long)&here;

	stack_used = max(stack_used, used);
	stress_counted_release(fence);
}

static const struct dma_fence_ops measuring_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.release = measure_release,
};

static void new_long_chain(void)
{
	int i;

	memset(&s, 0, sizeof(s));
	stack_used = 0;
	for (i = 0; i < LONG_CHAIN; i++) {
		s.tail = new_link(s.tail, stress_fence(&measuring_ops), i + 1);
		if (i == LONG_CHAIN / 2)
			s.held = dma_fence_get(s.tail);
	}
}

static void h16_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	/*
	 * The middle link still has another reference, which is about to be
	 * dropped.
	 */
	if (where == STRESS_KREF_READ && what == &s.held->refcount && nr == 2) {
		raise_flag(s.stalled);
		await_flag(s.dropped);
	}
}

static void h16_put_tail(void)
{
	char here;

	stack_start = &here;
	dma_fence_put(s.tail);
	raise_flag(s.stalled);
}

static void h16_put_held(void)
{
	await_flag(s.stalled);
	dma_fence_put(s.held);
	raise_flag(s.dropped);
}

static void h16_release_does_not_recurse(void **state)
{
	int i;

	stress_team(h16_put_tail, h16_put_held);
	stress_set_hook(h16_hook);
	for (i = 0; i < stress_rounds(10); i++) {
		new_long_chain();
		stress_team_round();
		assert_int_equal(stress_live(), 0);
		assert_between(stack_used, 1, STACK_BOUND);
	}
	stress_team_stop();
}

/* H17: the callback and the work share memory, and run one after the other. */

static void h17_chain_goes_on_fence_by_fence(void **state)
{
	int i, j;

	for (i = 0; i < stress_rounds(500); i++) {
		new_chain(&stress_counted_ops, LINKS);
		assert_int_equal(dma_fence_add_callback(s.tail, &s.cb,
							count_run), 0);
		for (j = LINKS - 1; j >= 0; j--) {
			assert_int_equal(atomic_read(&s.ran), 0);
			signal_and_put(j);
		}
		assert_int_equal(atomic_read(&s.ran), 1);
		assert_int_equal(kref_read(&s.tail->refcount), 1);
		dma_fence_put(s.tail);
		assert_int_equal(stress_live(), 0);
	}
}

/*
 * The work has added the callback to the next fence and has not returned. Now
 * that fence is signalled, and the work runs on the other thread as well.
 */
static void h17_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where == STRESS_UNLOCKED && stress_role() == 0 && in_hardirq() &&
	    what == s.stop_lock && !s.stalled) {
		raise_flag(s.stalled);
		await_flag(s.went_on);
	}
}

static void h17_signal_newest(void)
{
	signal_and_put(2);
}

static void h17_signal_next(void)
{
	if (s.signalling)
		await_flag(s.stalled);
	signal_and_put(1);
	raise_flag(s.went_on);
	signal_and_put(0);
}

static void h17_work_runs_again_before_it_has_returned(void **state)
{
	int i;

	stress_team(h17_signal_newest, h17_signal_next);
	for (i = 0; i < stress_rounds(3000); i++) {
		stress_set_hook(i & 1 ? h17_hook : NULL);
		new_chain(&stress_counted_ops, 3);
		s.signalling = i & 1;
		s.stop_lock = dma_fence_spinlock(s.fences[1]);
		assert_int_equal(dma_fence_add_callback(s.tail, &s.cb,
							count_run), 0);
		stress_team_round();
		assert_int_equal(atomic_read(&s.ran), 1);
		assert_int_equal(kref_read(&s.tail->refcount), 1);
		dma_fence_put(s.tail);
		assert_int_equal(stress_live(), 0);
	}
	stress_team_stop();
}

/* H21: no fence's lock is held when the chain advances or is signalled. */

static void ask_the_fences(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	int i;

	/* This takes the lock that the fences share. */
	for (i = 0; i < 3; i++)
		dma_fence_get_status(s.fences[i]);
	atomic_inc(&s.ran);
}

static void h21_chain_over_fences_with_one_lock(void **state)
{
	struct dma_fence *fence;
	int i, j;

	for (i = 0; i < 100; i++) {
		memset(&s, 0, sizeof(s));
		spin_lock_init(&s.lock);
		for (j = 0; j < 3; j++) {
			fence = kmalloc_obj(*fence);
			assert_non_null(fence);
			dma_fence_init(fence, &stress_plain_ops, &s.lock, 1,
				       j + 1);
			s.fences[j] = fence;
			s.tail = new_link(s.tail, dma_fence_get(fence), j + 1);
		}
		assert_int_equal(dma_fence_add_callback(s.tail, &s.cb,
							ask_the_fences), 0);
		for (j = 2; j >= 0; j--)
			dma_fence_signal(s.fences[j]);
		assert_int_equal(atomic_read(&s.ran), 1);
		dma_fence_put(s.tail);
		for (j = 0; j < 3; j++)
			dma_fence_put(s.fences[j]);
	}
}

/*
 * H25: polling takes the chain's lock and then a fence's. Nothing takes them in
 * the other order.
 */

static bool done_after_all(struct dma_fence *fence)
{
	if (stress_role() != 0)
		return false;
	raise_flag(s.in_op);
	await_flag(s.signalling);
	return true;
}

static const struct dma_fence_ops polled_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.signaled = done_after_all,
	.release = stress_counted_release,
};

static void h25_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where == STRESS_SIGNALED && what == s.fences[0])
		raise_flag(s.signalling);
}

static void h25_poll(void)
{
	stress_check(dma_fence_get_status(s.tail) == 1);
}

static void h25_signal(void)
{
	await_flag(s.in_op);
	dma_fence_signal(s.fences[0]);
}

static void h25_polling_races_signalling(void **state)
{
	int i;

	stress_team(h25_poll, h25_signal);
	stress_set_hook(h25_hook);
	for (i = 0; i < stress_rounds(1000); i++) {
		new_chain(&polled_ops, 1);
		assert_int_equal(dma_fence_add_callback(s.tail, &s.cb,
							count_run), 0);
		stress_team_round();
		assert_int_equal(atomic_read(&s.ran), 1);
		dma_fence_put(s.tail);
		dma_fence_put(s.fences[0]);
		assert_int_equal(stress_live(), 0);
	}
	stress_team_stop();
}

/* H37: a chain remains a chain after it was signalled. */

static void h37_signalled_chain_is_a_chain(void **state)
{
	struct dma_fence_unwrap cursor;
	struct dma_fence *fence;
	int nr = 0;

	new_chain(&stress_counted_ops, 2);
	dma_fence_enable_signaling(s.tail);
	signal_and_put(0);
	signal_and_put(1);
	assert_true(dma_fence_test_signaled_flag(s.tail));
	assert_true(dma_fence_is_chain(s.tail));
	dma_fence_unwrap_for_each(fence, &cursor, s.tail) {
		assert_ptr_equal(fence, s.fences[1]);
		nr++;
	}
	assert_int_equal(nr, 1);
	fence = dma_fence_get(s.tail);
	assert_int_equal(dma_fence_chain_find_seqno(&fence, 1), 0);
	assert_null(fence);
	dma_fence_put(s.tail);
	/* The chain dropped its references to the fences. */
	assert_int_equal(stress_live(), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(h14_two_collectors_share_the_references),
		TEST(h14_searches_race_signals),
		TEST(h15_release_leaves_links_that_are_in_use),
		TEST(h16_release_does_not_recurse),
		TEST(h17_chain_goes_on_fence_by_fence),
		TEST(h17_work_runs_again_before_it_has_returned),
		TEST(h21_chain_over_fences_with_one_lock),
		TEST(h25_polling_races_signalling),
		TEST(h37_signalled_chain_is_a_chain),
	};
	return STRESS_MAIN("stress-chain", tests);
}
