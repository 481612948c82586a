// SPDX-License-Identifier: GPL-2.0 OR MIT
/* With -Dchecks=true: lockdep knows the waits for an item or a queue. */

#include "helpers.h"
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

static DEFINE_MUTEX(lock);
static DEFINE_MUTEX(lock2);
static DEFINE_MUTEX(lock3);
static DEFINE_MUTEX(lock4);
static DEFINE_MUTEX(lock5);
static struct workqueue_struct *wq;
static struct completion past, go;

static void take(struct mutex *m)
{
	mutex_lock(m);
	mutex_unlock(m);
	/* The rest of the run cannot hang a thread that holds the mutex. */
	complete(&past);
	wait_for_completion(&go);
}

static void run(struct workqueue_struct *queue, struct work_struct *work)
{
	init_completion(&past);
	init_completion(&go);
	queue_work(queue, work);
	wait_for_completion(&past);
	complete_all(&go);
}

static int release_soon(void *unused)
{
	msleep(20);
	complete_all(&go);
	return 0;
}

static void item_fn(struct work_struct *work)
{
	take(&lock);
}

static void sync_cancel_under_a_lock_that_the_function_takes(void **state)
{
	struct work_struct work;
	struct task_struct *task;

	wq = alloc_workqueue("item", WQ_UNBOUND, 4);
	INIT_WORK_ONSTACK(&work, item_fn);
	run(wq, &work);
	flush_work(&work);
	assert_warns(0, {
		mutex_lock(&lock);
		/* Nothing to wait for. */
		cancel_work_sync(&work);
		mutex_unlock(&lock);
	});
	init_completion(&past);
	init_completion(&go);
	queue_work(wq, &work);
	wait_for_completion(&past);
	mutex_lock(&lock);
	task = start(release_soon, NULL);
	assert_warns_naming("(work_completion)&work", "item_fn",
			    cancel_work_sync(&work););
	mutex_unlock(&lock);
	finish(task);
	destroy_workqueue(wq);
}

static void flushed_fn(struct work_struct *work)
{
	take(&lock2);
}

static void flush_of_a_queue_under_a_lock_that_an_item_takes(void **state)
{
	struct work_struct work;

	wq = alloc_workqueue("flushed", WQ_UNBOUND, 4);
	INIT_WORK_ONSTACK(&work, flushed_fn);
	run(wq, &work);
	flush_work(&work);
	mutex_lock(&lock2);
	/* Always, also if the queue is empty. */
	assert_warns_naming("(wq_completion)flushed", "flushed_fn",
			    flush_workqueue(wq););
	mutex_unlock(&lock2);
	destroy_workqueue(wq);
}

static void one_fn(struct work_struct *work)
{
	take(&lock3);
}

static void other_fn(struct work_struct *work)
{
	complete(&past);
	wait_for_completion(&go);
}

/* On an ordered queue, a wait for one item is a wait for those before it. */
static void flush_work_on_an_ordered_queue_is_a_wait_for_the_queue(void **state)
{
	struct work_struct work, other;
	struct task_struct *task;

	wq = alloc_ordered_workqueue("ordered", 0);
	INIT_WORK_ONSTACK(&work, one_fn);
	INIT_WORK_ONSTACK(&other, other_fn);
	run(wq, &work);
	flush_work(&work);
	init_completion(&past);
	init_completion(&go);
	queue_work(wq, &other);
	wait_for_completion(&past);
	mutex_lock(&lock3);
	task = start(release_soon, NULL);
	assert_warns_naming("(wq_completion)ordered", "one_fn",
			    flush_work(&other););
	finish(task);
	mutex_unlock(&lock3);
	destroy_workqueue(wq);
}

static void leak_fn(struct work_struct *work)
{
	mutex_lock(&lock4);
}

static void function_that_leaks_a_lock_is_reported(void **state)
{
	struct work_struct work;

	wq = alloc_ordered_workqueue("leak", 0);
	INIT_WORK_ONSTACK(&work, leak_fn);
	assert_warns_like("leaked atomic, lock or RCU: leak_fn", {
		queue_work(wq, &work);
		flush_work(&work);
	});
	destroy_workqueue(wq);
}

static struct mutex *taken;

static void taker_fn(struct work_struct *work)
{
	take(taken);
}

/*
 * An item has taken @m. While this thread holds @m, it waits by @wait for another
 * item of the queue, which does not take it.
 */
static void wait_beside_a_taker(struct workqueue_struct *queue, struct mutex *m,
				bool (*wait)(struct work_struct *work))
{
	struct work_struct work, other;
	struct task_struct *task;

	taken = m;
	INIT_WORK_ONSTACK(&work, taker_fn);
	INIT_WORK_ONSTACK(&other, other_fn);
	run(queue, &work);
	flush_work(&work);
	init_completion(&past);
	init_completion(&go);
	queue_work(queue, &other);
	wait_for_completion(&past);
	mutex_lock(m);
	task = start(release_soon, NULL);
	wait(&other);
	finish(task);
	mutex_unlock(m);
	destroy_workqueue(queue);
}

/* A cancel waits for the run alone. So does a flush if items pass each other. */
static void waits_for_one_item_do_not_count_for_the_queue(void **state)
{
	static DEFINE_MUTEX(m1);
	static DEFINE_MUTEX(m2);

	assert_warns(0, {
		wait_beside_a_taker(alloc_ordered_workqueue("cancel", 0), &m1,
				    cancel_work_sync);
		wait_beside_a_taker(alloc_workqueue("any", WQ_UNBOUND, 4), &m2,
				    flush_work);
	});
}

/* Without memory, the rescuer runs one item after the other. */
static void flush_work_on_a_queue_with_a_rescuer_counts_for_the_queue(void **state)
{
	static DEFINE_MUTEX(m);

	assert_warns_naming("(wq_completion)rescued", "taker_fn",
		wait_beside_a_taker(alloc_workqueue("rescued", WQ_UNBOUND |
						    WQ_MEM_RECLAIM, 4), &m,
				    flush_work););
}

static struct lockdep_map shared_map =
	STATIC_LOCKDEP_MAP_INIT("shared", &shared_map);

static void shared_fn(struct work_struct *work)
{
	take(&lock5);
}

/* Two queues with the caller's map: the locks of one count for the other. */
static void map_of_the_caller_is_used(void **state)
{
	struct workqueue_struct *a, *b;
	struct work_struct work;

	a = alloc_ordered_workqueue_lockdep_map("a", 0, &shared_map);
	b = alloc_ordered_workqueue_lockdep_map("b", 0, &shared_map);
	INIT_WORK_ONSTACK(&work, shared_fn);
	run(a, &work);
	flush_work(&work);
	mutex_lock(&lock5);
	assert_warns_naming("shared", "shared_fn", flush_workqueue(b););
	mutex_unlock(&lock5);
	destroy_workqueue(a);
	destroy_workqueue(b);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(sync_cancel_under_a_lock_that_the_function_takes),
		TEST(flush_of_a_queue_under_a_lock_that_an_item_takes),
		TEST(flush_work_on_an_ordered_queue_is_a_wait_for_the_queue),
		TEST(function_that_leaks_a_lock_is_reported),
		TEST(waits_for_one_item_do_not_count_for_the_queue),
		TEST(flush_work_on_a_queue_with_a_rescuer_counts_for_the_queue),
		TEST(map_of_the_caller_is_used),
	};

	return TEST_MAIN("workqueue-lockdep", tests);
}
