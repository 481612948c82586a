// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Signalling against adding, removing and running callbacks. */
#include "stress.h"

#define TIME	0x5eed

/* The data that the members of a team share in a round. */
static struct round {
	struct dma_fence *f;
	struct dma_fence_cb cb, late;
	int added;
	bool removed, wait_for_reader;
	/* Flags: how far each member has come. */
	bool adder_at_lock, signalled, signalling, in_cb, freed, reading, read;
	atomic_t ran, late_ran;
	ktime_t seen_time;
} s;

static void new_round(const struct dma_fence_ops *ops)
{
	memset(&s, 0, sizeof(s));
	s.f = stress_fence(ops);
}

static void count_run(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	atomic_inc(cb == &s.late ? &s.late_ran : &s.ran);
}

static bool is_late(struct dma_fence *fence)
{
	return test_bit(DMA_FENCE_FLAG_TIMESTAMP_BIT, &fence->flags);
}

static void signal_at_time(void)
{
	dma_fence_signal_timestamp(s.f, TIME);
	raise_flag(s.signalled);
}

/* H1: the adder found the fence unsignalled, and does not hold the lock yet. */

static void h01_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where == STRESS_LOCK && stress_role() == 0 && !s.adder_at_lock) {
		raise_flag(s.adder_at_lock);
		await_flag(s.signalled);
	}
}

static void h01_add(void)
{
	s.added = dma_fence_add_callback(s.f, &s.cb, count_run);
}

static void h01_signal_later(void)
{
	await_flag(s.adder_at_lock);
	signal_at_time();
}

static void h01_check(void)
{
	assert_true(s.added == 0 || s.added == -ENOENT);
	/*
	 * A callback that was accepted has run; one that was refused has not.
	 */
	assert_int_equal(atomic_read(&s.ran), s.added == 0);
	assert_true(list_empty(&s.cb.node));
	assert_int_equal(dma_fence_timestamp(s.f), TIME);
	dma_fence_put(s.f);
}

static void h01_signal_races_add_callback(void **state)
{
	int i;

	stress_team(h01_add, h01_signal_later);
	stress_set_hook(h01_hook);
	for (i = 0; i < stress_rounds(300); i++) {
		new_round(&stress_plain_ops);
		stress_team_round();
		assert_int_equal(s.added, -ENOENT);
		h01_check();
	}
	stress_team_stop();

	stress_team(h01_add, signal_at_time);
	for (i = 0; i < stress_rounds(10000); i++) {
		new_round(&stress_plain_ops);
		stress_team_round();
		h01_check();
	}
	stress_team_stop();
}

/* H2: the flag is set, and the timestamp is not. */

static void h02_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (stress_role() != 1)
		return;
	if (where == STRESS_SIGNALED) {
		raise_flag(s.signalling);
		await_flag(s.reading);
		udelay(5);
	} else if (where == STRESS_SET_BIT &&
		   nr == DMA_FENCE_FLAG_TIMESTAMP_BIT) {
		await_flag(s.read);
	}
}

static void h02_read_time(void)
{
	while (!dma_fence_test_signaled_flag(s.f))
		cpu_relax();
	raise_flag(s.reading);
	s.seen_time = dma_fence_timestamp(s.f);
	raise_flag(s.read);
}

static void h02_timestamp_is_there_when_it_is_read(void **state)
{
	int i;

	stress_team(h02_read_time, signal_at_time);
	for (i = 0; i < stress_rounds(3000); i++) {
		stress_set_hook(i % 3 ? NULL : h02_hook);
		new_round(&stress_plain_ops);
		stress_team_round();
		assert_int_equal(s.seen_time, TIME);
		dma_fence_put(s.f);
	}
	stress_team_stop();
}

/*
 * H3: a signalled fence may still run callbacks; taking its lock waits for
 * them.
 */

static void slow_callback(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	raise_flag(s.in_cb);
	if (s.wait_for_reader)
		await_flag(s.reading);
	/* No other thread gets the lock while this runs. */
	stress_check(!stress_until(READ_ONCE(s.freed), STRESS_WINDOW_MS));
	stress_check(is_late(fence));
	atomic_inc(&s.ran);
}

static void h03_free_after_lock(void)
{
	unsigned long flags;

	await_flag(s.in_cb);
	stress_check(dma_fence_is_signaled(s.f));
	stress_check(dma_fence_add_callback(s.f, &s.late, count_run) == -ENOENT);
	/*
	 * All of this happens while the callback is running: it waits for the
	 * flag.
	 */
	stress_check(!atomic_read(&s.ran));
	raise_flag(s.reading);
	dma_fence_lock_irqsave(s.f, flags);
	raise_flag(s.freed);
	dma_fence_unlock_irqrestore(s.f, flags);
}

static void h03_lock_comes_after_the_callbacks(void **state)
{
	int i;

	stress_team(h03_free_after_lock, signal_at_time);
	for (i = 0; i < stress_rounds(50); i++) {
		new_round(&stress_plain_ops);
		s.wait_for_reader = true;
		dma_fence_add_callback(s.f, &s.cb, slow_callback);
		stress_team_round();
		assert_int_equal(atomic_read(&s.ran), 1);
		assert_int_equal(atomic_read(&s.late_ran), 0);
		dma_fence_put(s.f);
	}
	stress_team_stop();
}

/* H4: removal waits for a callback that is running. */

static void h04_remove_running(void)
{
	await_flag(s.in_cb);
	s.removed = dma_fence_remove_callback(s.f, &s.cb);
	raise_flag(s.freed);
}

static void h04_remove_waits_for_the_callback(void **state)
{
	int i;

	stress_team(h04_remove_running, signal_at_time);
	for (i = 0; i < stress_rounds(50); i++) {
		new_round(&stress_plain_ops);
		dma_fence_add_callback(s.f, &s.cb, slow_callback);
		stress_team_round();
		assert_false(s.removed);
		assert_int_equal(atomic_read(&s.ran), 1);
		dma_fence_put(s.f);
	}
	stress_team_stop();
}

/* Each added callback is either run or removed, exactly once. */

#define NR_CBS	6
static struct counted_cb {
	struct dma_fence_cb cb;
	atomic_t ran;
	bool added;
	int removed;
	unsigned int magic;
} cbs[NR_CBS];

static void counted_run(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct counted_cb *c = container_of(cb, struct counted_cb, cb);

	stress_check(c->magic == TIME);
	atomic_inc(&c->ran);
}

static void h04_add_and_remove(void)
{
	struct counted_cb *c;
	unsigned int i;

	/* Two members: each adds every second callback. */
	for (i = stress_role(); i < NR_CBS; i += 2) {
		c = &cbs[i];
		c->added = !dma_fence_add_callback(s.f, &c->cb, counted_run);
		if (!(get_random_u32() & 1))
			continue;
		c->removed = dma_fence_remove_callback(s.f, &c->cb);
		/*
		 * The memory belongs to this member again, with either result.
		 */
		c->magic = 0;
	}
}

static void signal_sometime(void)
{
	unsigned int turns = get_random_u32_below(200);

	while (turns--)
		cpu_relax();
	dma_fence_signal_timestamp(s.f, TIME);
}

static void h04_callbacks_run_or_are_removed_once(void **state)
{
	int i, j;

	stress_team(h04_add_and_remove, h04_add_and_remove, signal_sometime);
	for (i = 0; i < stress_rounds(4000); i++) {
		new_round(&stress_plain_ops);
		memset(cbs, 0, sizeof(cbs));
		for (j = 0; j < NR_CBS; j++)
			cbs[j].magic = TIME;
		stress_team_round();
		for (j = 0; j < NR_CBS; j++)
			assert_int_equal(cbs[j].added,
					 atomic_read(&cbs[j].ran) +
						 cbs[j].removed);
		dma_fence_put(s.f);
	}
	stress_team_stop();
}

/* H24: two pollers hear at once that the work is done, and both signal. */

static atomic_t polling;

static bool done_for_both(struct dma_fence *fence)
{
	atomic_inc(&polling);
	stress_until(atomic_read(&polling) >= 2, STRESS_WINDOW_MS);
	return true;
}

static const struct dma_fence_ops polled_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.signaled = done_for_both,
};

static ktime_t poller_time[2];

static void h24_poll(void)
{
	/*
	 * False is correct only if the flag was read before it was set, and the
	 * ops after they were cleared.
	 */
	stress_check(dma_fence_is_signaled(s.f) ||
		     (test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &s.f->flags) &&
		      !rcu_access_pointer(s.f->ops)));
	poller_time[stress_role()] = dma_fence_timestamp(s.f);
}

static void h24_two_pollers_signal_once(void **state)
{
	int i;

	stress_team(h24_poll, h24_poll);
	for (i = 0; i < stress_rounds(2000); i++) {
		new_round(&polled_ops);
		atomic_set(&polling, 0);
		assert_int_equal(dma_fence_add_callback(s.f, &s.cb, count_run),
				 0);
		stress_team_round();
		assert_int_equal(atomic_read(&s.ran), 1);
		assert_true(poller_time[0] == poller_time[1]);
		assert_true(poller_time[0] == dma_fence_timestamp(s.f));
		dma_fence_put(s.f);
	}
	stress_team_stop();
}

static atomic_t firsts;

static void h24_check_and_signal(void)
{
	if (!dma_fence_check_and_signal(s.f))
		atomic_inc(&firsts);
}

static void h24_one_caller_is_the_first(void **state)
{
	int i;

	stress_team(h24_check_and_signal, h24_check_and_signal,
		    h24_check_and_signal);
	for (i = 0; i < stress_rounds(5000); i++) {
		new_round(&stress_plain_ops);
		atomic_set(&firsts, 0);
		assert_int_equal(dma_fence_add_callback(s.f, &s.cb, count_run),
				 0);
		stress_team_round();
		assert_int_equal(atomic_read(&firsts), 1);
		assert_int_equal(atomic_read(&s.ran), 1);
		dma_fence_put(s.f);
	}
	stress_team_stop();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(h01_signal_races_add_callback),
		TEST(h02_timestamp_is_there_when_it_is_read),
		TEST(h03_lock_comes_after_the_callbacks),
		TEST(h04_remove_waits_for_the_callback),
		TEST(h04_callbacks_run_or_are_removed_once),
		TEST(h24_two_pollers_signal_once),
		TEST(h24_one_caller_is_the_first),
	};
	return STRESS_MAIN("stress-callbacks", tests);
}
