// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * fork() while another thread is in the middle of something: the child has none
 * of the parent's threads, and nothing in it waits for them.
 */

#include "foreign.h"
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/irq_work.h>
#include <linux/rcupdate.h>

/* The exit status of a child that runs @fn, or 99 if it hangs or dies. */
static int status_of_child(int (*fn)(void))
{
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		alarm(PATIENCE_S);
		_exit(fn());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 98;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/* A reader that stays in its read-side section until @leave. */
struct reader {
	struct task_struct *task;
	bool inside, leave;
};

static int read_until_told(void *data)
{
	struct reader *r = data;

	rcu_read_lock();
	WRITE_ONCE(r->inside, true);
	while (!READ_ONCE(r->leave))
		cpu_relax();
	rcu_read_unlock();
	return 0;
}

static void reader_begin(struct reader *r)
{
	*r = (struct reader){ .inside = false };
	r->task = start(read_until_told, r);
	assert_true(eventually(READ_ONCE(r->inside)));
}

static void reader_end(struct reader *r)
{
	WRITE_ONCE(r->leave, true);
	finish(r->task);
}

/* A cookie of the time of a grace period does not elapse with it. */
static int cookies_are_sound(void)
{
	struct reader first, second;
	unsigned long before, cookie;

	before = get_state_synchronize_rcu();
	reader_begin(&first);
	start_poll_synchronize_rcu();
	if (!eventually(get_state_synchronize_rcu() != before))
		return 1;
	reader_begin(&second);
	cookie = start_poll_synchronize_rcu();
	reader_end(&first);
	if (!eventually(poll_state_synchronize_rcu(before)))
		return 2;
	msleep(20);
	if (poll_state_synchronize_rcu(cookie))
		return 3;
	reader_end(&second);
	return eventually(poll_state_synchronize_rcu(cookie)) ? 0 : 4;
}

static int synchronize(void *unused)
{
	synchronize_rcu();
	return 0;
}

static int fork_and_test_cookies(void *begun)
{
	WRITE_ONCE(*(bool *)begun, true);
	return status_of_child(cookies_are_sound);
}

static void child_of_a_process_in_a_grace_period_has_sound_cookies(void **state)
{
	struct task_struct *synchronizer, *forker;
	unsigned long before;
	bool begun = false;
	struct reader r;

	/*
	 * fork() and the RCU thread both wait for the grace period of another
	 * thread. fork() comes first, so the RCU thread has begun its grace
	 * period, and does not end it in the child.
	 */
	rcu_barrier();
	before = start_poll_synchronize_rcu();
	assert_true(eventually(poll_state_synchronize_rcu(before)));
	before = get_state_synchronize_rcu();
	reader_begin(&r);
	synchronizer = start(synchronize, NULL);
	msleep(10);
	forker = start(fork_and_test_cookies, &begun);
	assert_true(eventually(READ_ONCE(begun)));
	msleep(10);
	start_poll_synchronize_rcu();
	assert_true(eventually(get_state_synchronize_rcu() != before));
	msleep(10);
	reader_end(&r);
	assert_int_equal(finish(forker), 0);
	finish(synchronizer);
}

/* A callback or irq_work function that does not return until @go_on. */
static bool parked, go_on;

static void park(void)
{
	WRITE_ONCE(parked, true);
	while (!READ_ONCE(go_on))
		cpu_relax();
}

static void parking_callback(struct rcu_head *head)
{
	park();
}

static int call_barrier(void *unused)
{
	rcu_barrier();
	return 0;
}

static void do_nothing(struct rcu_head *head)
{
}

static int barrier_for_a_callback(void *unused)
{
	struct rcu_head head;

	call_rcu(&head, do_nothing);
	rcu_barrier();
	return 0;
}

/* New threads get the stacks of the threads that only the parent has. */
static int barriers_in_threads(void)
{
	struct task_struct *tasks[4];
	int i, round;

	for (round = 0; round < 2; round++) {
		barrier_for_a_callback(NULL);
		for (i = 0; i < 4; i++)
			tasks[i] = start(barrier_for_a_callback, NULL);
		for (i = 0; i < 4; i++)
			finish(tasks[i]);
	}
	return 0;
}

static void child_does_not_wake_the_parent_s_waiters_for_a_barrier(void **state)
{
	struct task_struct *waiter;
	struct rcu_head head;
	int status;

	rcu_barrier();
	parked = go_on = false;
	call_rcu(&head, parking_callback);
	assert_true(eventually(READ_ONCE(parked)));
	waiter = start(call_barrier, NULL);
	assert_true(eventually(sleeps_in(waiter, TASK_UNINTERRUPTIBLE)));
	status = status_of_child(barriers_in_threads);
	WRITE_ONCE(go_on, true);
	finish(waiter);
	assert_int_equal(status, 0);
}

static bool second_has_run;

static void first_fn(struct irq_work *work)
{
	park();
}

static void second_fn(struct irq_work *work)
{
	WRITE_ONCE(second_has_run, true);
}

static DEFINE_IRQ_WORK(first, first_fn);
static DEFINE_IRQ_WORK(second, second_fn);

static int sync_both(void *unused)
{
	irq_work_sync(&first);
	irq_work_sync(&second);
	return READ_ONCE(second_has_run) ? 0 : 1;
}

/* The first item ran on a thread that the child does not have. */
static int irq_work_in_child(void)
{
	struct task_struct *tasks[4];
	int i, bad;

	if (!eventually(READ_ONCE(second_has_run)))
		return 1;
	bad = sync_both(NULL);
	for (i = 0; i < 4; i++)
		tasks[i] = start(sync_both, NULL);
	for (i = 0; i < 4; i++)
		bad += finish(tasks[i]);
	irq_work_queue(&second);
	return bad + sync_both(NULL);
}

static void child_runs_the_irq_work_that_is_queued(void **state)
{
	struct task_struct *waiter;
	int status;

	/* No grace period, which fork() would wait for. */
	rcu_barrier();
	parked = go_on = second_has_run = false;
	irq_work_queue(&first);
	assert_true(eventually(READ_ONCE(parked)));
	irq_work_queue(&second);
	waiter = start(sync_both, NULL);
	assert_true(eventually(sleeps_in(waiter, TASK_UNINTERRUPTIBLE)));
	status = status_of_child(irq_work_in_child);
	assert_false(READ_ONCE(second_has_run));
	WRITE_ONCE(go_on, true);
	assert_int_equal(finish(waiter), 0);
	assert_int_equal(status, 0);
}

static int context_is_as_before(void)
{
	return irqs_disabled() || rcu_read_lock_held() || in_atomic();
}

static void interrupts_are_enabled_after_fork(void **state)
{
	assert_int_equal(status_of_child(context_is_as_before), 0);
	assert_int_equal(context_is_as_before(), 0);
}

static void fork_keeps_the_signal_mask(void **state)
{
	sigset_t usr1, old, mask;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &old);
	assert_int_equal(status_of_child(context_is_as_before), 0);
	sigprocmask(SIG_SETMASK, &old, &mask);
	assert_true(sigismember(&mask, SIGUSR1));
}

static bool slow_has_ended;

static void slow_fn(struct irq_work *work)
{
	WRITE_ONCE(parked, true);
	mdelay(20);
	WRITE_ONCE(slow_has_ended, true);
}

static DEFINE_IRQ_WORK(slow, slow_fn);

static int sync_slow(void *unused)
{
	while (!READ_ONCE(parked))
		cpu_relax();
	irq_work_sync(&slow);
	return READ_ONCE(slow_has_ended);
}

static int irq_work_on_the_main_thread(void)
{
	struct task_struct *task;

	parked = slow_has_ended = false;
	task = start(sync_slow, NULL);
	local_irq_disable();
	irq_work_queue(&slow);
	local_irq_enable();
	return finish(task) ? 0 : 1;
}

static void threads_of_the_child_know_its_first_thread(void **state)
{
	assert_int_equal(irq_work_on_the_main_thread(), 0);
	/*
	 * ThreadSanitizer does not support threads after fork(). The RCU thread,
	 * which frees the task of the thread that has ended, may have a lock of
	 * AddressSanitizer's allocator at the fork.
	 */
	if (!LFSHIM_TSAN && !LFSHIM_ASAN)
		assert_int_equal(status_of_child(irq_work_on_the_main_thread),
				 0);
}

static int fork_at_once(void *unused)
{
	return status_of_child(context_is_as_before);
}

static void fork_may_be_the_first_thing_that_a_thread_does(void **state)
{
	/* A kthread would have used the shim before. */
	assert_int_equal(in_foreign_thread(fork_at_once, NULL), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(interrupts_are_enabled_after_fork),
		TEST(fork_keeps_the_signal_mask),
		TEST(threads_of_the_child_know_its_first_thread),
		TEST(fork_may_be_the_first_thing_that_a_thread_does),
		TEST(child_of_a_process_in_a_grace_period_has_sound_cookies),
		TEST(child_does_not_wake_the_parent_s_waiters_for_a_barrier),
		TEST(child_runs_the_irq_work_that_is_queued),
	};
	/* The sanitizers' allocators keep their locks over fork(). */
	bool can_fork = !LFSHIM_ASAN && !LFSHIM_TSAN;

	TEST_NEEDS(can_fork, "allocator for children",
		   child_of_a_process_in_a_grace_period_has_sound_cookies);
	TEST_NEEDS(can_fork, "allocator for children",
		   child_does_not_wake_the_parent_s_waiters_for_a_barrier);
	TEST_NEEDS(can_fork, "allocator for children",
		   child_runs_the_irq_work_that_is_queued);

	return TEST_MAIN("fork-midway", tests);
}
