// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Kthread workers, and the waits for work queues: flush, drain and destroy against
 * items that are queued, requeued and cancelled.
 */

#include "explore.h"

#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

/* The items count, plainly: a missing order is a data race. */
static int runs, queued[2], cancelled;

/* Kthread workers */

static struct kthread_worker *worker;
static struct item {
	struct kthread_work work;
	struct kthread_delayed_work delayed;
} *item;

static void count_run(struct kthread_work *work)
{
	runs++;
}

static void requeue_once(struct kthread_work *work)
{
	if (!runs++)
		kthread_queue_work(worker, work);
}

static void make_worker(void)
{
	worker = kthread_create_worker(0, "worker");
	lfx_assert(!IS_ERR(worker));
	lfx_name(worker, "worker");
	item = kzalloc_obj(*item);
	lfx_name(item, "item");
	kthread_init_work(&item->work, count_run);
	kthread_init_delayed_work(&item->delayed, count_run);
}

static void make_requeueing_worker(void)
{
	make_worker();
	kthread_init_work(&item->work, requeue_once);
}

static void free_worker(void)
{
	kthread_destroy_worker(worker);
	kfree(item);
}

static void queue_as_0(void)
{
	queued[0] = kthread_queue_work(worker, &item->work);
}

static void queue_as_1(void)
{
	queued[1] = kthread_queue_work(worker, &item->work);
}

static void check_runs(void)
{
	kthread_flush_work(&item->work);
	lfx_assert(runs && runs == queued[0] + queued[1]);
	free_worker();
}

LFX_SCENARIO(kworker_queue_twice) = {
	.name = "kworker-queue-twice",
	.what = "two kthread_queue_work() of one item",
	.setup = make_worker,
	.threads = { { "thread 0", queue_as_0 }, { "thread 1", queue_as_1 } },
	.check = check_runs,
};

static void queue_and_flush(void)
{
	queue_as_0();
	kthread_flush_work(&item->work);
	lfx_assert(runs == 1);
}

LFX_SCENARIO(kworker_flush) = {
	.name = "kworker-flush",
	.what = "kthread_queue_work() and kthread_flush_work()",
	.setup = make_worker,
	.threads = { { "thread", queue_and_flush } },
	.check = free_worker,
};

static void queue_and_flush_all(void)
{
	queue_as_0();
	kthread_flush_worker(worker);
	lfx_assert(runs == 1);
}

LFX_SCENARIO(kworker_flush_worker) = {
	.name = "kworker-flush-worker",
	.what = "kthread_queue_work() and kthread_flush_worker()",
	.setup = make_worker,
	.threads = { { "thread", queue_and_flush_all } },
	.check = free_worker,
};

static void queue_cancel_free(void)
{
	bool was_pending;

	queue_as_0();
	was_pending = kthread_cancel_work_sync(&item->work);
	lfx_assert(runs == !was_pending);
	kfree(item);
}

static void destroy_worker(void)
{
	kthread_destroy_worker(worker);
}

LFX_SCENARIO(kworker_cancel) = {
	.name = "kworker-cancel",
	.what = "kthread_cancel_work_sync() and kfree() against the run",
	.setup = make_worker,
	.threads = { { "thread", queue_cancel_free } },
	.check = destroy_worker,
};

/* After the cancellation, the item does not run, although it queues itself. */
static void queue_requeueing_and_cancel(void)
{
	queue_as_0();
	kthread_cancel_work_sync(&item->work);
	lfx_assert(runs <= 2);
	runs = 9;
}

static void check_cancelled(void)
{
	kthread_flush_worker(worker);
	lfx_assert(runs == 9);
	free_worker();
}

LFX_SCENARIO(kworker_cancel_requeued) = {
	.name = "kworker-cancel-requeued",
	.what = "kthread_cancel_work_sync() against an item that queues itself",
	.setup = make_requeueing_worker,
	.threads = { { "thread", queue_requeueing_and_cancel } },
	.check = check_cancelled,
};

static void queue_and_destroy(void)
{
	queue_as_0();
	kthread_destroy_worker(worker);
	lfx_assert(runs == 1);
	kfree(item);
}

LFX_SCENARIO(kworker_destroy) = {
	.name = "kworker-destroy",
	.what = "kthread_destroy_worker() against the run of an item",
	.setup = make_worker,
	.threads = { { "thread", queue_and_destroy } },
};

static void queue_delayed_cancel_free(void)
{
	bool was_pending;

	kthread_queue_delayed_work(worker, &item->delayed, 1);
	was_pending = kthread_cancel_delayed_work_sync(&item->delayed);
	lfx_assert(runs == !was_pending);
	kfree(item);
}

LFX_SCENARIO(kworker_cancel_delayed) = {
	.name = "kworker-cancel-delayed",
	.what = "kthread_cancel_delayed_work_sync() against timer and run",
	.setup = make_worker,
	.threads = { { "thread", queue_delayed_cancel_free } },
	.check = destroy_worker,
};

static void queue_delayed(void)
{
	queued[0] = kthread_queue_delayed_work(worker, &item->delayed, 1);
}

static void mod_delayed(void)
{
	queued[1] = !kthread_mod_delayed_work(worker, &item->delayed, 2);
}

static void check_delayed(void)
{
	cancelled = kthread_cancel_delayed_work_sync(&item->delayed);
	lfx_assert(queued[0] || queued[1]);
	lfx_assert(runs == queued[0] + queued[1] - cancelled);
	free_worker();
}

LFX_SCENARIO(kworker_mod_delayed) = {
	.name = "kworker-mod-delayed",
	.what = "kthread_mod_delayed_work() against the queueing and the timer",
	.setup = make_worker,
	.threads = { { "queuer", queue_delayed }, { "modifier", mod_delayed } },
	.check = check_delayed,
};

/* Work queues */

static struct workqueue_struct *wq;
static struct work_struct works[2];
static struct delayed_work delayed;
static struct rcu_work rcu_work;

static void count_work(struct work_struct *work)
{
	runs++;
}

static void requeue_work_once(struct work_struct *work)
{
	if (!runs++)
		queue_work(wq, work);
}

static void make_queue(void)
{
	int i;

	wq = alloc_ordered_workqueue("explore", 0);
	for (i = 0; i < 2; i++)
		INIT_WORK(&works[i], count_work);
	INIT_DELAYED_WORK(&delayed, count_work);
	INIT_RCU_WORK(&rcu_work, count_work);
}

static void make_requeueing_queue(void)
{
	make_queue();
	INIT_WORK(&works[0], requeue_work_once);
}

static void destroy_queue(void)
{
	destroy_workqueue(wq);
}

static void queue_first(void)
{
	queued[0] = queue_work(wq, &works[0]);
}

static void queue_second(void)
{
	queued[1] = queue_work(wq, &works[1]);
}

static void queue_requeueing_flush(void)
{
	queue_first();
	/* It waits for the run that was queued before it. */
	flush_work(&works[0]);
	lfx_assert(queued[0]);
}

static void check_two_runs(void)
{
	destroy_workqueue(wq);
	lfx_assert(runs == 2);
}

/* An item that queues itself while it is flushed is not waited for. */
LFX_SCENARIO(work_flush_requeued) = {
	.name = "work-flush-requeued",
	.what = "flush_work() of an item that queues itself",
	.setup = make_requeueing_queue,
	.threads = { { "thread", queue_requeueing_flush } },
	.check = check_two_runs,
};

static void queue_requeueing_cancel(void)
{
	queue_first();
	cancel_work_sync(&works[0]);
	lfx_assert(runs <= 2);
	runs = 9;
}

static void check_work_cancelled(void)
{
	destroy_workqueue(wq);
	lfx_assert(runs == 9);
}

LFX_SCENARIO(work_cancel_requeued) = {
	.name = "work-cancel-requeued",
	.what = "cancel_work_sync() of an item that queues itself",
	.setup = make_requeueing_queue,
	.threads = { { "thread", queue_requeueing_cancel } },
	.check = check_work_cancelled,
};

static bool first_has_run;

static void note_run(struct work_struct *work)
{
	first_has_run = true;
	runs++;
}

static void make_noting_queue(void)
{
	make_queue();
	INIT_WORK(&works[0], note_run);
}

static void queue_first_flush_queue(void)
{
	queue_first();
	flush_workqueue(wq);
	lfx_assert(first_has_run);
}

static void check_both(void)
{
	destroy_workqueue(wq);
	lfx_assert(runs == 2);
}

LFX_SCENARIO(work_flush_queue) = {
	.name = "work-flush-queue",
	.what = "flush_workqueue() against queue_work() of another item",
	.setup = make_noting_queue,
	.threads = {
		{ "flusher", queue_first_flush_queue },
		{ "queuer", queue_second },
	},
	.check = check_both,
};

static void queue_both_destroy(void)
{
	queue_first();
	queue_second();
	destroy_workqueue(wq);
	lfx_assert(runs == 2);
}

LFX_SCENARIO(work_destroy) = {
	.name = "work-destroy",
	.what = "destroy_workqueue() against the runs of two items",
	.setup = make_queue,
	.threads = { { "thread", queue_both_destroy } },
};

static void queue_requeueing_drain(void)
{
	queue_first();
	drain_workqueue(wq);
	lfx_assert(runs == 2);
}

LFX_SCENARIO(work_drain) = {
	.name = "work-drain",
	.what = "drain_workqueue() of an item that queues itself",
	.setup = make_requeueing_queue,
	.threads = { { "thread", queue_requeueing_drain } },
	.check = destroy_queue,
};

static void cancel_first(void)
{
	cancelled = cancel_work_sync(&works[0]);
}

static void check_one_cancelled(void)
{
	destroy_workqueue(wq);
	lfx_assert(runs == queued[0] - cancelled);
}

LFX_SCENARIO(work_cancel_queue) = {
	.name = "work-cancel-queue",
	.what = "cancel_work_sync() against queue_work() by another thread",
	.setup = make_queue,
	.threads = { { "queuer", queue_first }, { "canceller", cancel_first } },
	.check = check_one_cancelled,
};

static void flush_first(void)
{
	flush_work(&works[0]);
}

static void queue_twice(void)
{
	queued[0] = queue_work(wq, &works[0]);
	queued[1] = queue_work(wq, &works[0]);
}

static void check_queued(void)
{
	destroy_workqueue(wq);
	lfx_assert(runs == queued[0] + queued[1]);
}

LFX_SCENARIO(work_flush_queueing) = {
	.name = "work-flush-queueing",
	.what = "flush_work() against two queue_work() by another thread",
	.setup = make_queue,
	.threads = { { "queuer", queue_twice }, { "flusher", flush_first } },
	.check = check_queued,
};

/* A flush ends if the item that it waits for is cancelled. */

static void queue_and_cancel(void)
{
	queue_first();
	cancelled = cancel_work(&works[0]);
}

LFX_SCENARIO(work_flush_cancel) = {
	.name = "work-flush-cancel",
	.what = "flush_work() against queue_work() and cancel_work()",
	.setup = make_queue,
	.threads = { { "queuer", queue_and_cancel }, { "flusher", flush_first } },
	.check = check_one_cancelled,
};

static void disable_and_enable(void)
{
	disable_work_sync(&works[0]);
	enable_work(&works[0]);
}

static void check_disabled(void)
{
	destroy_workqueue(wq);
	/* The disabling may have cancelled it. */
	lfx_assert(runs <= queued[0]);
}

LFX_SCENARIO(work_disable_enable) = {
	.name = "work-disable-enable",
	.what = "disable_work_sync() and enable_work() against queue_work()",
	.setup = make_queue,
	.threads = {
		{ "queuer", queue_first }, { "disabler", disable_and_enable },
	},
	.check = check_disabled,
};

static void queue_delayed_work_flush(void)
{
	queue_delayed_work(wq, &delayed, 1);
	flush_delayed_work(&delayed);
	lfx_assert(runs == 1);
}

LFX_SCENARIO(delayed_work_flush) = {
	.name = "delayed-work-flush",
	.what = "flush_delayed_work() against the timer and the run",
	.setup = make_queue,
	.threads = { { "thread", queue_delayed_work_flush } },
	.check = destroy_queue,
};

static void queue_delayed_disable(void)
{
	queue_delayed_work(wq, &delayed, 1);
	disable_delayed_work_sync(&delayed);
	lfx_assert(runs <= 1 && !queue_delayed_work(wq, &delayed, 1));
	runs = 9;
}

LFX_SCENARIO(delayed_work_disable) = {
	.name = "delayed-work-disable",
	.what = "disable_delayed_work_sync() against the timer and the run",
	.setup = make_queue,
	.threads = { { "thread", queue_delayed_disable } },
	.check = check_work_cancelled,
};

static void mod_to_now(void)
{
	queued[1] = !mod_delayed_work(wq, &delayed, 0);
}

static void queue_delayed_by_one(void)
{
	queued[0] = queue_delayed_work(wq, &delayed, 1);
}

static void check_mod(void)
{
	flush_delayed_work(&delayed);
	destroy_workqueue(wq);
	lfx_assert(runs && runs == queued[0] + queued[1]);
}

LFX_SCENARIO(delayed_work_mod_now) = {
	.name = "delayed-work-mod-now",
	.what = "mod_delayed_work() without a delay against the timer",
	.setup = make_queue,
	.threads = {
		{ "queuer", queue_delayed_by_one }, { "modifier", mod_to_now },
	},
	.check = check_mod,
};

static int in_use, unlinked;

/* A reader that has found the object still linked may use it. */
static void read_in_section(void)
{
	rcu_read_lock();
	if (!READ_ONCE(unlinked))
		lfx_assert(READ_ONCE(in_use));
	rcu_read_unlock();
}

static void count_after_readers(struct work_struct *work)
{
	WRITE_ONCE(in_use, 0);
	runs++;
}

static void make_rcu_queue(void)
{
	make_queue();
	INIT_RCU_WORK(&rcu_work, count_after_readers);
	in_use = 1;
}

static void queue_rcu_flush(void)
{
	WRITE_ONCE(unlinked, 1);
	queue_rcu_work(wq, &rcu_work);
	flush_rcu_work(&rcu_work);
	lfx_assert(runs == 1);
}

LFX_SCENARIO(rcu_work_readers) = {
	.name = "rcu-work",
	.what = "queue_rcu_work() and flush_rcu_work() against a reader",
	.setup = make_rcu_queue,
	.threads = { { "queuer", queue_rcu_flush }, { "reader", read_in_section } },
	.check = destroy_queue,
};
