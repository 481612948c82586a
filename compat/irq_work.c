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

/* Protects the queue of the thread. Innermost but for the task list's lock. */
static DEFINE_SPINLOCK(irq_work_lock);
static struct irq_work *queue_head, **queue_tail = &queue_head;
/* irq_work_sync() sleeps here until some item has run. */
static DECLARE_WAIT_QUEUE_HEAD(run_ended);

/*
 * Call the function. Before that, nothing keeps the item from being queued
 * anew; afterwards it may be anything, or gone.
 */
static void run_one(struct irq_work *work, struct task_struct *self)
{
	void (*func)(struct irq_work *) = work->func;

	/* Release: pairs with irq_work_sync(), which reads them in turn. */
	smp_store_release(&self->irq_work_running, work);
	/* Full barrier: whoever queues it again sees what this run will see. */
	__atomic_fetch_and(&work->flags, ~IRQ_WORK_PENDING, __ATOMIC_SEQ_CST);
	lfshim_hb_acquire(&work->flags);
	lfshim_tls.hardirq_depth++;
	func(work);
	lfshim_tls.hardirq_depth--;
	/* Full barrier: pairs with the waiter's, which queues and then looks. */
	smp_store_mb(self->irq_work_running, NULL);
	if (unlikely(waitqueue_active(&run_ended)))
		wake_up_all(&run_ended);
}

static void run_queued(struct task_struct *self)
{
	struct irq_work *work;

	while ((work = lfshim_tls.irq_work_head)) {
		lfshim_tls.irq_work_head = work->lfshim_next;
		if (!work->lfshim_next)
			lfshim_tls.irq_work_tail = NULL;
		run_one(work, self);
	}
}

void lfshim_irq_exit(void)
{
	/* Interrupts are still off: nothing gets in here a second time. */
	if (lfshim_tls.irq_work_head)
		run_queued(current);
	lfshim_tls.irq_exit_work = false;
	lfshim_depth_dec(&lfshim_tls.irq_depth);
	lfshim_rcu_exit();
	/* With no lock held: the system calls take longer than all the rest. */
	lfpriv_wake_flush();
}

static int irq_work_thread(void *unused)
{
	struct irq_work *work;

	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		spin_lock_irq(&irq_work_lock);
		work = queue_head;
		if (work) {
			queue_head = work->lfshim_next;
			if (!queue_head)
				queue_tail = &queue_head;
		}
		spin_unlock(&irq_work_lock);
		if (work) {
			__set_current_state(TASK_RUNNING);
			run_one(work, current);
		}
		local_irq_enable();
		if (!work && !kthread_should_stop())
			schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

bool irq_work_queue(struct irq_work *work)
{
	unsigned long flags;

	lfshim_hb_release(&work->flags);
	/* Full barrier: pairs with the one in run_one(). */
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

static bool runs_somewhere(struct irq_work *work)
{
	struct task_struct *task;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&lfpriv_task_list_lock, flags);
	list_for_each_entry(task, &lfpriv_task_list, lfshim_node)
		/* Acquire: pairs with the release in run_one(). */
		if (smp_load_acquire(&task->irq_work_running) == work)
			found = true;
	spin_unlock_irqrestore(&lfpriv_task_list_lock, flags);
	return found;
}

void irq_work_sync(struct irq_work *work)
{
	might_sleep();
	if (WARN(irqs_disabled() || in_hardirq(),
		 "irq_work_sync() with interrupts off may never return"))
		return;
	/* A run names itself before it stops being pending. */
	wait_event(run_ended,
		   !irq_work_is_pending(work) && !runs_somewhere(work));
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
