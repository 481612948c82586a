// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Interrupts on top of threads: which faults that shows, and that code which is right
 * about them is right.
 */

#include "explore.h"

#include <linux/completion.h>
#include <linux/dma-fence.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rwlock.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

/* With the checks, lockdep needs no interrupt to report these. */
#define DEADLOCK	(LFSHIM_CHECKS ? "warning" : "deadlock")
#define SLEEPING	(LFSHIM_CHECKS ? "warning" : "sleeping in atomic context")

static DEFINE_SPINLOCK(lock);
static DEFINE_SPINLOCK(other);
static int count, seen;

static void check_two(void)
{
	lfx_assert(count == 2);
}

/* A lock that an interrupt takes, too. */

static void count_with_interrupts(void)
{
	spin_lock(&lock);
	count++;
	spin_unlock(&lock);
}

static void count_without_interrupts(void)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	count++;
	spin_unlock_irqrestore(&lock, flags);
}

LFX_SCENARIO(interrupt_deadlock) = {
	.name = "interrupt-deadlock",
	.what = "spin_lock() with interrupts enabled, and in the interrupt",
	.threads = {
		{ "thread", count_with_interrupts },
		{ "irq", count_with_interrupts, LFX_ANY },
	},
	.fails = DEADLOCK,
};

LFX_SCENARIO(interrupt_irqsave) = {
	.name = "interrupt-irqsave",
	.what = "spin_lock_irqsave() against the lock in the interrupt",
	.threads = {
		{ "thread", count_without_interrupts },
		{ "irq", count_with_interrupts, LFX_ANY },
	},
	.check = check_two,
};

/* Readers may nest, also with an interrupt between them that reads. */

static DEFINE_RWLOCK(read_write);

static void read_with_interrupts(void)
{
	read_lock(&read_write);
	read_unlock(&read_write);
	if (read_trylock(&read_write))
		read_unlock(&read_write);
}

static void read_once(void)
{
	read_lock(&read_write);
	read_unlock(&read_write);
}

LFX_SCENARIO(interrupt_readers) = {
	.name = "interrupt-readers",
	.what = "read_lock() with interrupts enabled, and in the interrupt",
	.threads = {
		{ "thread", read_with_interrupts },
		{ "irq", read_once, LFX_ANY },
	},
};

/* The lock of the interrupt is held by a thread that waits for the interrupted one. */

static void hold_and_wait(void)
{
	local_irq_disable();
	spin_lock(&lock);
	spin_lock(&other);
	spin_unlock(&other);
	spin_unlock(&lock);
	local_irq_enable();
}

static void take_other(void)
{
	spin_lock(&other);
	spin_unlock(&other);
}

static void take_lock(void)
{
	spin_lock(&lock);
	spin_unlock(&lock);
}

/*
 * The first thread holds @other. A second thread holds @lock, and waits for @other. The
 * interrupt waits for @lock. Without the interrupt this is no cycle.
 */
LFX_SCENARIO(interrupt_cycle) = {
	.name = "interrupt-cycle",
	.what = "an interrupt closes a cycle of two locks",
	.threads = {
		{ "thread", take_other },
		{ "holder", hold_and_wait },
		{ "irq", take_lock, LFX_ON(1) },
	},
	.fails = DEADLOCK,
};

static void take_other_safely(void)
{
	spin_lock_irq(&other);
	spin_unlock_irq(&other);
}

LFX_SCENARIO(interrupt_no_cycle) = {
	.name = "interrupt-no-cycle",
	.what = "the same with interrupts disabled",
	.threads = {
		{ "thread", take_other_safely },
		{ "holder", hold_and_wait },
		{ "irq", take_lock, LFX_ON(1) },
	},
};

/* The context of the handler. */

static void look_at_context(void)
{
	lfx_assert(in_hardirq() && in_interrupt() && !in_task());
	lfx_assert(irqs_disabled());
	WRITE_ONCE(seen, 1);
}

static void stay_in_task(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		lfx_assert(in_task() && !in_interrupt() && !irqs_disabled());
		READ_ONCE(seen);
	}
}

static void check_seen(void)
{
	lfx_assert(seen == 1);
}

LFX_SCENARIO(interrupt_context) = {
	.name = "interrupt-context",
	.what = "in_hardirq() and irqs_disabled() in the handler",
	.threads = {
		{ "thread", stay_in_task },
		{ "irq", look_at_context, LFX_ANY },
	},
	.check = check_seen,
};

/* The thread stands still: it does not see the handler half done. */

static atomic_t half;

static void do_two_halves(void)
{
	atomic_set(&half, 1);
	atomic_set(&half, 2);
}

static void look_for_half(void)
{
	lfx_assert(atomic_read(&half) != 1);
	lfx_assert(atomic_read(&half) != 1);
}

LFX_SCENARIO(interrupt_is_whole) = {
	.name = "interrupt-whole",
	.what = "a thread against two stores of an interrupt on its CPU",
	.threads = {
		{ "thread", look_for_half },
		{ "irq", do_two_halves, LFX_ON(1) },
	},
};

LFX_SCENARIO(interrupt_elsewhere) = {
	.name = "interrupt-elsewhere",
	.what = "the same with the interrupt on another CPU",
	.threads = {
		{ "thread", look_for_half },
		{ "irq", do_two_halves, LFX_ANY },
	},
	.fails = "assertion",
};

/* It comes only while interrupts are enabled, and at each place where they are. */

static void store_without_interrupts(void)
{
	local_irq_disable();
	atomic_set(&half, 1);
	atomic_set(&half, 2);
	local_irq_enable();
}

LFX_SCENARIO(interrupt_is_disabled) = {
	.name = "interrupt-disabled",
	.what = "local_irq_disable() against an interrupt on its CPU",
	.threads = {
		{ "thread", store_without_interrupts },
		{ "irq", look_for_half, LFX_ON(1) },
	},
};

static void store_in_two_sections(void)
{
	local_irq_disable();
	atomic_set(&half, 1);
	local_irq_enable();
	local_irq_disable();
	atomic_set(&half, 2);
	local_irq_enable();
}

LFX_SCENARIO(interrupt_is_enabled_shortly) = {
	.name = "interrupt-enabled",
	.what = "interrupts are enabled between two sections",
	.threads = {
		{ "thread", store_in_two_sections },
		{ "irq", look_for_half, LFX_ON(1) },
	},
	.fails = "assertion",
};

/* Plain data of one CPU. */

static void count_plainly(void)
{
	count++;
}

static void count_with_irqs_off(void)
{
	local_irq_disable();
	count++;
	local_irq_enable();
}

LFX_SCENARIO(interrupt_data_race) = {
	.name = "interrupt-data-race",
	.what = "count++ in a thread and in an interrupt on its CPU",
	.threads = {
		{ "thread", count_plainly },
		{ "irq", count_plainly, LFX_ON(1) },
	},
	.fails = "data race",
};

LFX_SCENARIO(interrupt_cpu_data) = {
	.name = "interrupt-cpu-data",
	.what = "the same with interrupts disabled in the thread",
	.threads = {
		{ "thread", count_with_irqs_off },
		{ "irq", count_plainly, LFX_ON(1) },
	},
	.check = check_two,
};

/* An interrupt on another CPU does not care. */
LFX_SCENARIO(interrupt_other_cpu_data) = {
	.name = "interrupt-other-cpu-data",
	.what = "the same with an interrupt on any CPU",
	.threads = {
		{ "thread", count_with_irqs_off },
		{ "irq", count_plainly, LFX_ANY },
	},
	.fails = "data race",
};

/* No sleep in an interrupt. */

static DEFINE_MUTEX(mutex);
static DECLARE_COMPLETION(completion);

static void lock_mutex(void)
{
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
}

static void look_twice(void)
{
	READ_ONCE(seen);
	READ_ONCE(seen);
}

LFX_SCENARIO(interrupt_sleeps) = {
	.name = "interrupt-sleeps",
	.what = "mutex_lock() in an interrupt",
	.threads = {
		{ "thread", look_twice },
		{ "irq", lock_mutex, LFX_ANY },
	},
	.fails = SLEEPING,
};

static void wait_for_it(void)
{
	wait_for_completion(&completion);
}

static void complete_it(void)
{
	complete(&completion);
}

LFX_SCENARIO(interrupt_completes) = {
	.name = "interrupt-completes",
	.what = "complete() in an interrupt on top of the thread that waits",
	.threads = {
		{ "waiter", wait_for_it },
		{ "irq", complete_it, LFX_ON(1) },
	},
};

static void spin_until_seen(void)
{
	while (!READ_ONCE(seen))
		cpu_relax();
}

static void set_seen(void)
{
	WRITE_ONCE(seen, 1);
}

LFX_SCENARIO(interrupt_ends_loop) = {
	.name = "interrupt-ends-loop",
	.what = "a busy-wait loop that an interrupt on its CPU ends",
	.threads = {
		{ "thread", spin_until_seen },
		{ "irq", set_seen, LFX_ON(1) },
	},
};

static void spin_with_interrupts_off(void)
{
	local_irq_disable();
	spin_until_seen();
	local_irq_enable();
}

LFX_SCENARIO(interrupt_never_comes) = {
	.name = "interrupt-never-comes",
	.what = "the same with interrupts disabled",
	.threads = {
		{ "thread", spin_with_interrupts_off },
		{ "irq", set_seen, LFX_ON(1) },
	},
	.fails = "deadlock",
};

/* Two interrupts come one after the other. */

static void enter_and_leave(void)
{
	lfx_assert(!atomic_xchg(&half, 1));
	atomic_set(&half, 0);
}

LFX_SCENARIO(interrupts_do_not_nest) = {
	.name = "interrupt-two",
	.what = "two interrupts on top of one thread",
	.threads = {
		{ "thread", look_twice },
		{ "irq 1", enter_and_leave, LFX_ON(1) },
		{ "irq 2", enter_and_leave, LFX_ON(1) },
	},
};

/* Fences: their lock is taken in interrupts. */

static const char *get_name(struct dma_fence *fence)
{
	return "explore";
}

static const struct dma_fence_ops ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
};

static struct dma_fence *fence;
static struct dma_fence_cb cb;
static int called;

static void count_call(struct dma_fence *f, struct dma_fence_cb *c)
{
	called++;
}

static void make_fence(void)
{
	fence = kmalloc_obj(*fence);
	dma_fence_init(fence, &ops, &lock, 1, 1);
	lfx_name(fence, "fence");
}

static void put_fence(void)
{
	dma_fence_put(fence);
}

static void signal_fence(void)
{
	dma_fence_signal(fence);
}

static void add_callback(void)
{
	bool added = !dma_fence_add_callback(fence, &cb, count_call);

	/* The signal may still come. */
	if (added && dma_fence_remove_callback(fence, &cb))
		lfx_assert(!called);
	else
		lfx_assert(called == added);
}

LFX_SCENARIO(interrupt_signals) = {
	.name = "interrupt-signal",
	.what = "a callback is added and removed against a signal in an interrupt",
	.setup = make_fence,
	.threads = {
		{ "user", add_callback },
		{ "irq", signal_fence, LFX_ANY },
	},
	.check = put_fence,
};

static void wait_for_fence(void)
{
	dma_fence_wait(fence, false);
}

LFX_SCENARIO(interrupt_signals_wait) = {
	.name = "interrupt-signal-wait",
	.what = "a wait against a signal in an interrupt",
	.setup = make_fence,
	.threads = {
		{ "waiter", wait_for_fence },
		{ "irq", signal_fence, LFX_ANY },
	},
	.check = put_fence,
};

/* The lock of the fence is the driver's. It has to disable interrupts for it. */

static void submit_with_interrupts(void)
{
	spin_lock(&lock);
	count++;
	spin_unlock(&lock);
}

static void submit_safely(void)
{
	spin_lock_irq(&lock);
	count++;
	spin_unlock_irq(&lock);
}

LFX_SCENARIO(interrupt_plain_lock) = {
	.name = "interrupt-plain-lock",
	.what = "spin_lock() of a fence's lock against a signal in an interrupt",
	.setup = make_fence,
	.threads = {
		{ "driver", submit_with_interrupts },
		{ "irq", signal_fence, LFX_ANY },
	},
	.check = put_fence,
	.fails = DEADLOCK,
};

LFX_SCENARIO(interrupt_driver_lock) = {
	.name = "interrupt-driver-lock",
	.what = "the same with spin_lock_irq()",
	.setup = make_fence,
	.threads = {
		{ "driver", submit_safely },
		{ "irq", signal_fence, LFX_ANY },
	},
	.check = put_fence,
};

static void make_fence_with_callback(void)
{
	make_fence();
	dma_fence_add_callback(fence, &cb, count_call);
}

static void remove_callback(void)
{
	seen = dma_fence_remove_callback(fence, &cb);
}

static void check_call(void)
{
	lfx_assert(called == !seen);
	put_fence();
}

LFX_SCENARIO(interrupt_removes) = {
	.name = "interrupt-remove",
	.what = "a callback is removed in an interrupt against the signal",
	.setup = make_fence_with_callback,
	.threads = {
		{ "signaller", signal_fence },
		{ "irq", remove_callback, LFX_ANY },
	},
	.check = check_call,
};

/* irq_work, timers and hrtimers on top of threads. */

static struct irq_work work;
static struct timer_list timer;
static struct hrtimer hrtimer;

static void count_in_work(struct irq_work *unused)
{
	lfx_assert(in_hardirq());
	count_with_interrupts();
}

static void make_work(void)
{
	init_irq_work(&work, count_in_work);
}

static void queue_and_count(void)
{
	irq_work_queue(&work);
	count_with_interrupts();
}

static void queue_and_count_safely(void)
{
	irq_work_queue(&work);
	count_without_interrupts();
}

static void sync_and_check(void)
{
	irq_work_sync(&work);
	check_two();
}

LFX_SCENARIO(interrupt_irq_work_deadlock) = {
	.name = "interrupt-irq-work-deadlock",
	.what = "spin_lock() against the lock in irq_work on its CPU",
	.setup = make_work,
	.threads = { { "thread", queue_and_count } },
	.interrupts = LFX_ANY,
	.fails = DEADLOCK,
};

LFX_SCENARIO(interrupt_irq_work) = {
	.name = "interrupt-irq-work",
	.what = "the same with spin_lock_irqsave()",
	.setup = make_work,
	.threads = { { "thread", queue_and_count_safely } },
	.check = sync_and_check,
	.interrupts = LFX_ANY,
};

static enum hrtimer_restart count_in_hrtimer(struct hrtimer *unused)
{
	lfx_assert(in_hardirq());
	count_with_interrupts();
	return HRTIMER_NORESTART;
}

static void start_hrtimer(void)
{
	hrtimer_setup(&hrtimer, count_in_hrtimer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	hrtimer_start(&hrtimer, 1000, HRTIMER_MODE_REL);
}

static void start_and_count(void)
{
	start_hrtimer();
	count_with_interrupts();
}

static void start_and_count_safely(void)
{
	start_hrtimer();
	count_without_interrupts();
}

static void check_after_hrtimer(void)
{
	lfx_assert(count == 2 - hrtimer_cancel(&hrtimer));
}

LFX_SCENARIO(interrupt_hrtimer_deadlock) = {
	.name = "interrupt-hrtimer-deadlock",
	.what = "spin_lock() against the lock in an hrtimer on its CPU",
	.threads = { { "thread", start_and_count } },
	.interrupts = LFX_ANY,
	.fails = DEADLOCK,
};

LFX_SCENARIO(interrupt_hrtimer) = {
	.name = "interrupt-hrtimer",
	.what = "the same with spin_lock_irqsave()",
	.threads = { { "thread", start_and_count_safely } },
	.check = check_after_hrtimer,
	.interrupts = LFX_ANY,
};

static void count_in_timer(struct timer_list *unused)
{
	lfx_assert(in_serving_softirq() && !in_hardirq());
	count_with_interrupts();
}

static void arm_timer(void)
{
	timer_setup(&timer, count_in_timer, 0);
	mod_timer(&timer, jiffies + 1);
}

static void arm_and_count(void)
{
	arm_timer();
	count_with_interrupts();
}

static void arm_and_count_bh(void)
{
	arm_timer();
	spin_lock_bh(&lock);
	count++;
	spin_unlock_bh(&lock);
}

static void check_after_timer(void)
{
	lfx_assert(count == 2 - timer_delete_sync(&timer));
}

LFX_SCENARIO(interrupt_timer_deadlock) = {
	.name = "interrupt-timer-deadlock",
	.what = "spin_lock() against the lock in a timer on its CPU",
	.threads = { { "thread", arm_and_count } },
	.interrupts = LFX_ANY,
	.fails = DEADLOCK,
};

LFX_SCENARIO(interrupt_timer) = {
	.name = "interrupt-timer",
	.what = "the same with spin_lock_bh()",
	.threads = { { "thread", arm_and_count_bh } },
	.check = check_after_timer,
	.interrupts = LFX_ANY,
};
