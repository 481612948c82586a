// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The world around a core, which a test controls completely: time passes only
 * between operations, a plan says what happens during a sleep, and interrupts
 * can be held back. The linker routes the calls of either core to these
 * functions (--wrap).
 */
#include "model.h"
#include <linux/irq_work.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

ktime_t __wrap_lfshim_ktime_get(void);
long __real_lfshim_schedule_timeout(long timeout);
long __wrap_lfshim_schedule_timeout(long timeout);
bool __real_lfshim_irq_work_queue(struct irq_work *work);
bool __wrap_lfshim_irq_work_queue(struct irq_work *work);

/* Later than all timestamps that operations pass. */
#define BEGINNING	1000000

static ktime_t now = BEGINNING;

ktime_t __wrap_lfshim_ktime_get(void)
{
	return now;
}

void time_passes(void)
{
	now += 1000;
}

/* Sleep */

#define NR_SLEEPS	NR_ARGS

enum { WAKE_NOTHING, WAKE_SIGNAL, WAKE_POLL, WAKE_INTERRUPT, NR_WAKES };

static unsigned int plan[NR_SLEEPS], nr_sleeps;
static struct dma_fence *last_resort;
/* True during a wait of the test: the shim's own sleeps are not replaced. */
static __thread bool waits;

void sleep_plan(const unsigned int *arg)
{
	memcpy(plan, arg, sizeof(plan));
}

void sleep_begin(struct dma_fence *fence)
{
	nr_sleeps = 0;
	last_resort = fence;
	waits = true;
}

void sleep_end(void)
{
	waits = false;
	flush_signals(current);
	/*
	 * A core that leaves its sleep state set would not sleep the next time.
	 */
	say(" state=%x", READ_ONCE(current->__state));
	__set_current_state(TASK_RUNNING);
}

static void wake_by(unsigned int how)
{
	struct slot *slot = pick(how / NR_WAKES);
	struct dma_fence *fence = slot ? dma_fence_get(slot->fence) : NULL;

	switch (how % NR_WAKES) {
	case WAKE_SIGNAL:
		if (fence)
			dma_fence_signal(fence);
		break;
	case WAKE_POLL:
		if (fence)
			say(" signaled=%d", dma_fence_is_signaled(fence));
		break;
	case WAKE_INTERRUPT:
		send_sig(SIGINT, current, 0);
		/* Sometimes both at once. */
		if (fence && how & 16)
			dma_fence_signal(fence);
		break;
	}
	dma_fence_put(fence);
}

/* A planned sleep takes one jiffy or all of the timeout. */
long __wrap_lfshim_schedule_timeout(long timeout)
{
	unsigned int how = WAKE_NOTHING;
	bool planned = nr_sleeps < NR_SLEEPS;

	if (!waits)
		return __real_lfshim_schedule_timeout(timeout);
	say(" <sleep %ld state=%x", timeout, READ_ONCE(current->__state));
	if (planned)
		how = plan[nr_sleeps++];
	else if (timeout == MAX_SCHEDULE_TIMEOUT)
		dma_fence_signal(last_resort);
	wake_by(how);
	say(" woken=%d>", task_is_running(current));
	__set_current_state(TASK_RUNNING);
	if (timeout == MAX_SCHEDULE_TIMEOUT)
		return timeout;
	return planned && how < 32 ? timeout - 1 : 0;
}

/* Interrupts */

static struct irq_work *kept[64];
static unsigned int nr_kept;
static bool keeps;

void irqs_keep(bool on)
{
	keeps = on;
}

bool __wrap_lfshim_irq_work_queue(struct irq_work *work)
{
	if (!keeps || nr_kept == ARRAY_SIZE(kept))
		return __real_lfshim_irq_work_queue(work);
	if (work->flags & IRQ_WORK_PENDING)
		return false;
	work->flags |= IRQ_WORK_PENDING;
	kept[nr_kept++] = work;
	say(" {irq}");
	return true;
}

void irqs_run(unsigned int num)
{
	struct irq_work *work;
	unsigned long flags;

	while (nr_kept && num--) {
		work = kept[0];
		memmove(kept, kept + 1, --nr_kept * sizeof(kept[0]));
		say(" <irq");
		local_irq_save(flags);
		lfshim_tls.hardirq_depth++;
		work->flags &= ~IRQ_WORK_PENDING;
		work->func(work);
		lfshim_tls.hardirq_depth--;
		local_irq_restore(flags);
		say(">");
	}
}

void world_begin(void)
{
	now = BEGINNING;
	memset(plan, 0, sizeof(plan));
}

void world_end(void)
{
	keeps = false;
	irqs_run(~0u);
}
