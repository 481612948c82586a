// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A fence is signalled while a reader asks for its time. */
#include "museum.h"

#include <linux/ktime.h>

static struct dma_fence *fence;
static ktime_t begin;

static void make_fence(void)
{
	begin = ktime_get();
	fence = museum_fence("fence", 1, 1);
}

static void signal_fence(void)
{
	dma_fence_signal(fence);
}

static void read_timestamp(void)
{
	ktime_t time;

	if (!dma_fence_is_signaled(fence))
		return;
	time = dma_fence_timestamp(fence);
	lfx_assert(time >= begin && time <= ktime_get());
}

static void put_fence(void)
{
	dma_fence_put(fence);
}

LFX_SCENARIO(timestamp) = {
	.name = "m20-timestamp",
	.what = "a signal against is_signaled() and timestamp()",
	.setup = make_fence,
	.threads = {
		{ "signaller", signal_fence }, { "reader", read_timestamp },
	},
	.check = put_fence,
};
