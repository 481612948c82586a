// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The callback of a fence adds a callback to another fence. */
#include "museum.h"

#include <linux/dma-fence-array.h>

static DEFINE_SPINLOCK(lock);
static struct dma_fence *fences[2];
static struct dma_fence_array *array;
static struct dma_fence_cb callbacks[2], next_callbacks[2];

static void do_nothing(struct dma_fence *fence, struct dma_fence_cb *cb)
{
}

static void add_to(struct dma_fence *next, int i)
{
	dma_fence_add_callback(next, &next_callbacks[i], do_nothing);
}

static void add_to_1(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	add_to(fences[1], 1);
}

static void add_to_0(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	add_to(fences[0], 0);
}

static void add_to_array(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	add_to(&array->base, 0);
}

static void make_fences(spinlock_t *shared)
{
	fences[0] = museum_fence_ops("fence 0", &museum_ops, shared, 1, 1);
	fences[1] = museum_fence_ops("fence 1", &museum_ops, shared, 2, 1);
}

static void make_one_lock(void)
{
	make_fences(&lock);
	dma_fence_add_callback(fences[0], &callbacks[0], add_to_1);
}

static void make_own_locks(void)
{
	make_fences(NULL);
	dma_fence_add_callback(fences[0], &callbacks[0], add_to_1);
	dma_fence_add_callback(fences[1], &callbacks[1], add_to_0);
}

static void make_array(void)
{
	struct dma_fence **list = kmalloc_array(2, sizeof(*list), GFP_KERNEL);

	make_fences(NULL);
	list[0] = dma_fence_get(fences[0]);
	list[1] = dma_fence_get(fences[1]);
	array = dma_fence_array_create(2, list, 3, 1);
	lfx_name(array, "array");
	dma_fence_add_callback(fences[0], &callbacks[0], add_to_array);
}

static void signal_0(void)
{
	dma_fence_signal(fences[0]);
}

static void signal_1(void)
{
	dma_fence_signal(fences[1]);
}

static void enable_array(void)
{
	dma_fence_enable_signaling(&array->base);
}

static void put_fences(void)
{
	dma_fence_signal(fences[1]);
	dma_fence_put(fences[0]);
	dma_fence_put(fences[1]);
}

static void put_all(void)
{
	dma_fence_put(&array->base);
	put_fences();
}

LFX_SCENARIO(one_lock) = {
	.name = "m16-one-lock",
	.what = "a signal; the callback adds to a fence with the same lock",
	.setup = make_one_lock,
	.threads = { { "signaller", signal_0 } },
	.check = put_fences,
};

LFX_SCENARIO(of_array) = {
	.name = "m16-array",
	.what = "a signal, whose callback adds to an array, against enable",
	.setup = make_array,
	.threads = { { "signaller", signal_0 }, { "consumer", enable_array } },
	.check = put_all,
};

LFX_SCENARIO(own_locks) = {
	.name = "m16-own-locks",
	.what = "signals of two fences, whose callbacks add to the other one",
	.setup = make_own_locks,
	.threads = { { "signaller 0", signal_0 }, { "signaller 1", signal_1 } },
	.check = put_fences,
};
