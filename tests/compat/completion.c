// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Completions: counting, timeouts, and freeing one after the wait. */

#include "helpers.h"
#include <signal.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

static struct completion done;
/* A thread that is woken under it runs later. */
static DEFINE_SPINLOCK(holds_wake_ups);
static atomic_t nr_through;

static int wait_once(void *unused)
{
	wait_for_completion(&done);
	atomic_inc_return(&nr_through);
	return 0;
}

static void each_complete_lets_one_waiter_through(void **state)
{
	struct task_struct *tasks[3];
	int i;

	init_completion(&done);
	atomic_set(&nr_through, 0);
	for (i = 0; i < 3; i++) {
		tasks[i] = start(wait_once, NULL);
		assert_true(eventually(sleeps_in(tasks[i], TASK_UNINTERRUPTIBLE)));
	}
	for (i = 1; i <= 3; i++) {
		complete(&done);
		assert_true(eventually(atomic_read(&nr_through) == i));
		msleep(2);
		assert_int_equal(atomic_read(&nr_through), i);
	}
	for (i = 0; i < 3; i++)
		finish(tasks[i]);
	assert_false(completion_done(&done));
}

/*
 * The first complete() wakes the waiter. It sleeps, and runs when the spinlock is
 * released: it finds that this thread has taken the count.
 */
static void waiter_that_comes_too_late_waits_again(void **state)
{
	struct task_struct *task;
	bool taken = false;
	int i;

	for (i = 0; i < 1000 && !taken; i++) {
		init_completion(&done);
		task = start(wait_once, NULL);
		assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
		spin_lock_irq(&holds_wake_ups);
		complete(&done);
		taken = try_wait_for_completion(&done);
		spin_unlock_irq(&holds_wake_ups);
		if (taken) {
			assert_true(eventually(
				sleeps_in(task, TASK_UNINTERRUPTIBLE)));
			complete(&done);
		}
		finish(task);
	}
	assert_true(taken);
}

static void completes_before_the_wait_are_counted(void **state)
{
	init_completion(&done);
	complete(&done);
	complete(&done);
	assert_true(completion_done(&done));
	wait_for_completion(&done);
	assert_true(try_wait_for_completion(&done));
	assert_false(completion_done(&done));
	assert_false(try_wait_for_completion(&done));
	assert_false(completion_done(&done));
}

static void complete_all_is_for_ever(void **state)
{
	struct task_struct *tasks[3];
	int i;

	init_completion(&done);
	for (i = 0; i < 3; i++) {
		tasks[i] = start(wait_once, NULL);
		assert_true(eventually(sleeps_in(tasks[i], TASK_UNINTERRUPTIBLE)));
	}
	complete_all(&done);
	for (i = 0; i < 3; i++)
		finish(tasks[i]);
	for (i = 0; i < 10; i++)
		wait_for_completion(&done);
	assert_true(try_wait_for_completion(&done));
	complete(&done);
	assert_true(completion_done(&done));
	reinit_completion(&done);
	assert_false(completion_done(&done));
}

static int order[3], nr_in_order;

static int wait_in_order(void *nr)
{
	wait_for_completion(&done);
	order[nr_in_order] = (long)nr;
	/* Release: pairs with the acquire below, before the next one. */
	smp_store_release(&nr_in_order, nr_in_order + 1);
	return 0;
}

static void waiters_are_let_through_in_turn(void **state)
{
	struct task_struct *tasks[3];
	long i;

	init_completion(&done);
	nr_in_order = 0;
	for (i = 0; i < 3; i++) {
		tasks[i] = start(wait_in_order, (void *)i);
		assert_true(eventually(sleeps_in(tasks[i], TASK_UNINTERRUPTIBLE)));
	}
	for (i = 0; i < 3; i++) {
		complete(&done);
		assert_true(eventually(smp_load_acquire(&nr_in_order) == i + 1));
	}
	for (i = 0; i < 3; i++) {
		finish(tasks[i]);
		assert_int_equal(order[i], i);
	}
}

static void nothing_is_taken_from_complete_all(void **state)
{
	init_completion(&done);
	complete_all(&done);
	wait_for_completion(&done);
	assert_true(try_wait_for_completion(&done));
	assert_true(wait_for_completion_timeout(&done, 1) > 0);
	assert_int_equal(done.done, UINT_MAX);
	/* Nor is anything added. */
	complete(&done);
	assert_int_equal(done.done, UINT_MAX);
}

static int complete_later(void *unused)
{
	msleep(5);
	complete(&done);
	return 0;
}

static void endless_timeout_is_a_timeout(void **state)
{
	struct task_struct *task;
	long left;

	init_completion(&done);
	task = start(complete_later, NULL);
	left = wait_for_completion_timeout(&done, ULONG_MAX);
	assert_true(left > LONG_MAX / 2);
	finish(task);
	task = start(complete_later, NULL);
	left = wait_for_completion_interruptible_timeout(&done, ULONG_MAX);
	assert_true(left > LONG_MAX / 2);
	finish(task);
}

static void timeouts_return_what_is_left(void **state)
{
	ktime_t begin = ktime_get();

	init_completion(&done);
	assert_int_equal(wait_for_completion_timeout(&done, 0), 0);
	assert_int_equal(wait_for_completion_timeout(&done, 5), 0);
	assert_int_equal(wait_for_completion_interruptible_timeout(&done, 5), 0);
	assert_true(ktime_get() - begin >= 10 * TICK_NSEC);
	complete(&done);
	/* Done: the result is at least 1, even with a timeout of 0. */
	assert_int_equal(wait_for_completion_timeout(&done, 0), 1);
	complete(&done);
	assert_int_equal(wait_for_completion_timeout(&done, 100), 100);
	complete(&done);
	assert_int_equal(wait_for_completion_interruptible_timeout(&done, 9), 9);
	/* A timeout that does not fit into a long. */
	complete(&done);
	assert_true(wait_for_completion_timeout(&done, ULONG_MAX) > 0);
}

static int wait_interruptible(void *unused)
{
	return wait_for_completion_interruptible(&done);
}

static int wait_interruptible_timeout(void *unused)
{
	return wait_for_completion_interruptible_timeout(&done, 1000 * HZ);
}

static void signal_ends_an_interruptible_wait(void **state)
{
	int (*const fns[])(void *) = {
		wait_interruptible, wait_interruptible_timeout,
	};
	unsigned int i;

	init_completion(&done);
	for (i = 0; i < ARRAY_SIZE(fns); i++) {
		struct task_struct *task = start(fns[i], NULL);

		assert_true(eventually(sleeps_in(task, TASK_INTERRUPTIBLE)));
		send_sig(SIGINT, task, 0);
		assert_int_equal(finish(task), -ERESTARTSYS);
		task = start(fns[i], NULL);
		assert_true(eventually(sleeps_in(task, TASK_INTERRUPTIBLE)));
		complete(&done);
		assert_true(finish(task) >= 0);
	}
	/* An interrupted waiter has consumed no completion. */
	complete(&done);
	assert_true(try_wait_for_completion(&done));
	assert_false(completion_done(&done));
}

static void done_beats_a_pending_signal(void **state)
{
	init_completion(&done);
	send_sig(SIGINT, current, 0);
	assert_int_equal(wait_for_completion_interruptible(&done), -ERESTARTSYS);
	complete(&done);
	assert_int_equal(wait_for_completion_interruptible(&done), 0);
	flush_signals(current);
}

static int complete_it(void *data)
{
	complete(data);
	return 0;
}

static void waiter_may_free_what_it_waited_for(void **state)
{
	int i, nr = 500 / test_slowness();

	for (i = 0; i < nr; i++) {
		struct completion *c = kmalloc_obj(*c);
		struct task_struct *task;

		init_completion(c);
		task = start(complete_it, c);
		if (i % 2)
			wait_for_completion(c);
		else
			while (!completion_done(c))
				cpu_relax();
		memset(c, 0xff, sizeof(*c));
		kfree(c);
		finish(task);
	}
}

#define NR_THREADS	4

static atomic_t produced, consumed;
static int per_thread;

static int produce(void *unused)
{
	int i;

	for (i = 0; i < per_thread; i++) {
		atomic_inc_return(&produced);
		complete(&done);
	}
	return 0;
}

static int consume(void *unused)
{
	int i, bad = 0;

	for (i = 0; i < per_thread; i++) {
		wait_for_completion(&done);
		/* No more waiters return than complete() was called. */
		bad += atomic_inc_return(&consumed) > atomic_read(&produced);
	}
	return bad;
}

static void as_many_waiters_return_as_completions(void **state)
{
	struct task_struct *tasks[2 * NR_THREADS];
	int i, bad = 0;

	per_thread = 3000 / test_slowness();
	init_completion(&done);
	atomic_set(&produced, 0);
	atomic_set(&consumed, 0);
	for (i = 0; i < 2 * NR_THREADS; i++)
		tasks[i] = start(i % 2 ? produce : consume, NULL);
	for (i = 0; i < 2 * NR_THREADS; i++)
		bad += finish(tasks[i]);
	assert_int_equal(bad, 0);
	assert_int_equal(atomic_read(&consumed), NR_THREADS * per_thread);
	assert_false(completion_done(&done));
}

/* The table: done 0, a count, for ever; and the remaining time */

static void waits_without_a_timeout_take_one_count(void **state)
{
	init_completion(&done);
	complete_all(&done);
	wait_for_completion(&done);
	wait_for_completion_io(&done);
	assert_int_equal(wait_for_completion_interruptible(&done), 0);
	assert_int_equal(wait_for_completion_killable(&done), 0);
	assert_int_equal(wait_for_completion_state(&done, TASK_IDLE), 0);
	assert_true(completion_done(&done));
	reinit_completion(&done);
	complete(&done);
	wait_for_completion_io(&done);
	complete(&done);
	assert_int_equal(wait_for_completion_killable(&done), 0);
	complete(&done);
	assert_int_equal(wait_for_completion_state(&done, TASK_UNINTERRUPTIBLE), 0);
	assert_false(completion_done(&done));
}

static void every_timeout_returns_what_is_left(void **state)
{
	init_completion(&done);
	assert_int_equal(wait_for_completion_io_timeout(&done, 2), 0);
	assert_int_equal(wait_for_completion_killable_timeout(&done, 2), 0);
	assert_int_equal(wait_for_completion_killable_timeout(&done, 0), 0);
	complete(&done);
	assert_int_equal(wait_for_completion_io_timeout(&done, 0), 1);
	complete(&done);
	assert_int_equal(wait_for_completion_killable_timeout(&done, 0), 1);
	complete(&done);
	assert_int_equal(wait_for_completion_io_timeout(&done, 70), 70);
	complete(&done);
	assert_int_equal(wait_for_completion_killable_timeout(&done, ULONG_MAX),
			 LONG_MAX);
	assert_false(completion_done(&done));
}

static void initialisers_on_the_stack(void **state)
{
	struct completion c = COMPLETION_INITIALIZER_ONSTACK(c);

	DECLARE_COMPLETION_ONSTACK_MAP(d, c);

	complete(&c);
	assert_true(try_wait_for_completion(&c));
	complete_on_current_cpu(&d);
	assert_true(try_wait_for_completion(&d));
	init_completion_map(&d, c);
	assert_false(completion_done(&d));
}

static int wait_killable(void *unused)
{
	return wait_for_completion_killable(&done);
}

static int wait_killable_timeout(void *unused)
{
	return wait_for_completion_killable_timeout(&done, 1000 * HZ);
}

static int wait_state_killable(void *unused)
{
	return wait_for_completion_state(&done, TASK_KILLABLE);
}

static void only_a_fatal_signal_ends_a_killable_wait(void **state)
{
	int (*const fns[])(void *) = {
		wait_killable, wait_killable_timeout, wait_state_killable,
	};
	unsigned int i;

	init_completion(&done);
	for (i = 0; i < ARRAY_SIZE(fns); i++) {
		struct task_struct *task = start(fns[i], NULL);

		assert_true(eventually(sleeps_in(task, TASK_KILLABLE)));
		send_sig(SIGINT, task, 0);
		msleep(1);
		assert_true(sleeps_in(task, TASK_KILLABLE));
		send_sig(SIGKILL, task, 0);
		assert_int_equal(finish(task), -ERESTARTSYS);
	}
}

static unsigned long wait_jiffies;

static int wait_uninterruptible_timeout(void *unused)
{
	return wait_for_completion_timeout(&done, wait_jiffies);
}

static int wait_io_timeout(void *unused)
{
	return wait_for_completion_io_timeout(&done, wait_jiffies);
}

/* A thread that was seen asleep. On a busy machine, that needs a longer sleep. */
static struct task_struct *start_waiting(int (*fn)(void *), unsigned int state)
{
	struct task_struct *task;

	for (wait_jiffies = 10 + HZ / 50; wait_jiffies < 20 * HZ;
	     wait_jiffies *= 2) {
		task = start(fn, NULL);
		while (!(READ_ONCE(task->flags) & PF_EXITING)) {
			if (sleeps_in(task, state))
				return task;
			usleep_range(100, 200);
		}
		assert_int_equal(finish(task), 0);
	}
	fail_msg("the thread does not sleep");
	return NULL;
}

static void no_signal_ends_an_uninterruptible_wait(void **state)
{
	int (*const fns[])(void *) = {
		wait_uninterruptible_timeout, wait_io_timeout,
	};
	unsigned int i;

	init_completion(&done);
	for (i = 0; i < ARRAY_SIZE(fns); i++) {
		/* Before that, the thread may ignore the signal. */
		struct task_struct *task =
			start_waiting(fns[i], TASK_UNINTERRUPTIBLE);

		send_sig(SIGKILL, task, 0);
		assert_int_equal(finish(task), 0);
	}
}

static int wait_interruptible_jiffies(void *unused)
{
	return wait_for_completion_interruptible_timeout(&done, wait_jiffies);
}

/* As in the kernel, signals are looked for before each sleep only. */
static void end_of_the_time_beats_a_signal(void **state)
{
	struct task_struct *task;

	init_completion(&done);
	task = start_waiting(wait_interruptible_jiffies, TASK_INTERRUPTIBLE);
	msleep(2);
	/* As a signal that comes with the end of the time: it wakes nobody. */
	__atomic_fetch_or(&task->lfshim_signal, LFSHIM_SIG_SENT,
			  __ATOMIC_RELAXED);
	assert_int_equal(finish(task), 0);
	/* Pending before: the wait does not begin. */
	send_sig(SIGINT, current, 0);
	assert_int_equal(wait_for_completion_interruptible_timeout(&done, 0),
			 -ERESTARTSYS);
	flush_signals(current);
	assert_int_equal(wait_for_completion_interruptible_timeout(&done, 0), 0);
}

/* Races */

static atomic_t nr_completed, nr_got;

static int wait_with_timeouts(void *data)
{
	int i, nr = 2000 / test_slowness();

	for (i = 0; i < nr; i++)
		if (wait_for_completion_interruptible_timeout(&done, i % 2) > 0)
			atomic_inc(&nr_got);
		else
			flush_signals(current);
	return 0;
}

static int complete_often(void *data)
{
	int i, nr = 2000 / test_slowness();

	for (i = 0; i < nr; i++) {
		complete(&done);
		atomic_inc(&nr_completed);
		if (i % 4 == 0)
			usleep_range(10, 20);
		if (i % 16 == 0)
			send_sig(SIGINT, data, 0);
	}
	return 0;
}

/* A waiter that leaves by timeout or signal takes no count. */
static void no_count_is_lost_beside_timeouts_and_signals(void **state)
{
	struct task_struct *waiters[2], *completers[2];
	int i, left = 0;

	init_completion(&done);
	atomic_set(&nr_completed, 0);
	atomic_set(&nr_got, 0);
	for (i = 0; i < 2; i++) {
		waiters[i] = start(wait_with_timeouts, NULL);
		completers[i] = start(complete_often, waiters[i]);
	}
	for (i = 0; i < 2; i++)
		finish(completers[i]);
	for (i = 0; i < 2; i++)
		finish(waiters[i]);
	while (try_wait_for_completion(&done))
		left++;
	assert_int_equal(atomic_read(&nr_got) + left,
			 atomic_read(&nr_completed));
}

static void n_completes_let_n_of_more_waiters_through(void **state)
{
	struct task_struct *tasks[6];
	int i;

	init_completion(&done);
	atomic_set(&nr_through, 0);
	for (i = 0; i < 6; i++) {
		tasks[i] = start(wait_once, NULL);
		assert_true(eventually(sleeps_in(tasks[i], TASK_UNINTERRUPTIBLE)));
	}
	for (i = 0; i < 4; i++)
		complete(&done);
	assert_true(eventually(atomic_read(&nr_through) == 4));
	msleep(2);
	assert_int_equal(atomic_read(&nr_through), 4);
	/* First in, first out: the last two still wait. */
	assert_true(sleeps_in(tasks[4], TASK_UNINTERRUPTIBLE));
	assert_true(sleeps_in(tasks[5], TASK_UNINTERRUPTIBLE));
	complete_all(&done);
	for (i = 0; i < 6; i++)
		finish(tasks[i]);
}

struct in_turn {
	struct completion done;
	int order;
};

static int next_number;

static int take_a_number(void *data)
{
	struct in_turn *w = data;

	wait_for_completion(&done);
	w->order = next_number++;
	complete(&w->done);
	return 0;
}

/* A waiter that is woken for nothing stays where it is. */
static void wake_up_for_nothing_keeps_the_place(void **state)
{
	struct task_struct *tasks[2];
	struct in_turn w[2];
	int i;

	init_completion(&done);
	next_number = 0;
	for (i = 0; i < 2; i++) {
		init_completion(&w[i].done);
		tasks[i] = start(take_a_number, &w[i]);
		assert_true(eventually(sleeps_in(tasks[i],
						 TASK_UNINTERRUPTIBLE)));
	}
	wake_up_process(tasks[0]);
	assert_true(eventually(sleeps_in(tasks[0], TASK_UNINTERRUPTIBLE)));
	complete(&done);
	wait_for_completion(&w[0].done);
	complete(&done);
	wait_for_completion(&w[1].done);
	for (i = 0; i < 2; i++) {
		finish(tasks[i]);
		assert_int_equal(w[i].order, i);
	}
}

struct ping_pong {
	struct completion ping, pong;
	int rounds;
};

static int answer(void *data)
{
	struct ping_pong *p = data;
	int i;

	for (i = 0; i < p->rounds; i++) {
		wait_for_completion(&p->ping);
		complete(&p->pong);
	}
	return 0;
}

/* After one, both threads would sleep for ever. */
static void no_wake_up_is_missed(void **state)
{
	struct ping_pong p = { .rounds = 30000 / test_slowness() };
	struct task_struct *task;
	int i;

	init_completion(&p.ping);
	init_completion(&p.pong);
	task = start(answer, &p);
	for (i = 0; i < p.rounds; i++) {
		complete(&p.ping);
		wait_for_completion(&p.pong);
	}
	finish(task);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(each_complete_lets_one_waiter_through),
		TEST(waiter_that_comes_too_late_waits_again),
		TEST(completes_before_the_wait_are_counted),
		TEST(complete_all_is_for_ever),
		TEST(waiters_are_let_through_in_turn),
		TEST(nothing_is_taken_from_complete_all),
		TEST(endless_timeout_is_a_timeout),
		TEST(timeouts_return_what_is_left),
		TEST(signal_ends_an_interruptible_wait),
		TEST(done_beats_a_pending_signal),
		TEST(waiter_may_free_what_it_waited_for),
		TEST(as_many_waiters_return_as_completions),
		TEST(waits_without_a_timeout_take_one_count),
		TEST(every_timeout_returns_what_is_left),
		TEST(initialisers_on_the_stack),
		TEST(only_a_fatal_signal_ends_a_killable_wait),
		TEST(no_signal_ends_an_uninterruptible_wait),
		TEST(end_of_the_time_beats_a_signal),
		TEST(no_count_is_lost_beside_timeouts_and_signals),
		TEST(n_completes_let_n_of_more_waiters_through),
		TEST(wake_up_for_nothing_keeps_the_place),
		TEST(no_wake_up_is_missed),
	};

	return TEST_MAIN("completion", tests);
}
