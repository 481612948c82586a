// SPDX-License-Identifier: GPL-2.0 OR MIT
/* irq_work; see <linux/irq_work.h>. */

#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "kernel/fork.h"
#include "kernel/internal.h"
#include "kernel/service.h"

static int irq_work_thread(void *unused);
static struct lfpriv_service irq_work_service = {
	.name = "lfshim-irq",
	.fn = irq_work_thread,
};

/* Protects the queue of the irq_work thread. No lock nests inside it. */
static DEFINE_SPINLOCK(irq_work_lock);
static struct irq_work *queue_head, **queue_tail = &queue_head;
/* irq_work_sync() sleeps here until some item has run. */
static DECLARE_WAIT_QUEUE_HEAD(run_ended);

/*
 * Run one item. From the moment when its pending flag is clear, the item can be
 * queued again. Its function may free it, so it is not used after the call.
 */
static void irq_work_run_one(struct irq_work *work, struct task_struct *self)
{
	void (*func)(struct irq_work *) = work->func;

	/*
	 * R1: release. Pairs with A2 in irq_work_is_running(). Without it, an
	 * irq_work_sync() that finds this item here may not see the stores
	 * of the function of the item before it.
	 */
	smp_store_release(&self->irq_work_running, work);
	/*
	 * F1: full barrier. Pairs with F3 in irq_work_queue() and A1 in
	 * irq_work_is_busy(). Without it, the function may not see the stores
	 * of a thread that found the item pending; and irq_work_is_busy() may
	 * find the item neither pending nor running.
	 */
	__atomic_fetch_add(&work->flags, LFSHIM_IRQ_WORK_RUN - IRQ_WORK_PENDING,
			   __ATOMIC_SEQ_CST);
	lfshim_hb_acquire(&work->flags);
	lfshim_tls.hardirq_depth++;
	func(work);
	lfshim_tls.hardirq_depth--;
	/*
	 * F2: full barrier. Pairs with F3 in prepare_to_wait_event() and A2 in
	 * irq_work_is_running(). Without it, the wait queue may be read before
	 * the store is visible, and irq_work_sync() is not woken; or it returns
	 * before it sees the stores of the function.
	 */
	smp_store_mb(self->irq_work_running, NULL);
	if (unlikely(waitqueue_active(&run_ended)))
		wake_up_all(&run_ended);
}

/* Run the items that this thread queued with interrupts disabled. */
static void irq_work_run_list(struct task_struct *self)
{
	struct irq_work *work;

	while ((work = lfshim_tls.irq_work_head)) {
		lfshim_tls.irq_work_head = work->lfshim_next;
		if (!work->lfshim_next)
			lfshim_tls.irq_work_tail = NULL;
		irq_work_run_one(work, self);
	}
}

void lfshim_irq_exit(void)
{
	/*
	 * Interrupts are still disabled. If a function enables them, which it
	 * must not, the rest of the list runs inside that function.
	 */
	if (lfshim_tls.irq_work_head)
		irq_work_run_list(current);
	lfshim_tls.irq_exit_work = false;
	if (lfshim_irqs_off()) {
		lfshim_clear_irqs_off();
		lfshim_rcu_exit();
	}
	/* With no lock held, because these system calls take long. */
	lfpriv_wake_flush();
}

void lfshim_irq_inner_exit(unsigned int was)
{
	/* Interrupts were enabled too early: then they stay enabled. */
	if (!lfshim_irqs_off())
		return;
	lfshim_set_irqs_off(was);
	/* No spinlock is held any more for which interrupts were disabled. */
	if (was != LFSHIM_IRQS_OFF_LOCK)
		lfpriv_wake_flush();
}

static int irq_work_thread(void *unused)
{
	struct irq_work *work;

	while (!kthread_should_stop()) {
		/*
		 * F4: full barrier. Pairs with F1 in lfpriv_wake(). Without it,
		 * kthread_should_stop() may be read before the state is
		 * visible, and the thread does not stop. For items the lock is
		 * enough.
		 */
		set_current_state(TASK_IDLE);
		spin_lock_irq(&irq_work_lock);
		work = queue_head;
		if (work) {
			queue_head = work->lfshim_next;
			if (!queue_head)
				queue_tail = &queue_head;
		}
		spin_unlock_irq(&irq_work_lock);
		if (work) {
			__set_current_state(TASK_RUNNING);
			lfpriv_interrupt_begins(false);
			local_irq_disable();
			irq_work_run_one(work, current);
			local_irq_enable();
			lfpriv_interrupt_ended();
		} else if (!kthread_should_stop()) {
			schedule();
		}
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

bool irq_work_queue(struct irq_work *work)
{
	unsigned long flags;

	lfshim_hb_release(&work->flags);
	/*
	 * F3: full barrier. Pairs with F1 in irq_work_run_one(). Without it,
	 * the function may not see the caller's stores before this call.
	 */
	if (__atomic_fetch_or(&work->flags, IRQ_WORK_PENDING,
			      __ATOMIC_SEQ_CST) & IRQ_WORK_PENDING)
		return false;

	work->lfshim_next = NULL;
	if (irqs_disabled()) {
		if (!lfshim_tls.irq_work_tail)
			lfshim_tls.irq_work_tail = &lfshim_tls.irq_work_head;
		*lfshim_tls.irq_work_tail = work;
		lfshim_tls.irq_work_tail = &work->lfshim_next;
		lfshim_tls.irq_exit_work = true;
		return true;
	}

	spin_lock_irqsave(&irq_work_lock, flags);
	*queue_tail = work;
	queue_tail = &work->lfshim_next;
	spin_unlock_irqrestore(&irq_work_lock, flags);
	if (!lfpriv_service_start(&irq_work_service))
		return true;
	lfpriv_service_wake(&irq_work_service);
	return true;
}

static bool irq_work_is_running(struct irq_work *work)
{
	struct task_struct *task;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&lfpriv_task_list_lock, flags);
	list_for_each_entry(task, &lfpriv_task_list, lfshim_node)
		/*
		 * A2: acquire. Pairs with R1 in irq_work_run_one() and F2 in
		 * irq_work_run_one(). Without it, the caller may not see the
		 * stores of the function.
		 */
		if (smp_load_acquire(&task->irq_work_running) == work)
			found = true;
	spin_unlock_irqrestore(&lfpriv_task_list_lock, flags);
	return found;
}

/*
 * The shim does not touch an item after its function, so "running" is not in
 * the item. A run stores the item in ->irq_work_running before it clears the
 * pending flag, and counts itself. If the count is the same before and after
 * the search, no run has begun meanwhile that the search may have missed.
 */
bool irq_work_is_busy(struct irq_work *work)
{
	unsigned int flags;

	do {
		/*
		 * A1: acquire. Pairs with F1 in irq_work_run_one(). Without it,
		 * the item may seem to be neither pending nor running, although
		 * its function is about to be called.
		 */
		flags = smp_load_acquire(&work->flags);
		if ((flags & IRQ_WORK_PENDING) || irq_work_is_running(work))
			return true;
	} while (READ_ONCE(work->flags) != flags);
	return false;
}

void irq_work_sync(struct irq_work *work)
{
	might_sleep();
	if (WARN(irqs_disabled() || in_hardirq(),
		 "irq_work_sync() with interrupts off may never return"))
		return;
	wait_event(run_ended, !irq_work_is_busy(work));
}

static void irq_work_fork_child(void)
{
	lfpriv_service_fork_child(&irq_work_service);
	init_waitqueue_head(&run_ended);
}

static void irq_work_restart(void)
{
	if (queue_head)
		lfpriv_service_start(&irq_work_service);
}

LFPRIV_AT_FORK(irq_work_fork) = {
	.level = LFPRIV_FORK_IRQ_WORK,
	.lock = &irq_work_lock,
	.child = irq_work_fork_child,
	.restart = irq_work_restart,
};

__attribute__((__destructor__(LFPRIV_EXIT_IRQ_WORK)))
static void irq_work_exit(void)
{
	lfpriv_service_stop(&irq_work_service);
}
