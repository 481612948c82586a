// SPDX-License-Identifier: GPL-2.0 OR MIT
/* An array over two fences with one lock: one is signalled, the array is enabled. */
#include "museum.h"

#include <linux/dma-fence-array.h>

static DEFINE_SPINLOCK(lock);
static struct dma_fence *fences[2];
static struct dma_fence_array *array;

static void make_array(bool any)
{
	struct dma_fence **list = kmalloc_array(2, sizeof(*list), GFP_KERNEL);
	int i;

	fences[0] = museum_fence_ops("fence 0", &museum_ops, &lock, 1, 1);
	fences[1] = museum_fence_ops("fence 1", &museum_ops, &lock, 2, 1);
	for (i = 0; i < 2; i++)
		list[i] = dma_fence_get(fences[i]);
	/* Not the macro, which has the arguments of newer trees. */
	array = (dma_fence_array_create)(2, list, 3, 1, any);
	lfx_name(array, "array");
}

static void make_any(void)
{
	make_array(true);
}

static void make_all(void)
{
	make_array(false);
}

static void signal_0(void)
{
	dma_fence_signal(fences[0]);
}

static void enable(void)
{
	dma_fence_enable_sw_signaling(&array->base);
}

static void finish(void)
{
	dma_fence_signal(fences[0]);
	dma_fence_signal(fences[1]);
	dma_fence_wait(&array->base, false);
	dma_fence_put(&array->base);
	dma_fence_put(fences[0]);
	dma_fence_put(fences[1]);
}

LFX_SCENARIO(any) = {
	.name = "m08-any-enable",
	.what = "a signal against enable_signaling() of an any-array",
	.setup = make_any,
	.threads = { { "signaller", signal_0 }, { "consumer", enable } },
	.check = finish,
};

LFX_SCENARIO(all) = {
	.name = "m08-all-enable",
	.what = "a signal against enable_signaling() of an array",
	.setup = make_all,
	.threads = { { "signaller", signal_0 }, { "consumer", enable } },
	.check = finish,
};
