// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A fence replaces the one that only the object has a reference to. */
#include "museum.h"

#include <linux/dma-resv.h>

static struct dma_resv obj;
static struct dma_fence *fence_b;

static void add(struct dma_fence *fence)
{
	dma_resv_lock(&obj, NULL);
	lfx_assert(!dma_resv_reserve_fences(&obj, 1));
	dma_resv_add_fence(&obj, fence, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(&obj);
}

static void make_object(void)
{
	struct dma_fence *fence_a = museum_fence("fence A", 1, 1);

	dma_resv_init(&obj);
	fence_b = museum_fence("fence B", 1, 2);
	add(fence_a);
	dma_fence_put(fence_a);
}

static void add_b(void)
{
	add(fence_b);
}

static void test_object(void)
{
	lfx_assert(!dma_resv_test_signaled(&obj, DMA_RESV_USAGE_READ));
}

static void put_object(void)
{
	dma_resv_fini(&obj);
	dma_fence_put(fence_b);
}

LFX_SCENARIO(replace) = {
	.name = "m07-replace",
	.what = "add_fence() replaces a fence against test_signaled()",
	.setup = make_object,
	.threads = { { "writer", add_b }, { "reader", test_object } },
	.check = put_object,
};
