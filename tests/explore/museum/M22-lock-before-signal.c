// SPDX-License-Identifier: GPL-2.0 OR MIT
/* One thread waits for the fence of an object with the object's lock. */
#include "museum.h"

#include <linux/dma-resv.h>
#include <linux/sched.h>

static struct dma_resv obj;
static struct dma_fence *fence;

static void make_object(void)
{
	dma_resv_init(&obj);
	fence = museum_fence("fence", 1, 1);
	dma_resv_lock(&obj, NULL);
	lfx_assert(!dma_resv_reserve_fences(&obj, 1));
	dma_resv_add_fence(&obj, fence, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(&obj);
}

static void wait_with_lock(void)
{
	dma_resv_lock(&obj, NULL);
	dma_resv_wait_timeout(&obj, DMA_RESV_USAGE_READ, false,
			      MAX_SCHEDULE_TIMEOUT);
	dma_resv_unlock(&obj);
}

static void lock_then_signal(void)
{
	dma_resv_lock(&obj, NULL);
	dma_resv_unlock(&obj);
	dma_fence_signal(fence);
}

static void look_then_signal(void)
{
	dma_resv_test_signaled(&obj, DMA_RESV_USAGE_READ);
	dma_fence_signal(fence);
}

static void put_object(void)
{
	dma_resv_fini(&obj);
	dma_fence_put(fence);
}

LFX_SCENARIO(locked) = {
	.name = "m22-locked",
	.what = "a wait with the lock against lock, unlock and signal",
	.setup = make_object,
	.threads = {
		{ "waiter", wait_with_lock }, { "commit", lock_then_signal },
	},
	.check = put_object,
};

LFX_SCENARIO(unlocked) = {
	.name = "m22-unlocked",
	.what = "a wait with the lock against test_signaled() and signal",
	.setup = make_object,
	.threads = {
		{ "waiter", wait_with_lock }, { "commit", look_then_signal },
	},
	.check = put_object,
};
