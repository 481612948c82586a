// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A driver signals its fence and frees the object that enable_signaling() writes to. */
#include "museum.h"

static struct dma_fence *fence;
static int *irq_count;

static bool enable_irq(struct dma_fence *f)
{
	++*irq_count;
	return true;
}

static const struct dma_fence_ops irq_ops = {
	.get_driver_name = museum_get_name,
	.get_timeline_name = museum_get_name,
	.enable_signaling = enable_irq,
};

static void make_fence(void)
{
	fence = museum_fence_ops("fence", &irq_ops, NULL, 1, 1);
	irq_count = kzalloc_obj(*irq_count);
}

static void finish(void)
{
	dma_fence_signal(fence);
	kfree(irq_count);
}

static void enable(void)
{
	dma_fence_enable_sw_signaling(fence);
}

static void put_fence(void)
{
	dma_fence_put(fence);
}

LFX_SCENARIO(enable_signal) = {
	.name = "m19-enable",
	.what = "enable_signaling() against a signal and kfree()",
	.setup = make_fence,
	.threads = { { "consumer", enable }, { "driver", finish } },
	.check = put_fence,
};
