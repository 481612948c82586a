// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Signals that a thread sends to another one, at each moment of its wait. A signal
 * that comes between the last test and the sleep is not lost, and none ends a wait that
 * it must not end.
 */

#include "explore.h"

#include <linux/completion.h>
#include <linux/dma-resv.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

/* The waiter, when it is there. */
static struct task_struct *waiter;
static DECLARE_COMPLETION(done);
static DECLARE_COMPLETION(waiter_is_back);
static DECLARE_WAIT_QUEUE_HEAD(queue);
static DEFINE_MUTEX(mutex);
static struct dma_resv obj;
/* For the wait queue. */
static bool ready;
/* Plain: only the holder of the lock changes it. */
static int changes;

static void announce(void)
{
	smp_store_release(&waiter, get_task_struct(current));
}

static struct task_struct *find_waiter(void)
{
	struct task_struct *task;

	while (!(task = smp_load_acquire(&waiter)))
		cpu_relax();
	return task;
}

static void interrupt_waiter(void)
{
	send_sig(SIGINT, find_waiter(), 1);
}

static void kill_waiter(void)
{
	send_sig(SIGKILL, find_waiter(), 1);
}

static void put_waiter(void)
{
	put_task_struct(waiter);
}

/* Nothing but the signal ends the wait. */

static void wait_for_interrupt(void)
{
	announce();
	lfx_assert(wait_for_completion_interruptible(&done) == -ERESTARTSYS);
}

LFX_SCENARIO(signal_ends_completion) = {
	.name = "signal-completion",
	.what = "send_sig() against wait_for_completion_interruptible()",
	.threads = {
		{ "sender", interrupt_waiter }, { "waiter", wait_for_interrupt },
	},
	.check = put_waiter,
};

static void wait_for_kill(void)
{
	announce();
	lfx_assert(wait_for_completion_killable(&done) == -ERESTARTSYS);
}

LFX_SCENARIO(kill_ends_completion) = {
	.name = "kill-completion",
	.what = "send_sig(SIGKILL) against wait_for_completion_killable()",
	.threads = { { "sender", kill_waiter }, { "waiter", wait_for_kill } },
	.check = put_waiter,
};

static void wait_locked_for_interrupt(void)
{
	announce();
	spin_lock(&queue.lock);
	lfx_assert(wait_event_interruptible_locked(queue, ready) ==
		   -ERESTARTSYS);
	spin_unlock(&queue.lock);
}

LFX_SCENARIO(signal_ends_locked_wait) = {
	.name = "signal-event-locked",
	.what = "send_sig() against wait_event_interruptible_locked()",
	.threads = {
		{ "sender", interrupt_waiter },
		{ "waiter", wait_locked_for_interrupt },
	},
	.check = put_waiter,
};

/* A wait that a signal has ended leaves nothing in the queue. */

static void interrupt_and_wake_queue(void)
{
	interrupt_waiter();
	wake_up(&queue);
}

static void wait_event_for_interrupt(void)
{
	announce();
	lfx_assert(wait_event_interruptible(queue, READ_ONCE(ready)) ==
		   -ERESTARTSYS);
}

static void check_queue(void)
{
	lfx_assert(!waitqueue_active(&queue));
	put_waiter();
}

LFX_SCENARIO(signal_leaves_no_entry) = {
	.name = "signal-event",
	.what = "send_sig() and wake_up() against wait_event_interruptible()",
	.threads = {
		{ "sender", interrupt_and_wake_queue },
		{ "waiter", wait_event_for_interrupt },
	},
	.check = check_queue,
};

static void sleep_until_interrupt(void)
{
	announce();
	lfx_assert(schedule_timeout_interruptible(MAX_SCHEDULE_TIMEOUT) ==
		   MAX_SCHEDULE_TIMEOUT);
	lfx_assert(signal_pending(current));
}

LFX_SCENARIO(signal_ends_sleep) = {
	.name = "signal-sleep",
	.what = "send_sig() against schedule_timeout_interruptible()",
	.threads = {
		{ "sender", interrupt_waiter }, { "sleeper", sleep_until_interrupt },
	},
	.check = put_waiter,
};

/* Only a fatal signal ends a killable wait. */

static void interrupt_and_complete(void)
{
	interrupt_waiter();
	complete(&done);
}

static void wait_killable(void)
{
	announce();
	lfx_assert(!wait_for_completion_killable(&done));
}

LFX_SCENARIO(signal_leaves_completion) = {
	.name = "signal-completion-killable",
	.what = "send_sig() and complete() against wait_for_completion_killable()",
	.threads = {
		{ "sender", interrupt_and_complete }, { "waiter", wait_killable },
	},
	.check = put_waiter,
};

static void interrupt_and_wake(void)
{
	interrupt_waiter();
	WRITE_ONCE(ready, true);
	wake_up(&queue);
}

static void wait_event_killable_once(void)
{
	announce();
	lfx_assert(!wait_event_killable(queue, READ_ONCE(ready)));
}

LFX_SCENARIO(signal_leaves_event) = {
	.name = "signal-event-killable",
	.what = "send_sig() and wake_up() against wait_event_killable()",
	.threads = {
		{ "sender", interrupt_and_wake },
		{ "waiter", wait_event_killable_once },
	},
	.check = put_waiter,
};

/* No signal ends an uninterruptible sleep. */

static void interrupt_and_wake_sleeper(void)
{
	struct task_struct *task = find_waiter();

	send_sig(SIGINT, task, 1);
	WRITE_ONCE(ready, true);
	while (!wake_up_process(task))
		cpu_relax();
}

static void sleep_until_woken(void)
{
	announce();
	schedule_timeout_uninterruptible(MAX_SCHEDULE_TIMEOUT);
	lfx_assert(READ_ONCE(ready));
}

LFX_SCENARIO(signal_leaves_sleep) = {
	.name = "signal-sleep-uninterruptible",
	.what = "send_sig() and wake-ups against schedule_timeout_uninterruptible()",
	.threads = {
		{ "sender", interrupt_and_wake_sleeper },
		{ "sleeper", sleep_until_woken },
	},
	.check = put_waiter,
};

/* The holder of a lock waits for the thread that waits for the lock. */

static void lock_and_interrupt(void)
{
	mutex_lock(&mutex);
	changes++;
	interrupt_waiter();
	wait_for_completion(&waiter_is_back);
	mutex_unlock(&mutex);
}

static void lock_interruptibly(void)
{
	announce();
	if (!mutex_lock_interruptible(&mutex)) {
		changes++;
		mutex_unlock(&mutex);
	}
	complete(&waiter_is_back);
}

LFX_SCENARIO(signal_ends_mutex) = {
	.name = "signal-mutex",
	.what = "send_sig() against mutex_lock_interruptible()",
	.threads = {
		{ "holder", lock_and_interrupt }, { "waiter", lock_interruptibly },
	},
	.check = put_waiter,
};

static void lock_interrupt_unlock(void)
{
	mutex_lock(&mutex);
	changes++;
	interrupt_waiter();
	mutex_unlock(&mutex);
}

static void lock_killable(void)
{
	announce();
	lfx_assert(!mutex_lock_killable(&mutex));
	changes++;
	mutex_unlock(&mutex);
}

LFX_SCENARIO(signal_leaves_mutex) = {
	.name = "signal-mutex-killable",
	.what = "send_sig() and an unlock against mutex_lock_killable()",
	.threads = {
		{ "holder", lock_interrupt_unlock }, { "waiter", lock_killable },
	},
	.check = put_waiter,
};

static void make_object(void)
{
	dma_resv_init(&obj);
}

static void lock_object_and_interrupt(void)
{
	lfx_assert(!dma_resv_lock(&obj, NULL));
	changes++;
	interrupt_waiter();
	wait_for_completion(&waiter_is_back);
	dma_resv_unlock(&obj);
}

static void lock_object_interruptibly(void)
{
	int err;

	announce();
	err = dma_resv_lock_interruptible(&obj, NULL);
	lfx_assert(!err || err == -EINTR);
	if (!err) {
		changes++;
		dma_resv_unlock(&obj);
	}
	complete(&waiter_is_back);
}

static void end_object(void)
{
	dma_resv_fini(&obj);
	put_waiter();
}

LFX_SCENARIO(signal_ends_ww_mutex) = {
	.name = "signal-ww-mutex",
	.what = "send_sig() against dma_resv_lock_interruptible()",
	.setup = make_object,
	.threads = {
		{ "holder", lock_object_and_interrupt },
		{ "waiter", lock_object_interruptibly },
	},
	.check = end_object,
};
