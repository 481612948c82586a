// SPDX-License-Identifier: GPL-2.0 OR MIT
/* drivers/gpu/drm/xe/xe_range_fence.c: a range is in the tree until its fence signals. */

#include <kunit/test.h>
#include <linux/dma-fence.h>
#include <linux/slab.h>

#include "xe_range_fence.h"

static const char *name(struct dma_fence *fence)
{
	return "range";
}

static const struct dma_fence_ops ops = {
	.get_driver_name = name,
	.get_timeline_name = name,
};

static struct dma_fence *insert(struct kunit *test, struct xe_range_fence_tree *tree,
				u64 start, u64 last)
{
	struct xe_range_fence *range = kzalloc_obj(*range);
	struct dma_fence *fence = kzalloc_obj(*fence);

	KUNIT_ASSERT_NOT_NULL(test, range);
	KUNIT_ASSERT_NOT_NULL(test, fence);
	dma_fence_init(fence, &ops, NULL, dma_fence_context_alloc(1), 1);
	KUNIT_EXPECT_EQ(test, xe_range_fence_insert(tree, range, &xe_range_fence_kfree_ops,
						    start, last, fence), 0);
	return fence;
}

static void ranges_that_overlap_are_found(struct kunit *test)
{
	struct xe_range_fence_tree tree;
	struct dma_fence *a, *b;
	struct xe_range_fence *range;

	xe_range_fence_tree_init(&tree);
	a = insert(test, &tree, 0x1000, 0x1fff);
	b = insert(test, &tree, 0x1800, 0x2fff);
	range = xe_range_fence_tree_first(&tree, 0x1f00, 0x1f00);
	KUNIT_ASSERT_NOT_NULL(test, range);
	KUNIT_EXPECT_PTR_EQ(test, range->fence, a);
	range = xe_range_fence_tree_next(range, 0x1f00, 0x1f00);
	KUNIT_ASSERT_NOT_NULL(test, range);
	KUNIT_EXPECT_PTR_EQ(test, range->fence, b);
	KUNIT_EXPECT_NULL(test, xe_range_fence_tree_next(range, 0x1f00, 0x1f00));
	KUNIT_EXPECT_NULL(test, xe_range_fence_tree_first(&tree, 0x3000, 0x4000));
	xe_range_fence_tree_fini(&tree);
	dma_fence_put(a);
	dma_fence_put(b);
}

static void a_signalled_range_is_gone_at_the_next_insertion(struct kunit *test)
{
	struct xe_range_fence_tree tree;
	struct dma_fence *a, *b;

	xe_range_fence_tree_init(&tree);
	a = insert(test, &tree, 0, 9);
	KUNIT_EXPECT_NOT_NULL(test, xe_range_fence_tree_first(&tree, 5, 5));
	dma_fence_signal(a);
	KUNIT_EXPECT_NOT_NULL(test, xe_range_fence_tree_first(&tree, 5, 5));
	b = insert(test, &tree, 20, 29);
	KUNIT_EXPECT_NULL(test, xe_range_fence_tree_first(&tree, 5, 5));
	KUNIT_EXPECT_NOT_NULL(test, xe_range_fence_tree_first(&tree, 25, 25));
	xe_range_fence_tree_fini(&tree);
	/* The callback was removed, so this does not use the range. */
	dma_fence_signal(b);
	dma_fence_put(a);
	dma_fence_put(b);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(ranges_that_overlap_are_found),
	KUNIT_CASE(a_signalled_range_is_gone_at_the_next_insertion),
	{}
};

static struct kunit_suite suite = {
	.name = "xe_range_fence",
	.test_cases = cases,
};

kunit_test_suite(suite);
