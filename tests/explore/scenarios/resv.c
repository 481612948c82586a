// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reservation objects: a writer changes the fences of an object while readers
 * use it without the lock. H26, ... are the hazards in the table of
 * tests/stress/README.md.
 */

#include "fences.h"

#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>

static struct dma_resv obj, other;
/* The scenario keeps a reference to each, unless a comment says otherwise. */
static struct dma_fence *fence_a, *fence_b;

static void add_to(struct dma_resv *resv, struct dma_fence *fence)
{
	dma_resv_lock(resv, NULL);
	lfx_assert(!dma_resv_reserve_fences(resv, 1));
	dma_resv_add_fence(resv, fence, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(resv);
}

/* The object has fence A. Fence B is of another context. */
static void make_object(void)
{
	dma_resv_init(&obj);
	fence_a = new_fence("fence A", 1, 1);
	fence_b = new_fence("fence B", 2, 1);
	add_to(&obj, fence_a);
}

/* The object has fence A. Fence B is later, in the same context. */
static void make_object_and_later_fence(void)
{
	dma_resv_init(&obj);
	fence_a = new_fence("fence A", 1, 1);
	fence_b = new_fence("fence B", 1, 2);
	add_to(&obj, fence_a);
}

static void put_object(void)
{
	dma_resv_fini(&obj);
	dma_fence_put(fence_a);
	dma_fence_put(fence_b);
}

static void add_b(void)
{
	add_to(&obj, fence_b);
}

static void signal_a(void)
{
	dma_fence_signal(fence_a);
}

static void signal_b(void)
{
	dma_fence_signal(fence_b);
}

/*
 * The number of fences that an unlocked iteration finds, after the last
 * restart. The fences are valid, and a reference can be taken.
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
		lfx_assert(fence == fence_a || fence == fence_b);
		dma_fence_put(fence);
		nr++;
	}
	dma_resv_iter_end(&cursor);
	return nr;
}

/* H28: a reader finds a fence that is appended, or does not. */

static void find_one_or_two(void)
{
	int nr = count_fences();

	lfx_assert(nr == 1 || nr == 2);
}

LFX_SCENARIO(resv_append_iterate) = {
	.name = "resv-append-iterate",
	.what = "a fence is added against an unlocked iteration",
	.setup = make_object,
	.threads = { { "writer", add_b }, { "reader", find_one_or_two } },
	.check = put_object,
};

/*
 * H26: the fence of a cursor is replaced, and only the object had a reference.
 * A reader finds the old fence or the new one.
 */

static void make_object_with_only_reference(void)
{
	make_object_and_later_fence();
	dma_fence_put(fence_a);
}

static void put_object_and_b(void)
{
	dma_resv_fini(&obj);
	dma_fence_put(fence_b);
}

static void find_one(void)
{
	lfx_assert(count_fences() == 1);
}

LFX_SCENARIO(resv_replace_iterate) = {
	.name = "resv-replace-iterate",
	.what = "add_fence() puts the last reference against an iteration",
	.setup = make_object_with_only_reference,
	.threads = { { "writer", add_b }, { "reader", find_one } },
	.check = put_object_and_b,
};

static void replace_by_b(void)
{
	dma_resv_lock(&obj, NULL);
	dma_resv_replace_fences(&obj, 1, fence_b, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(&obj);
}

LFX_SCENARIO(resv_replace_two_readers) = {
	.name = "resv-replace-two-readers",
	.what = "replace_fences() puts the last reference; two iterations",
	.setup = make_object_with_only_reference,
	.threads = {
		{ "writer", replace_by_b },
		{ "reader 1", find_one },
		{ "reader 2", find_one },
	},
	.check = put_object_and_b,
};

/* H27: the list is replaced under a reader. */

static void grow(void)
{
	dma_resv_lock(&obj, NULL);
	lfx_assert(!dma_resv_reserve_fences(&obj, 8));
	dma_resv_add_fence(&obj, fence_b, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(&obj);
}

LFX_SCENARIO(resv_grow_iterate) = {
	.name = "resv-grow-iterate",
	.what = "a longer list replaces the list against an iteration",
	.setup = make_object,
	.threads = { { "writer", grow }, { "reader", find_one_or_two } },
	.check = put_object,
};

/* A signalled fence is left out of the longer list, and only the object had a reference. */

static void signal_and_grow(void)
{
	dma_fence_signal(fence_a);
	dma_resv_lock(&obj, NULL);
	lfx_assert(!dma_resv_reserve_fences(&obj, 8));
	dma_resv_unlock(&obj);
}

static void find_one_or_none(void)
{
	lfx_assert(count_fences() <= 1);
}

LFX_SCENARIO(resv_grow_signalled) = {
	.name = "resv-grow-signalled",
	.what = "a longer list leaves a signalled fence out against an iteration",
	.setup = make_object_with_only_reference,
	.threads = {
		{ "writer", signal_and_grow }, { "reader", find_one_or_none },
	},
	.check = put_object_and_b,
};

/* The object has A, the other one B; the scenario has no reference to A. */
static void make_two_objects(void)
{
	make_object_with_only_reference();
	dma_resv_init(&other);
	add_to(&other, fence_b);
}

static void copy_from_other(void)
{
	dma_resv_lock(&obj, NULL);
	lfx_assert(!dma_resv_copy_fences(&obj, &other));
	dma_resv_unlock(&obj);
}

static void put_two_objects(void)
{
	dma_resv_fini(&other);
	put_object_and_b();
}

LFX_SCENARIO(resv_swap_iterate) = {
	.name = "resv-swap-iterate",
	.what = "a list with another fence replaces the list; iteration",
	.setup = make_two_objects,
	.threads = { { "writer", copy_from_other }, { "reader", find_one } },
	.check = put_two_objects,
};

/* A copy is made while a writer replaces a fence of the source. */

static void copy_to_other(void)
{
	dma_resv_lock(&other, NULL);
	lfx_assert(!dma_resv_copy_fences(&other, &obj));
	dma_resv_unlock(&other);
}

static void check_copy(void)
{
	lfx_assert(!dma_resv_test_signaled(&other, DMA_RESV_USAGE_READ));
	put_two_objects();
}

LFX_SCENARIO(resv_copy_replace) = {
	.name = "resv-copy-replace",
	.what = "a copy of an object against replace_fences() in it",
	.setup = make_two_objects,
	.threads = { { "copier", copy_to_other }, { "writer", replace_by_b } },
	.check = check_copy,
};

/*
 * A fence is signalled after another one has replaced it. A test that finds it
 * before may miss the other one, and says that all fences are signalled: fences
 * that are added meanwhile may be missed.
 */

static void add_b_then_signal_a(void)
{
	add_b();
	signal_a();
}

static void test_object(void)
{
	if (dma_resv_test_signaled(&obj, DMA_RESV_USAGE_READ))
		lfx_assert(dma_fence_is_signaled(fence_a));
}

static void check_pending(void)
{
	lfx_assert(!dma_resv_test_signaled(&obj, DMA_RESV_USAGE_READ));
	put_object();
}

LFX_SCENARIO(resv_test_signaled) = {
	.name = "resv-test-signaled",
	.what = "a fence replaces one that is signalled then; test_signaled()",
	.setup = make_object_and_later_fence,
	.threads = {
		{ "writer", add_b_then_signal_a }, { "reader", test_object },
	},
	.check = check_pending,
};

static void wait_for_object(void)
{
	lfx_assert(dma_resv_wait_timeout(&obj, DMA_RESV_USAGE_READ, false,
					 MAX_SCHEDULE_TIMEOUT) > 0);
	lfx_assert(dma_fence_is_signaled(fence_a));
}

LFX_SCENARIO(resv_wait) = {
	.name = "resv-wait",
	.what = "a fence is added and fences are signalled against a wait",
	.setup = make_object,
	.threads = {
		{ "writer", add_b_then_signal_a },
		{ "signaller", signal_b },
		{ "waiter", wait_for_object },
	},
	.check = put_object,
};

/* One fence for all: none, a fence of the object, or an array of them. */

static void make_object_of_two(void)
{
	make_object();
	add_b();
}

static void wait_for_singleton(void)
{
	struct dma_fence *fence = NULL;

	lfx_assert(!dma_resv_get_singleton(&obj, DMA_RESV_USAGE_READ, &fence));
	if (fence)
		lfx_assert(!dma_fence_wait(fence, false));
	dma_fence_put(fence);
	lfx_assert(dma_fence_is_signaled(fence_a) &&
		   dma_fence_is_signaled(fence_b));
}

LFX_SCENARIO(resv_singleton) = {
	.name = "resv-singleton",
	.what = "signals of two fences against get_singleton() and a wait",
	.setup = make_object_of_two,
	.threads = {
		{ "signaller A", signal_a },
		{ "signaller B", signal_b },
		{ "waiter", wait_for_singleton },
	},
	.check = put_object,
};

/* Two writers exclude each other. */

static void make_empty_object(void)
{
	dma_resv_init(&obj);
	fence_a = new_fence("fence A", 1, 1);
	fence_b = new_fence("fence B", 2, 1);
}

static void add_a(void)
{
	add_to(&obj, fence_a);
}

static void check_both_added(void)
{
	lfx_assert(count_fences() == 2);
	put_object();
}

LFX_SCENARIO(resv_two_writers) = {
	.name = "resv-two-writers",
	.what = "two threads add a fence to an empty object",
	.setup = make_empty_object,
	.threads = { { "writer A", add_a }, { "writer B", add_b } },
	.check = check_both_added,
};
