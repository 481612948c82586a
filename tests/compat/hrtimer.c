// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Timers in nanoseconds: their states, cell by cell; contexts, races. */

#include "helpers.h"
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>

#define FAR	(1000 * NSEC_PER_SEC)
#define NEAR	(NSEC_PER_MSEC / 10)

enum state { IDLE, ENQUEUED, RUNNING, RUNNING_ENQUEUED };

static struct hrtimer timer;
static bool gate, inside;
static atomic_t nr_runs;
/* The next run returns HRTIMER_RESTART, with this stored expiry unless 0. */
static bool restart;
static ktime_t restart_at;

static enum hrtimer_restart timer_fn(struct hrtimer *t)
{
	bool again = READ_ONCE(restart);

	atomic_inc_return(&nr_runs);
	WRITE_ONCE(restart, false);
	WRITE_ONCE(inside, true);
	while (!READ_ONCE(gate))
		cpu_relax();
	if (again && READ_ONCE(restart_at))
		hrtimer_set_expires(t, READ_ONCE(restart_at));
	WRITE_ONCE(inside, false);
	return again ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

static void enter(enum state s, bool restarts)
{
	hrtimer_setup(&timer, timer_fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	gate = inside = false;
	restart = restarts;
	restart_at = ktime_get() + FAR;
	atomic_set(&nr_runs, 0);
	if (s == ENQUEUED)
		hrtimer_start(&timer, FAR, HRTIMER_MODE_REL);
	if (s >= RUNNING) {
		hrtimer_start(&timer, 0, HRTIMER_MODE_REL);
		assert_true(eventually(READ_ONCE(inside)));
	}
	if (s == RUNNING_ENQUEUED)
		hrtimer_start(&timer, FAR, HRTIMER_MODE_REL);
}

static void leave(void)
{
	WRITE_ONCE(gate, true);
	hrtimer_cancel(&timer);
	assert_false(hrtimer_active(&timer));
}

static int start_it(void)
{
	ktime_t at = ktime_get() + 2 * FAR;

	hrtimer_start(&timer, at, HRTIMER_MODE_ABS);
	assert_int_equal(hrtimer_get_expires(&timer), at);
	return 0;
}

static int start_range(void)
{
	hrtimer_start_range_ns(&timer, FAR, 77, HRTIMER_MODE_REL);
	assert_int_equal(hrtimer_get_expires(&timer) -
				 hrtimer_get_softexpires(&timer), 77);
	return 0;
}

static int start_stored(void)
{
	ktime_t at = ktime_get() + 3 * FAR;

	/* The stored expiry of an enqueued timer must not be changed. */
	if (hrtimer_is_queued(&timer))
		at = hrtimer_get_expires(&timer);
	else
		hrtimer_set_expires(&timer, at);
	hrtimer_restart(&timer);
	assert_int_equal(hrtimer_get_expires(&timer), at);
	return 0;
}

static int try_cancel(void)
{
	return hrtimer_try_to_cancel(&timer);
}

static int active(void)
{
	return hrtimer_active(&timer);
}

static void cell(int (*op)(void), enum state s, int ret, bool queued)
{
	enter(s, false);
	assert_int_equal(op(), ret);
	assert_int_equal(hrtimer_is_queued(&timer), queued);
	assert_int_equal(hrtimer_active(&timer), queued || s >= RUNNING);
	assert_int_equal(atomic_read(&nr_runs), s >= RUNNING);
	leave();
}

/* CELL(operation, state, result, enqueued afterwards) */
#define CELLS(CELL)					\
	CELL(start_it, IDLE, 0, true)			\
	CELL(start_it, ENQUEUED, 0, true)		\
	CELL(start_it, RUNNING, 0, true)		\
	CELL(start_it, RUNNING_ENQUEUED, 0, true)	\
	CELL(start_range, IDLE, 0, true)		\
	CELL(start_range, ENQUEUED, 0, true)		\
	CELL(start_range, RUNNING, 0, true)		\
	CELL(start_range, RUNNING_ENQUEUED, 0, true)	\
	CELL(start_stored, IDLE, 0, true)		\
	CELL(start_stored, ENQUEUED, 0, true)		\
	CELL(start_stored, RUNNING, 0, true)		\
	CELL(start_stored, RUNNING_ENQUEUED, 0, true)	\
	CELL(try_cancel, IDLE, 0, false)		\
	CELL(try_cancel, ENQUEUED, 1, false)		\
	CELL(try_cancel, RUNNING, -1, false)		\
	CELL(try_cancel, RUNNING_ENQUEUED, -1, true)	\
	CELL(active, IDLE, 0, false)			\
	CELL(active, ENQUEUED, 1, true)			\
	CELL(active, RUNNING, 1, false)			\
	CELL(active, RUNNING_ENQUEUED, 1, true)

static int cancel(void *unused)
{
	return hrtimer_cancel(&timer);
}

static void cancel_cell(enum state s, bool restarts, int ret, bool waits)
{
	struct task_struct *task;

	enter(s, restarts);
	task = start(cancel, NULL);
	if (waits) {
		assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
		msleep(2);
		assert_true(sleeps_in(task, TASK_UNINTERRUPTIBLE));
		WRITE_ONCE(gate, true);
	}
	assert_int_equal(finish(task), ret);
	assert_false(READ_ONCE(inside));
	assert_false(hrtimer_active(&timer));
	assert_int_equal(atomic_read(&nr_runs), s >= RUNNING);
	leave();
}

static void cancel_in_IDLE(void **state)
{
	cancel_cell(IDLE, false, 0, false);
}

static void cancel_in_ENQUEUED(void **state)
{
	cancel_cell(ENQUEUED, false, 1, false);
}

static void cancel_in_RUNNING(void **state)
{
	cancel_cell(RUNNING, false, 0, true);
}

static void cancel_in_RUNNING_that_restarts(void **state)
{
	cancel_cell(RUNNING, true, 1, true);
}

static void cancel_in_RUNNING_ENQUEUED(void **state)
{
	cancel_cell(RUNNING_ENQUEUED, false, 1, true);
}

/* The function returns */

static void returns(enum state s, bool restarts, bool queued, bool stored)
{
	ktime_t at;

	enter(s, restarts);
	/* With a start of somebody else, that start's expiry stands. */
	if (s == RUNNING_ENQUEUED)
		WRITE_ONCE(restart_at, 0);
	at = stored ? restart_at : hrtimer_get_expires(&timer);
	WRITE_ONCE(gate, true);
	assert_true(eventually(!READ_ONCE(inside)));
	if (queued)
		assert_true(eventually(hrtimer_is_queued(&timer)));
	else
		assert_true(eventually(!hrtimer_active(&timer)));
	msleep(1);
	assert_int_equal(hrtimer_is_queued(&timer), queued);
	assert_int_equal(hrtimer_cancel(&timer), queued);
	if (queued)
		assert_int_equal(hrtimer_get_expires(&timer), at);
	/* It was not enqueued twice. */
	assert_int_equal(hrtimer_cancel(&timer), 0);
	assert_int_equal(atomic_read(&nr_runs), 1);
}

static void norestart_in_RUNNING(void **state)
{
	returns(RUNNING, false, false, false);
}

static void norestart_in_RUNNING_ENQUEUED(void **state)
{
	returns(RUNNING_ENQUEUED, false, true, false);
}

static void restart_in_RUNNING(void **state)
{
	returns(RUNNING, true, true, true);
}

static void restart_in_RUNNING_ENQUEUED(void **state)
{
	returns(RUNNING_ENQUEUED, true, true, false);
}

/* Forwarding */

static void forward_moves_past_now_by_whole_intervals(void **state)
{
	hrtimer_setup(&timer, timer_fn, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	hrtimer_set_expires_range(&timer, 1000, 5);
	/* In the future. */
	assert_int_equal(hrtimer_forward(&timer, 1004, 100), 0);
	assert_int_equal(hrtimer_get_expires(&timer), 1005);
	/* Now is not past now. */
	assert_int_equal(hrtimer_forward(&timer, 1005, 100), 1);
	assert_int_equal(hrtimer_get_expires(&timer), 1105);
	assert_int_equal(hrtimer_get_softexpires(&timer), 1100);
	assert_int_equal(hrtimer_forward(&timer, 1204, 100), 1);
	assert_int_equal(hrtimer_get_expires(&timer), 1205);
	assert_int_equal(hrtimer_forward(&timer, 1505, 100), 4);
	assert_int_equal(hrtimer_get_expires(&timer), 1605);
	/* An interval of 0 is one of a nanosecond. */
	assert_int_equal(hrtimer_forward(&timer, 1606, 0), 2);
	assert_int_equal(hrtimer_get_expires(&timer), 1607);
	hrtimer_set_expires(&timer, ktime_get() - 10 * NSEC_PER_SEC);
	assert_between(hrtimer_forward_now(&timer, NSEC_PER_SEC), 11, 60);
	assert_true(hrtimer_get_remaining(&timer) > 0);
}

static void forward_of_an_enqueued_timer_does_nothing(void **state)
{
	ktime_t at;

	enter(ENQUEUED, false);
	at = hrtimer_get_expires(&timer);
	assert_int_equal(hrtimer_forward_now(&timer, 1000), 0);
	assert_warns(1, assert_int_equal(hrtimer_forward(&timer, at, 1000), 0));
	assert_int_equal(hrtimer_get_expires(&timer), at);
	leave();
}

static enum hrtimer_restart tick(struct hrtimer *t)
{
	atomic_inc_return(&nr_runs);
	hrtimer_forward_now(t, NSEC_PER_MSEC);
	return HRTIMER_RESTART;
}

static void a_forwarded_timer_is_periodic(void **state)
{
	ktime_t begin = ktime_get();
	s64 ms;

	atomic_set(&nr_runs, 0);
	hrtimer_setup(&timer, tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&timer, NSEC_PER_MSEC, HRTIMER_MODE_REL);
	assert_true(eventually(atomic_read(&nr_runs) >= 20));
	assert_int_equal(hrtimer_cancel(&timer), 1);
	ms = (ktime_get() - begin) / NSEC_PER_MSEC;
	assert_true(atomic_read(&nr_runs) <= ms);
}

/* Times, clocks, modes */

static ktime_t ran_at;

static enum hrtimer_restart note_time(struct hrtimer *t)
{
	WRITE_ONCE(ran_at, hrtimer_cb_get_time(t));
	atomic_inc_return(&nr_runs);
	return HRTIMER_NORESTART;
}

static void never_early_and_hardly_late(void **state)
{
	s64 late, sum = 0;
	int i, n = 200;

	hrtimer_setup(&timer, note_time, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	atomic_set(&nr_runs, 0);
	for (i = 0; i < n; i++) {
		hrtimer_start(&timer, NEAR + i * 100, HRTIMER_MODE_REL);
		while (atomic_read(&nr_runs) != i + 1)
			usleep_range(20, 30);
		late = READ_ONCE(ran_at) - hrtimer_get_expires(&timer);
		assert_true(late >= 0);
		sum += late;
	}
	fprintf(stderr, "mean lateness: %lld ns\n", (long long)sum / n);
	hrtimer_cancel(&timer);
}

static void runs_between_the_soft_and_the_hard_expiry(void **state)
{
	struct hrtimer early;

	/* The second timer wakes the thread, which finds the first in range. */
	hrtimer_setup(&timer, note_time, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_setup_on_stack(&early, timer_fn, CLOCK_MONOTONIC,
			       HRTIMER_MODE_REL);
	gate = true;
	restart = false;
	atomic_set(&nr_runs, 0);
	hrtimer_start_range_ns(&timer, 0, FAR, HRTIMER_MODE_REL);
	hrtimer_start(&early, NEAR, HRTIMER_MODE_REL);
	assert_true(eventually(atomic_read(&nr_runs) == 2));
	assert_true(READ_ONCE(ran_at) < hrtimer_get_expires(&timer));
	/* Not before the soft one. */
	hrtimer_start_range_ns(&timer, FAR, FAR, HRTIMER_MODE_REL);
	hrtimer_start(&early, NEAR, HRTIMER_MODE_REL);
	assert_true(eventually(atomic_read(&nr_runs) == 3));
	msleep(1);
	assert_int_equal(atomic_read(&nr_runs), 3);
	assert_int_equal(hrtimer_cancel(&timer), 1);
	hrtimer_cancel(&early);
	destroy_hrtimer_on_stack(&early);
}

static void the_past_is_at_once_and_not_inside_the_start(void **state)
{
	unsigned long flags;

	enter(IDLE, false);
	gate = true;
	local_irq_save(flags);
	hrtimer_start(&timer, 1, HRTIMER_MODE_ABS);
	local_irq_restore(flags);
	assert_true(eventually(atomic_read(&nr_runs) == 1));
	hrtimer_start(&timer, 0, HRTIMER_MODE_REL);
	assert_true(eventually(atomic_read(&nr_runs) == 2));
	leave();
}

static void endless_time_saturates(void **state)
{
	enter(IDLE, false);
	hrtimer_start(&timer, KTIME_MAX - 5, HRTIMER_MODE_REL);
	assert_true(hrtimer_get_expires(&timer) > KTIME_MAX / 2);
	hrtimer_start_range_ns(&timer, KTIME_MAX / 2, KTIME_MAX - 5,
			       HRTIMER_MODE_ABS);
	assert_true(hrtimer_get_expires(&timer) > KTIME_MAX / 2);
	msleep(1);
	assert_int_equal(atomic_read(&nr_runs), 0);
	assert_int_equal(hrtimer_cancel(&timer), 1);
	leave();
}

static void real_time_is_a_clock_of_its_own(void **state)
{
	ktime_t at = ktime_get_real() + NEAR;

	atomic_set(&nr_runs, 0);
	hrtimer_setup(&timer, note_time, CLOCK_REALTIME, HRTIMER_MODE_ABS);
	hrtimer_start(&timer, at, HRTIMER_MODE_ABS);
	/* The functions that look at the clock look at this one. */
	assert_true(hrtimer_get_remaining(&timer) <= NEAR);
	assert_true(hrtimer_get_remaining(&timer) > -3600 * NSEC_PER_SEC);
	assert_true(eventually(atomic_read(&nr_runs) == 1));
	assert_int_equal(hrtimer_forward_now(&timer, 3600 * NSEC_PER_SEC), 1);
	/* Within the precision with which the two clocks are compared. */
	assert_true(READ_ONCE(ran_at) > at - (ktime_t)NSEC_PER_MSEC);
	assert_true(hrtimer_cb_get_time(&timer) > 1577836800 * NSEC_PER_SEC);
	hrtimer_cancel(&timer);
	/* Relative to now, it is the monotonic clock. */
	hrtimer_setup(&timer, note_time, CLOCK_REALTIME, HRTIMER_MODE_REL);
	hrtimer_start(&timer, NEAR, HRTIMER_MODE_REL);
	assert_true(eventually(atomic_read(&nr_runs) == 2));
	assert_true(hrtimer_get_expires(&timer) <= ktime_get());
	hrtimer_cancel(&timer);
}

#if __SIZEOF_POINTER__ == 8 && !LFSHIM_ASAN && !LFSHIM_TSAN
static bool reads_are_slow;

/* The library calls this. The thread is off the CPU after each read of a clock. */
int clock_gettime(clockid_t clock, struct timespec *ts)
{
	int ret = syscall(SYS_clock_gettime, clock, ts);

	if (READ_ONCE(reads_are_slow))
		usleep(3000);
	return ret;
}

static void slow_reads_of_the_clocks_make_no_timer_early(void **state)
{
	static const clockid_t clocks[] = {
		CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_TAI
	};
	ktime_t at;
	int i;

	for (i = 0; i < ARRAY_SIZE(clocks); i++) {
		atomic_set(&nr_runs, 0);
		hrtimer_setup(&timer, note_time, clocks[i], HRTIMER_MODE_ABS);
		at = hrtimer_cb_get_time(&timer) + 20 * NSEC_PER_MSEC;
		WRITE_ONCE(reads_are_slow, true);
		hrtimer_start(&timer, at, HRTIMER_MODE_ABS);
		WRITE_ONCE(reads_are_slow, false);
		assert_true(eventually(atomic_read(&nr_runs) == 1));
		/* Within the precision with which two clocks are compared. */
		assert_true(READ_ONCE(ran_at) > at - (ktime_t)NSEC_PER_MSEC);
		hrtimer_cancel(&timer);
	}
}
#endif

/* A timer of a clock runs when that clock, and no other, has reached its time. */
static void boot_time_and_tai_are_clocks(void **state)
{
	static const clockid_t clocks[] = { CLOCK_BOOTTIME, CLOCK_TAI };
	ktime_t (*const read[])(void) = { ktime_get_boottime,
					  ktime_get_clocktai };
	ktime_t at, now;
	int i;

	for (i = 0; i < 2; i++) {
		atomic_set(&nr_runs, 0);
		hrtimer_setup(&timer, note_time, clocks[i], HRTIMER_MODE_ABS);
		at = read[i]() + NEAR;
		hrtimer_start(&timer, at, HRTIMER_MODE_ABS);
		assert_true(eventually(atomic_read(&nr_runs) == 1));
		assert_true(read[i]() >= at);
		/* In the time of another clock, this is long ago, or never. */
		assert_int_equal(hrtimer_get_expires(&timer), at);
		at = read[i]();
		now = hrtimer_cb_get_time(&timer);
		assert_true(now >= at && now <= read[i]());
		hrtimer_cancel(&timer);
		/* Relative to now, it keeps its clock. */
		hrtimer_setup(&timer, note_time, clocks[i], HRTIMER_MODE_REL);
		hrtimer_start(&timer, FAR, HRTIMER_MODE_REL);
		assert_true(hrtimer_get_expires(&timer) - read[i]() <= FAR);
		assert_true(hrtimer_get_expires(&timer) - read[i]() > FAR / 2);
		hrtimer_cancel(&timer);
	}
}

static int seen_hardirq, seen_softirq, seen_irqs_off;

static enum hrtimer_restart note_context(struct hrtimer *t)
{
	seen_hardirq = in_hardirq();
	seen_softirq = in_softirq();
	seen_irqs_off = irqs_disabled();
	atomic_inc_return(&nr_runs);
	return HRTIMER_NORESTART;
}

static void run_with(enum hrtimer_mode mode)
{
	hrtimer_setup(&timer, note_context, CLOCK_MONOTONIC, mode);
	atomic_set(&nr_runs, 0);
	hrtimer_start(&timer, 0, mode);
	assert_true(eventually(atomic_read(&nr_runs) == 1));
	hrtimer_cancel(&timer);
}

static void function_runs_in_hard_interrupt_context(void **state)
{
	run_with(HRTIMER_MODE_REL);
	assert_true(seen_hardirq && seen_irqs_off && !seen_softirq);
	run_with(HRTIMER_MODE_REL_PINNED_HARD);
	assert_true(seen_hardirq && seen_irqs_off && !seen_softirq);
}

static void soft_function_runs_in_softirq_context(void **state)
{
	run_with(HRTIMER_MODE_REL_SOFT);
	assert_true(!seen_hardirq && !seen_irqs_off && seen_softirq);
}

static void misuse_warns(void **state)
{
	assert_warns(1, hrtimer_setup(&timer, NULL, CLOCK_MONOTONIC,
				      HRTIMER_MODE_REL));
	/* A dummy runs instead. */
	hrtimer_start(&timer, 0, HRTIMER_MODE_REL);
	assert_true(eventually(!hrtimer_active(&timer)));
	hrtimer_setup(&timer, timer_fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	assert_warns_like("HRTIMER_MODE_SOFT",
			  hrtimer_start(&timer, FAR, HRTIMER_MODE_REL_SOFT));
	assert_warns_like("still enqueued", destroy_hrtimer_on_stack(&timer));
	assert_warns(1, hrtimer_update_function(&timer, tick));
	hrtimer_cancel(&timer);
	hrtimer_update_function(&timer, tick);
	assert_ptr_equal(timer.function, tick);
	assert_warns_like("clock", hrtimer_setup(&timer, timer_fn, 1000,
						 HRTIMER_MODE_REL));
	memset(&timer, 0, sizeof(timer));
	assert_warns(1, hrtimer_start(&timer, FAR, HRTIMER_MODE_REL));
	assert_false(hrtimer_active(&timer));
}

static struct completion self_done;

static enum hrtimer_restart cancel_itself(struct hrtimer *t)
{
	/* From its own function, this is the one that may be used. */
	seen_hardirq = hrtimer_try_to_cancel(t);
	hrtimer_cancel(t);
	complete(&self_done);
	return HRTIMER_NORESTART;
}

static void cancel_from_the_own_function_warns(void **state)
{
	init_completion(&self_done);
	hrtimer_setup(&timer, cancel_itself, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	assert_warns_like("own function", {
		hrtimer_start(&timer, 0, HRTIMER_MODE_REL);
		wait_for_completion(&self_done);
	});
	assert_int_equal(seen_hardirq, -1);
	hrtimer_cancel(&timer);
}

/* Races */

static enum hrtimer_restart storm(struct hrtimer *t)
{
	atomic_inc_return(&nr_runs);
	return HRTIMER_RESTART;
}

static void cancel_ends_a_timer_that_always_restarts(void **state)
{
	int i, runs, nr = 500 / test_slowness();

	hrtimer_setup(&timer, storm, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	for (i = 0; i < nr; i++) {
		runs = atomic_read(&nr_runs);
		hrtimer_start(&timer, 0, HRTIMER_MODE_REL);
		assert_true(eventually(atomic_read(&nr_runs) != runs));
		assert_int_equal(hrtimer_cancel(&timer), 1);
		assert_false(hrtimer_active(&timer));
		runs = atomic_read(&nr_runs);
		if (i % 50 == 0)
			msleep(1);
		assert_int_equal(atomic_read(&nr_runs), runs);
	}
}

static void active_is_never_false_while_it_restarts(void **state)
{
	int i, nr = 20000 / test_slowness();

	hrtimer_setup(&timer, storm, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&timer, 0, HRTIMER_MODE_REL);
	for (i = 0; i < nr; i++)
		assert_true(hrtimer_active(&timer));
	hrtimer_cancel(&timer);
}

static void two_threads_cancel_one_timer(void **state)
{
	struct task_struct *tasks[2];
	int i, was = 0;

	enter(RUNNING_ENQUEUED, false);
	for (i = 0; i < 2; i++) {
		tasks[i] = start(cancel, NULL);
		assert_true(eventually(sleeps_in(tasks[i], TASK_UNINTERRUPTIBLE)));
	}
	WRITE_ONCE(gate, true);
	for (i = 0; i < 2; i++)
		was += finish(tasks[i]);
	assert_int_equal(was, 1);
	leave();
}

static int open_soon(void *unused)
{
	msleep(10);
	WRITE_ONCE(gate, true);
	return 0;
}

static DEFINE_SPINLOCK(other_lock);

static void cancel_spins_where_the_caller_may_not_sleep(void **state)
{
	struct task_struct *task;
	unsigned long flags;
	int how;

	for (how = 0; how < 2; how++) {
		enter(RUNNING, false);
		task = start(open_soon, NULL);
		if (how) {
			spin_lock_irqsave(&other_lock, flags);
			hrtimer_cancel(&timer);
			spin_unlock_irqrestore(&other_lock, flags);
		} else {
			rcu_read_lock();
			hrtimer_cancel(&timer);
			rcu_read_unlock();
		}
		assert_false(READ_ONCE(inside));
		finish(task);
		leave();
	}
}

static int use_timer(void *data)
{
	int i, nr = 20000 / test_slowness();
	u64 seed = (unsigned long)data;

	/* Go on until some timers have run, even on a busy machine. */
	for (i = 0; i < nr || atomic_read(&nr_runs) < 20; i++) {
		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		switch (seed >> 61) {
		case 0:
			hrtimer_cancel(&timer);
			break;
		case 1:
			hrtimer_try_to_cancel(&timer);
			break;
		case 2:
			usleep_range(20, 30);
			break;
		default:
			hrtimer_start(&timer, (seed >> 40) % 20000,
				      HRTIMER_MODE_REL);
		}
	}
	return 0;
}

static void timer_can_be_used_from_everywhere_at_once(void **state)
{
	struct task_struct *tasks[3];
	int i, runs;

	atomic_set(&nr_runs, 0);
	hrtimer_setup(&timer, note_time, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	for (i = 0; i < 3; i++)
		tasks[i] = start(use_timer, (void *)(test_seed() + i));
	for (i = 0; i < 3; i++)
		finish(tasks[i]);
	hrtimer_cancel(&timer);
	assert_false(hrtimer_active(&timer));
	runs = atomic_read(&nr_runs);
	assert_true(runs > 0);
	msleep(2);
	assert_int_equal(atomic_read(&nr_runs), runs);
}

/* schedule_hrtimeout() */

static int sleep_until_woken(void *data)
{
	set_current_state(TASK_INTERRUPTIBLE);
	return schedule_hrtimeout(data, HRTIMER_MODE_REL);
}

static void schedule_hrtimeout_says_how_it_ended(void **state)
{
	ktime_t t = 2 * NSEC_PER_MSEC, begin = ktime_get();
	struct task_struct *task;

	set_current_state(TASK_UNINTERRUPTIBLE);
	assert_int_equal(schedule_hrtimeout(&t, HRTIMER_MODE_REL), 0);
	assert_true(ktime_get() - begin >= t);
	assert_int_equal(get_current_state(), TASK_RUNNING);
	begin = ktime_get() + t;
	set_current_state(TASK_UNINTERRUPTIBLE);
	assert_int_equal(schedule_hrtimeout_range(&begin, 1000,
						  HRTIMER_MODE_ABS), 0);
	assert_true(ktime_get() >= begin);
	/* 0 returns at once. */
	t = 0;
	set_current_state(TASK_UNINTERRUPTIBLE);
	assert_int_equal(schedule_hrtimeout(&t, HRTIMER_MODE_REL), 0);
	assert_int_equal(get_current_state(), TASK_RUNNING);
	/* So does the past, also before the clock began. */
	for (t = 1; t > -10 * FAR; t -= 4 * FAR) {
		set_current_state(TASK_INTERRUPTIBLE);
		assert_int_equal(schedule_hrtimeout(&t, HRTIMER_MODE_ABS), 0);
		assert_int_equal(get_current_state(), TASK_RUNNING);
	}
	/* Woken; and without a limit. */
	t = FAR;
	task = start(sleep_until_woken, &t);
	assert_true(eventually(sleeps_in(task, TASK_INTERRUPTIBLE)));
	wake_up_process(task);
	assert_int_equal(finish(task), -EINTR);
	task = start(sleep_until_woken, NULL);
	assert_true(eventually(sleeps_in(task, TASK_INTERRUPTIBLE)));
	send_sig(SIGINT, task, 0);
	assert_int_equal(finish(task), -EINTR);
}

#define DEFINE_CELL(op, s, ret, queued)			\
	static void op##_in_##s(void **state)		\
	{						\
		cell(op, s, ret, queued);		\
	}
#define TEST_CELL(op, s, ret, x)	TEST(op##_in_##s),

CELLS(DEFINE_CELL)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CELLS(TEST_CELL)
		TEST(cancel_in_IDLE),
		TEST(cancel_in_ENQUEUED),
		TEST(cancel_in_RUNNING),
		TEST(cancel_in_RUNNING_that_restarts),
		TEST(cancel_in_RUNNING_ENQUEUED),
		TEST(norestart_in_RUNNING),
		TEST(norestart_in_RUNNING_ENQUEUED),
		TEST(restart_in_RUNNING),
		TEST(restart_in_RUNNING_ENQUEUED),
		TEST(forward_moves_past_now_by_whole_intervals),
		TEST(forward_of_an_enqueued_timer_does_nothing),
		TEST(a_forwarded_timer_is_periodic),
		TEST(never_early_and_hardly_late),
		TEST(runs_between_the_soft_and_the_hard_expiry),
		TEST(the_past_is_at_once_and_not_inside_the_start),
		TEST(endless_time_saturates),
		TEST(real_time_is_a_clock_of_its_own),
#if __SIZEOF_POINTER__ == 8 && !LFSHIM_ASAN && !LFSHIM_TSAN
		TEST(slow_reads_of_the_clocks_make_no_timer_early),
#endif
		TEST(boot_time_and_tai_are_clocks),
		TEST(function_runs_in_hard_interrupt_context),
		TEST(soft_function_runs_in_softirq_context),
		TEST(misuse_warns),
		TEST(cancel_from_the_own_function_warns),
		TEST(cancel_ends_a_timer_that_always_restarts),
		TEST(active_is_never_false_while_it_restarts),
		TEST(two_threads_cancel_one_timer),
		TEST(cancel_spins_where_the_caller_may_not_sleep),
		TEST(timer_can_be_used_from_everywhere_at_once),
		TEST(schedule_hrtimeout_says_how_it_ended),
	};

	return TEST_MAIN("hrtimer", tests);
}
