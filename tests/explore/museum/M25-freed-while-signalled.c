// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A point of a timeline is put while the timeline counts up. */
#include "sw-sync.h"

static struct dma_fence *point;

static void make_timeline(void)
{
	open_timeline();
	point = make_point(1);
}

static void put_point(void)
{
	dma_fence_put(point);
}

static void count_up(void)
{
	sync_timeline_signal(timeline, 1);
}

LFX_SCENARIO(put) = {
	.name = "m25-put",
	.what = "the last put of a point against counting up",
	.setup = make_timeline,
	.threads = { { "program", put_point }, { "timeline", count_up } },
	.check = close_timeline,
};
