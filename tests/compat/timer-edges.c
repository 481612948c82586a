// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Timers and hrtimers at the edges: how late a function runs, the thread
 * meanwhile, waits in atomic context, and fork().
 */

#include "threads.h"
#include <sys/prctl.h>
#include <linux/hrtimer.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/timer.h>

/* Time */

static struct timer_list timer;
static s64 ran_at;
static int nr_runs;

static void note_time(struct timer_list *t)
{
	ran_at = ktime_get();
	__atomic_fetch_add(&nr_runs, 1, __ATOMIC_SEQ_CST);
}

static void run_after(unsigned long ticks)
{
	int before = nr_runs;

	mod_timer(&timer, jiffies + ticks);
	while (smp_load_acquire(&nr_runs) == before)
		usleep_range(100, 200);
}

/* The time in nanoseconds after which the timer was due. */
static s64 lateness(void)
{
	u64 ticks = timer.expires + 1 - INITIAL_JIFFIES;

	return ran_at - ticks * TICK_NSEC;
}

/*
 * At least once in this time: the machine may be busy. Then a thread that is woken
 * waits for some milliseconds each time.
 */
#define LATE_S	(PATIENCE_S / 6 + 1)

static void timer_is_hardly_late(void **state)
{
	s64 best = S64_MAX, end = ktime_get() + LATE_S * NSEC_PER_SEC;

	timer_setup(&timer, note_time, 0);
	while (best > TICK_NSEC * 3 / 4 && ktime_get() < end) {
		run_after(2);
		best = min(best, lateness());
		assert_true(lateness() >= 0);
	}
	assert_true(best <= TICK_NSEC * 3 / 4);
}

/* A timer waits for one full jiffy, and the rest of the present one. */
static void timer_of_one_jiffy_runs_within_two(void **state)
{
	s64 begin, best = S64_MAX, end = ktime_get() + LATE_S * NSEC_PER_SEC;

	timer_setup(&timer, note_time, 0);
	while (best > TICK_NSEC * 7 / 4 && ktime_get() < end) {
		begin = ktime_get();
		run_after(1);
		best = min(best, ran_at - begin);
		assert_true(ran_at - begin >= TICK_NSEC);
		usleep_range(137, 137);
	}
	assert_true(best <= TICK_NSEC * 7 / 4);
}

static void run_often(int n)
{
	while (n--) {
		mod_timer(&timer, jiffies + 2);
		msleep(4);
	}
	timer_delete_sync(&timer);
}

/* The thread sleeps until a timer is due. A tick for each would be too much. */
static void thread_does_not_poll_before_a_timer_is_due(void **state)
{
	int n = 100;

	timer_setup(&timer, note_time, 0);
	run_after(1);
	assert_true(takes_less(n * TICK_NSEC / 4 * test_slowness(), test_cpu_time,
			       run_often(n)));
}

static void arm_in_the_past(struct timer_list *t)
{
	if (__atomic_add_fetch(&nr_runs, 1, __ATOMIC_SEQ_CST) < 100000)
		mod_timer(t, jiffies - 10);
}

static void timer_in_the_past_runs_once_in_a_tick(void **state)
{
	unsigned long begin;
	int n;

	nr_runs = 0;
	timer_setup(&timer, arm_in_the_past, 0);
	begin = jiffies;
	mod_timer(&timer, begin - 10);
	msleep(30);
	assert_true(eventually(smp_load_acquire(&nr_runs)));
	n = smp_load_acquire(&nr_runs);
	assert_true(n <= jiffies - begin + 1);
	timer_shutdown_sync(&timer);
}

static void reduce_to_a_time_before_the_wrap_is_earlier(void **state)
{
	timer_setup(&timer, note_time, 0);
	nr_runs = 0;
	mod_timer(&timer, jiffies + 1000 * HZ);
	/* As a number it is larger. */
	assert_true(jiffies - 5000000000ul > jiffies + 1000 * HZ);
	assert_int_equal(timer_reduce(&timer, jiffies - 5000000000ul), 1);
	assert_true(eventually(smp_load_acquire(&nr_runs) == 1));
}

/* As code in other languages does it, in memory that holds anything. */
static void timer_is_initialised_by_a_function(void **state)
{
	static struct lock_class_key key;

	memset(&timer, 0xff, sizeof(timer));
	timer_init_key(&timer, note_time, TIMER_IRQSAFE, "timer", &key);
	assert_int_equal(timer.flags, TIMER_IRQSAFE);
	assert_false(timer_pending(&timer));
	nr_runs = 0;
	mod_timer(&timer, jiffies);
	assert_true(eventually(smp_load_acquire(&nr_runs) == 1));
	timer_shutdown_sync(&timer);
}

/* hrtimers */

#define NR	5

static struct hrtimer hrtimers[NR];
static int order[NR], nr_ordered;
static unsigned long seen_slack;
static bool seen_softirq, seen_hardirq;

static enum hrtimer_restart note_order(struct hrtimer *t)
{
	order[nr_ordered] = t - hrtimers;
	smp_store_release(&nr_ordered, nr_ordered + 1);
	return HRTIMER_NORESTART;
}

static void hrtimers_of_one_time_run_in_order(void **state)
{
	ktime_t when = ktime_get() + 20 * NSEC_PER_MSEC;
	int i;

	nr_ordered = 0;
	for (i = 0; i < NR; i++) {
		hrtimer_setup(&hrtimers[i], note_order, CLOCK_MONOTONIC,
			      HRTIMER_MODE_ABS);
		hrtimer_start(&hrtimers[i], when, HRTIMER_MODE_ABS);
	}
	assert_true(eventually(smp_load_acquire(&nr_ordered) == NR));
	for (i = 0; i < NR; i++) {
		hrtimer_cancel(&hrtimers[i]);
		assert_int_equal(order[i], i);
	}
}

static enum hrtimer_restart note_thread(struct hrtimer *t)
{
	seen_slack = prctl(PR_GET_TIMERSLACK);
	seen_softirq = in_serving_softirq();
	seen_hardirq = in_hardirq();
	smp_store_release(&nr_ordered, nr_ordered + 1);
	return HRTIMER_NORESTART;
}

static void run_hrtimer(enum hrtimer_mode mode)
{
	nr_ordered = 0;
	hrtimer_setup(&hrtimers[0], note_thread, CLOCK_MONOTONIC, mode);
	hrtimer_start(&hrtimers[0], 1, mode);
	assert_true(eventually(smp_load_acquire(&nr_ordered) == 1));
	hrtimer_cancel(&hrtimers[0]);
}

static void thread_of_hrtimers_wakes_up_exactly(void **state)
{
	run_hrtimer(HRTIMER_MODE_REL);
	/* Others may wake up 50 microseconds later. */
	assert_true(seen_slack <= 1);
}

static void context_of_a_function_ends_with_it(void **state)
{
	int i;

	for (i = 0; i < 2; i++) {
		run_hrtimer(HRTIMER_MODE_REL_SOFT);
		assert_true(seen_softirq && !seen_hardirq);
		run_hrtimer(HRTIMER_MODE_REL);
		assert_true(!seen_softirq && seen_hardirq);
	}
}

static unsigned int seen_depth;

static void note_depth(struct timer_list *t)
{
	seen_depth = lfshim_tls.softirq_depth;
	__atomic_fetch_add(&nr_runs, 1, __ATOMIC_SEQ_CST);
}

static void functions_of_timers_do_not_nest(void **state)
{
	int i;

	timer_setup(&timer, note_depth, 0);
	for (i = 0; i < 3; i++) {
		run_after(1);
		assert_int_equal(seen_depth, 1);
	}
}

/* Neither does it wake up at once. */
static void thread_sleeps_if_the_only_timer_is_endless(void **state)
{
	timer_setup(&timer, note_time, 0);
	nr_runs = 0;
	mod_timer(&timer, jiffies + MAX_JIFFY_OFFSET);
	msleep(5);
	assert_true(takes_less(30 * NSEC_PER_MSEC, test_cpu_time, msleep(100)));
	assert_int_equal(timer_delete_sync(&timer), 1);
	assert_int_equal(nr_runs, 0);
}

static void updated_function_is_not_null(void **state)
{
	struct hrtimer *t = &hrtimers[0];

	hrtimer_setup(t, note_order, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	assert_warns(1, hrtimer_update_function(t, NULL));
	assert_ptr_equal(t->function, note_order);
}

/* Waits in atomic context */

static bool holding, may_return;

static void hold(void)
{
	WRITE_ONCE(holding, true);
	while (!READ_ONCE(may_return))
		cpu_relax();
}

static void hold_timer(struct timer_list *t)
{
	hold();
}

static enum hrtimer_restart hold_hrtimer(struct hrtimer *t)
{
	hold();
	return HRTIMER_NORESTART;
}

static void delete_timer(void)
{
	timer_delete_sync(&timer);
}

static void cancel_hrtimer(void)
{
	hrtimer_cancel(&hrtimers[0]);
}

struct atomic_wait {
	void (*wait)(void);
	bool rcu, waiting, done;
};

static int wait_in_atomic_context(void *data)
{
	struct atomic_wait *w = data;

	if (w->rcu)
		rcu_read_lock();
	else
		preempt_disable();
	WRITE_ONCE(w->waiting, true);
	w->wait();
	WRITE_ONCE(w->done, true);
	if (w->rcu)
		rcu_read_unlock();
	else
		preempt_enable();
	return 0;
}

/* The waiter must not sleep: its state stays the same. */
static void check_atomic_wait(void (*wait)(void), bool rcu)
{
	struct atomic_wait w = { .wait = wait, .rcu = rcu };
	struct task_struct *task;
	unsigned int slept = 0;
	int i;

	holding = may_return = false;
	if (wait == delete_timer)
		mod_timer(&timer, jiffies);
	else
		hrtimer_start(&hrtimers[0], 0, HRTIMER_MODE_REL);
	assert_true(eventually(READ_ONCE(holding)));
	task = start(wait_in_atomic_context, &w);
	assert_true(eventually(READ_ONCE(w.waiting)));
	for (i = 0; i < 10; i++) {
		msleep(1);
		slept |= READ_ONCE(task->__state);
	}
	WRITE_ONCE(may_return, true);
	finish(task);
	assert_int_equal(slept, 0);
}

static void waits_in_atomic_context_do_not_sleep(void **state)
{
	timer_setup(&timer, hold_timer, 0);
	hrtimer_setup(&hrtimers[0], hold_hrtimer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_SOFT);
	check_atomic_wait(delete_timer, false);
	check_atomic_wait(delete_timer, true);
	hrtimer_setup(&hrtimers[0], hold_hrtimer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	check_atomic_wait(cancel_hrtimer, false);
	check_atomic_wait(cancel_hrtimer, true);
}

static int cancel_another_hrtimer(void *unused)
{
	return hrtimer_cancel(&hrtimers[1]);
}

static void cancel_waits_for_its_own_timer_only(void **state)
{
	struct task_struct *task;
	bool at_once;

	holding = may_return = false;
	hrtimer_setup(&hrtimers[0], hold_hrtimer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	hrtimer_setup(&hrtimers[1], note_order, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	hrtimer_start(&hrtimers[0], 0, HRTIMER_MODE_REL);
	assert_true(eventually(READ_ONCE(holding)));
	hrtimer_start(&hrtimers[1], 1000 * NSEC_PER_SEC, HRTIMER_MODE_REL);
	task = start(cancel_another_hrtimer, NULL);
	at_once = eventually(READ_ONCE(task->flags) & PF_EXITING);
	WRITE_ONCE(may_return, true);
	assert_int_equal(finish(task), 1);
	assert_true(at_once);
	hrtimer_cancel(&hrtimers[0]);
}

#if THREADS_ARE_OURS
/* fork() */

/*
 * In the child, the same calls are at another place of the stack: they do not
 * repair the remains of the parent's threads.
 */
static bool in_the_child;

static noinline int wait_deep_in_the_stack(void (*wait)(void))
{
	volatile char room[10000];

	memset((char *)room, 0x55, sizeof(room));
	wait();
	return room[1];
}

static int wait_in_thread(void *data)
{
	void (*wait)(void) = (void (*)(void))data;

	if (in_the_child)
		return wait_deep_in_the_stack(wait);
	wait();
	return 0;
}

/* Two functions run, and two threads wait for them. */
static bool start_functions(struct task_struct *tasks[2])
{
	timer_setup(&timer, hold_timer, 0);
	hrtimer_setup(&hrtimers[0], hold_hrtimer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	may_return = holding = false;
	mod_timer(&timer, jiffies);
	if (!eventually(READ_ONCE(holding)))
		return false;
	holding = false;
	hrtimer_start(&hrtimers[0], 0, HRTIMER_MODE_REL);
	if (!eventually(READ_ONCE(holding)))
		return false;
	tasks[0] = start(wait_in_thread, delete_timer);
	tasks[1] = start(wait_in_thread, cancel_hrtimer);
	return eventually(sleeps_in(tasks[0], TASK_UNINTERRUPTIBLE) &&
			  sleeps_in(tasks[1], TASK_UNINTERRUPTIBLE));
}

static void end_functions(struct task_struct *tasks[2])
{
	WRITE_ONCE(may_return, true);
	finish(tasks[0]);
	finish(tasks[1]);
}

static int in_child_nothing_runs(void)
{
	struct task_struct *tasks[2];
	struct timer_list t;
	struct hrtimer h;

	in_the_child = true;
	/* Garbage, in place of the data of the parent's threads. */
	overwrite_stacks();
	if (timer_delete_sync_try(&timer) || timer_delete_sync(&timer))
		return 1;
	if (hrtimer_active(&hrtimers[0]) || hrtimer_cancel(&hrtimers[0]))
		return 2;
	nr_runs = nr_ordered = 0;
	timer_setup_on_stack(&t, note_time, 0);
	mod_timer(&t, jiffies);
	hrtimer_setup_on_stack(&h, note_thread, CLOCK_MONOTONIC,
			       HRTIMER_MODE_REL);
	hrtimer_start(&h, 0, HRTIMER_MODE_REL);
	if (!eventually(smp_load_acquire(&nr_runs) && smp_load_acquire(&nr_ordered)))
		return 3;
	timer_delete_sync(&t);
	hrtimer_cancel(&h);
	/* The waits of the child begin with an empty list. */
	if (!start_functions(tasks))
		return 4;
	end_functions(tasks);
	return 0;
}

static void child_has_neither_the_run_nor_the_waits(void **state)
{
	struct task_struct *tasks[2];
	int status;

	/* No grace period, which fork() would wait for. */
	rcu_barrier();
	assert_true(start_functions(tasks));
	status = status_of_child(in_child_nothing_runs);
	end_functions(tasks);
	assert_int_equal(status, 0);
}

static int wait_for_inherited_timers(void)
{
	return eventually(smp_load_acquire(&nr_runs) && smp_load_acquire(&nr_ordered)) ? 0 : 1;
}

static void pending_timers_fire_in_the_child(void **state)
{
	nr_runs = nr_ordered = 0;
	timer_setup(&timer, note_time, 0);
	mod_timer(&timer, jiffies + HZ);
	hrtimer_setup(&hrtimers[0], note_order, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	hrtimer_start(&hrtimers[0], NSEC_PER_SEC, HRTIMER_MODE_REL);
	assert_int_equal(status_of_child(wait_for_inherited_timers), 0);
	assert_int_equal(wait_for_inherited_timers(), 0);
}

/* No lock of the timers is held in the child. */

static struct timer_list noisy_timers[2];
static struct hrtimer noisy_hrtimers[2];
static bool stop_noise;

static int make_noise(void *data)
{
	long nr = (long)data;

	while (!READ_ONCE(stop_noise)) {
		mod_timer(&noisy_timers[nr], jiffies + HZ);
		hrtimer_start(&noisy_hrtimers[nr], NSEC_PER_SEC,
			      HRTIMER_MODE_REL);
		timer_delete(&noisy_timers[nr]);
		hrtimer_try_to_cancel(&noisy_hrtimers[nr]);
	}
	return 0;
}

static int use_timers(void)
{
	nr_runs = nr_ordered = 0;
	timer_setup(&timer, note_time, 0);
	mod_timer(&timer, jiffies);
	hrtimer_setup(&hrtimers[0], note_order, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	hrtimer_start(&hrtimers[0], 0, HRTIMER_MODE_REL);
	return eventually(smp_load_acquire(&nr_runs) && smp_load_acquire(&nr_ordered)) ? 0 : 1;
}

static void fork_beside_starts_leaves_no_lock_behind(void **state)
{
	struct task_struct *tasks[ARRAY_SIZE(noisy_timers)];
	int failed = 0;
	long i;

	stop_noise = false;
	for (i = 0; i < ARRAY_SIZE(tasks); i++) {
		timer_setup(&noisy_timers[i], note_time, 0);
		hrtimer_setup(&noisy_hrtimers[i], note_order, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL);
		tasks[i] = start(make_noise, (void *)i);
	}
	for (i = 0; i < 40 && !failed; i++)
		failed = status_of_child(use_timers);
	WRITE_ONCE(stop_noise, true);
	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		finish(tasks[i]);
	assert_int_equal(failed, 0);
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(timer_is_hardly_late),
		TEST(timer_of_one_jiffy_runs_within_two),
		TEST(thread_does_not_poll_before_a_timer_is_due),
		TEST(timer_in_the_past_runs_once_in_a_tick),
		TEST(reduce_to_a_time_before_the_wrap_is_earlier),
		TEST(timer_is_initialised_by_a_function),
		TEST(hrtimers_of_one_time_run_in_order),
		TEST(thread_of_hrtimers_wakes_up_exactly),
		TEST(context_of_a_function_ends_with_it),
		TEST(functions_of_timers_do_not_nest),
		TEST(thread_sleeps_if_the_only_timer_is_endless),
		TEST(updated_function_is_not_null),
		TEST(waits_in_atomic_context_do_not_sleep),
		TEST(cancel_waits_for_its_own_timer_only),
#if THREADS_ARE_OURS
		TEST(child_has_neither_the_run_nor_the_waits),
		TEST(pending_timers_fire_in_the_child),
		TEST(fork_beside_starts_leaves_no_lock_behind),
#endif
	};

	return TEST_MAIN("timer-edges", tests);
}
