// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A timeline is closed. The callback of its point puts the point. */
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

LFX_SCENARIO(close_timeline_with_callback) = {
	.name = "m04-close",
	.what = "a timeline is closed; the callback of its point puts it",
	.setup = make_timeline,
	.threads = { { "program", close_timeline } },
};
