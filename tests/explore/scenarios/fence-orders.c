// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Fences with the kernel's own orders of bit operations: set_bit() and test_bit() order
 * nothing. So the core may not rely on the stronger ones of the shim.
 */

#include "fences.h"

#include <linux/dma-fence-array.h>

static struct dma_fence *fence, *parts[2], *array;
static ktime_t begin;

static void make_fence(void)
{
	begin = ktime_get();
	fence = new_fence("fence", 1, 1);
}

static void signal_fence(void)
{
	dma_fence_signal(fence);
}

static void fail_and_signal(void)
{
	dma_fence_set_error(fence, -EIO);
	dma_fence_signal(fence);
}

static void put_fence(void)
{
	dma_fence_put(fence);
}

static void read_timestamp(void)
{
	ktime_t time;

	if (!dma_fence_is_signaled(fence))
		return;
	time = dma_fence_timestamp(fence);
	lfx_assert(time >= begin && time <= ktime_get());
}

LFX_SCENARIO(kernel_order_timestamp) = {
	.name = "kernel-order-timestamp",
	.what = "a signal against is_signaled() and timestamp()",
	.setup = make_fence,
	.threads = {
		{ "signaller", signal_fence }, { "reader", read_timestamp },
	},
	.check = put_fence,
	.stale = 1,
	.lkmm = true,
};

/* As drivers do: get_status() would take the lock. */
static void read_error(void)
{
	if (dma_fence_is_signaled(fence))
		lfx_assert(fence->error == -EIO);
}

LFX_SCENARIO(kernel_order_error) = {
	.name = "kernel-order-error",
	.what = "a signal with an error against is_signaled() and ->error",
	.setup = make_fence,
	.threads = {
		{ "signaller", fail_and_signal }, { "reader", read_error },
	},
	.check = put_fence,
	.stale = 1,
	.lkmm = true,
};

/* The array takes the error of a part, and its reader that of the array. */

static void make_array(void)
{
	struct dma_fence **fences = kmalloc_objs(*fences, 2);
	int i;

	for (i = 0; i < 2; i++) {
		parts[i] = new_fence(i ? "part 1" : "part 0", i + 1, 1);
		fences[i] = dma_fence_get(parts[i]);
	}
	array = &dma_fence_array_create(2, fences, 3, 1)->base;
	lfx_name(array, "array");
	dma_fence_enable_sw_signaling(array);
}

static void signal_0(void)
{
	dma_fence_signal(parts[0]);
}

static void fail_1(void)
{
	dma_fence_set_error(parts[1], -EIO);
	dma_fence_signal(parts[1]);
}

static void read_array(void)
{
	if (!dma_fence_is_signaled(array))
		return;
	lfx_assert(array->error == -EIO);
}

static void put_array(void)
{
	dma_fence_put(array);
	dma_fence_put(parts[0]);
	dma_fence_put(parts[1]);
}

LFX_SCENARIO(kernel_order_array) = {
	.name = "kernel-order-array",
	.what = "signals of two parts, one with an error, against a reader",
	.setup = make_array,
	.threads = {
		{ "part 0", signal_0 },
		{ "part 1", fail_1 },
		{ "reader", read_array },
	},
	.check = put_array,
	.lkmm = true,
};
