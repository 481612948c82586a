// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The fences of an array are signalled while a reader asks for its status. */
#include "museum.h"

#include <linux/dma-fence-array.h>

static struct dma_fence *fences[2];
static struct dma_fence_array *array;

static void make_array(void)
{
	struct dma_fence **list = kmalloc_array(2, sizeof(*list), GFP_KERNEL);

	fences[0] = museum_fence("fence 0", 1, 1);
	fences[1] = museum_fence("fence 1", 2, 1);
	list[0] = dma_fence_get(fences[0]);
	list[1] = dma_fence_get(fences[1]);
	array = dma_fence_array_create(2, list, 3, 1);
	lfx_name(array, "array");
	dma_fence_enable_sw_signaling(&array->base);
}

static void signal_both(void)
{
	dma_fence_signal(fences[0]);
	dma_fence_signal(fences[1]);
}

static void read_status(void)
{
	if (dma_fence_is_signaled(&array->base))
		lfx_assert(!READ_ONCE(array->base.error));
}

static void put_all(void)
{
	dma_fence_put(&array->base);
	dma_fence_put(fences[0]);
	dma_fence_put(fences[1]);
}

LFX_SCENARIO(status) = {
	.name = "m17-status",
	.what = "signals of the fences of an array against is_signaled()",
	.setup = make_array,
	.threads = { { "signaller", signal_both }, { "reader", read_status } },
	.check = put_all,
};
