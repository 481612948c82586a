// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Sleeping and waking: <linux/sched.h>. */

#include <linux/sched.h>
#include <linux/rcupdate.h>
#include <linux/bug.h>
#include <linux/ktime.h>
#include <linux/printk.h>

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
		printk(KERN_ERR "schedule_timeout: wrong timeout value %lx\n",
		       timeout);
		dump_stack();
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
	/* From the exchange on, only this reference keeps the task. */
	struct task_struct *held = later && lfpriv_wake_list_is_full()
					   ? get_task_struct(task) : NULL;
	union lfpriv_task_words old;

	/*
	 * F1: full barrier. Pairs with F1 in set_current_state(), and with the
	 * labels of its callers: F1 in completion_sleep(), F1 in defer_thread(),
	 * F4 in dma_fence_wait_any_timeout(), F1 in hrtimer_thread(), F4 in
	 * irq_work_thread(), F1 in kthread_worker_fn(), F1 in
	 * mutex_lock_contended(), F1 in prepare_to_wait(), F2 in
	 * prepare_to_wait_exclusive(), F3 in prepare_to_wait_event(), F5 in
	 * rcu_thread_nap(), F4 in rescuer_thread(), F1 in sleep_for_any(), F2 in
	 * timer_thread(), F4 in wait_intr_begin(), F3 in worker_wait() and F3 in
	 * ww_mutex_lock_contended(). Without it, the state may be read before
	 * the change that the caller made is visible: the sleeper misses the
	 * change, and this thread misses the sleeper.
	 *
	 * On x86 the read-modify-write is the barrier. On other CPUs the fence
	 * is. ThreadSanitizer does not understand fences.
	 */
	lfshim_hb_release(&task->__state);
	lfshim_full_fence();
	old.words = __atomic_fetch_add(&task->lfshim_words, 0,
				       __ATOMIC_SEQ_CST);
	lfshim_hb_acquire(&task->__state);
	do {
		if (!(old.state & mask)) {
			if (unlikely(held))
				put_task_struct(held);
			return 0;
		}
		/*
		 * R1: release. Pairs with A1 in spin_for_wakeup() and A2 in
		 * lfpriv_sleep(), A3 in lfpriv_sleep() and A4 in
		 * lfpriv_sleep(). Without it, the woken thread may not see the
		 * earlier stores of this thread.
		 */
	} while (!__atomic_compare_exchange_n(&task->lfshim_words, &old.words,
					      0, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	if (old.asleep && later)
		lfpriv_wake_sleeper(&task->__state, held);
	else if (old.asleep)
		lfhost_futex_wake(&task->__state, 1);
	else if (unlikely(held))
		put_task_struct(held);
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
	/* An RCU reader may still have a pointer to it. */
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
