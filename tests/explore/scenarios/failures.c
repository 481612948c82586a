// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Allocations that fail, and waits that a signal ends, while threads race. */
#include <linux/dma-fence.h>
#include <linux/dma-fence-unwrap.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>

#include "explore.h"
#include "own-lock.h"

static struct dma_fence *fences[2];
static struct dma_resv resv;

static const char *get_name(struct dma_fence *fence)
{
	return "failures";
}

static const struct dma_fence_ops ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
};

static void make_fences(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		fences[i] = kzalloc_obj(*fences[i]);
		lfx_assert(fences[i]);
		dma_fence_init(fences[i], &ops, own_lock(), i + 1, 1);
	}
}

static void put_fences(void)
{
	dma_fence_put(fences[0]);
	dma_fence_put(fences[1]);
}

static void signal_fences(void)
{
	dma_fence_signal(fences[0]);
	dma_fence_signal(fences[1]);
}

static void signal_first(void)
{
	dma_fence_signal(fences[0]);
}

/* A signal of the process against the wake-up: neither result is lost. */
static void wait_interruptible(void)
{
	long ret = dma_fence_wait(fences[0], true);

	lfx_assert(!ret || ret == -ERESTARTSYS);
	if (!ret)
		lfx_assert(dma_fence_is_signaled(fences[0]));
}

LFX_SCENARIO(wait_interrupted) = {
	.name = "wait-signal-or-fence",
	.what = "a signal of a fence against a wait that a POSIX signal may end",
	.setup = make_fences,
	.threads = {
		{ "signaller", signal_first }, { "waiter", wait_interruptible },
	},
	.check = put_fences,
	.signals = 1,
};

static void wait_any_interruptible(void)
{
	long ret = dma_fence_wait_any_timeout(fences, 2, true,
					      MAX_SCHEDULE_TIMEOUT, NULL);

	lfx_assert(ret > 0 || ret == -ERESTARTSYS);
}

LFX_SCENARIO(wait_any_interrupted) = {
	.name = "wait-any-signal-or-fence",
	.what = "the same for a wait for any of two fences",
	.setup = make_fences,
	.threads = {
		{ "signaller", signal_first },
		{ "waiter", wait_any_interruptible },
	},
	.check = put_fences,
	.signals = 1,
};

/* All memory comes back, whichever allocation fails. */
static void merge(void)
{
	struct dma_fence *merged = dma_fence_unwrap_merge(fences[0], fences[1]);

	dma_fence_put(merged);
}

LFX_SCENARIO(merge_without_memory) = {
	.name = "merge-without-memory",
	.what = "a merge whose allocations may fail against two signals",
	.setup = make_fences,
	.threads = { { "merger", merge }, { "signaller", signal_fences } },
	.check = put_fences,
	.failing_allocations = 1,
};

static void make_resv(void)
{
	make_fences();
	dma_resv_init(&resv);
}

static void add_both(void)
{
	int i;

	dma_resv_lock(&resv, NULL);
	for (i = 0; i < 2; i++)
		if (!dma_resv_reserve_fences(&resv, 1))
			dma_resv_add_fence(&resv, fences[i],
					   DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(&resv);
}

static void get_fences(void)
{
	struct dma_fence **all;
	unsigned int nr, i;

	if (dma_resv_get_fences(&resv, DMA_RESV_USAGE_READ, &nr, &all))
		return;
	for (i = 0; i < nr; i++)
		dma_fence_put(all[i]);
	kfree(all);
}

static void fini_resv(void)
{
	dma_resv_fini(&resv);
	put_fences();
}

LFX_SCENARIO(resv_without_memory) = {
	.name = "resv-without-memory",
	.what = "fences are added and read, and an allocation may fail",
	.setup = make_resv,
	.threads = { { "writer", add_both }, { "reader", get_fences } },
	.check = fini_resv,
	.failing_allocations = 1,
};
