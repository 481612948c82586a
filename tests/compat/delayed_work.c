// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Cancelling work, flushing it, and delayed work. */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/workqueue.h>

static struct workqueue_struct *wq;

/* The queue runs one item at a time: @blocker keeps later items pending. */
static struct delayed_work item, blocker;
static struct completion running, go;
static atomic_t nr_runs, nr_early;
static unsigned long not_before;
/* Not atomic: a thread that has waited for the item may read it. */
static int nr_ended;
static bool requeue;

static void item_fn(struct work_struct *work)
{
	if (time_before(jiffies, not_before))
		atomic_inc(&nr_early);
	atomic_inc_return(&nr_runs);
	if (READ_ONCE(requeue))
		queue_delayed_work(wq, to_delayed_work(work), 0);
	msleep(1);
	nr_ended++;
}

static void blocker_fn(struct work_struct *work)
{
	complete(&running);
	wait_for_completion(&go);
	nr_ended++;
}

static void set_up(void)
{
	wq = alloc_ordered_workqueue("delayed", 0);
	assert_non_null(wq);
	INIT_DELAYED_WORK(&item, item_fn);
	INIT_DELAYED_WORK(&blocker, blocker_fn);
	init_completion(&running);
	init_completion(&go);
	atomic_set(&nr_runs, 0);
	atomic_set(&nr_early, 0);
	not_before = jiffies;
	nr_ended = 0;
	requeue = false;
}

static void block(void)
{
	queue_work(wq, &blocker.work);
	wait_for_completion(&running);
}

static void tear_down(int runs)
{
	destroy_workqueue(wq);
	assert_int_equal(atomic_read(&nr_runs), runs);
	assert_int_equal(atomic_read(&nr_early), 0);
}

/* start() may sleep, too. */
static bool is_started;

static int release_when_it_sleeps(void *task)
{
	bool slept = eventually(READ_ONCE(is_started) &&
				sleeps_in(task, TASK_UNINTERRUPTIBLE));

	complete_all(&go);
	return slept;
}

static struct task_struct *start_release(void)
{
	struct task_struct *task;

	WRITE_ONCE(is_started, false);
	task = start(release_when_it_sleeps, current);
	WRITE_ONCE(is_started, true);
	return task;
}

static void cancelled_item_does_not_run(void **state)
{
	set_up();
	block();
	assert_false(cancel_work(&item.work));
	queue_work(wq, &item.work);
	assert_true(cancel_work(&item.work));
	assert_false(work_pending(&item.work));
	assert_false(cancel_work(&item.work));
	queue_work(wq, &item.work);
	assert_true(cancel_work_sync(&item.work));
	complete_all(&go);
	tear_down(0);
}

static void cancel_sync_waits_for_the_run(void **state)
{
	struct task_struct *task;

	set_up();
	block();
	/* The item is not pending, so it is not cancelled. */
	assert_false(cancel_work(&blocker.work));
	task = start_release();
	assert_false(cancel_work_sync(&blocker.work));
	assert_int_equal(nr_ended, 1);
	assert_true(finish(task));
	tear_down(0);
}

static void cancel_sync_ends_an_item_that_queues_itself(void **state)
{
	int runs;

	set_up();
	requeue = true;
	queue_delayed_work(wq, &item, 0);
	assert_true(eventually(atomic_read(&nr_runs) > 3));
	cancel_delayed_work_sync(&item);
	runs = atomic_read(&nr_runs);
	assert_int_equal(nr_ended, runs);
	assert_false(delayed_work_pending(&item));
	tear_down(runs);
}

static void flush_waits_for_a_pending_and_for_a_running_item(void **state)
{
	struct task_struct *task;

	set_up();
	assert_false(flush_work(&item.work));
	block();
	queue_work(wq, &item.work);
	task = start_release();
	assert_true(flush_work(&item.work));
	assert_int_equal(nr_ended, 2);
	assert_true(finish(task));
	reinit_completion(&go);
	block();
	task = start_release();
	assert_true(flush_work(&blocker.work));
	assert_int_equal(nr_ended, 3);
	assert_true(finish(task));
	tear_down(1);
}

static int flush_it(void *data)
{
	return flush_work(data);
}

static void flush_of_an_item_that_is_cancelled_returns(void **state)
{
	struct task_struct *task;

	set_up();
	block();
	queue_work(wq, &item.work);
	task = start(flush_it, &item.work);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	assert_true(cancel_work(&item.work));
	finish(task);
	complete_all(&go);
	tear_down(0);
}

static bool flushed;

static int flush_queue(void *unused)
{
	flush_workqueue(wq);
	WRITE_ONCE(flushed, true);
	return nr_ended;
}

static struct completion later_running, later_go;

static void later_fn(struct work_struct *work)
{
	complete(&later_running);
	wait_for_completion(&later_go);
}

static void flush_workqueue_waits_for_earlier_items_only(void **state)
{
	struct work_struct later;
	struct task_struct *task;

	set_up();
	destroy_workqueue(wq);
	wq = alloc_workqueue("flush", WQ_UNBOUND, 4);
	assert_non_null(wq);
	flushed = false;
	init_completion(&later_running);
	init_completion(&later_go);
	INIT_WORK_ONSTACK(&later, later_fn);
	block();
	task = start(flush_queue, NULL);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	queue_work(wq, &later);
	wait_for_completion(&later_running);
	msleep(5);
	assert_false(READ_ONCE(flushed));
	complete(&go);
	/* The later item may end only after the flush has returned. */
	assert_int_equal(finish(task), 1);
	complete(&later_go);
	tear_down(0);
}

static void delayed_item_is_never_early(void **state)
{
	set_up();
	assert_true(queue_delayed_work(wq, &item, 1000 * HZ));
	assert_false(queue_delayed_work(wq, &item, 0));
	assert_true(delayed_work_pending(&item));
	assert_true(work_pending(&item.work));
	assert_true(cancel_delayed_work(&item));
	not_before = jiffies + 20;
	assert_true(queue_delayed_work(wq, &item, 20));
	assert_true(eventually(atomic_read(&nr_runs) == 1));
	assert_false(delayed_work_pending(&item));
	flush_delayed_work(&item);
	assert_true(queue_delayed_work(wq, &item, 0));
	flush_work(&item.work);
	tear_down(2);
}

/* Cancel it before it runs. On a busy machine, that may need several tries. */
static void cancel_in_time(bool (*cancel)(struct delayed_work *dwork))
{
	int i, runs = atomic_read(&nr_runs);

	for (i = 0; i < 100; i++) {
		assert_true(queue_delayed_work(wq, &item, 20));
		if (cancel(&item))
			break;
		flush_delayed_work(&item);
		assert_int_equal(atomic_read(&nr_runs), ++runs);
	}
	assert_true(i < 100);
	assert_false(cancel(&item));
	assert_false(delayed_work_pending(&item));
	/* It does not run later. */
	msleep(30 * 1000 / HZ);
	assert_int_equal(atomic_read(&nr_runs), runs);
}

static void delayed_item_can_be_cancelled(void **state)
{
	set_up();
	assert_false(cancel_delayed_work(&item));
	cancel_in_time(cancel_delayed_work);
	cancel_in_time(cancel_delayed_work_sync);
	tear_down(atomic_read(&nr_runs));
}

static void mod_delayed_work_replaces_the_delay(void **state)
{
	set_up();
	/* It queues an idle item. */
	assert_false(mod_delayed_work(wq, &item, 1000 * HZ));
	assert_true(mod_delayed_work(wq, &item, 2));
	assert_true(eventually(atomic_read(&nr_runs) == 1));
	flush_delayed_work(&item);
	queue_delayed_work(wq, &item, 500 * HZ);
	assert_true(mod_delayed_work(wq, &item, 1000 * HZ));
	assert_true(mod_delayed_work(wq, &item, 0));
	flush_work(&item.work);
	assert_int_equal(atomic_read(&nr_runs), 2);
	/* It takes back an item that is pending on the queue. */
	block();
	queue_delayed_work(wq, &item, 0);
	assert_true(mod_delayed_work(wq, &item, 1000 * HZ));
	complete_all(&go);
	assert_true(cancel_delayed_work_sync(&item));
	tear_down(2);
}

static void flush_runs_a_delayed_item_at_once(void **state)
{
	ktime_t begin = ktime_get();

	set_up();
	queue_delayed_work(wq, &item, 1000 * HZ);
	assert_true(flush_delayed_work(&item));
	assert_true(ktime_get() - begin < 900 * NSEC_PER_SEC);
	assert_false(flush_delayed_work(&item));
	tear_down(1);
}

static void endless_delays_never_end(void **state)
{
	static const unsigned long delays[] = {
		MAX_JIFFY_OFFSET, LONG_MAX, ULONG_MAX,
	};
	unsigned int i;

	set_up();
	for (i = 0; i < ARRAY_SIZE(delays); i++) {
		queue_delayed_work(wq, &item, delays[i]);
		msleep(3);
		assert_true(delayed_work_pending(&item));
		assert_true(cancel_delayed_work_sync(&item));
	}
	tear_down(0);
}

static void flush_self(struct work_struct *work)
{
	flush_work(work);
}

static void cancel_self(struct work_struct *work)
{
	cancel_work_sync(work);
}

static void flush_own_queue(struct work_struct *work)
{
	flush_workqueue(wq);
}

static void waiting_for_oneself_warns(void **state)
{
	set_up();
	INIT_DELAYED_WORK(&item, cancel_self);
	assert_warns_like("it cancels itself", {
		queue_work(wq, &item.work);
		flush_workqueue(wq);
	});
	INIT_DELAYED_WORK(&item, flush_self);
	assert_warns_like("it flushes itself", {
		queue_work(wq, &item.work);
		flush_workqueue(wq);
	});
	INIT_DELAYED_WORK(&item, flush_own_queue);
	assert_warns_like("it waits for its queue", {
		queue_work(wq, &item.work);
		flush_work(&item.work);
	});
	tear_down(0);
}

static int cancel_and_queue(void *data)
{
	u64 seed = (unsigned long)data;
	int i, nr = 3000 / test_slowness();

	for (i = 0; i < nr; i++) {
		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		switch (seed >> 61) {
		case 0:
			cancel_delayed_work(&item);
			break;
		case 1:
			if (i % 16 == 0)
				cancel_delayed_work_sync(&item);
			break;
		case 2:
			mod_delayed_work(wq, &item, seed >> 40 & 1);
			break;
		default:
			queue_delayed_work(wq, &item, seed >> 40 & 1);
		}
	}
	return 0;
}

static void queueing_and_cancelling_at_once_keeps_the_item_whole(void **state)
{
	struct task_struct *tasks[3];
	int i, runs;

	set_up();
	for (i = 0; i < 3; i++)
		tasks[i] = start(cancel_and_queue, (void *)(test_seed() + i));
	for (i = 0; i < 3; i++)
		finish(tasks[i]);
	cancel_delayed_work_sync(&item);
	runs = atomic_read(&nr_runs);
	assert_int_equal(nr_ended, runs);
	tear_down(runs);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(cancelled_item_does_not_run),
		TEST(cancel_sync_waits_for_the_run),
		TEST(cancel_sync_ends_an_item_that_queues_itself),
		TEST(flush_waits_for_a_pending_and_for_a_running_item),
		TEST(flush_of_an_item_that_is_cancelled_returns),
		TEST(flush_workqueue_waits_for_earlier_items_only),
		TEST(delayed_item_is_never_early),
		TEST(delayed_item_can_be_cancelled),
		TEST(mod_delayed_work_replaces_the_delay),
		TEST(flush_runs_a_delayed_item_at_once),
		TEST(endless_delays_never_end),
		TEST(waiting_for_oneself_warns),
		TEST(queueing_and_cancelling_at_once_keeps_the_item_whole),
	};

	return TEST_MAIN("delayed_work", tests);
}
