// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A slot always has a fence. One thread replaces it, the other one gets it. */
#include "museum.h"

#include <linux/rcupdate.h>

static struct dma_fence __rcu *slot;

static void fill_slot(void)
{
	rcu_assign_pointer(slot, museum_fence("old", 1, 1));
}

static void replace(void)
{
	struct dma_fence *old = rcu_dereference_protected(slot, true);

	rcu_assign_pointer(slot, museum_fence("new", 1, 2));
	dma_fence_signal(old);
	dma_fence_put(old);
}

static void get(void)
{
	struct dma_fence *fence;

	rcu_read_lock();
	fence = dma_fence_get_rcu_safe(&slot);
	rcu_read_unlock();
	lfx_assert(fence);
	dma_fence_put(fence);
}

static void empty_slot(void)
{
	dma_fence_put(rcu_dereference_protected(slot, true));
}

LFX_SCENARIO(replace_get) = {
	.name = "m12-replace",
	.what = "a slot gets a new fence against get_rcu_safe()",
	.setup = fill_slot,
	.threads = { { "writer", replace }, { "reader", get } },
	.check = empty_slot,
};
