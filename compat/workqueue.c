// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Work queues; see <linux/workqueue.h>.
 *
 * A queue has a list of pending items and up to max_active worker threads. An
 * item that is queued again while it runs does not start before that run has
 * ended. One lock protects all queues, because an item may move from one queue
 * to another. The critical sections are short.
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
	/* The item that it runs. Only compared: it may have been freed. */
	struct work_struct *running;
	/* The number of that run. */
	u64 run;
	/* The item is also pending on another queue, until this run ends. */
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
 * Protects the lists and counts of all queues, ->lfshim_wq and ->entry of all
 * items, the workers, and the numbers of runs. The timers' lock and the locks
 * of the wait queues more and run_ended nest inside it.
 */
static DEFINE_SPINLOCK(wq_lock);

LFPRIV_AT_FORK(wq_fork) = {
	.level = LFPRIV_FORK_WORKQUEUE,
	.lock = &wq_lock,
};
/* All workers of all queues. */
static LIST_HEAD(all_workers);
static u64 nr_runs;
/* Threads that wait for a run to end sleep here. Woken without wq_lock. */
static DECLARE_WAIT_QUEUE_HEAD(run_ended);

static struct worker *worker_running(struct work_struct *work)
{
	struct worker *w;

	list_for_each_entry(w, &all_workers, node)
		if (w->running == work)
			return w;
	return NULL;
}

/* The first pending item that is not running. */
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

/*
 * A run has ended for which another queue waits. The item may have been freed,
 * so the queue is not known: wake all other queues.
 */
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

/*
 * Create a worker. Called without the lock, after the caller has counted the
 * worker in ->nr_workers. Context: any.
 */
static bool start_worker(struct workqueue_struct *wq)
{
	struct worker *w = NULL;
	unsigned long flags;

	if (!lfpriv_should_fail(GFP_ATOMIC))
		w = lfhost_alloc(sizeof(*w), 1, true);
	if (w) {
		w->wq = wq;
		w->task = lfpriv_create_service(worker_thread, w, wq->name);
		if (IS_ERR(w->task)) {
			lfhost_free(w);
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
			wait_event_lock_irq(wq->more,
					    next_work(wq) ||
						    kthread_should_stop(),
					    wq_lock);
			if (!next_work(wq) && kthread_should_stop())
				break;
			continue;
		}
		unlink_work(work);
		self->running = work;
		self->run = ++nr_runs;
		func = work->func;
		/*
		 * Keep one idle worker: the next item must not wait for this.
		 */
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
	/* There is always one worker, so items run without an allocation. */
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

/*
 * In the kernel this queue exists from the start. Here the first use creates
 * it, in any context, because schedule_work() may be called in any context.
 */
struct workqueue_struct *lfshim_system_wq(void)
{
	static struct workqueue_struct wq = { .name = "lfshim-wq" };
	/* Written with the lock held. */
	static bool created;
	unsigned long flags;
	bool first;

	/*
	 * A1: acquire. Pairs with R1 in lfshim_system_wq(). Without it, the
	 * caller may use the queue before it is initialised.
	 */
	if (smp_load_acquire(&created))
		return &wq;
	spin_lock_irqsave(&wq_lock, flags);
	first = !created;
	if (first) {
		init_workqueue(&wq, 0);
		/*
		 * R1: release. Pairs with A1 in lfshim_system_wq(). Without it,
		 * other threads may use the queue before it is initialised.
		 */
		smp_store_release(&created, true);
	}
	spin_unlock_irqrestore(&wq_lock, flags);
	if (first && !start_worker(&wq))
		lfshim_bug(__FILE__, __LINE__, __func__,
			   "no memory for the system workqueue");
	return &wq;
}

/* Called with the lock held. */
static bool queue_work_locked(struct workqueue_struct *wq,
			      struct work_struct *work)
{
	if (work->lfshim_wq)
		return false;
	WRITE_ONCE(work->lfshim_wq, wq);
	list_add_tail(&work->entry, &wq->pending);
	return true;
}

/* Called with the lock held. */
static bool queue_work_and_wake(struct workqueue_struct *wq,
				struct work_struct *work)
{
	bool queued = queue_work_locked(wq, work);

	if (queued)
		wake_up(&wq->more);
	return queued;
}

bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	unsigned long flags;
	bool queued;

	spin_lock_irqsave(&wq_lock, flags);
	queued = queue_work_and_wake(wq, work);
	spin_unlock_irqrestore(&wq_lock, flags);
	return queued;
}

void delayed_work_timer_fn(struct timer_list *t)
{
	struct delayed_work *dwork = container_of(t, struct delayed_work, timer);
	unsigned long flags;

	/*
	 * The timer is no longer pending, so another thread may queue the item
	 * again and change ->wq: read it with the lock held.
	 */
	spin_lock_irqsave(&wq_lock, flags);
	queue_work_and_wake(dwork->wq, &dwork->work);
	spin_unlock_irqrestore(&wq_lock, flags);
}

/* A delay such as LONG_MAX is limited: jiffies must not wrap around. */
static unsigned long delay_to_expiry(unsigned long delay)
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
			queue_work_and_wake(wq, &dwork->work);
		else
			mod_timer(&dwork->timer, delay_to_expiry(delay));
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
		queue_work_and_wake(wq, &dwork->work);
	else
		mod_timer(&dwork->timer, delay_to_expiry(delay));
	spin_unlock_irqrestore(&wq_lock, flags);
	return was;
}

static bool worker_is_current(struct worker *w)
{
	return w && w->task == current;
}

/* The number of the run of @work that is in progress, or 0. */
static u64 current_run(struct work_struct *work)
{
	struct worker *w = worker_running(work);

	return w ? w->run : 0;
}

/* Wait for the run that is in progress, if any, and not for later runs. */
static bool wait_for_run(struct work_struct *work)
{
	struct worker *w;
	u64 run = 0;

	spin_lock_irq(&wq_lock);
	w = worker_running(work);
	if (w && !WARN(worker_is_current(w), "a work item waits for itself"))
		run = w->run;
	if (run)
		wait_event_lock_irq(run_ended, current_run(work) != run,
				    wq_lock);
	spin_unlock_irq(&wq_lock);
	return run;
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
	/* The function may queue the item again during the wait. */
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
	bool pending;
	u64 last;

	might_sleep();
	spin_lock_irq(&wq_lock);
	pending = work->lfshim_wq;
	last = nr_runs;
	if (WARN(worker_is_current(worker_running(work)),
		 "a work item flushes itself"))
		pending = false;
	/* First wait until a run starts that is later than this call. */
	if (pending)
		wait_event_lock_irq(run_ended,
				    !work->lfshim_wq ||
					    current_run(work) > last,
				    wq_lock);
	spin_unlock_irq(&wq_lock);
	return wait_for_run(work) || pending;
}

bool flush_delayed_work(struct delayed_work *dwork)
{
	if (timer_delete_sync(&dwork->timer))
		queue_work(dwork->wq, &dwork->work);
	return flush_work(&dwork->work);
}

/* Is an item running on @wq whose run has a number up to @until? */
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
	/* Items that were queued before this one have started before it. */
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
	spin_lock_irq(&wq_lock);
	wait_event_lock_irq(run_ended,
			    item.started && !runs_up_to(wq, item.run),
			    wq_lock);
	spin_unlock_irq(&wq_lock);
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
		/*
		 * A worker that was stopped before it ran has not removed
		 * itself from the list.
		 */
		if (kthread_stop_put(found->task) == -EINTR) {
			spin_lock_irq(&wq_lock);
			list_del(&found->node);
			spin_unlock_irq(&wq_lock);
		}
		lfhost_free(found);
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
