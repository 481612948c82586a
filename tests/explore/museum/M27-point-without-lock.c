// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A point is created while its timeline counts up to the point's value. */
#include "sw-sync.h"

static struct dma_fence *point;

static void create_point(void)
{
	point = make_point(1);
}

static void count_up(void)
{
	sync_timeline_signal(timeline, 1);
}

static void check_point(void)
{
	lfx_assert(test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &point->flags));
	dma_fence_put(point);
	close_timeline();
}

LFX_SCENARIO(create) = {
	.name = "m27-create",
	.what = "a point is created against counting up",
	.setup = open_timeline,
	.threads = { { "program", create_point }, { "timeline", count_up } },
	.check = check_point,
};
