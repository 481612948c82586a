// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Wait queues: <linux/wait.h>. */

#include <linux/wait.h>

int default_wake_function(struct wait_queue_entry *wq_entry, unsigned int mode,
			  int flags, void *key)
{
	return wake_up_state(wq_entry->private, mode);
}

int autoremove_wake_function(struct wait_queue_entry *wq_entry,
			     unsigned int mode, int flags, void *key)
{
	int ret = default_wake_function(wq_entry, mode, flags, key);

	if (ret)
		list_del_init(&wq_entry->entry);
	return ret;
}

void init_wait_entry(struct wait_queue_entry *wq_entry, int flags)
{
	wq_entry->flags = flags;
	wq_entry->private = current;
	wq_entry->func = autoremove_wake_function;
	INIT_LIST_HEAD(&wq_entry->entry);
}

void add_wait_queue(struct wait_queue_head *wq,
		    struct wait_queue_entry *wq_entry)
{
	unsigned long flags;

	wq_entry->flags &= ~WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	list_add(&wq_entry->entry, &wq->head);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void add_wait_queue_exclusive(struct wait_queue_head *wq,
			      struct wait_queue_entry *wq_entry)
{
	unsigned long flags;

	wq_entry->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	list_add_tail(&wq_entry->entry, &wq->head);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void remove_wait_queue(struct wait_queue_head *wq,
		       struct wait_queue_entry *wq_entry)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	list_del(&wq_entry->entry);
	spin_unlock_irqrestore(&wq->lock, flags);
}

/*
 * Exclusive waiters come after all others, so that a wake-up reaches the others
 * first. Called with the lock of the queue held. Returns true if the queue was
 * empty.
 */
static bool wait_queue_insert(struct wait_queue_head *wq,
			      struct wait_queue_entry *wq_entry)
{
	bool was_empty = list_empty(&wq->head);

	if (!list_empty(&wq_entry->entry))
		return false;
	if (wq_entry->flags & WQ_FLAG_EXCLUSIVE)
		list_add_tail(&wq_entry->entry, &wq->head);
	else
		list_add(&wq_entry->entry, &wq->head);
	return was_empty;
}

void prepare_to_wait(struct wait_queue_head *wq,
		     struct wait_queue_entry *wq_entry, int state)
{
	unsigned long flags;

	wq_entry->flags &= ~WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	wait_queue_insert(wq, wq_entry);
	/*
	 * F1: full barrier. Pairs with F1 in lfpriv_wake() and F1 in
	 * wq_has_sleeper(). Without it, the caller may test its condition
	 * before the entry and the state are visible: it misses the change, and
	 * the waker misses the entry or the state.
	 */
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
}

bool prepare_to_wait_exclusive(struct wait_queue_head *wq,
			       struct wait_queue_entry *wq_entry, int state)
{
	unsigned long flags;
	bool was_empty;

	wq_entry->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	was_empty = wait_queue_insert(wq, wq_entry);
	/*
	 * F2: full barrier. Pairs with F1 in lfpriv_wake() and F1 in
	 * wq_has_sleeper(). Without it, a wake-up may be lost, as for F1.
	 */
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
	return was_empty;
}

long prepare_to_wait_event(struct wait_queue_head *wq,
			   struct wait_queue_entry *wq_entry, int state)
{
	unsigned long flags;
	long ret = 0;

	spin_lock_irqsave(&wq->lock, flags);
	if (signal_pending_state(state, current)) {
		/*
		 * Remove the entry: an exclusive wake-up must not go to a
		 * waiter that stops waiting.
		 */
		list_del_init(&wq_entry->entry);
		ret = -ERESTARTSYS;
	} else {
		wait_queue_insert(wq, wq_entry);
		/*
		 * F3: full barrier. Pairs with F1 in lfpriv_wake(), F1 in
		 * wq_has_sleeper() and F2 in irq_work_run_one(). Without it, a
		 * wake-up may be lost, as for F1.
		 */
		set_current_state(state);
	}
	spin_unlock_irqrestore(&wq->lock, flags);
	return ret;
}

/* Called with the lock of the queue held. False if a signal is pending. */
static bool wait_intr_begin(struct wait_queue_head *wq,
			    struct wait_queue_entry *wq_entry)
{
	if (list_empty(&wq_entry->entry))
		list_add_tail(&wq_entry->entry, &wq->head);
	/*
	 * F4: full barrier. Pairs with F1 in lfpriv_wake(). Without it, the
	 * signal may be read before the state is visible, and a wake-up by it
	 * is lost. For the condition the lock is enough.
	 */
	set_current_state(TASK_INTERRUPTIBLE);
	return !signal_pending(current);
}

int do_wait_intr(struct wait_queue_head *wq, struct wait_queue_entry *wq_entry)
{
	if (!wait_intr_begin(wq, wq_entry))
		return -ERESTARTSYS;
	spin_unlock(&wq->lock);
	schedule();
	spin_lock(&wq->lock);
	return 0;
}

int do_wait_intr_irq(struct wait_queue_head *wq,
		     struct wait_queue_entry *wq_entry)
{
	if (!wait_intr_begin(wq, wq_entry))
		return -ERESTARTSYS;
	spin_unlock_irq(&wq->lock);
	schedule();
	spin_lock_irq(&wq->lock);
	return 0;
}

void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *wq_entry)
{
	unsigned long flags;

	__set_current_state(TASK_RUNNING);
	/* Always take the lock: a waker may still be using the entry. */
	spin_lock_irqsave(&wq->lock, flags);
	list_del_init(&wq_entry->entry);
	spin_unlock_irqrestore(&wq->lock, flags);
}

int __wake_up_locked_key(struct wait_queue_head *wq, unsigned int mode,
			 int nr_exclusive, void *key)
{
	struct wait_queue_entry *entry, *next;
	int woken = 0, ret;

	list_for_each_entry_safe(entry, next, &wq->head, entry) {
		bool exclusive = entry->flags & WQ_FLAG_EXCLUSIVE;

		ret = entry->func(entry, mode, 0, key);
		if (ret < 0)
			break;
		if (ret && exclusive && ++woken == nr_exclusive)
			break;
	}
	return woken;
}

int __wake_up(struct wait_queue_head *wq, unsigned int mode, int nr_exclusive,
	      void *key)
{
	unsigned long flags;
	int woken;

	spin_lock_irqsave(&wq->lock, flags);
	woken = __wake_up_locked_key(wq, mode, nr_exclusive, key);
	spin_unlock_irqrestore(&wq->lock, flags);
	return woken;
}
