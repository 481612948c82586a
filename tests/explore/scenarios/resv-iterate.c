// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Unlocked iterations over the fences of a reservation object, while a writer
 * changes them. H26, ... are the hazards in the table of
 * tests/stress/README.md.
 */

#include "explore.h"

#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>

/* As many cursors as there are hazard slots: lib/core/dma-resv-hazard.c. */
#define NR_HAZARDS 8

static const char *get_name(struct dma_fence *fence)
{
	return "explore";
}

/* Only a fence with references is asked. */
static bool is_done(struct dma_fence *fence)
{
	lfx_assert(kref_read(&fence->refcount));
	return false;
}

static const struct dma_fence_ops ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
	.signaled = is_done,
};

static struct dma_resv obj, other;
/* The scenario has no references to them. */
static struct dma_fence *a, *b, *c;

static struct dma_fence *new_fence(const char *name, u64 context, u64 seqno)
{
	struct dma_fence *fence = kmalloc_obj(*fence);

	dma_fence_init(fence, &ops, NULL, context, seqno);
	lfx_name(fence, name);
	return fence;
}

static void add_to(struct dma_resv *resv, struct dma_fence *fence)
{
	dma_resv_lock(resv, NULL);
	lfx_assert(!dma_resv_reserve_fences(resv, 1));
	dma_resv_add_fence(resv, fence, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(resv);
}

/* The object has A, and the only reference to it. */
static void make_object(void)
{
	dma_resv_init(&obj);
	a = new_fence("fence A", 1, 1);
	add_to(&obj, a);
	dma_fence_put(a);
}

/* The object has A and B, and the only references to them. */
static void make_object_of_two(void)
{
	make_object();
	b = new_fence("fence B", 2, 1);
	add_to(&obj, b);
	dma_fence_put(b);
}

static void end_object(void)
{
	dma_resv_fini(&obj);
}

/*
 * The number of fences that an iteration finds, after the last restart. Each
 * fence is valid, and a reference can be taken.
 */
static int count_fences(void)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	int nr = 0;

	dma_resv_iter_begin(&cursor, &obj, DMA_RESV_USAGE_READ);
	dma_resv_for_each_fence_unlocked(&cursor, fence) {
		if (dma_resv_iter_is_restarted(&cursor))
			nr = 0;
		dma_fence_get(fence);
		lfx_assert(fence->context >= 1 && fence->context <= 3);
		dma_fence_put(fence);
		nr++;
	}
	dma_resv_iter_end(&cursor);
	return nr;
}

static void find_one(void)
{
	lfx_assert(count_fences() == 1);
}

static void find_two(void)
{
	lfx_assert(count_fences() == 2);
}

static void find_one_or_two(void)
{
	int nr = count_fences();

	lfx_assert(nr == 1 || nr == 2);
}

/* H28: a reader finds a fence that is appended, or does not. */

static void append(void)
{
	b = new_fence("fence B", 2, 1);
	add_to(&obj, b);
	dma_fence_put(b);
}

LFX_SCENARIO(resv_append_iterate) = {
	.name = "resv-append-iterate",
	.what = "a fence is added against an iteration",
	.setup = make_object,
	.threads = { { "writer", append }, { "reader", find_one_or_two } },
	.check = end_object,
};

/* H26, H38: the fence of a cursor is replaced, and its reference is put. */

static void replace_a(void)
{
	c = new_fence("fence C", 3, 1);
	dma_resv_lock(&obj, NULL);
	dma_resv_replace_fences(&obj, 1, c, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(&obj);
	dma_fence_put(c);
}

LFX_SCENARIO(resv_replace_iterate) = {
	.name = "resv-replace-iterate",
	.what = "a fence and its last reference go against an iteration",
	.setup = make_object,
	.threads = { { "writer", replace_a }, { "reader", find_one } },
	.check = end_object,
};

LFX_SCENARIO(resv_replace_two_readers) = {
	.name = "resv-replace-two-readers",
	.what = "the same against two iterations",
	.setup = make_object,
	.threads = {
		{ "writer", replace_a },
		{ "reader 1", find_one },
		{ "reader 2", find_one },
	},
	.check = end_object,
};

/* The same with a fence that a later one of its context supersedes. */

static void add_later(void)
{
	c = new_fence("fence C", 1, 2);
	add_to(&obj, c);
	dma_fence_put(c);
}

LFX_SCENARIO(resv_supersede_iterate) = {
	.name = "resv-supersede-iterate",
	.what = "a fence is superseded by add_fence() against an iteration",
	.setup = make_object,
	.threads = { { "writer", add_later }, { "reader", find_one } },
	.check = end_object,
};

/* The second fence goes: the iteration begins again, and says so. */

static void replace_b(void)
{
	c = new_fence("fence C", 3, 1);
	dma_resv_lock(&obj, NULL);
	dma_resv_replace_fences(&obj, 2, c, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(&obj);
	dma_fence_put(c);
}

LFX_SCENARIO(resv_replace_second) = {
	.name = "resv-replace-second",
	.what = "the second of two fences goes against an iteration",
	.setup = make_object_of_two,
	.threads = { { "writer", replace_b }, { "reader", find_two } },
	.check = end_object,
};

/* H26: all hazard slots are taken, so the cursor takes a reference. */

static void make_two_objects(void)
{
	make_object();
	b = new_fence("fence B", 2, 1);
	dma_resv_init(&other);
	add_to(&other, b);
	dma_fence_put(b);
}

static void end_two_objects(void)
{
	dma_resv_fini(&other);
	end_object();
}

static void find_one_without_hazard_slot(void)
{
	struct dma_resv_iter cursors[NR_HAZARDS];
	int i;

	for (i = 0; i < NR_HAZARDS; i++) {
		dma_resv_iter_begin(&cursors[i], &other, DMA_RESV_USAGE_READ);
		lfx_assert(dma_resv_iter_first_unlocked(&cursors[i]) == b);
	}
	find_one();
	for (i = 0; i < NR_HAZARDS; i++)
		dma_resv_iter_end(&cursors[i]);
}

LFX_SCENARIO(resv_replace_no_slot) = {
	.name = "resv-replace-no-slot",
	.what = "a fence goes against an iteration that finds no hazard slot",
	.setup = make_two_objects,
	.threads = {
		{ "writer", replace_a },
		{ "reader", find_one_without_hazard_slot },
	},
	.check = end_two_objects,
};

/* H27: the list of a cursor is replaced and freed. */

static void grow(void)
{
	dma_resv_lock(&obj, NULL);
	lfx_assert(!dma_resv_reserve_fences(&obj, 8));
	dma_resv_unlock(&obj);
}

LFX_SCENARIO(resv_grow_iterate) = {
	.name = "resv-grow-iterate",
	.what = "a longer list replaces the list against an iteration",
	.setup = make_object_of_two,
	.threads = { { "writer", grow }, { "reader", find_two } },
	.check = end_object,
};

static void copy_from_other(void)
{
	dma_resv_lock(&obj, NULL);
	lfx_assert(!dma_resv_copy_fences(&obj, &other));
	dma_resv_unlock(&obj);
}

LFX_SCENARIO(resv_swap_iterate) = {
	.name = "resv-swap-iterate",
	.what = "a list with another fence replaces the list; iteration",
	.setup = make_two_objects,
	.threads = { { "writer", copy_from_other }, { "reader", find_one } },
	.check = end_two_objects,
};

/* H27: the old list still has a fence that is removed from the new list. */

static void grow_and_replace_a(void)
{
	c = new_fence("fence C", 3, 1);
	dma_resv_lock(&obj, NULL);
	lfx_assert(!dma_resv_reserve_fences(&obj, 8));
	dma_resv_replace_fences(&obj, 1, c, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(&obj);
	dma_fence_put(c);
}

LFX_SCENARIO(resv_grow_replace) = {
	.name = "resv-grow-replace",
	.what = "a longer list, and then another fence against an iteration",
	.setup = make_object,
	.threads = { { "writer", grow_and_replace_a }, { "reader", find_one } },
	.check = end_object,
};
