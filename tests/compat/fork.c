// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * fork(): the child has only one thread and none of the shim's. The background
 * services of the shim have to work in the child, and still in the parent.
 */

#include "helpers.h"
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/irq_work.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>

struct object {
	struct rcu_head rcu;
	int payload[10];
};

static int nr_called;

static void count_call(struct rcu_head *head)
{
	atomic_inc_return((atomic_t *)&nr_called);
	kfree(container_of(head, struct object, rcu));
}

static int use_rcu(void)
{
	struct object *o;
	int i;

	rcu_read_lock();
	rcu_read_unlock();
	synchronize_rcu();
	nr_called = 0;
	for (i = 0; i < 2000; i++) {
		o = kmalloc_obj(*o);
		if (!o)
			return 1;
		if (i % 2)
			kfree_rcu(o, rcu);
		else
			call_rcu(&o->rcu, count_call);
	}
	rcu_barrier();
	return nr_called == 1000 ? 0 : 2;
}

static struct completion fired;

static void timer_fn(struct timer_list *t)
{
	complete(&fired);
}

static int use_timers(void)
{
	struct timer_list timer;
	bool ok;

	init_completion(&fired);
	timer_setup_on_stack(&timer, timer_fn, 0);
	mod_timer(&timer, jiffies + 2);
	ok = wait_for_completion_timeout(&fired, PATIENCE_S * HZ);
	timer_delete_sync(&timer);
	return ok ? 0 : 3;
}

static void irq_fn(struct irq_work *work)
{
	complete(&fired);
}

static int use_irq_work(void)
{
	struct irq_work work = IRQ_WORK_INIT(irq_fn);

	init_completion(&fired);
	irq_work_queue(&work);
	if (!wait_for_completion_timeout(&fired, PATIENCE_S * HZ))
		return 4;
	irq_work_sync(&work);
	return 0;
}

static void work_fn(struct work_struct *work)
{
	complete(&fired);
}

static int use_workqueues(void)
{
	struct workqueue_struct *wq = alloc_workqueue("child", WQ_UNBOUND, 0);
	struct work_struct work;

	if (!wq)
		return 5;
	INIT_WORK_ONSTACK(&work, work_fn);
	init_completion(&fired);
	queue_work(wq, &work);
	if (!wait_for_completion_timeout(&fired, PATIENCE_S * HZ))
		return 6;
	destroy_workqueue(wq);
	return 0;
}

static int thread_fn(void *data)
{
	int err = use_rcu();

	return err ? err : task_pid_nr(current) != task_pid_nr(data) ? 0 : 7;
}

static int use_threads(void)
{
	return finish(start(thread_fn, current));
}

static int use_everything(void)
{
	int err = use_rcu();

	err = err ? err : use_timers();
	err = err ? err : use_irq_work();
	err = err ? err : use_workqueues();
	return err ? err : use_threads();
}

/* Returns the result of @fn in a child process, or 99 if it hangs or dies. */
static int in_child(int (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		alarm(PATIENCE_S);
		_exit(fn());
	}
	assert_true(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void child_of_a_quiet_process_can_use_everything(void **state)
{
	assert_int_equal(in_child(use_everything), 0);
	assert_int_equal(use_everything(), 0);
	assert_int_equal(in_child(use_everything), 0);
	assert_int_equal(use_everything(), 0);
}

static int child_in_child(void)
{
	int status, err = use_everything();
	pid_t pid;

	if (err)
		return err;
	pid = fork();
	if (!pid)
		_exit(use_everything());
	if (waitpid(pid, &status, 0) != pid)
		return 8;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 9;
}

static void child_can_have_children(void **state)
{
	assert_int_equal(in_child(child_in_child), 0);
}

static int lock_in_child(void)
{
	DEFINE_SPINLOCK(lock);
	int bad;

	spin_lock(&lock);
	bad = !lfshim_spin_held(&lock);
	spin_unlock(&lock);
	return bad || task_pid_nr(current) != getpid();
}

static void child_has_a_number_of_its_own(void **state)
{
	assert_int_equal(in_child(lock_in_child), 0);
}

/* The sanitizers' allocators, unlike libc's, keep their locks over fork(). */
#if !LFSHIM_ASAN && !LFSHIM_TSAN
static bool stop_noise;

static void noise_timer_fn(struct timer_list *t)
{
	if (!READ_ONCE(stop_noise))
		mod_timer(t, jiffies);
}

static int make_noise(void *unused)
{
	struct object *o;

	while (!READ_ONCE(stop_noise)) {
		o = kmalloc_obj(*o);
		kfree_rcu(o, rcu);
		o = kmalloc_obj(*o);
		call_rcu(&o->rcu, count_call);
		rcu_read_lock();
		cpu_relax();
		rcu_read_unlock();
	}
	return 0;
}

static int use_rcu_and_timers(void)
{
	int err = use_rcu();

	return err == 2 ? use_timers() : err ? err : use_timers();
}

static void fork_in_the_middle_of_everything_leaves_no_lock_behind(void **state)
{
	int i, nr = 20, failed = 0;
	struct task_struct *tasks[2];
	struct timer_list timer;

	stop_noise = false;
	timer_setup_on_stack(&timer, noise_timer_fn, 0);
	mod_timer(&timer, jiffies);
	for (i = 0; i < 2; i++)
		tasks[i] = start(make_noise, NULL);
	for (i = 0; i < nr; i++) {
		/*
		 * Pending callbacks of the parent may run in the child too, so
		 * use_rcu_and_timers() accepts a wrong count of callbacks.
		 */
		failed += in_child(use_rcu_and_timers) != 0;
		msleep(1);
	}
	WRITE_ONCE(stop_noise, true);
	for (i = 0; i < 2; i++)
		finish(tasks[i]);
	timer_shutdown_sync(&timer);
	rcu_barrier();
	assert_int_equal(failed, 0);
}
#endif

static struct timer_list inherited;

static int wait_for_inherited_timer(void)
{
	return wait_for_completion_timeout(&fired, PATIENCE_S * HZ) ? 0 : 10;
}

static void pending_timer_fires_in_both(void **state)
{
	init_completion(&fired);
	timer_setup(&inherited, timer_fn, 0);
	mod_timer(&inherited, jiffies + HZ / 5);
	assert_int_equal(in_child(wait_for_inherited_timer), 0);
	assert_int_equal(wait_for_inherited_timer(), 0);
	timer_delete_sync(&inherited);
}

static struct workqueue_struct *inherited_wq;
static struct completion blocking, unblock;
static struct work_struct blocker, behind;

static void blocker_fn(struct work_struct *work)
{
	complete(&blocking);
	wait_for_completion(&unblock);
}

static int flush_inherited(void *unused)
{
	flush_work(&behind);
	flush_workqueue(inherited_wq);
	return 0;
}

/* The child has neither the run of the blocker nor the thread that waits. */
static int use_inherited_queue(void)
{
	if (!wait_for_completion_timeout(&fired, PATIENCE_S * HZ))
		return 11;
	flush_workqueue(inherited_wq);
	if (work_busy(&blocker) || work_busy(&behind))
		return 12;
	schedule_work(&behind);
	flush_work(&behind);
	if (!try_wait_for_completion(&fired))
		return 13;
	queue_work(inherited_wq, &behind);
	destroy_workqueue(inherited_wq);
	return !try_wait_for_completion(&fired);
}

static void pending_work_runs_in_both(void **state)
{
	struct task_struct *task;

	inherited_wq = alloc_ordered_workqueue("inherited", WQ_MEM_RECLAIM);
	init_completion(&fired);
	init_completion(&blocking);
	init_completion(&unblock);
	INIT_WORK(&blocker, blocker_fn);
	INIT_WORK(&behind, work_fn);
	queue_work(inherited_wq, &blocker);
	wait_for_completion(&blocking);
	queue_work(inherited_wq, &behind);
	task = start(flush_inherited, NULL);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	assert_int_equal(in_child(use_inherited_queue), 0);
	assert_false(completion_done(&fired));
	complete(&unblock);
	finish(task);
	assert_true(completion_done(&fired));
	destroy_workqueue(inherited_wq);
}

static int forked_result;

static void fork_fn(struct work_struct *work)
{
	forked_result = in_child(use_workqueues);
}

static void function_of_an_item_may_fork(void **state)
{
	struct work_struct work;

	INIT_WORK_ONSTACK(&work, fork_fn);
	schedule_work(&work);
	flush_work(&work);
	assert_int_equal(forked_result, 0);
}

static DEFINE_SPINLOCK(parents_lock);
static bool locked, may_unlock;
static int variable;

static int hold_lock(void *lock)
{
	spin_lock((spinlock_t *)lock);
	WRITE_ONCE(locked, true);
	while (!READ_ONCE(may_unlock))
		cpu_relax();
	spin_unlock((spinlock_t *)lock);
	return 0;
}

static struct task_struct *start_holder(spinlock_t *lock)
{
	struct task_struct *task;

	locked = may_unlock = false;
	task = start(hold_lock, lock);
	assert_true(eventually(READ_ONCE(locked)));
	return task;
}

static void a_lock_that_a_lost_thread_holds_is_reported(void **state)
{
	struct task_struct *task = start_holder(&parents_lock);

	/* The child would wait for ever. */
	assert_dies("another thread of the parent held it",
		    alarm(PATIENCE_S); spin_lock(&parents_lock));
	WRITE_ONCE(may_unlock, true);
	finish(task);
	spin_lock(&parents_lock);
	spin_unlock(&parents_lock);
}

static int wait_for_variable(void)
{
	WRITE_ONCE(variable, 1);
	wake_up_var(&variable);
	wait_var_event(&variable, READ_ONCE(variable));
	return 0;
}

static void wait_queues_of_the_shim_are_new_in_the_child(void **state)
{
	struct task_struct *task = start_holder(&__var_waitqueue(&variable)->lock);

	assert_int_equal(in_child(wait_for_variable), 0);
	WRITE_ONCE(may_unlock, true);
	finish(task);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(child_of_a_quiet_process_can_use_everything),
		TEST(child_can_have_children),
		TEST(child_has_a_number_of_its_own),
#if !LFSHIM_ASAN && !LFSHIM_TSAN
		TEST(fork_in_the_middle_of_everything_leaves_no_lock_behind),
#endif
		TEST(pending_timer_fires_in_both),
		TEST(pending_work_runs_in_both),
		TEST(function_of_an_item_may_fork),
		TEST(a_lock_that_a_lost_thread_holds_is_reported),
		TEST(wait_queues_of_the_shim_are_new_in_the_child),
	};

	return TEST_MAIN("fork", tests);
}
