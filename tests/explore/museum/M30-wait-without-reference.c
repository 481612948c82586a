// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A slot has the oldest fence of a ring. One thread waits, the other signals. */
#include "museum.h"

#include <linux/rcupdate.h>

static struct dma_fence __rcu *slot;

static void fill_slot(void)
{
	rcu_assign_pointer(slot, museum_fence("fence", 1, 1));
}

static void signal_oldest(void)
{
	struct dma_fence *fence = rcu_dereference_protected(slot, true);

	RCU_INIT_POINTER(slot, NULL);
	dma_fence_signal(fence);
	dma_fence_put(fence);
}

static void wait_for_borrowed(void)
{
	struct dma_fence *fence = rcu_access_pointer(slot);

	if (fence)
		dma_fence_wait(fence, false);
}

static void wait_for_referenced(void)
{
	struct dma_fence *fence;

	rcu_read_lock();
	fence = dma_fence_get_rcu_safe(&slot);
	rcu_read_unlock();
	if (fence)
		dma_fence_wait(fence, false);
	dma_fence_put(fence);
}

LFX_SCENARIO(borrowed) = {
	.name = "m30-borrowed",
	.what = "a wait without a reference against signal and put",
	.setup = fill_slot,
	.threads = {
		{ "waiter", wait_for_borrowed }, { "interrupt", signal_oldest },
	},
};

LFX_SCENARIO(referenced) = {
	.name = "m30-referenced",
	.what = "a wait with a reference against signal and put",
	.setup = fill_slot,
	.threads = {
		{ "waiter", wait_for_referenced },
		{ "interrupt", signal_oldest },
	},
};
