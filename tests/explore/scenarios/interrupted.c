// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Waits that a signal interrupts, while what they wait for happens. H30 is the
 * hazard in the table of tests/stress/README.md.
 */

#include "explore.h"

#include <linux/dma-fence.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>

static const char *get_name(struct dma_fence *fence)
{
	return "explore";
}

static const struct dma_fence_ops ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
};

static struct dma_fence *fence;
/* The task that waits. The scenario has a reference to it. */
static struct task_struct *waiter;

static void make_fence(void)
{
	fence = kmalloc_obj(*fence);
	dma_fence_init(fence, &ops, NULL, 1, 1);
	dma_fence_get(fence);
	lfx_name(fence, "fence");
}

static void signal_and_put(void)
{
	dma_fence_signal(fence);
	dma_fence_put(fence);
}

static void let_interrupt(void)
{
	smp_store_release(&waiter, get_task_struct(current));
}

static void interrupt(void)
{
	struct task_struct *task = smp_load_acquire(&waiter);

	if (task)
		send_sig(SIGUSR1, task, 0);
}

static void put_waiter(void)
{
	put_task_struct(waiter);
}

/* However the wait ends, the waiter takes its callback along. */

static void wait_for_fence(void)
{
	long err;

	let_interrupt();
	err = dma_fence_wait(fence, true);
	lfx_assert(!err || err == -ERESTARTSYS);
	if (err)
		lfx_assert(signal_pending(current));
	else
		lfx_assert(dma_fence_is_signaled(fence));
	dma_fence_put(fence);
}

LFX_SCENARIO(wait_interrupted) = {
	.name = "wait-interrupted",
	.what = "a signal of a fence and one of a task against a wait",
	.setup = make_fence,
	.threads = {
		{ "signaller", signal_and_put },
		{ "interrupter", interrupt },
		{ "waiter", wait_for_fence },
	},
	.check = put_waiter,
};

static void wait_for_any(void)
{
	u32 first = 9;
	long left;

	let_interrupt();
	left = dma_fence_wait_any_timeout(&fence, 1, true, MAX_SCHEDULE_TIMEOUT,
					  &first);
	lfx_assert(left > 0 || left == -ERESTARTSYS);
	lfx_assert(first == (left > 0 ? 0 : 9));
	dma_fence_put(fence);
}

LFX_SCENARIO(wait_any_interrupted) = {
	.name = "wait-any-interrupted",
	.what = "a signal of a fence and one of a task against a wait_any",
	.setup = make_fence,
	.threads = {
		{ "signaller", signal_and_put },
		{ "interrupter", interrupt },
		{ "waiter", wait_for_any },
	},
	.check = put_waiter,
};

/* Nothing else ends this wait, so the interruption must not be lost. */

static DECLARE_WAIT_QUEUE_HEAD(queue);

static void wait_for_interruption(void)
{
	let_interrupt();
	lfx_assert(wait_event_interruptible(queue, false) == -ERESTARTSYS);
}

static void interrupt_always(void)
{
	struct task_struct *task;

	while (!(task = smp_load_acquire(&waiter)))
		cpu_relax();
	send_sig(SIGUSR1, task, 0);
}

LFX_SCENARIO(wait_event_interrupted) = {
	.name = "wait-event-interrupted",
	.what = "send_sig() against wait_event_interruptible()",
	.threads = {
		{ "interrupter", interrupt_always },
		{ "waiter", wait_for_interruption },
	},
	.check = put_waiter,
};
