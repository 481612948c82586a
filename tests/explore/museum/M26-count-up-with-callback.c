// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A timeline counts up. The callback of its point puts the point. */
#include "sw-sync.h"

static struct dma_fence_cb cb;

static void put_fence(struct dma_fence *fence, struct dma_fence_cb *unused)
{
	dma_fence_put(fence);
}

static void make_timeline(void)
{
	open_timeline();
	dma_fence_add_callback(make_point(1), &cb, put_fence);
}

static void count_up(void)
{
	sync_timeline_signal(timeline, 1);
}

LFX_SCENARIO(count_up_with_callback) = {
	.name = "m26-count-up",
	.what = "a timeline counts up; the callback of its point puts it",
	.setup = make_timeline,
	.threads = { { "program", count_up } },
	.check = close_timeline,
};
