// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Sleeping and waking: <linux/sched.h>. */

#include <linux/sched.h>
#include <linux/rcupdate.h>
#include <linux/bug.h>
#include <linux/ktime.h>

#include "kernel/internal.h"

void schedule(void)
{
	lfpriv_sleep(LFHOST_FOREVER);
}

long schedule_timeout(long timeout)
{
	unsigned long expire;
	s64 now;

	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return timeout;
	}
	if (timeout < 0) {
		WARN(1, "schedule_timeout: wrong timeout value %lx", timeout);
		__set_current_state(TASK_RUNNING);
		return 0;
	}
	expire = jiffies + timeout;
	now = lfhost_clock();
	lfpriv_sleep(timeout >= (LFHOST_FOREVER - now) / TICK_NSEC
			     ? LFHOST_FOREVER
			     : now + timeout * TICK_NSEC);
	timeout = expire - jiffies;
	return timeout < 0 ? 0 : timeout;
}

long schedule_timeout_interruptible(long timeout)
{
	__set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout(timeout);
}

long schedule_timeout_uninterruptible(long timeout)
{
	__set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}

int lfpriv_wake(struct task_struct *task, unsigned int mask, bool later)
{
	unsigned int state;

	/*
	 * Full barrier: what the caller changed is visible before the state is
	 * read. Pairs with set_current_state(): either the sleeper sees the
	 * change, or its new state is seen here. An atomic read-modify-write
	 * for ThreadSanitizer, and a fence where that alone is no full barrier.
	 */
	lfshim_hb_release(&task->__state);
	lfshim_full_fence();
	state = __atomic_fetch_add(&task->__state, 0, __ATOMIC_SEQ_CST);
	lfshim_hb_acquire(&task->__state);
	do {
		if (!(state & mask))
			return 0;
		/* Release: pairs with the sleeper's acquire of TASK_RUNNING. */
	} while (!__atomic_compare_exchange_n(&task->__state, &state,
					      TASK_RUNNING, false,
					      __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	if (!(state & LFSHIM_TASK_ASLEEP))
		return 1;
	if (later)
		lfpriv_wake_sleeper(&task->__state);
	else
		lfhost_futex_wake(&task->__state, 1);
	return 1;
}

int wake_up_state(struct task_struct *task, unsigned int mask)
{
	return lfpriv_wake(task, mask, true);
}

int wake_up_process(struct task_struct *task)
{
	return wake_up_state(task, TASK_NORMAL);
}

void yield(void)
{
	lfhost_yield();
}

int lfshim_cond_resched(void)
{
	might_sleep();
	lfhost_yield();
	return 0;
}

static void task_free(struct rcu_head *head)
{
	struct task_struct *task =
		container_of(head, struct task_struct, lfshim_rcu);

	lfhost_free(task);
}

void put_task_struct(struct task_struct *task)
{
	if (!refcount_dec_and_test(&task->usage))
		return;
	if (task->kthread)
		lfpriv_kthread_free(task->kthread);
	/* Somebody may be looking at it under RCU. */
	call_rcu(&task->lfshim_rcu, task_free);
}

int yield_to(struct task_struct *task, bool preempt)
{
	do {
		lfhost_yield();
	} while (READ_ONCE(task->__state) == TASK_RUNNING &&
		 !lfpriv_kthread_has_begun(task));
	return 1;
}
