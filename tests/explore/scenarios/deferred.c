// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Functions that run later: work queues, timers, and irq_work. After a
 * cancellation that waits, their memory can be freed.
 */

#include "explore.h"

#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

/* The data of the function that runs later. It is freed with it. */
static struct later {
	struct work_struct work;
	struct delayed_work delayed;
	struct timer_list timer;
	struct hrtimer hrtimer;
	struct irq_work irq_work;
	int runs;
	/* Two threads may run an irq_work at the same time. */
	atomic_t irq_runs;
} *later;

static struct workqueue_struct *wq;
static int queued[2];

static void run_work(struct work_struct *work)
{
	container_of(work, struct later, work)->runs++;
}

static void run_delayed(struct work_struct *work)
{
	container_of(work, struct later, delayed.work)->runs++;
}

static void run_timer(struct timer_list *timer)
{
	container_of(timer, struct later, timer)->runs++;
}

static enum hrtimer_restart run_hrtimer(struct hrtimer *timer)
{
	container_of(timer, struct later, hrtimer)->runs++;
	return HRTIMER_NORESTART;
}

static void run_irq_work(struct irq_work *work)
{
	atomic_inc(&container_of(work, struct later, irq_work)->irq_runs);
}

static void make_later(void)
{
	later = kzalloc_obj(*later);
	lfx_name(later, "later");
	INIT_WORK(&later->work, run_work);
	INIT_DELAYED_WORK(&later->delayed, run_delayed);
	timer_setup(&later->timer, run_timer, 0);
	hrtimer_setup(&later->hrtimer, run_hrtimer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	later->irq_work = IRQ_WORK_INIT(run_irq_work);
}

static void free_later(void)
{
	kfree(later);
}

/* Work items: each queueing that says true is followed by a run. */

static void make_work(void)
{
	make_later();
	wq = alloc_ordered_workqueue("explore", 0);
}

static void free_work(void)
{
	destroy_workqueue(wq);
	kfree(later);
}

static void queue_as_0(void)
{
	queued[0] = queue_work(wq, &later->work);
}

static void queue_as_1(void)
{
	queued[1] = queue_work(wq, &later->work);
}

static void check_runs(void)
{
	flush_work(&later->work);
	lfx_assert(queued[0] || queued[1]);
	lfx_assert(later->runs == queued[0] + queued[1]);
	free_work();
}

LFX_SCENARIO(work_queue_twice) = {
	.name = "work-queue-twice",
	.what = "two queue_work() of one item",
	.setup = make_work,
	.threads = { { "thread 0", queue_as_0 }, { "thread 1", queue_as_1 } },
	.check = check_runs,
};

static void queue_and_flush(void)
{
	queue_as_0();
	flush_work(&later->work);
	lfx_assert(later->runs == 1);
}

LFX_SCENARIO(work_flush) = {
	.name = "work-flush",
	.what = "queue_work() and flush_work()",
	.setup = make_work,
	.threads = { { "thread", queue_and_flush } },
	.check = free_work,
};

static void queue_cancel_free(void)
{
	bool cancelled;

	queue_as_0();
	cancelled = cancel_work_sync(&later->work);
	lfx_assert(later->runs == !cancelled);
	kfree(later);
}

static void destroy_queue(void)
{
	destroy_workqueue(wq);
}

LFX_SCENARIO(work_cancel) = {
	.name = "work-cancel",
	.what = "cancel_work_sync() and kfree() against the run",
	.setup = make_work,
	.threads = { { "thread", queue_cancel_free } },
	.check = destroy_queue,
};

static void disable(void)
{
	disable_work_sync(&later->work);
	lfx_assert(later->runs <= 1);
	/* No run from now on. */
	later->runs = 9;
}

static void check_disabled(void)
{
	lfx_assert(later->runs == 9);
	lfx_assert(!queue_work(wq, &later->work));
	free_work();
}

LFX_SCENARIO(work_disable) = {
	.name = "work-disable",
	.what = "disable_work_sync() against queue_work() and the run",
	.setup = make_work,
	.threads = { { "queuer", queue_as_0 }, { "disabler", disable } },
	.check = check_disabled,
};

static void queue_delayed(void)
{
	queued[0] = queue_delayed_work(wq, &later->delayed, 1);
}

static void mod_delayed(void)
{
	queued[1] = !mod_delayed_work(wq, &later->delayed, 2);
}

static void check_delayed(void)
{
	bool cancelled = cancel_delayed_work_sync(&later->delayed);

	lfx_assert(queued[0] || queued[1]);
	lfx_assert(later->runs == queued[0] + queued[1] - cancelled);
	free_work();
}

LFX_SCENARIO(delayed_work_mod) = {
	.name = "delayed-work-mod",
	.what = "queue_delayed_work() against mod_delayed_work() of one item",
	.setup = make_work,
	.threads = { { "queuer", queue_delayed }, { "modifier", mod_delayed } },
	.check = check_delayed,
};

static void queue_delayed_cancel_free(void)
{
	bool cancelled;

	queue_delayed();
	cancelled = cancel_delayed_work_sync(&later->delayed);
	lfx_assert(later->runs == !cancelled);
	kfree(later);
}

LFX_SCENARIO(delayed_work_cancel) = {
	.name = "delayed-work-cancel",
	.what = "cancel_delayed_work_sync() and kfree() against timer and run",
	.setup = make_work,
	.threads = { { "thread", queue_delayed_cancel_free } },
	.check = destroy_queue,
};

/* Timers: after timer_delete_sync(), the function does not run. */

static void arm_delete_free(void)
{
	int was_pending;

	mod_timer(&later->timer, jiffies + 1);
	was_pending = timer_delete_sync(&later->timer);
	lfx_assert(later->runs == !was_pending);
	kfree(later);
}

LFX_SCENARIO(timer_delete_expiry) = {
	.name = "timer-delete",
	.what = "timer_delete_sync() and kfree() against the expiry",
	.setup = make_later,
	.threads = { { "thread", arm_delete_free } },
};

static void modify(void)
{
	queued[1] = !mod_timer(&later->timer, jiffies + 2);
}

static void arm(void)
{
	queued[0] = !mod_timer(&later->timer, jiffies + 1);
}

static void check_timer(void)
{
	int was_pending = timer_delete_sync(&later->timer);

	lfx_assert(later->runs == queued[0] + queued[1] - was_pending);
	kfree(later);
}

LFX_SCENARIO(timer_mod_twice) = {
	.name = "timer-mod",
	.what = "two mod_timer() of one timer against its expiry",
	.setup = make_later,
	.threads = { { "thread 0", arm }, { "thread 1", modify } },
	.check = check_timer,
};

static void shut_down(void)
{
	timer_shutdown_sync(&later->timer);
	lfx_assert(later->runs <= 1);
	later->runs = 9;
}

static void check_shut_down(void)
{
	mod_timer(&later->timer, jiffies);
	lfx_assert(!timer_pending(&later->timer) && later->runs == 9);
	kfree(later);
}

LFX_SCENARIO(timer_shutdown_arm) = {
	.name = "timer-shutdown",
	.what = "timer_shutdown_sync() against mod_timer() and the expiry",
	.setup = make_later,
	.threads = { { "starter", arm }, { "stopper", shut_down } },
	.check = check_shut_down,
};

static void start_cancel_free(void)
{
	int was_queued;

	hrtimer_start(&later->hrtimer, 1000, HRTIMER_MODE_REL);
	was_queued = hrtimer_cancel(&later->hrtimer);
	lfx_assert(later->runs == !was_queued);
	kfree(later);
}

LFX_SCENARIO(hrtimer_cancel_expiry) = {
	.name = "hrtimer-cancel",
	.what = "hrtimer_cancel() and kfree() against the expiry",
	.setup = make_later,
	.threads = { { "thread", start_cancel_free } },
};

/* irq_work: each queueing that says true is followed by a run. */

static void queue_irq_0(void)
{
	queued[0] = irq_work_queue(&later->irq_work);
}

/* With interrupts disabled, it runs on this thread. */
static void queue_irq_1(void)
{
	unsigned long flags;

	local_irq_save(flags);
	queued[1] = irq_work_queue(&later->irq_work);
	local_irq_restore(flags);
}

static void check_irq_runs(void)
{
	irq_work_sync(&later->irq_work);
	lfx_assert(atomic_read(&later->irq_runs) == queued[0] + queued[1]);
	free_later();
}

LFX_SCENARIO(irq_work_queue_twice) = {
	.name = "irq-work-queue",
	.what = "irq_work_queue() with interrupts enabled and disabled",
	.setup = make_later,
	.threads = { { "thread 0", queue_irq_0 }, { "thread 1", queue_irq_1 } },
	.check = check_irq_runs,
};

/* An item that is queued with interrupts disabled waits until they are enabled. */

static void expect_end_of_region(struct irq_work *work)
{
	lfx_assert(container_of(work, struct later, irq_work)->runs == 1);
}

static void make_expecting_item(void)
{
	make_later();
	later->irq_work = IRQ_WORK_INIT(expect_end_of_region);
}

static void queue_in_region(void)
{
	unsigned long flags;

	local_irq_save(flags);
	lfx_assert(irq_work_queue(&later->irq_work));
	/* Plain: the item does not run beside the region. */
	later->runs = 1;
	local_irq_restore(flags);
	irq_work_sync(&later->irq_work);
	kfree(later);
}

LFX_SCENARIO(irq_work_in_region) = {
	.name = "irq-work-region",
	.what = "irq_work_queue() in a region with interrupts disabled",
	.setup = make_expecting_item,
	.threads = { { "thread", queue_in_region } },
};

static void queue_sync_free(void)
{
	queue_irq_0();
	irq_work_sync(&later->irq_work);
	lfx_assert(atomic_read(&later->irq_runs) == 1);
	kfree(later);
}

LFX_SCENARIO(irq_work_sync_free) = {
	.name = "irq-work-sync",
	.what = "irq_work_sync() and kfree() against the run",
	.setup = make_later,
	.threads = { { "thread", queue_sync_free } },
};

static void only_sync(void)
{
	irq_work_sync(&later->irq_work);
}

LFX_SCENARIO(irq_work_sync_stale) = {
	.name = "irq-work-sync-stale",
	.what = "irq_work_sync() against a run on another thread, with older values",
	.setup = make_later,
	.threads = { { "thread", queue_irq_1 }, { "waiter", only_sync } },
	.check = free_later,
	.stale = 1,
};

/*
 * An item is queued on another CPU while it runs, and the first run ends then: from the
 * begin of the one run to the end of the other one it is busy.
 */

static int begun, requeued;

static void run_until_requeued(struct irq_work *work)
{
	if (!READ_ONCE(begun)) {
		WRITE_ONCE(begun, 1);
		smp_cond_load_acquire(&requeued, VAL);
	}
	atomic_inc(&later->irq_runs);
}

static void make_requeued_item(void)
{
	make_later();
	later->irq_work = IRQ_WORK_INIT(run_until_requeued);
}

static void queue_elsewhere(void)
{
	unsigned long flags;

	smp_cond_load_acquire(&begun, VAL);
	local_irq_save(flags);
	lfx_assert(irq_work_queue(&later->irq_work));
	smp_store_release(&requeued, 1);
	local_irq_restore(flags);
}

static void sync_running(void)
{
	smp_cond_load_acquire(&begun, VAL);
	irq_work_sync(&later->irq_work);
	lfx_assert(atomic_read(&later->irq_runs) == 2);
}

LFX_SCENARIO(irq_work_sync_elsewhere) = {
	.name = "irq-work-sync-elsewhere",
	.what = "irq_work_sync() of an item that is queued elsewhere while it runs",
	.setup = make_requeued_item,
	.threads = {
		{ "thread 0", queue_elsewhere },
		{ "thread 1", queue_irq_1 },
		{ "waiter", sync_running },
	},
	.check = free_later,
};

static void queue_again(void)
{
	queue_irq_0();
	irq_work_sync(&later->irq_work);
	queue_irq_0();
	irq_work_sync(&later->irq_work);
	lfx_assert(atomic_read(&later->irq_runs) == 2);
}

LFX_SCENARIO(irq_work_again) = {
	.name = "irq-work-again",
	.what = "an item is queued when its thread may sleep",
	.setup = make_later,
	.threads = { { "thread", queue_again } },
	.check = free_later,
};
