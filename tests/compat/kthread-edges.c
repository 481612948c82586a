// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Kthreads and kthread workers at the edges: the remains of a thread, calls
 * that meet, and races that a lock of the worker decides.
 */

#include "threads.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "kernel/internal.h"

/* The remains of a thread */

static int return_data(void *data)
{
	return (long)data;
}

static int wait_for_stop(void *result)
{
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	return (long)result;
}

/* The function has begun, so a stop does not prevent that. */
static struct task_struct *start_until_stop(long result)
{
	struct task_struct *task = start(wait_for_stop, (void *)result);

	assert_true(eventually(sleeps_in(task, TASK_INTERRUPTIBLE)));
	return task;
}

static void ended_kthread_is_still_a_kthread(void **state)
{
	struct task_struct *task = start(return_data, NULL);

	lfshim_kthread_join(task);
	assert_true(task->flags & PF_EXITING);
	assert_true(task->flags & PF_KTHREAD);
	put_task_struct(task);
}

static void stop_put_drops_one_reference(void **state)
{
	struct task_struct *task = start_until_stop(3);

	get_task_struct(task);
	assert_int_equal(kthread_stop_put(task), 3);
	/* That of the thread is dropped by the thread. */
	assert_int_equal(refcount_read(&task->usage), 1);
	/* Nothing of kthread_stop() is left. */
	assert_int_equal(kthread_stop(task), 3);
	assert_int_equal(refcount_read(&task->usage), 1);
	put_task_struct(task);
}

static void do_nothing(struct kthread_work *work)
{
}

static void threads_that_ended_leave_no_memory(void **state)
{
	struct kthread_worker *worker;
	struct kthread_work work;
	struct task_struct *task;
	struct memory before = { 0 };
	int i;

	for (i = 0; i < 240; i++) {
		if (i == 40) {
			rcu_barrier();
			before = memory_now();
		}
		kthread_stop(kthread_run(wait_for_stop, NULL, "test"));
		task = kthread_run(wait_for_stop, NULL, "test");
		get_task_struct(task);
		kthread_stop_put(task);
		worker = kthread_run_worker(0, "test");
		kthread_init_work(&work, do_nothing);
		kthread_queue_work(worker, &work);
		kthread_destroy_worker(worker);
	}
	assert_true(memory_came_back(&before, 200 * 40));
}

/* Calls that meet */

static struct task_struct *target;
static bool may_return, has_begun;

static int end_slowly(void *result)
{
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	while (!READ_ONCE(may_return))
		msleep(1);
	return (long)result;
}

static int stop_target(void *unused)
{
	return kthread_stop(target);
}

/* Each of them waits for the end, and gets the result. */
static void two_stops_wait_for_one_thread(void **state)
{
	struct task_struct *stoppers[2];
	int i;

	may_return = false;
	target = start(end_slowly, (void *)7);
	assert_true(eventually(sleeps_in(target, TASK_INTERRUPTIBLE)));
	for (i = 0; i < 2; i++)
		stoppers[i] = start(stop_target, NULL);
	msleep(10);
	for (i = 0; i < 2; i++)
		assert_false(READ_ONCE(stoppers[i]->flags) & PF_EXITING);
	WRITE_ONCE(may_return, true);
	for (i = 0; i < 2; i++)
		assert_int_equal(finish(stoppers[i]), 7);
	put_task_struct(target);
}

static int park_target(void *unused)
{
	return kthread_park(target);
}

/* The thread never parks. */
static int return_soon(void *unused)
{
	WRITE_ONCE(has_begun, true);
	while (!READ_ONCE(may_return))
		msleep(1);
	return 0;
}

static void park_of_a_thread_that_returns_fails(void **state)
{
	struct task_struct *parker;

	may_return = has_begun = false;
	target = start(return_soon, NULL);
	/* Before that, it would park. */
	assert_true(eventually(READ_ONCE(has_begun)));
	parker = start(park_target, NULL);
	assert_true(eventually(sleeps_in(parker, TASK_UNINTERRUPTIBLE)));
	WRITE_ONCE(may_return, true);
	assert_int_equal(finish(parker), -ENOSYS);
	finish(target);
}

static int nr_wakeups;

static int sleep_and_count(void *unused)
{
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(may_return))
			break;
		schedule();
		__atomic_fetch_add(&nr_wakeups, 1, __ATOMIC_SEQ_CST);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* kthread_park() wakes the thread, which sleeps again. */
static void unpark_ends_no_other_sleep(void **state)
{
	struct task_struct *parker;

	may_return = false;
	nr_wakeups = 0;
	target = start(sleep_and_count, NULL);
	assert_true(eventually(sleeps_in(target, TASK_UNINTERRUPTIBLE)));
	parker = start(park_target, NULL);
	assert_true(eventually(READ_ONCE(nr_wakeups) == 1));
	assert_true(eventually(sleeps_in(target, TASK_UNINTERRUPTIBLE)));
	kthread_unpark(target);
	msleep(5);
	assert_int_equal(READ_ONCE(nr_wakeups), 1);
	WRITE_ONCE(may_return, true);
	wake_up_process(target);
	/* It uses the target until it returns. */
	finish(parker);
	finish(target);
}

static int spin(void *begun)
{
	WRITE_ONCE(*(bool *)begun, true);
	while (!READ_ONCE(may_return))
		cpu_relax();
	return 0;
}

/* yield_to() yields until it has; mostly, the host needs one yield for that. */
static void kthread_has_begun_when_its_function_runs(void **state)
{
	bool begun = false;
	struct task_struct *task = kthread_create(spin, &begun, "test");

	assert_false(IS_ERR(task));
	get_task_struct(task);
	may_return = false;
	assert_false(lfpriv_kthread_has_begun(task));
	wake_up_process(task);
	assert_true(eventually(READ_ONCE(begun)));
	assert_true(lfpriv_kthread_has_begun(task));
	WRITE_ONCE(may_return, true);
	finish(task);
}

static void yield_to_a_thread_that_runs_returns(void **state)
{
	bool begun = false;
	struct task_struct *task;

	may_return = false;
	task = start(spin, &begun);
	assert_true(eventually(READ_ONCE(begun)));
	assert_true(yield_to(task, true) > 0);
	WRITE_ONCE(may_return, true);
	finish(task);
}

#if THREADS_ARE_OURS
static int create_while_killed(void *unused)
{
	struct task_struct *task;

	send_sig(SIGKILL, current, 1);
	/* Otherwise it may be faster than the look for signals. */
	WRITE_ONCE(threads_begin_late, true);
	task = kthread_create(wait_for_stop, NULL, "abandoned");
	WRITE_ONCE(threads_begin_late, false);
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_stop(task);
	return 0;
}

static void killed_caller_leaves_no_thread(void **state)
{
	int i, ret = 0;

	/* On a busy machine, the thread may be there first all the same. */
	for (i = 0; i < 20 && !ret; i++)
		ret = finish(start(create_while_killed, NULL));
	assert_int_equal(ret, -EINTR);
	assert_true(eventually(!nr_threads_named("abandoned")));
	/* Nor one that begins later. */
	msleep(100);
	assert_int_equal(nr_threads_named("abandoned"), 0);
}

static void threads_are_joined_or_detached_once(void **state)
{
	int i, joins = nr_joins, detaches = nr_detaches;
	struct task_struct *task;

	for (i = 0; i < 10; i++)
		kthread_run(return_data, NULL, "test");
	assert_true(eventually(READ_ONCE(nr_detaches) == detaches + 10));
	assert_int_equal(nr_joins, joins);

	task = start_until_stop(5);
	kthread_stop(task);
	kthread_stop(task);
	assert_int_equal(finish(task), 5);
	assert_int_equal(nr_joins, joins + 1);
	assert_int_equal(nr_detaches, detaches + 10);
}
#endif

/* Kthread workers */

struct item {
	struct kthread_delayed_work dwork;
	struct completion running, go;
	atomic_t nr_runs;
	int order;
	unsigned int state;
};

static int next_order;

static void item_fn(struct kthread_work *work)
{
	struct item *item = container_of(work, struct item, dwork.work);

	item->state = READ_ONCE(current->__state);
	item->order = next_order++;
	atomic_inc_return(&item->nr_runs);
	complete(&item->running);
	wait_for_completion(&item->go);
}

static void item_init(struct item *item)
{
	*item = (struct item){ .order = -1 };
	kthread_init_delayed_work(&item->dwork, item_fn);
	init_completion(&item->running);
	init_completion(&item->go);
}

/* An item that does not block. */
static void item_init_free(struct item *item)
{
	item_init(item);
	complete_all(&item->go);
}

static void created_worker_has_its_flags_and_sleeps_interruptibly(void **state)
{
	struct kthread_worker *worker = kthread_run_worker(1, "test");
	struct item item;

	assert_int_equal(worker->flags, 1);
	assert_true(eventually(sleeps_in(READ_ONCE(worker->task),
					 TASK_INTERRUPTIBLE)));
	item_init_free(&item);
	kthread_queue_work(worker, &item.dwork.work);
	kthread_flush_work(&item.dwork.work);
	/* An item may sleep in any way, so it begins in no state of a sleep. */
	assert_int_equal(item.state, TASK_RUNNING);
	kthread_destroy_worker(worker);
}

static struct kthread_worker own;
static unsigned int state_at_the_end;

static int run_own(void *unused)
{
	kthread_worker_fn(&own);
	state_at_the_end = READ_ONCE(current->__state);
	return 0;
}

static void thread_of_ones_own_is_noted_and_returns_running(void **state)
{
	struct task_struct *task, *second;
	struct item item;

	kthread_init_worker(&own);
	assert_warns(1, kthread_destroy_worker(&own));
	task = start(run_own, NULL);
	assert_true(eventually(READ_ONCE(own.task) == task));
	assert_true(eventually(sleeps_in(task, TASK_INTERRUPTIBLE)));
	/* An item that comes while it sleeps wakes it. */
	item_init_free(&item);
	kthread_queue_work(&own, &item.dwork.work);
	assert_true(eventually(atomic_read(&item.nr_runs) == 1));
	/* A worker has one thread. */
	assert_warns(1, {
		second = start(run_own, NULL);
		assert_true(eventually(sleeps_in(second, TASK_INTERRUPTIBLE)));
	});
	kthread_stop(second);
	finish(second);
	state_at_the_end = ~0u;
	kthread_stop(task);
	finish(task);
	assert_int_equal(state_at_the_end, TASK_RUNNING);
	assert_null(own.task);
}

static void armed_item_of_another_worker_warns(void **state)
{
	struct kthread_worker *one = kthread_run_worker(0, "one");
	struct kthread_worker *two = kthread_run_worker(0, "two");
	struct item item;

	item_init_free(&item);
	kthread_queue_delayed_work(one, &item.dwork, 1000 * HZ);
	kthread_cancel_delayed_work_sync(&item.dwork);
	assert_warns_like("second kthread worker",
			  kthread_queue_delayed_work(two, &item.dwork,
						     1000 * HZ););
	kthread_cancel_delayed_work_sync(&item.dwork);
	kthread_destroy_worker(one);
	kthread_destroy_worker(two);
}

/* Its timer has put it behind the others, and it is a queued item. */
static void expired_item_is_queued_as_any_other(void **state)
{
	struct kthread_worker *worker = kthread_run_worker(0, "test");
	struct item blocker, before, expired;

	next_order = 0;
	item_init(&blocker);
	item_init_free(&before);
	item_init_free(&expired);
	kthread_queue_work(worker, &blocker.dwork.work);
	wait_for_completion(&blocker.running);
	kthread_queue_work(worker, &before.dwork.work);
	kthread_queue_delayed_work(worker, &expired.dwork, 1);
	assert_true(eventually(!timer_pending(&expired.dwork.timer)));
	assert_int_equal(timer_delete_sync(&expired.dwork.timer), 0);
	complete(&blocker.go);
	/* No warning that its timer is armed. */
	kthread_flush_work(&expired.dwork.work);
	assert_int_equal(atomic_read(&expired.nr_runs), 1);
	assert_int_equal(before.order, 1);
	assert_int_equal(expired.order, 2);
	kthread_destroy_worker(worker);
}

/*
 * The timer of an item has expired. Its function and another thread wait for the
 * lock of the worker. If the other thread is first, there is nothing to do for
 * the function.
 */
static struct kthread_worker *locked_worker;
static struct item raced;

static int flush_target(void *item)
{
	kthread_flush_work(&((struct item *)item)->dwork.work);
	return 0;
}

static bool is_locked;

static void wait_for_the_lock(void)
{
	while (!READ_ONCE(is_locked))
		cpu_relax();
}

static int cancel_raced(void *unused)
{
	bool was;

	wait_for_the_lock();
	was = kthread_cancel_delayed_work_sync(&raced.dwork);

	/* The item may be freed now: nobody uses it. */
	if (was)
		memset(&raced.dwork, 0x55, sizeof(raced.dwork));
	return was;
}

static int put_off_raced(void *unused)
{
	wait_for_the_lock();
	return kthread_mod_delayed_work(locked_worker, &raced.dwork, 1000 * HZ);
}

/* Returns true if the other thread has kept the item from running. */
static bool race_with_the_timer(int (*fn)(void *))
{
	struct task_struct *task;

	item_init_free(&raced);
	is_locked = false;
	task = start(fn, NULL);
	kthread_queue_delayed_work(locked_worker, &raced.dwork, 1);
	spin_lock_irq(&locked_worker->lock);
	WRITE_ONCE(is_locked, true);
	while (timer_pending(&raced.dwork.timer))
		cpu_relax();
	mdelay(1);
	spin_unlock_irq(&locked_worker->lock);
	return finish(task);
}

static void timer_that_comes_too_late_queues_nothing(void **state)
{
	int i;

	locked_worker = kthread_run_worker(0, "test");
	for (i = 0; i < 40; i++) {
		if (race_with_the_timer(cancel_raced)) {
			kthread_flush_worker(locked_worker);
			assert_int_equal(atomic_read(&raced.nr_runs), 0);
		}
		if (race_with_the_timer(put_off_raced)) {
			kthread_flush_worker(locked_worker);
			assert_int_equal(atomic_read(&raced.nr_runs), 0);
		}
		kthread_cancel_delayed_work_sync(&raced.dwork);
	}
	kthread_destroy_worker(locked_worker);
}

/* A flush of one item does not wait for those behind it. */
static void flush_of_an_item_waits_for_no_later_one(void **state)
{
	struct kthread_worker *worker = kthread_run_worker(0, "test");
	struct item first, behind;
	int queued;

	for (queued = 0; queued < 2; queued++) {
		struct item blocker;

		item_init(&blocker);
		item_init(&first);
		item_init(&behind);
		if (queued) {
			kthread_queue_work(worker, &blocker.dwork.work);
			wait_for_completion(&blocker.running);
		}
		kthread_queue_work(worker, &first.dwork.work);
		if (!queued)
			wait_for_completion(&first.running);
		kthread_queue_work(worker, &behind.dwork.work);
		target = start(flush_target, &first);
		assert_true(eventually(sleeps_in(target,
						 TASK_UNINTERRUPTIBLE)));
		complete(&blocker.go);
		complete(&first.go);
		wait_for_completion(&behind.running);
		assert_true(eventually(READ_ONCE(target->flags) & PF_EXITING));
		assert_int_equal(atomic_read(&behind.nr_runs), 1);
		complete(&behind.go);
		finish(target);
		kthread_flush_worker(worker);
	}
	kthread_destroy_worker(worker);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(ended_kthread_is_still_a_kthread),
		TEST(stop_put_drops_one_reference),
		TEST(threads_that_ended_leave_no_memory),
		TEST(two_stops_wait_for_one_thread),
		TEST(park_of_a_thread_that_returns_fails),
		TEST(unpark_ends_no_other_sleep),
		TEST(kthread_has_begun_when_its_function_runs),
		TEST(yield_to_a_thread_that_runs_returns),
#if THREADS_ARE_OURS
		TEST(killed_caller_leaves_no_thread),
		TEST(threads_are_joined_or_detached_once),
#endif
		TEST(created_worker_has_its_flags_and_sleeps_interruptibly),
		TEST(thread_of_ones_own_is_noted_and_returns_running),
		TEST(armed_item_of_another_worker_warns),
		TEST(expired_item_is_queued_as_any_other),
		TEST(timer_that_comes_too_late_queues_nothing),
		TEST(flush_of_an_item_waits_for_no_later_one),
	};

	TEST_NEEDS(MEMORY_IS_COUNTED, "mallinfo2()",
		   threads_that_ended_leave_no_memory);
	return TEST_MAIN("kthread-edges", tests);
}
