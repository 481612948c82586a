// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Wake-ups under a spinlock that was taken with spin_lock_irqsave(), whose system
 * calls come later, and the events that end a sleep in the host's kernel.
 */

#include "helpers.h"
#include <signal.h>
#include <unistd.h>
#include <linux/irq_work.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>

/* Held by a thread that wakes others. */
static DEFINE_SPINLOCK(waker_lock);

/* More than the array of deferred wake-ups holds, and than are woken at once. */
#define NR_SLEEPERS	150

static int nr_woken;

static int sleep_once(void *unused)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
	__atomic_fetch_add(&nr_woken, 1, __ATOMIC_SEQ_CST);
	return 0;
}

/* The thread sleeps in the host's kernel: waking it is a system call. */
static struct task_struct *start_sleeper(void)
{
	struct task_struct *task = start(sleep_once, NULL);

	assert_true(eventually(READ_ONCE(task->lfshim_asleep)));
	return task;
}

static void wake_many(int nr)
{
	struct task_struct *tasks[NR_SLEEPERS];
	unsigned long flags;
	int i;

	nr_woken = 0;
	for (i = 0; i < nr; i++)
		tasks[i] = start_sleeper();
	spin_lock_irqsave(&waker_lock, flags);
	for (i = 0; i < nr; i++)
		assert_int_equal(wake_up_process(tasks[i]), 1);
	spin_unlock_irqrestore(&waker_lock, flags);
	/* None is left for a later time. */
	assert_int_equal(lfshim_tls.nr_wakes, 0);
	assert_true(eventually(READ_ONCE(nr_woken) == nr));
	for (i = 0; i < nr; i++)
		finish(tasks[i]);
}

static void every_deferred_wake_up_is_made(void **state)
{
	/*
	 * One, some, exactly as many as the array holds, and more; about 64 is
	 * how many are woken at once.
	 */
	static const int counts[] = {
		1, 3, 4, LFSHIM_MAX_WAKES, LFSHIM_MAX_WAKES + 1, 63, 64, 65,
		NR_SLEEPERS, 2
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		wake_many(counts[i]);
}

/* Only such a lock, which the woken thread may take next, defers a wake-up. */
static void without_a_lock_a_wake_up_is_not_deferred(void **state)
{
	struct task_struct *task;
	unsigned long flags = 0;
	int irqs_off;

	for (irqs_off = 0; irqs_off < 2; irqs_off++) {
		task = start_sleeper();
		nr_woken = 0;
		if (irqs_off)
			local_irq_save(flags);
		wake_up_process(task);
		assert_int_equal(lfshim_tls.nr_wakes, 0);
		if (irqs_off)
			local_irq_restore(flags);
		assert_true(eventually(READ_ONCE(nr_woken) == 1));
		finish(task);
	}
}

static void inner_lock_defers_wake_ups_until_its_end(void **state)
{
	struct task_struct *tasks[2] = { start_sleeper(), start_sleeper() };
	unsigned long outer, inner;
	int i;

	nr_woken = 0;
	local_irq_save(outer);
	spin_lock_irqsave(&waker_lock, inner);
	wake_up_process(tasks[0]);
	spin_unlock_irqrestore(&waker_lock, inner);
	assert_int_equal(lfshim_tls.nr_wakes, 0);
	assert_true(irqs_disabled());
	/* The outer section is as before. */
	wake_up_process(tasks[1]);
	assert_int_equal(lfshim_tls.nr_wakes, 0);
	local_irq_restore(outer);
	assert_true(eventually(READ_ONCE(nr_woken) == 2));
	for (i = 0; i < 2; i++)
		finish(tasks[i]);
}

static struct task_struct *to_wake;

static void wake_in_irq_work(struct irq_work *work)
{
	wake_up_process(to_wake);
}

static void irq_work_may_wake(void **state)
{
	struct irq_work work = IRQ_WORK_INIT(wake_in_irq_work);

	nr_woken = 0;
	to_wake = start_sleeper();
	local_irq_disable();
	irq_work_queue(&work);
	local_irq_enable();
	assert_true(eventually(READ_ONCE(nr_woken) == 1));
	finish(to_wake);
}

/* With interrupts disabled, wait for a step of a woken thread. */
static DEFINE_SPINLOCK(lock);

static int hold_until_one_is_woken(void *holds)
{
	spin_lock(&lock);
	WRITE_ONCE(*(bool *)holds, true);
	while (!READ_ONCE(nr_woken))
		cpu_relax();
	spin_unlock(&lock);
	return 0;
}

static void waiting_for_a_lock_makes_the_deferred_wake_ups(void **state)
{
	struct task_struct *sleeper, *holder;
	bool holds = false;
	unsigned long flags;

	nr_woken = 0;
	sleeper = start_sleeper();
	holder = start(hold_until_one_is_woken, &holds);
	assert_true(eventually(READ_ONCE(holds)));
	spin_lock_irqsave(&waker_lock, flags);
	wake_up_process(sleeper);
	spin_lock(&lock);
	spin_unlock(&lock);
	spin_unlock_irqrestore(&waker_lock, flags);
	finish(sleeper);
	finish(holder);
}

static void busy_waiting_makes_the_deferred_wake_ups(void **state)
{
	struct task_struct *sleeper;
	unsigned long flags;

	nr_woken = 0;
	sleeper = start_sleeper();
	spin_lock_irqsave(&waker_lock, flags);
	wake_up_process(sleeper);
	while (!READ_ONCE(nr_woken))
		cpu_relax();
	spin_unlock_irqrestore(&waker_lock, flags);
	finish(sleeper);
}

/* Ends of sleeps. This thread is no kthread, so it gets all signals. */

static void pending_signal_ends_only_the_sleeps_that_it_may(void **state)
{
	send_sig(SIGINT, current, 0);
	/* Not fatal, so the sleep lasts until the time is up. */
	set_current_state(TASK_KILLABLE);
	assert_int_equal(schedule_timeout(20 * HZ / 1000), 0);
	set_current_state(TASK_UNINTERRUPTIBLE);
	assert_int_equal(schedule_timeout(20 * HZ / 1000), 0);
	send_sig(SIGKILL, current, 0);
	set_current_state(TASK_KILLABLE);
	assert_true(schedule_timeout(1000 * HZ) > 0);
	set_current_state(TASK_UNINTERRUPTIBLE);
	assert_int_equal(schedule_timeout(20 * HZ / 1000), 0);
	flush_signals(current);
	assert_false(signal_pending(current));
	assert_false(fatal_signal_pending(current));
	set_current_state(TASK_KILLABLE);
	assert_int_equal(schedule_timeout(1), 0);
}

static void signal_handler(int sig)
{
}

static int send_posix_signals(void *enough)
{
	while (!READ_ONCE(*(bool *)enough)) {
		kill(getpid(), SIGUSR1);
		msleep(1);
	}
	return 0;
}

static void posix_signal_ends_a_sleep_without_a_time_limit(void **state)
{
	/* The host restarts some system calls after such a handler. */
	struct sigaction sa = { .sa_handler = signal_handler,
				.sa_flags = SA_RESTART }, old;
	struct task_struct *task;
	bool enough = false;

	sigaction(SIGUSR1, &sa, &old);
	task = start(send_posix_signals, &enough);
	set_current_state(TASK_INTERRUPTIBLE);
	schedule();
	WRITE_ONCE(enough, true);
	finish(task);
	assert_true(task_is_running(current));
	assert_true(signal_pending(current));
	assert_false(signal_pending(current));
	sigaction(SIGUSR1, &old, NULL);
}

/* Sleep across the end of a jiffy, so that the time is up before the wake-up. */
static void time_left_is_never_negative(void **state)
{
	int i;

	for (i = 0; i < 30; i++) {
		while (ktime_get() % TICK_NSEC < TICK_NSEC - 20000)
			cpu_relax();
		assert_int_equal(schedule_timeout_uninterruptible(1), 0);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(every_deferred_wake_up_is_made),
		TEST(without_a_lock_a_wake_up_is_not_deferred),
		TEST(inner_lock_defers_wake_ups_until_its_end),
		TEST(irq_work_may_wake),
		TEST(waiting_for_a_lock_makes_the_deferred_wake_ups),
		TEST(busy_waiting_makes_the_deferred_wake_ups),
		TEST(pending_signal_ends_only_the_sleeps_that_it_may),
		TEST(posix_signal_ends_a_sleep_without_a_time_limit),
		TEST(time_left_is_never_negative),
	};

	return TEST_MAIN("wake", tests);
}
