// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * fork() holds the locks of all facilities: a thread that needs one of them waits
 * until fork() ends. So no other thread has a lock that the child cannot get.
 */

#include "helpers.h"
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "kernel/defer.h"
#include "kernel/fork.h"

/* fork() takes these after all others, the first one before the second. */
static DEFINE_SPINLOCK(taken);
static DEFINE_SPINLOCK(stop);
static struct lfpriv_fork_entry taken_entry = {
	.level = LFPRIV_FORK_LOCKDEP,
	.lock = &taken,
}, stop_entry = {
	.level = LFPRIV_FORK_LOCKDEP,
	.lock = &stop,
};

/* Calls of a thread meanwhile, of facilities that have a lock. */

static void defer_nothing(struct callback_head *head)
{
}

static void defer_something(void)
{
	static struct callback_head head;

	lfpriv_defer(&head, defer_nothing);
}

static void queue_nothing(struct work_struct *work)
{
}

static DECLARE_WORK(work, queue_nothing);

static void queue_an_item(void)
{
	queue_work(system_dfl_wq, &work);
}

static void time_nothing(struct timer_list *t)
{
}

static DEFINE_TIMER(timer, time_nothing);

static void start_a_timer(void)
{
	mod_timer(&timer, jiffies + 1000 * HZ);
}

static struct hrtimer hrtimer;

static enum hrtimer_restart restart_nothing(struct hrtimer *t)
{
	return HRTIMER_NORESTART;
}

static void start_an_hrtimer(void)
{
	hrtimer_start(&hrtimer, 1000 * NSEC_PER_SEC, HRTIMER_MODE_REL);
}

static void interrupt_nothing(struct irq_work *work)
{
}

static DEFINE_IRQ_WORK(irq_work, interrupt_nothing);

static void queue_irq_work(void)
{
	irq_work_queue(&irq_work);
}

static bool stopper_has_it, may_go_on;

static int hold_the_last_lock(void *unused)
{
	spin_lock(&stop);
	smp_store_release(&stopper_has_it, true);
	while (!smp_load_acquire(&may_go_on))
		cpu_relax();
	spin_unlock(&stop);
	return 0;
}

static int fork_and_wait(void *unused)
{
	int status = -1;
	pid_t pid;

	pid = fork();
	if (!pid)
		_exit(0);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return status;
}

static struct {
	void (*fn)(void);
	bool go, begun, done;
} user;

static int use_when_told(void *unused)
{
	while (!smp_load_acquire(&user.go))
		cpu_relax();
	smp_store_release(&user.begun, true);
	user.fn();
	smp_store_release(&user.done, true);
	return 0;
}

/* True if @fn waits until a fork() of another thread has ended. */
static bool waits_for_fork(void (*fn)(void))
{
	struct task_struct *stopper, *forker, *task;
	bool forks, done;

	/*
	 * The services of the facility are started before. An item that is
	 * still pending is not queued again, and that needs no lock.
	 */
	fn();
	flush_work(&work);
	irq_work_sync(&irq_work);
	memset(&user, 0, sizeof(user));
	user.fn = fn;
	stopper_has_it = may_go_on = false;
	fflush(NULL);
	task = start(use_when_told, NULL);
	stopper = start(hold_the_last_lock, NULL);
	while (!smp_load_acquire(&stopper_has_it))
		cpu_relax();
	forker = start(fork_and_wait, NULL);
	/* From here on, this thread uses none of the facilities. */
	forks = eventually(spin_is_locked(&taken));
	smp_store_release(&user.go, true);
	forks &= eventually(smp_load_acquire(&user.begun));
	msleep(20);
	done = smp_load_acquire(&user.done);
	smp_store_release(&may_go_on, true);
	assert_int_equal(finish(forker), 0);
	finish(stopper);
	finish(task);
	assert_true(forks);
	assert_true(user.done);
	return !done;
}

static void deferring_waits_for_fork(void **state)
{
	assert_true(waits_for_fork(defer_something));
	lfpriv_defer_flush();
}

static void queueing_work_waits_for_fork(void **state)
{
	assert_true(waits_for_fork(queue_an_item));
	flush_work(&work);
}

static void starting_a_timer_waits_for_fork(void **state)
{
	assert_true(waits_for_fork(start_a_timer));
	timer_delete_sync(&timer);
}

static void starting_an_hrtimer_waits_for_fork(void **state)
{
	hrtimer_setup(&hrtimer, restart_nothing, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	assert_true(waits_for_fork(start_an_hrtimer));
	hrtimer_cancel(&hrtimer);
}

static void queueing_irq_work_waits_for_fork(void **state)
{
	assert_true(waits_for_fork(queue_irq_work));
	irq_work_sync(&irq_work);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(deferring_waits_for_fork),
		TEST(queueing_work_waits_for_fork),
		TEST(starting_a_timer_waits_for_fork),
		TEST(starting_an_hrtimer_waits_for_fork),
		TEST(queueing_irq_work_waits_for_fork),
	};

	lfpriv_fork_register(&taken_entry);
	lfpriv_fork_register(&stop_entry);
	return TEST_MAIN("fork-locks", tests);
}
