// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Completions: <linux/completion.h>. */

#include <linux/completion.h>
#include <linux/sched/signal.h>

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

/*
 * Sleep until @x is done, for at most @timeout jiffies. Called with the lock
 * held. Returns the jiffies left, or -ERESTARTSYS. As in the kernel, a signal
 * is looked for before each sleep, so the end of the time beats a signal.
 */
static long completion_sleep(struct completion *x, long timeout, int state,
			     unsigned long *flags)
{
	DEFINE_WAIT(wait);

	wait.flags = WQ_FLAG_EXCLUSIVE;
	do {
		if (signal_pending_state(state, current)) {
			timeout = -ERESTARTSYS;
			break;
		}
		if (list_empty(&wait.entry))
			list_add_tail(&wait.entry, &x->wait.head);
		/*
		 * F1: full barrier. Pairs with F1 in lfpriv_wake(). Without it,
		 * schedule_timeout() may look for signals before the state is
		 * visible: the signal of a send_sig() that comes now is missed,
		 * and send_sig() misses the state. For complete() the lock is
		 * enough.
		 */
		set_current_state(state);
		spin_unlock_irqrestore(&x->wait.lock, *flags);
		timeout = schedule_timeout(timeout);
		spin_lock_irqsave(&x->wait.lock, *flags);
	} while (!x->done && timeout);
	list_del_init(&wait.entry);
	__set_current_state(TASK_RUNNING);
	return timeout;
}

static long completion_wait(struct completion *x, long timeout, int state)
{
	unsigned long flags;

	might_sleep();
	spin_lock_irqsave(&x->wait.lock, flags);
	if (!x->done)
		timeout = completion_sleep(x, timeout, state, &flags);
	/* Done beats a signal, and the end of the time. */
	if (x->done) {
		if (x->done != UINT_MAX)
			x->done--;
		timeout = timeout > 0 ? timeout : 1;
	}
	spin_unlock_irqrestore(&x->wait.lock, flags);
	return timeout;
}

void wait_for_completion(struct completion *x)
{
	completion_wait(x, MAX_SCHEDULE_TIMEOUT, TASK_UNINTERRUPTIBLE);
}

unsigned long wait_for_completion_timeout(struct completion *x,
					  unsigned long timeout)
{
	return completion_wait(x, timeout > LONG_MAX ? LONG_MAX : timeout,
			       TASK_UNINTERRUPTIBLE);
}

void wait_for_completion_io(struct completion *x)
{
	wait_for_completion(x);
}

unsigned long wait_for_completion_io_timeout(struct completion *x,
					     unsigned long timeout)
{
	return wait_for_completion_timeout(x, timeout);
}

int wait_for_completion_state(struct completion *x, unsigned int state)
{
	long ret = completion_wait(x, MAX_SCHEDULE_TIMEOUT, state);

	return ret < 0 ? ret : 0;
}

int wait_for_completion_interruptible(struct completion *x)
{
	return wait_for_completion_state(x, TASK_INTERRUPTIBLE);
}

int wait_for_completion_killable(struct completion *x)
{
	return wait_for_completion_state(x, TASK_KILLABLE);
}

long wait_for_completion_interruptible_timeout(struct completion *x,
					       unsigned long timeout)
{
	return completion_wait(x, timeout > LONG_MAX ? LONG_MAX : timeout,
			       TASK_INTERRUPTIBLE);
}

long wait_for_completion_killable_timeout(struct completion *x,
					  unsigned long timeout)
{
	return completion_wait(x, timeout > LONG_MAX ? LONG_MAX : timeout,
			       TASK_KILLABLE);
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

	/*
	 * Take the lock, so that complete() no longer uses @x when the caller
	 * frees it.
	 */
	spin_lock_irqsave(&x->wait.lock, flags);
	done = x->done;
	spin_unlock_irqrestore(&x->wait.lock, flags);
	return done;
}
