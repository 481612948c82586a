// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Merging fences, and iterating over the fences in containers, while the fences
 * are signalled. H29 is the hazard in the table of tests/stress/README.md.
 */

#include "fences.h"

#include <linux/dma-fence-array.h>
#include <linux/dma-fence-chain.h>
#include <linux/dma-fence-unwrap.h>
#include <linux/dma-fence.h>
#include <linux/slab.h>

static struct dma_fence *fences[2];
/* Contains both: an array, or a chain of two links. */
static struct dma_fence *container;
static struct dma_fence *merged;

static void make_fences(void)
{
	int i;

	for (i = 0; i < 2; i++)
		fences[i] = new_fence(i ? "fence 1" : "fence 0", 10 + i, 1);
}

static void make_array(void)
{
	struct dma_fence **table = kmalloc_objs(*table, 2);

	make_fences();
	table[0] = dma_fence_get(fences[0]);
	table[1] = dma_fence_get(fences[1]);
	container = &dma_fence_array_create(2, table, 1, 1)->base;
	lfx_name(container, "array");
}

static void make_chain(void)
{
	struct dma_fence_chain *chain;
	int i;

	make_fences();
	for (i = 0; i < 2; i++) {
		chain = dma_fence_chain_alloc();
		dma_fence_chain_init(chain, container, dma_fence_get(fences[i]),
				     i + 1);
		container = &chain->base;
		lfx_name(container, i ? "link 1" : "link 0");
	}
}

static void signal_0(void)
{
	dma_fence_signal(fences[0]);
}

static void signal_1(void)
{
	dma_fence_signal(fences[1]);
}

/* Both fences are signalled. */
static void put_all(void)
{
	if (merged)
		lfx_assert(dma_fence_is_signaled(merged));
	/* One fence that is left is not put into an array. */
	if (merged && dma_fence_is_array(merged))
		lfx_assert(to_dma_fence_array(merged)->num_fences == 2);
	dma_fence_put(merged);
	dma_fence_put(container);
	dma_fence_put(fences[0]);
	dma_fence_put(fences[1]);
}

/* H29: fences are signalled between the two passes of a merge. */

static void merge_fences(void)
{
	merged = dma_fence_unwrap_merge(fences[0], fences[1]);
	lfx_assert(merged);
}

LFX_SCENARIO(merge_fences_signals) = {
	.name = "merge-fences",
	.what = "signals of two fences against merging them",
	.setup = make_fences,
	.threads = {
		{ "signaller 0", signal_0 },
		{ "signaller 1", signal_1 },
		{ "merger", merge_fences },
	},
	.check = put_all,
};

/* A merge of fences that are all signalled has the latest timestamp. */

static void signal_at(struct dma_fence *fence, ktime_t timestamp)
{
	unsigned long flags;

	dma_fence_lock_irqsave(fence, flags);
	dma_fence_signal_timestamp_locked(fence, timestamp);
	dma_fence_unlock_irqrestore(fence, flags);
}

static void signal_0_at_2(void)
{
	signal_at(fences[0], 2);
}

static void signal_1_at_1(void)
{
	signal_at(fences[1], 1);
}

static void merge_and_compare(void)
{
	merge_fences();
	if (dma_fence_is_signaled(merged) && !dma_fence_is_array(merged) &&
	    merged != fences[0] && merged != fences[1])
		lfx_assert(dma_fence_timestamp(merged) == 2);
}

LFX_SCENARIO(merge_timestamps) = {
	.name = "merge-timestamps",
	.what = "signals of two fences against the timestamp of their merge",
	.setup = make_fences,
	.threads = {
		{ "signaller 0", signal_0_at_2 },
		{ "signaller 1", signal_1_at_1 },
		{ "merger", merge_and_compare },
	},
	.check = put_all,
};

static void merge_container(void)
{
	merged = dma_fence_unwrap_merge(container, NULL);
	lfx_assert(merged);
}

LFX_SCENARIO(merge_array_signals) = {
	.name = "merge-array",
	.what = "signals of the fences in an array against merging it",
	.setup = make_array,
	.threads = {
		{ "signaller 0", signal_0 },
		{ "signaller 1", signal_1 },
		{ "merger", merge_container },
	},
	.check = put_all,
};

LFX_SCENARIO(merge_chain_signals) = {
	.name = "merge-chain",
	.what = "signals of the fences in a chain against merging it",
	.setup = make_chain,
	.threads = {
		{ "signaller 0", signal_0 },
		{ "signaller 1", signal_1 },
		{ "merger", merge_container },
	},
	.check = put_all,
};

/* An iteration visits the unsignalled fences. */

static void iterate(void)
{
	struct dma_fence_unwrap cursor;
	struct dma_fence *fence;
	int nr = 0;

	dma_fence_unwrap_for_each(fence, &cursor, container) {
		lfx_assert(fence == fences[0] || fence == fences[1]);
		dma_fence_is_signaled(fence);
		nr++;
	}
	lfx_assert(nr == 2 || (nr == 1 && dma_fence_is_chain(container) &&
			       dma_fence_is_signaled(fences[0])));
}

LFX_SCENARIO(unwrap_array) = {
	.name = "unwrap-array",
	.what = "signals against an iteration over the fences in an array",
	.setup = make_array,
	.threads = {
		{ "signaller 0", signal_0 },
		{ "signaller 1", signal_1 },
		{ "reader", iterate },
	},
	.check = put_all,
};

LFX_SCENARIO(unwrap_chain) = {
	.name = "unwrap-chain",
	.what = "signals against an iteration over the fences in a chain",
	.setup = make_chain,
	.threads = {
		{ "signaller 0", signal_0 },
		{ "signaller 1", signal_1 },
		{ "reader", iterate },
	},
	.check = put_all,
};
