// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Wait queues, completions, waiting for a variable. */

#include <linux/wait.h>
#include <linux/wait_bit.h>
#include <linux/completion.h>

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

/* Exclusive waiters behind all others, so that a wake-up reaches those first. */
static bool queue_entry(struct wait_queue_head *wq,
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
	queue_entry(wq, wq_entry);
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
	was_empty = queue_entry(wq, wq_entry);
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
		 * Off the queue: an exclusive wake-up must not be spent on
		 * somebody who leaves.
		 */
		list_del_init(&wq_entry->entry);
		ret = -ERESTARTSYS;
	} else {
		queue_entry(wq, wq_entry);
		set_current_state(state);
	}
	spin_unlock_irqrestore(&wq->lock, flags);
	return ret;
}

void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *wq_entry)
{
	unsigned long flags;

	__set_current_state(TASK_RUNNING);
	/* The lock, always: a waker may still be at our entry. */
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

/* Completions */

void complete(struct completion *x)
{
	unsigned long flags;

	spin_lock_irqsave(&x->wait.lock, flags);
	if (x->done != UINT_MAX)
		x->done++;
	__wake_up_locked_key(&x->wait, TASK_NORMAL | TASK_WAKEKILL, 1, NULL);
	spin_unlock_irqrestore(&x->wait.lock, flags);
}

void complete_all(struct completion *x)
{
	unsigned long flags;

	spin_lock_irqsave(&x->wait.lock, flags);
	x->done = UINT_MAX;
	__wake_up_locked_key(&x->wait, TASK_NORMAL | TASK_WAKEKILL, 0, NULL);
	spin_unlock_irqrestore(&x->wait.lock, flags);
}

static long wait_common(struct completion *x, long timeout, int state)
{
	unsigned long flags;

	DEFINE_WAIT(wait);

	might_sleep();
	wait.flags = WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&x->wait.lock, flags);
	while (!x->done) {
		if (signal_pending_state(state, current)) {
			timeout = -ERESTARTSYS;
			goto out;
		}
		if (!timeout)
			goto out;
		if (list_empty(&wait.entry))
			list_add_tail(&wait.entry, &x->wait.head);
		set_current_state(state);
		spin_unlock_irqrestore(&x->wait.lock, flags);
		timeout = schedule_timeout(timeout);
		spin_lock_irqsave(&x->wait.lock, flags);
	}
	if (x->done != UINT_MAX)
		x->done--;
	if (!timeout)
		timeout = 1;
out:
	list_del_init(&wait.entry);
	spin_unlock_irqrestore(&x->wait.lock, flags);
	__set_current_state(TASK_RUNNING);
	return timeout;
}

void wait_for_completion(struct completion *x)
{
	wait_common(x, MAX_SCHEDULE_TIMEOUT, TASK_UNINTERRUPTIBLE);
}

unsigned long wait_for_completion_timeout(struct completion *x,
					  unsigned long timeout)
{
	return wait_common(x, timeout > LONG_MAX ? LONG_MAX : timeout,
			   TASK_UNINTERRUPTIBLE);
}

int wait_for_completion_interruptible(struct completion *x)
{
	long ret = wait_common(x, MAX_SCHEDULE_TIMEOUT, TASK_INTERRUPTIBLE);

	return ret < 0 ? ret : 0;
}

long wait_for_completion_interruptible_timeout(struct completion *x,
					       unsigned long timeout)
{
	return wait_common(x, timeout > LONG_MAX ? LONG_MAX : timeout,
			   TASK_INTERRUPTIBLE);
}

bool try_wait_for_completion(struct completion *x)
{
	unsigned long flags;
	bool got;

	spin_lock_irqsave(&x->wait.lock, flags);
	got = x->done;
	if (got && x->done != UINT_MAX)
		x->done--;
	spin_unlock_irqrestore(&x->wait.lock, flags);
	return got;
}

bool completion_done(struct completion *x)
{
	unsigned long flags;
	bool done;

	/* The lock: complete() has let go of it before the caller frees it. */
	spin_lock_irqsave(&x->wait.lock, flags);
	done = x->done;
	spin_unlock_irqrestore(&x->wait.lock, flags);
	return done;
}

/* Variables */

#define VAR_QUEUES	256

static struct wait_queue_head var_queues[VAR_QUEUES];

__attribute__((__constructor__(103))) static void var_queues_init(void)
{
	int i;

	for (i = 0; i < VAR_QUEUES; i++)
		init_waitqueue_head(&var_queues[i]);
}

struct wait_queue_head *__var_waitqueue(void *p)
{
	return &var_queues[(u64)(uintptr_t)p * 0x9e3779b97f4a7c15ull >> 56];
}

void wake_up_var(void *var)
{
	/* Others may share the queue: wake them all, each looks for itself. */
	wake_up_all(__var_waitqueue(var));
}
