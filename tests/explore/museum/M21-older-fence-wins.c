// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Two threads add fences of one context to an object. */
#include "museum.h"

#include <linux/dma-resv.h>

static struct dma_resv obj;
static struct dma_fence *fences[2];

static void make_object(void)
{
	dma_resv_init(&obj);
	fences[0] = museum_fence("fence 1", 1, 1);
	fences[1] = museum_fence("fence 2", 1, 2);
}

static void add(struct dma_fence *fence)
{
	dma_resv_lock(&obj, NULL);
	lfx_assert(!dma_resv_reserve_fences(&obj, 1));
	dma_resv_add_fence(&obj, fence, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(&obj);
}

static void add_1(void)
{
	add(fences[0]);
}

static void add_2(void)
{
	add(fences[1]);
}

static void check_busy(void)
{
	dma_fence_signal(fences[0]);
	lfx_assert(!dma_resv_test_signaled(&obj, DMA_RESV_USAGE_READ));
	dma_resv_fini(&obj);
	dma_fence_put(fences[0]);
	dma_fence_put(fences[1]);
}

LFX_SCENARIO(two_writers) = {
	.name = "m21-two-writers",
	.what = "two threads add fences of one context",
	.setup = make_object,
	.threads = { { "writer 1", add_1 }, { "writer 2", add_2 } },
	.check = check_busy,
};
