// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reservation objects with two fences: cursors that are between two steps, or on a
 * fence, when the list or a fence is replaced. H26, ... are the hazards in the table
 * of tests/stress/README.md. See resv.c.
 */

#include "fences.h"

#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>

static struct dma_resv obj, other;
/* The object has A and C. B is later than A, D is later than C. */
static struct dma_fence *fence_a, *fence_b, *fence_c, *fence_d;
static bool a_is_released;

/* A producer is not asked about a fence that it has released. */
static bool is_signaled(struct dma_fence *fence)
{
	lfx_assert(fence != fence_a || !READ_ONCE(a_is_released));
	return false;
}

static void release(struct dma_fence *fence)
{
	if (fence == fence_a)
		WRITE_ONCE(a_is_released, true);
	dma_fence_free(fence);
}

static const struct dma_fence_ops ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
	.signaled = is_signaled,
	.release = release,
};

static void add_to(struct dma_resv *resv, struct dma_fence *fence)
{
	dma_resv_lock(resv, NULL);
	lfx_assert(!dma_resv_reserve_fences(resv, 1));
	dma_resv_add_fence(resv, fence, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(resv);
}

/* Only the object has references to A and C. */
static void make_object(void)
{
	dma_resv_init(&obj);
	fence_a = new_fence_with("fence A", &ops, NULL, 1, 1);
	fence_b = new_fence_with("fence B", &ops, NULL, 1, 2);
	fence_c = new_fence_with("fence C", &ops, NULL, 2, 1);
	fence_d = new_fence_with("fence D", &ops, NULL, 2, 2);
	add_to(&obj, fence_a);
	add_to(&obj, fence_c);
	dma_fence_put(fence_a);
	dma_fence_put(fence_c);
}

static void put_object(void)
{
	dma_resv_fini(&obj);
	dma_fence_put(fence_b);
	dma_fence_put(fence_d);
}

static void make_two_objects(void)
{
	make_object();
	dma_resv_init(&other);
	add_to(&other, fence_d);
}

static void put_two_objects(void)
{
	dma_resv_fini(&other);
	put_object();
}

static void add_b(void)
{
	add_to(&obj, fence_b);
}

static void add_d(void)
{
	add_to(&obj, fence_d);
}

static void grow(void)
{
	dma_resv_lock(&obj, NULL);
	lfx_assert(!dma_resv_reserve_fences(&obj, 8));
	dma_resv_unlock(&obj);
}

/* The old list still has A, which is then released. */
static void grow_and_add_b(void)
{
	dma_resv_lock(&obj, NULL);
	lfx_assert(!dma_resv_reserve_fences(&obj, 8));
	dma_resv_add_fence(&obj, fence_b, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(&obj);
}

/* An unlocked iteration finds a fence of each context. */
static void find_two(void)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	int nr = 0;

	dma_resv_iter_begin(&cursor, &obj, DMA_RESV_USAGE_READ);
	dma_resv_for_each_fence_unlocked(&cursor, fence) {
		if (dma_resv_iter_is_restarted(&cursor))
			nr = 0;
		dma_fence_get(fence);
		nr += fence->context;
		dma_fence_put(fence);
	}
	dma_resv_iter_end(&cursor);
	lfx_assert(nr == 1 + 2);
}

/* H26, H38: the cursor is on the fence that goes, or about to be. */

LFX_SCENARIO(resv_replace_first) = {
	.name = "resv-replace-first",
	.what = "the first of two fences is replaced against an iteration",
	.setup = make_object,
	.threads = { { "writer", add_b }, { "reader", find_two } },
	.check = put_object,
};

LFX_SCENARIO(resv_replace_second) = {
	.name = "resv-replace-second",
	.what = "the second of two fences is replaced against an iteration",
	.setup = make_object,
	.threads = { { "writer", add_d }, { "reader", find_two } },
	.check = put_object,
};

/* H27: the list goes between two steps. */

LFX_SCENARIO(resv_grow_two) = {
	.name = "resv-grow-two",
	.what = "the list of two fences is replaced against an iteration",
	.setup = make_object,
	.threads = { { "writer", grow }, { "reader", find_two } },
	.check = put_object,
};

LFX_SCENARIO(resv_grow_replace) = {
	.name = "resv-grow-replace",
	.what = "the list and then a fence is replaced against an iteration",
	.setup = make_object,
	.threads = { { "writer", grow_and_add_b }, { "reader", find_two } },
	.check = put_object,
};

/* H26: fences that were collected before a restart are put. */

static void copy_to_other(void)
{
	dma_resv_lock(&other, NULL);
	lfx_assert(!dma_resv_copy_fences(&other, &obj));
	dma_resv_unlock(&other);
}

LFX_SCENARIO(resv_copy_grow) = {
	.name = "resv-copy-grow",
	.what = "the list of two fences is replaced against a copy",
	.setup = make_two_objects,
	.threads = { { "copier", copy_to_other }, { "writer", grow } },
	.check = put_two_objects,
};

static void get_fences(void)
{
	struct dma_fence **fences;
	unsigned int nr;

	lfx_assert(!dma_resv_get_fences(&obj, DMA_RESV_USAGE_READ, &nr,
					&fences));
	lfx_assert(nr == 2);
	while (nr--)
		dma_fence_put(fences[nr]);
	kfree(fences);
}

LFX_SCENARIO(resv_get_grow) = {
	.name = "resv-get-grow",
	.what = "the list of two fences is replaced against get_fences()",
	.setup = make_object,
	.threads = { { "reader", get_fences }, { "writer", grow } },
	.check = put_object,
};

/* A reader that finds all hazard slots of its CPU taken takes references. */

#define NR_HAZARDS	8

static void occupy_and_find_two(void)
{
	struct dma_resv_iter cursors[NR_HAZARDS];
	int i;

	for (i = 0; i < NR_HAZARDS; i++) {
		dma_resv_iter_begin(&cursors[i], &other, DMA_RESV_USAGE_READ);
		lfx_assert(dma_resv_iter_first_unlocked(&cursors[i]) ==
			   fence_d);
	}
	find_two();
	for (i = 0; i < NR_HAZARDS; i++)
		dma_resv_iter_end(&cursors[i]);
}

LFX_SCENARIO(resv_no_hazard_slots) = {
	.name = "resv-no-hazard-slots",
	.what = "a fence is replaced against the ninth cursor of a CPU",
	.setup = make_two_objects,
	.threads = { { "writer", add_b }, { "reader", occupy_and_find_two } },
	.check = put_two_objects,
};

/*
 * The cursor's store to its hazard slot and the writer's store to the list are seen
 * late, unless there are full barriers.
 */

static void make_object_of_one(void)
{
	dma_resv_init(&obj);
	fence_a = new_fence_with("fence A", &ops, NULL, 1, 1);
	fence_b = new_fence_with("fence B", &ops, NULL, 1, 2);
	add_to(&obj, fence_a);
	dma_fence_put(fence_a);
}

static void put_object_of_one(void)
{
	dma_resv_fini(&obj);
	dma_fence_put(fence_b);
}

static void find_a_or_b(void)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	dma_resv_iter_begin(&cursor, &obj, DMA_RESV_USAGE_READ);
	fence = dma_resv_iter_first_unlocked(&cursor);
	lfx_assert(fence == fence_a || fence == fence_b);
	lfx_assert(fence->context == 1);
	dma_resv_iter_end(&cursor);
}

LFX_SCENARIO(resv_replace_weak) = {
	.name = "resv-replace-weak",
	.what = "a fence is replaced against a cursor, with old values",
	.setup = make_object_of_one,
	.threads = { { "writer", add_b }, { "reader", find_a_or_b } },
	.check = put_object_of_one,
	.stale = 1,
};
