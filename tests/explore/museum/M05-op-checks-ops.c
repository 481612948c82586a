// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A name op that compares the fence's ops with its own table. */
#include "museum.h"

#include <linux/rcupdate.h>

static const struct dma_fence_ops checking_ops;

static const char *check_and_get_name(struct dma_fence *fence)
{
	BUG_ON(rcu_access_pointer(fence->ops) != &checking_ops);
	return "museum";
}

static const struct dma_fence_ops checking_ops = {
	.get_driver_name = check_and_get_name,
	.get_timeline_name = check_and_get_name,
};

static struct dma_fence *fence;

static void make_checking_fence(void)
{
	fence = museum_fence_ops("fence", &checking_ops, NULL, 1, 1);
}

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

LFX_SCENARIO(op) = {
	.name = "m05-op",
	.what = "a name op that checks ops against a signal",
	.setup = make_checking_fence,
	.threads = { { "reader", read_name }, { "signaller", signal_fence } },
	.check = put_fence,
};

LFX_SCENARIO(op_without_check) = {
	.name = "m05-op-without-check",
	.what = "a name op against a signal",
	.setup = make_fence,
	.threads = { { "reader", read_name }, { "signaller", signal_fence } },
	.check = put_fence,
};
