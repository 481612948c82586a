// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Kthread workers: the second half of <linux/kthread.h>. */

#include <linux/kthread.h>
#include <linux/completion.h>
#include <linux/slab.h>

#include "kernel/internal.h"

/* An item that tells a thread that the items before it have run. */
struct kthread_barrier {
	struct kthread_work work;
	struct completion done;
};

static void worker_barrier_fn(struct kthread_work *work)
{
	complete(&container_of(work, struct kthread_barrier, work)->done);
}

static void worker_barrier_init(struct kthread_barrier *barrier)
{
	kthread_init_work(&barrier->work, worker_barrier_fn);
	init_completion(&barrier->done);
}

void kthread_init_worker(struct kthread_worker *worker)
{
	*worker = (struct kthread_worker){ .flags = 0 };
	spin_lock_init(&worker->lock);
	INIT_LIST_HEAD(&worker->work_list);
	INIT_LIST_HEAD(&worker->delayed_work_list);
}

/* The next item, or NULL. */
static struct kthread_work *worker_next(struct kthread_worker *worker)
{
	struct kthread_work *work;
	unsigned long flags;

	spin_lock_irqsave(&worker->lock, flags);
	work = list_first_entry_or_null(&worker->work_list, struct kthread_work,
					node);
	if (work)
		list_del_init(&work->node);
	worker->current_work = work;
	spin_unlock_irqrestore(&worker->lock, flags);
	return work;
}

int kthread_worker_fn(void *worker_ptr)
{
	struct kthread_worker *worker = worker_ptr;
	struct kthread_work *work;

	spin_lock_irq(&worker->lock);
	WARN_ON(worker->task && worker->task != current);
	WRITE_ONCE(worker->task, current);
	spin_unlock_irq(&worker->lock);
	for (;;) {
		/*
		 * F1: full barrier. Pairs with F1 in lfpriv_wake(). Without it,
		 * kthread_should_stop() may be read before the state is
		 * visible, and the thread does not stop. For items the lock is
		 * enough.
		 */
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		work = worker_next(worker);
		if (work) {
			__set_current_state(TASK_RUNNING);
			work->func(work);
		} else {
			schedule();
		}
	}
	__set_current_state(TASK_RUNNING);
	spin_lock_irq(&worker->lock);
	WRITE_ONCE(worker->task, NULL);
	worker->current_work = NULL;
	spin_unlock_irq(&worker->lock);
	return 0;
}

struct kthread_worker *lfshim_kthread_create_worker(unsigned int flags,
						    const char *namefmt, ...)
{
	struct kthread_worker *worker = kzalloc_obj(*worker);
	struct task_struct *task;
	va_list args;

	if (!worker)
		return ERR_PTR(-ENOMEM);
	kthread_init_worker(worker);
	va_start(args, namefmt);
	task = lfpriv_kthread_create_wait(kthread_worker_fn, worker, namefmt,
					  args);
	va_end(args);
	if (IS_ERR(task)) {
		kfree(worker);
		return ERR_CAST(task);
	}
	worker->flags = flags;
	worker->task = task;
	return worker;
}

void kthread_destroy_worker(struct kthread_worker *worker)
{
	struct task_struct *task = READ_ONCE(worker->task);

	if (WARN_ON(!task))
		return;
	kthread_flush_worker(worker);
	kthread_stop(task);
	WARN_ON(!list_empty(&worker->delayed_work_list));
	WARN_ON(!list_empty(&worker->work_list));
	kfree(worker);
}

/* Called with the lock held. */
static bool worker_may_queue(const struct kthread_work *work)
{
	return list_empty(&work->node) && !work->canceling;
}

/* Put an item, which is in no list, before @pos. With the lock held. */
static void worker_insert(struct kthread_worker *worker,
			  struct kthread_work *work, struct list_head *pos)
{
	WARN_ONCE(work->worker && work->worker != worker,
		  "an item is queued to a second kthread worker");
	WRITE_ONCE(work->worker, worker);
	list_add_tail(&work->node, pos);
	/* While an item runs, the thread looks at the list again by itself. */
	if (!worker->current_work && worker->task)
		wake_up_process(worker->task);
}

/* Queue an item, which is in no list, now or later. With the lock held. */
static void worker_insert_delayed(struct kthread_worker *worker,
				  struct kthread_delayed_work *dwork,
				  unsigned long delay)
{
	struct kthread_work *work = &dwork->work;

	if (!delay) {
		worker_insert(worker, work, &worker->work_list);
		return;
	}
	WARN_ONCE(work->worker && work->worker != worker,
		  "an item is queued to a second kthread worker");
	WRITE_ONCE(work->worker, worker);
	work->lfshim_delayed = true;
	list_add(&work->node, &worker->delayed_work_list);
	mod_timer(&dwork->timer, jiffies + delay);
}

/*
 * Take the lock, and take the item off its list. Returns true if it was in one.
 * While the function of its timer waits for the lock, this tries again: that
 * function uses the item, which may be freed once it was taken off.
 */
static bool worker_grab_lock(struct kthread_worker *worker,
			     struct kthread_work *work, unsigned long *flags)
{
	struct kthread_delayed_work *dwork =
		container_of(work, struct kthread_delayed_work, work);

	for (;;) {
		spin_lock_irqsave(&worker->lock, *flags);
		if (list_empty(&work->node))
			return false;
		if (!work->lfshim_delayed || timer_delete(&dwork->timer))
			break;
		spin_unlock_irqrestore(&worker->lock, *flags);
		cpu_relax();
	}
	work->lfshim_delayed = false;
	list_del_init(&work->node);
	return true;
}

bool kthread_queue_work(struct kthread_worker *worker,
			struct kthread_work *work)
{
	unsigned long flags;
	bool may;

	spin_lock_irqsave(&worker->lock, flags);
	may = worker_may_queue(work);
	if (may)
		worker_insert(worker, work, &worker->work_list);
	spin_unlock_irqrestore(&worker->lock, flags);
	return may;
}

bool kthread_queue_delayed_work(struct kthread_worker *worker,
				struct kthread_delayed_work *dwork,
				unsigned long delay)
{
	unsigned long flags;
	bool may;

	spin_lock_irqsave(&worker->lock, flags);
	may = worker_may_queue(&dwork->work);
	if (may)
		worker_insert_delayed(worker, dwork, delay);
	spin_unlock_irqrestore(&worker->lock, flags);
	return may;
}

bool kthread_mod_delayed_work(struct kthread_worker *worker,
			      struct kthread_delayed_work *dwork,
			      unsigned long delay)
{
	struct kthread_work *work = &dwork->work;
	unsigned long flags;
	bool was;

	was = worker_grab_lock(worker, work, &flags);
	/* An item that is being cancelled is in no list. */
	if (work->canceling)
		was = true;
	else
		worker_insert_delayed(worker, dwork, delay);
	spin_unlock_irqrestore(&worker->lock, flags);
	return was;
}

/* Interrupts are disabled, because the timer has TIMER_IRQSAFE. */
void kthread_delayed_work_timer_fn(struct timer_list *t)
{
	struct kthread_delayed_work *dwork =
		timer_container_of(dwork, t, timer);
	struct kthread_work *work = &dwork->work;
	struct kthread_worker *worker = work->worker;
	unsigned long flags;

	if (WARN_ON_ONCE(!worker))
		return;
	/* Nobody takes the item off meanwhile; see worker_grab_lock(). */
	spin_lock_irqsave(&worker->lock, flags);
	work->lfshim_delayed = false;
	list_del_init(&work->node);
	worker_insert(worker, work, &worker->work_list);
	spin_unlock_irqrestore(&worker->lock, flags);
}

/* True, with a warning, in an item of the worker: it would wait for itself. */
static bool worker_waits_for_itself(struct kthread_worker *worker)
{
	return WARN(READ_ONCE(worker->task) == current,
		    "an item of a kthread worker waits for its worker");
}

void kthread_flush_work(struct kthread_work *work)
{
	struct kthread_worker *worker = READ_ONCE(work->worker);
	struct kthread_barrier barrier;
	unsigned long flags;
	bool wait = false, delayed;

	might_sleep();
	if (!worker || worker_waits_for_itself(worker))
		return;
	worker_barrier_init(&barrier);
	spin_lock_irqsave(&worker->lock, flags);
	delayed = work->lfshim_delayed;
	if (delayed)
		goto unlock;
	/* Behind the item, or first if the item runs. */
	wait = !list_empty(&work->node) || worker->current_work == work;
	if (!list_empty(&work->node))
		worker_insert(worker, &barrier.work, work->node.next);
	else if (wait)
		worker_insert(worker, &barrier.work, worker->work_list.next);
unlock:
	spin_unlock_irqrestore(&worker->lock, flags);
	WARN(delayed, "kthread_flush_work() of an item whose timer is armed");
	if (wait)
		wait_for_completion(&barrier.done);
}

void kthread_flush_worker(struct kthread_worker *worker)
{
	struct kthread_barrier barrier;

	might_sleep();
	if (worker_waits_for_itself(worker))
		return;
	worker_barrier_init(&barrier);
	kthread_queue_work(worker, &barrier.work);
	wait_for_completion(&barrier.done);
}

bool kthread_cancel_work_sync(struct kthread_work *work)
{
	struct kthread_worker *worker = READ_ONCE(work->worker);
	unsigned long flags;
	bool was, running;

	might_sleep();
	if (!worker)
		return false;
	was = worker_grab_lock(worker, work, &flags);
	running = worker->current_work == work;
	work->canceling++;
	spin_unlock_irqrestore(&worker->lock, flags);
	if (running)
		kthread_flush_work(work);
	spin_lock_irqsave(&worker->lock, flags);
	work->canceling--;
	spin_unlock_irqrestore(&worker->lock, flags);
	return was;
}

bool kthread_cancel_delayed_work_sync(struct kthread_delayed_work *dwork)
{
	return kthread_cancel_work_sync(&dwork->work);
}
