// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Work queues; see <linux/workqueue.h>.
 *
 * A queue has a list of pending items and up to max_active worker threads.
 * An item that is queued again while it runs waits for the worker that runs
 * it. One lock protects all queues: the sections are short, and an item may
 * move from one queue to another.
 */

#include <stdio.h>
#include <linux/workqueue.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "kernel/fork.h"
#include "kernel/internal.h"
#include "kernel/service.h"

#define DEFAULT_ACTIVE	16

struct worker {
	struct workqueue_struct *wq;
	struct list_head node;
	struct task_struct *task;
	/* What it runs; only compared, the item may be gone. */
	struct work_struct *running;
	/* The number of that run. */
	u64 run;
	/* The item is pending on another queue, which waits for the run's end. */
	bool awaited;
};

struct workqueue_struct {
	char name[32];
	unsigned int max_active, nr_workers, nr_running;
	struct list_head pending;
	/* Idle workers sleep here. */
	struct wait_queue_head more;
};

/*
 * Protects every queue's lists and counts, ->lfshim_wq and ->entry of every
 * item, and the numbers of runs. Timers' lock nests inside.
 */
static DEFINE_SPINLOCK(wq_lock);

LFPRIV_AT_FORK(wq_fork) = {
	.level = LFPRIV_FORK_WORKQUEUE,
	.lock = &wq_lock,
};
/* All workers of all queues. */
static LIST_HEAD(all_workers);
static u64 nr_runs;
/* Somebody waits for a run to end. */
static DECLARE_WAIT_QUEUE_HEAD(run_ended);

static struct worker *worker_running(struct work_struct *work)
{
	struct worker *w;

	list_for_each_entry(w, &all_workers, node)
		if (w->running == work)
			return w;
	return NULL;
}

/* The first pending item that does not run already. */
static struct work_struct *next_work(struct workqueue_struct *wq)
{
	struct work_struct *work;
	struct worker *w;

	list_for_each_entry(work, &wq->pending, entry) {
		w = worker_running(work);
		if (!w)
			return work;
		if (w->wq != wq)
			w->awaited = true;
	}
	return NULL;
}

/* A run ended that other queues wait for; which item it was nobody knows. */
static void wake_other_queues(struct workqueue_struct *wq)
{
	struct worker *w;

	list_for_each_entry(w, &all_workers, node)
		if (w->wq != wq)
			wake_up(&w->wq->more);
}

static void unlink_work(struct work_struct *work)
{
	list_del_init(&work->entry);
	WRITE_ONCE(work->lfshim_wq, NULL);
}

static int worker_thread(void *arg);

/* In any context, without the lock, with a place in ->nr_workers taken. */
static bool start_worker(struct workqueue_struct *wq)
{
	struct worker *w = kzalloc_obj(*w, GFP_ATOMIC);
	unsigned long flags;

	if (w) {
		w->wq = wq;
		w->task = lfpriv_create_service(worker_thread, w, wq->name);
		if (IS_ERR(w->task)) {
			kfree(w);
			w = NULL;
		}
	}
	spin_lock_irqsave(&wq_lock, flags);
	if (w) {
		get_task_struct(w->task);
		list_add_tail(&w->node, &all_workers);
	} else {
		wq->nr_workers--;
	}
	spin_unlock_irqrestore(&wq_lock, flags);
	if (!w)
		return false;
	wake_up_process(w->task);
	return true;
}

static int worker_thread(void *arg)
{
	struct worker *self = arg;
	struct workqueue_struct *wq = self->wq;
	struct work_struct *work;
	work_func_t func;
	bool grow;

	spin_lock_irq(&wq_lock);
	for (;;) {
		work = next_work(wq);
		if (!work) {
			/* Under the lock: queueing wakes only after this. */
			spin_unlock_irq(&wq_lock);
			wait_event(wq->more, ({
				bool go;

				spin_lock_irq(&wq_lock);
				go = next_work(wq) || kthread_should_stop();
				spin_unlock_irq(&wq_lock);
				go; }));
			spin_lock_irq(&wq_lock);
			if (!next_work(wq) && kthread_should_stop())
				break;
			continue;
		}
		unlink_work(work);
		self->running = work;
		self->run = ++nr_runs;
		func = work->func;
		/* One to spare: the next item must not wait for this one. */
		grow = ++wq->nr_running == wq->nr_workers &&
		       wq->nr_workers < wq->max_active;
		if (grow)
			wq->nr_workers++;
		spin_unlock_irq(&wq_lock);

		if (grow)
			start_worker(wq);
		func(work);

		spin_lock_irq(&wq_lock);
		self->running = NULL;
		wq->nr_running--;
		if (self->awaited) {
			self->awaited = false;
			wake_other_queues(wq);
		}
		spin_unlock_irq(&wq_lock);
		wake_up_all(&run_ended);
		spin_lock_irq(&wq_lock);
	}
	list_del(&self->node);
	wq->nr_workers--;
	spin_unlock_irq(&wq_lock);
	return 0;
}

static void init_workqueue(struct workqueue_struct *wq, int max_active)
{
	if (max_active <= 0)
		max_active = DEFAULT_ACTIVE;
	wq->max_active = min(max_active, WQ_MAX_ACTIVE);
	INIT_LIST_HEAD(&wq->pending);
	init_waitqueue_head(&wq->more);
	/* One from the start: what is queued needs no allocation to run. */
	wq->nr_workers = 1;
}

struct workqueue_struct *lfshim_alloc_workqueue(const char *fmt,
						unsigned int flags,
						int max_active, ...)
{
	struct workqueue_struct *wq;
	va_list args;

	might_sleep();
	wq = kzalloc_obj(*wq);
	if (!wq)
		return NULL;
	va_start(args, max_active);
	vsnprintf(wq->name, sizeof(wq->name), fmt, args);
	va_end(args);
	init_workqueue(wq, max_active);
	if (!start_worker(wq)) {
		kfree(wq);
		return NULL;
	}
	return wq;
}

/* In the kernel it is there from the start: schedule_work() is for any context. */
struct workqueue_struct *lfshim_system_wq(void)
{
	static struct workqueue_struct wq = { .name = "lfshim-wq" };
	/* Written with the lock held. */
	static bool made;
	unsigned long flags;
	bool first;

	/* Pairs with the release below. */
	if (smp_load_acquire(&made))
		return &wq;
	spin_lock_irqsave(&wq_lock, flags);
	first = !made;
	if (first) {
		init_workqueue(&wq, 0);
		/* Pairs with the acquire above. */
		smp_store_release(&made, true);
	}
	spin_unlock_irqrestore(&wq_lock, flags);
	if (first && !start_worker(&wq))
		lfshim_bug(__FILE__, __LINE__, __func__,
			   "no memory for the system workqueue");
	return &wq;
}

/* With the lock held. */
static bool queue_locked(struct workqueue_struct *wq, struct work_struct *work)
{
	if (work->lfshim_wq)
		return false;
	WRITE_ONCE(work->lfshim_wq, wq);
	list_add_tail(&work->entry, &wq->pending);
	return true;
}

/* With the lock held. */
static bool queue_and_wake(struct workqueue_struct *wq,
			   struct work_struct *work)
{
	bool queued = queue_locked(wq, work);

	if (queued)
		wake_up(&wq->more);
	return queued;
}

bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	unsigned long flags;
	bool queued;

	spin_lock_irqsave(&wq_lock, flags);
	queued = queue_and_wake(wq, work);
	spin_unlock_irqrestore(&wq_lock, flags);
	return queued;
}

void delayed_work_timer_fn(struct timer_list *t)
{
	struct delayed_work *dwork = container_of(t, struct delayed_work, timer);
	unsigned long flags;

	/* Its queue, too: others may queue it anew, the timer being done. */
	spin_lock_irqsave(&wq_lock, flags);
	queue_and_wake(dwork->wq, &dwork->work);
	spin_unlock_irqrestore(&wq_lock, flags);
}

/* LONG_MAX and the like: so far ahead that it never comes. */
static unsigned long expiry(unsigned long delay)
{
	return jiffies + min(delay, (unsigned long)MAX_JIFFY_OFFSET);
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay)
{
	unsigned long flags;
	bool queued = false;

	spin_lock_irqsave(&wq_lock, flags);
	if (!dwork->work.lfshim_wq && !timer_pending(&dwork->timer)) {
		queued = true;
		dwork->wq = wq;
		if (!delay)
			queue_and_wake(wq, &dwork->work);
		else
			mod_timer(&dwork->timer, expiry(delay));
	}
	spin_unlock_irqrestore(&wq_lock, flags);
	return queued;
}

bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
		      unsigned long delay)
{
	unsigned long flags;
	bool was;

	spin_lock_irqsave(&wq_lock, flags);
	was = timer_delete(&dwork->timer) || dwork->work.lfshim_wq;
	if (dwork->work.lfshim_wq)
		unlink_work(&dwork->work);
	dwork->wq = wq;
	if (!delay)
		queue_and_wake(wq, &dwork->work);
	else
		mod_timer(&dwork->timer, expiry(delay));
	spin_unlock_irqrestore(&wq_lock, flags);
	return was;
}

static bool is_current(struct worker *w)
{
	return w && w->task == current;
}

/* Wait for the run that is under way, if any, and not for later ones. */
static bool wait_for_run(struct work_struct *work)
{
	struct worker *w;
	u64 run = 0;

	spin_lock_irq(&wq_lock);
	w = worker_running(work);
	if (w && !WARN(is_current(w), "a work item waits for itself"))
		run = w->run;
	spin_unlock_irq(&wq_lock);
	if (!run)
		return false;
	wait_event(run_ended, ({
		bool done;

		spin_lock_irq(&wq_lock);
		w = worker_running(work);
		done = !w || w->run != run;
		spin_unlock_irq(&wq_lock);
		done; }));
	return true;
}

bool cancel_work(struct work_struct *work)
{
	unsigned long flags;
	bool was;

	spin_lock_irqsave(&wq_lock, flags);
	was = work->lfshim_wq;
	if (was)
		unlink_work(work);
	spin_unlock_irqrestore(&wq_lock, flags);
	if (was)
		wake_up_all(&run_ended);
	return was;
}

bool cancel_work_sync(struct work_struct *work)
{
	bool was = false;

	might_sleep();
	/* Its function may queue it again while it is waited for. */
	do {
		was |= cancel_work(work);
	} while (wait_for_run(work) || work_pending(work));
	return was;
}

bool cancel_delayed_work(struct delayed_work *dwork)
{
	bool was = timer_delete(&dwork->timer);

	return cancel_work(&dwork->work) || was;
}

bool cancel_delayed_work_sync(struct delayed_work *dwork)
{
	bool was = false;

	might_sleep();
	do {
		was |= timer_delete_sync(&dwork->timer);
		was |= cancel_work_sync(&dwork->work);
	} while (delayed_work_pending(dwork));
	return was;
}

bool flush_work(struct work_struct *work)
{
	bool waited = false, pending;
	struct worker *w;
	u64 after;

	might_sleep();
	spin_lock_irq(&wq_lock);
	pending = work->lfshim_wq;
	w = worker_running(work);
	/* Pending: a run that starts from now on, and then its end. */
	after = nr_runs;
	if (WARN(is_current(w), "a work item flushes itself"))
		pending = false;
	spin_unlock_irq(&wq_lock);
	if (pending) {
		waited = true;
		wait_event(run_ended, ({
			bool done;

			spin_lock_irq(&wq_lock);
			w = worker_running(work);
			done = !work->lfshim_wq || (w && w->run > after);
			spin_unlock_irq(&wq_lock);
			done; }));
	}
	return wait_for_run(work) || waited;
}

bool flush_delayed_work(struct delayed_work *dwork)
{
	if (timer_delete_sync(&dwork->timer))
		queue_work(dwork->wq, &dwork->work);
	return flush_work(&dwork->work);
}

/* Is anything running on @wq that started up to run @until? */
static bool runs_up_to(struct workqueue_struct *wq, u64 until)
{
	struct worker *w;

	list_for_each_entry(w, &all_workers, node)
		if (w->wq == wq && w->running && w->run <= until)
			return true;
	return false;
}

struct flush_item {
	struct work_struct work;
	u64 run;
	bool started;
};

static void flush_item_fn(struct work_struct *work)
{
	struct flush_item *item = container_of(work, struct flush_item, work);

	spin_lock_irq(&wq_lock);
	/* Whatever was queued before us has started before us. */
	item->run = worker_running(work)->run;
	item->started = true;
	spin_unlock_irq(&wq_lock);
}

void __flush_workqueue(struct workqueue_struct *wq)
{
	struct flush_item item = { 0 };

	might_sleep();
	INIT_WORK(&item.work, flush_item_fn);
	queue_work(wq, &item.work);
	wait_event(run_ended, ({
		bool done;

		spin_lock_irq(&wq_lock);
		done = item.started && !runs_up_to(wq, item.run);
		spin_unlock_irq(&wq_lock);
		done; }));
}

void drain_workqueue(struct workqueue_struct *wq)
{
	bool empty;

	do {
		__flush_workqueue(wq);
		spin_lock_irq(&wq_lock);
		empty = list_empty(&wq->pending) && !runs_up_to(wq, U64_MAX);
		spin_unlock_irq(&wq_lock);
	} while (!empty);
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	struct worker *w, *found;

	if (!wq)
		return;
	drain_workqueue(wq);
	for (;;) {
		found = NULL;
		spin_lock_irq(&wq_lock);
		list_for_each_entry(w, &all_workers, node)
			if (w->wq == wq)
				found = w;
		spin_unlock_irq(&wq_lock);
		if (!found)
			break;
		/* Stopped before it ever ran: it could not take itself off. */
		if (kthread_stop_put(found->task) == -EINTR) {
			spin_lock_irq(&wq_lock);
			list_del(&found->node);
			spin_unlock_irq(&wq_lock);
		}
		kfree(found);
	}
	kfree(wq);
}

bool work_pending(struct work_struct *work)
{
	return READ_ONCE(work->lfshim_wq);
}

unsigned int work_busy(struct work_struct *work)
{
	unsigned int busy = 0;
	unsigned long flags;

	spin_lock_irqsave(&wq_lock, flags);
	if (work->lfshim_wq)
		busy |= WORK_BUSY_PENDING;
	if (worker_running(work))
		busy |= WORK_BUSY_RUNNING;
	spin_unlock_irqrestore(&wq_lock, flags);
	return busy;
}
