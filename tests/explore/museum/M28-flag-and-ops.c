// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A fence is signalled while a reader asks for its name, with weak memory. */
#include "museum.h"

#include <linux/rcupdate.h>

static struct dma_fence *fence;

static void make_fence(void)
{
	fence = museum_fence("fence", 1, 1);
}

static void read_name(void)
{
	rcu_read_lock();
	dma_fence_driver_name(fence);
	rcu_read_unlock();
}

static void signal_fence(void)
{
	dma_fence_signal(fence);
}

static void put_fence(void)
{
	dma_fence_put(fence);
}

LFX_SCENARIO(name) = {
	.name = "m28-name",
	.what = "a signal against driver_name(), with weak memory",
	.setup = make_fence,
	.threads = { { "reader", read_name }, { "signaller", signal_fence } },
	.check = put_fence,
	.stale = 1,
	.lkmm = true,
};

LFX_SCENARIO(name_in_order) = {
	.name = "m28-name-in-order",
	.what = "a signal against driver_name()",
	.setup = make_fence,
	.threads = { { "reader", read_name }, { "signaller", signal_fence } },
	.check = put_fence,
};
