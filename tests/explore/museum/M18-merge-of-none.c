// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Two fences are merged while both are signalled. */
#include "museum.h"

#include <linux/dma-fence-unwrap.h>

static struct dma_fence *fences[2];

static void make_fences(void)
{
	fences[0] = museum_fence("fence 0", 1, 1);
	fences[1] = museum_fence("fence 1", 2, 1);
}

static void merge(void)
{
	dma_fence_put(dma_fence_unwrap_merge(fences[0], fences[1]));
}

static void signal_both(void)
{
	dma_fence_signal(fences[0]);
	dma_fence_signal(fences[1]);
}

static void put_fences(void)
{
	dma_fence_put(fences[0]);
	dma_fence_put(fences[1]);
}

LFX_SCENARIO(merge_signal) = {
	.name = "m18-merge",
	.what = "a merge of two fences against their signals",
	.setup = make_fences,
	.threads = { { "consumer", merge }, { "signaller", signal_both } },
	.check = put_fences,
};
