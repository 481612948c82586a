// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Wait-die mutexes: with many mutexes and threads, all threads finish. */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/ww_mutex.h>

static DEFINE_WD_CLASS(class);

#define NR_THREADS	6
#define NR_LOCKS	8

static struct ww_mutex locks[NR_LOCKS];
/* The holder of each mutex, and counters that only the holder changes. */
static void *inside[NR_LOCKS];
static unsigned long counters[NR_LOCKS], expected[NR_THREADS][NR_LOCKS];
static atomic_t intruders, deaths;
static bool ordered_out;

struct party {
	int nr;
	unsigned int rounds;
	/* In the deadlock test: the mutex it waits for, or -1. */
	int wants;
	bool back_off, interrupted;
};

static void enter(struct party *me, int i)
{
	if (xchg(&inside[i], me))
		atomic_inc(&intruders);
	counters[i]++;
	expected[me->nr][i]++;
}

static void leave(struct party *me, int i)
{
	if (xchg(&inside[i], NULL) != me)
		atomic_inc(&intruders);
	ww_mutex_unlock(&locks[i]);
}

static void shuffle(int *order)
{
	int i;

	for (i = 0; i < NR_LOCKS; i++)
		order[i] = i;
	for (i = NR_LOCKS - 1; i > 0; i--) {
		int j = get_random_u32() % (i + 1);

		swap(order[i], order[j]);
	}
}

/* Take the first @n mutexes of @order, giving way until all are taken. */
static void take_all(struct party *me, struct ww_acquire_ctx *ctx,
		     const int *order, int n)
{
	int i, j, slow = -1;

again:
	if (slow >= 0) {
		if (get_random_u32() & 1)
			ww_mutex_lock_slow(&locks[slow], ctx);
		else if (ww_mutex_lock_slow_interruptible(&locks[slow], ctx))
			atomic_inc(&intruders);
		enter(me, slow);
	}
	for (i = 0; i < n; i++) {
		int err = ww_mutex_lock(&locks[order[i]], ctx);

		if (err == -EALREADY && order[i] == slow)
			continue;
		if (!err) {
			enter(me, order[i]);
			continue;
		}
		if (err != -EDEADLK)
			atomic_inc(&intruders);
		atomic_inc(&deaths);
		for (j = 0; j < i; j++)
			leave(me, order[j]);
		if (slow >= 0) {
			for (j = 0; j < i && order[j] != slow; j++)
				;
			if (j == i)
				leave(me, slow);
		}
		slow = order[i];
		goto again;
	}
}

static int take_random_sets(void *data)
{
	struct party *me = data;
	struct ww_acquire_ctx ctx;
	int order[NR_LOCKS], i, n;
	unsigned int r;

	/* Go on until a thread had to give way, even on a busy machine. */
	for (r = 0; r < me->rounds || !atomic_read(&deaths); r++) {
		shuffle(order);
		n = 1 + get_random_u32() % NR_LOCKS;
		ww_acquire_init(&ctx, &class);
		take_all(me, &ctx, order, n);
		ww_acquire_done(&ctx);
		if (r % 16 == 0)
			yield();
		for (i = 0; i < n; i++)
			leave(me, order[i]);
		ww_acquire_fini(&ctx);
	}
	return 0;
}

static void locks_init(void)
{
	int i;

	for (i = 0; i < NR_LOCKS; i++)
		ww_mutex_init(&locks[i], &class);
	memset(inside, 0, sizeof(inside));
	memset(counters, 0, sizeof(counters));
	memset(expected, 0, sizeof(expected));
	atomic_set(&intruders, 0);
	atomic_set(&deaths, 0);
}

static void random_sets_in_random_order_are_always_acquired(void **state)
{
	struct task_struct *tasks[NR_THREADS];
	struct party parties[NR_THREADS];
	unsigned long sum;
	int i, j;

	locks_init();
	for (i = 0; i < NR_THREADS; i++) {
		parties[i] = (struct party){
			.nr = i, .rounds = 4000 / test_slowness() };
		tasks[i] = start(take_random_sets, &parties[i]);
	}
	for (i = 0; i < NR_THREADS; i++)
		finish(tasks[i]);
	assert_int_equal(atomic_read(&intruders), 0);
	/* Threads had to give way. */
	assert_true(atomic_read(&deaths) > 0);
	for (j = 0; j < NR_LOCKS; j++) {
		for (i = 0, sum = 0; i < NR_THREADS; i++)
			sum += expected[i][j];
		assert_int_equal(counters[j], sum);
		assert_int_equal(locks[j].base.owner, 0);
		assert_null(locks[j].ctx);
		assert_true(list_empty(&locks[j].base.waiters));
		ww_mutex_destroy(&locks[j]);
	}
}

/* The same without giving way, until the main thread stops it. */
static int take_random_sets_stubbornly(void *data)
{
	struct party *me = data;
	int order[NR_LOCKS], i, n, err;

	while (!READ_ONCE(ordered_out)) {
		shuffle(order);
		for (n = 0, err = 0; n < NR_LOCKS && !err; n++) {
			WRITE_ONCE(me->wants, order[n]);
			err = ww_mutex_lock_interruptible(&locks[order[n]],
							  NULL);
			WRITE_ONCE(me->wants, -1);
			if (err)
				break;
		}
		for (i = 0; i < n; i++)
			ww_mutex_unlock(&locks[order[i]]);
	}
	flush_signals(current);
	return 0;
}

/* Follow each thread to the holder of the mutex it wants: true for a cycle. */
static bool there_is_a_cycle(struct party *parties, struct task_struct **tasks)
{
	int i, j, steps, wants;

	for (i = 0, steps = 0; steps <= NR_THREADS; steps++, i = j) {
		wants = READ_ONCE(parties[i].wants);
		if (wants < 0 || !sleeps_in(tasks[i], TASK_INTERRUPTIBLE))
			return false;
		for (j = 0; j < NR_THREADS; j++)
			if ((READ_ONCE(locks[wants].base.owner) &
			     ~LFSHIM_MUTEX_WAITERS) == (unsigned long)tasks[j])
				break;
		if (j == NR_THREADS)
			return false;
	}
	return true;
}

static void threads_that_do_not_give_way_soon_form_a_cycle(void **state)
{
	struct task_struct *tasks[NR_THREADS];
	struct party parties[NR_THREADS];
	bool found;
	int i;

	locks_init();
	WRITE_ONCE(ordered_out, false);
	test_expect_warnings();
	for (i = 0; i < NR_THREADS; i++) {
		parties[i] = (struct party){ .nr = i, .wants = -1 };
		tasks[i] = start(take_random_sets_stubbornly, &parties[i]);
	}
	found = eventually(there_is_a_cycle(parties, tasks));
	/* lockdep has reported the order before the deadlock. */
	test_expected_warnings(IS_ENABLED(CONFIG_LOCKDEP), NULL, __FILE__,
			       __LINE__);
	/* The cycle does not resolve by itself. */
	msleep(20);
	found = found && there_is_a_cycle(parties, tasks);
	WRITE_ONCE(ordered_out, true);
	for (i = 0; i < NR_THREADS; i++)
		send_sig(SIGUSR1, tasks[i], 0);
	for (i = 0; i < NR_THREADS; i++)
		finish(tasks[i]);
	assert_true(found);
}

/* Fairness */

static int take_all_for_ever(void *data)
{
	struct party *me = data;
	struct ww_acquire_ctx ctx;
	int order[NR_LOCKS], i;

	while (!READ_ONCE(ordered_out)) {
		shuffle(order);
		ww_acquire_init(&ctx, &class);
		take_all(me, &ctx, order, NR_LOCKS);
		for (i = 0; i < NR_LOCKS; i++)
			leave(me, order[i]);
		ww_acquire_fini(&ctx);
	}
	return 0;
}

/*
 * The oldest context never has to give way: it gets all mutexes at the first
 * attempt, while younger contexts take and release them.
 */
static void the_oldest_gets_through_at_once(void **state)
{
	struct task_struct *tasks[NR_THREADS - 1];
	struct party parties[NR_THREADS - 1], me = { .nr = NR_THREADS - 1 };
	unsigned int i, r, rounds = 200 / test_slowness();
	struct ww_acquire_ctx ctx;
	int order[NR_LOCKS];

	locks_init();
	WRITE_ONCE(ordered_out, false);
	ww_acquire_init(&ctx, &class);
	for (i = 0; i < NR_THREADS - 1; i++) {
		parties[i] = (struct party){ .nr = i };
		tasks[i] = start(take_all_for_ever, &parties[i]);
	}
	for (r = 0; r < rounds; r++) {
		shuffle(order);
		for (i = 0; i < NR_LOCKS; i++) {
			assert_int_equal(ww_mutex_lock(&locks[order[i]], &ctx),
					 0);
			enter(&me, order[i]);
		}
		for (i = 0; i < NR_LOCKS; i++)
			leave(&me, order[i]);
	}
	WRITE_ONCE(ordered_out, true);
	for (i = 0; i < NR_THREADS - 1; i++)
		finish(tasks[i]);
	ww_acquire_fini(&ctx);
	assert_int_equal(atomic_read(&intruders), 0);
}

static int hog(void *data)
{
	while (!READ_ONCE(ordered_out)) {
		if (ww_mutex_lock(&locks[0], NULL))
			return 1;
		ww_mutex_unlock(&locks[0]);
	}
	return 0;
}

static void newcomers_do_not_keep_a_waiter_out(void **state)
{
	unsigned int i, n = 2000 / test_slowness();
	struct task_struct *hogs[2];

	locks_init();
	WRITE_ONCE(ordered_out, false);
	hogs[0] = start(hog, NULL);
	hogs[1] = start(hog, NULL);
	for (i = 0; i < n; i++) {
		assert_int_equal(ww_mutex_lock(&locks[0], NULL), 0);
		ww_mutex_unlock(&locks[0]);
	}
	WRITE_ONCE(ordered_out, true);
	assert_int_equal(finish(hogs[0]), 0);
	assert_int_equal(finish(hogs[1]), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(random_sets_in_random_order_are_always_acquired),
		TEST(threads_that_do_not_give_way_soon_form_a_cycle),
		TEST(the_oldest_gets_through_at_once),
		TEST(newcomers_do_not_keep_a_waiter_out),
	};

	return TEST_MAIN("ww_mutex-crowd", tests);
}
