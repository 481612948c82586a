// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Waits that end for two reasons at once, and callbacks of a fence that is released
 * before its signal. H30, H35 are the hazards in the table of tests/stress/README.md.
 */

#include "fences.h"

#include <libfence/libfence.h>
#include <linux/dma-fence.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

static struct dma_fence *fences[2];
static struct task_struct *waiter;

static void make_fences(void)
{
	int i;

	for (i = 0; i < 2; i++)
		fences[i] = new_fence(i ? "fence 1" : "fence 0", 1 + i, 1);
}

static void put_fences(void)
{
	dma_fence_put(fences[0]);
	dma_fence_put(fences[1]);
}

static void signal_0(void)
{
	dma_fence_signal(fences[0]);
}

/*
 * The time is up, and the fence is signalled before the waiter runs again: the time
 * counts. Only the end of a sleep changes the time.
 */

static void check_time(signed long ret, ktime_t begin)
{
	if (ktime_sub(ktime_get(), begin) >= jiffies_to_nsecs(2))
		lfx_assert(ret == 0);
	else
		lfx_assert(ret > 0);
}

static void wait_for_2_jiffies(void)
{
	ktime_t begin = ktime_get();

	check_time(dma_fence_wait_timeout(fences[0], false, 2), begin);
}

static void wait_any_for_2_jiffies(void)
{
	ktime_t begin = ktime_get();

	check_time(dma_fence_wait_any_timeout(fences, 2, false, 2, NULL), begin);
}

LFX_SCENARIO(wait_time_is_up) = {
	.name = "wait-time-is-up",
	.what = "a signal against a wait whose time is up",
	.setup = make_fences,
	.threads = {
		{ "signaller", signal_0 }, { "waiter", wait_for_2_jiffies },
	},
	.check = put_fences,
};

LFX_SCENARIO(wait_any_time_is_up) = {
	.name = "wait-any-time-is-up",
	.what = "a signal against a wait for any fence whose time is up",
	.setup = make_fences,
	.threads = {
		{ "signaller", signal_0 }, { "waiter", wait_any_for_2_jiffies },
	},
	.check = put_fences,
};

/*
 * A POSIX signal comes during the sleep, and then the fence: the POSIX signal counts.
 * A wait for any of several fences may find the fence first, before it sleeps.
 */

static void interrupt_then_signal(void)
{
	struct task_struct *task;

	while (!(task = smp_load_acquire(&waiter)) || task_is_running(task))
		cpu_relax();
	send_sig(SIGUSR1, task, 0);
	dma_fence_signal(fences[0]);
}

static void be_interrupted(void)
{
	smp_store_release(&waiter, current);
	lfx_assert(dma_fence_wait_timeout(fences[0], true,
					  MAX_SCHEDULE_TIMEOUT) ==
		   -ERESTARTSYS);
	flush_signals(current);
}

LFX_SCENARIO(wait_interrupted) = {
	.name = "wait-interrupted",
	.what = "a POSIX signal and the fence's signal against a wait",
	.setup = make_fences,
	.threads = {
		{ "waiter", be_interrupted },
		{ "interrupter", interrupt_then_signal },
	},
	.check = put_fences,
};

/*
 * H35: the last references are put, and the fence has callbacks, but no signal. That
 * warns, and the callbacks are called with an error.
 */

static struct dma_fence_cb cb;
static int warnings, error;

static void count_warning(const struct libfence_warning *warning, void *unused)
{
	warnings++;
}

static void note_error(struct dma_fence *fence, struct dma_fence_cb *unused)
{
	error = fence->error;
}

static void make_fence_with_callback(void)
{
	make_fences();
	dma_fence_get(fences[0]);
	dma_fence_add_callback(fences[0], &cb, note_error);
	libfence_set_warn_hook(count_warning, NULL);
}

static void put_0(void)
{
	dma_fence_put(fences[0]);
}

static void check_error(void)
{
	lfx_assert(warnings == 1 && error == -EDEADLK);
	dma_fence_put(fences[1]);
}

LFX_SCENARIO(put_unsignalled) = {
	.name = "put-unsignalled",
	.what = "two threads put a fence with a callback, without a signal",
	.setup = make_fence_with_callback,
	.threads = { { "owner", put_0 }, { "consumer", put_0 } },
	.check = check_error,
};
