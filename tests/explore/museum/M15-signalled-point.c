// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A point of a syncobj is signalled while a thread looks for it. */
#include "syncobj.h"

static struct dma_fence *fences[2];

static void make_points(void)
{
	int i;

	open_syncobj(NULL);
	for (i = 0; i < 2; i++) {
		fences[i] = museum_fence(i ? "fence 2" : "fence 1", i + 1, 1);
		drm_syncobj_add_point(syncobj, dma_fence_chain_alloc(),
				      fences[i], i + 1);
	}
}

static void find_point_1(void)
{
	struct dma_fence *found = NULL;

	lfx_assert(!drm_syncobj_find_fence(&drm_file, handle, 1, 0, &found));
	lfx_assert(found);
	dma_fence_put(found);
}

static void signal_point_1(void)
{
	dma_fence_signal(fences[0]);
}

static void put_points(void)
{
	dma_fence_signal(fences[1]);
	dma_fence_put(fences[0]);
	dma_fence_put(fences[1]);
	close_drm();
}

LFX_SCENARIO(find) = {
	.name = "m15-find",
	.what = "find_fence() of a point against its signal",
	.setup = make_points,
	.threads = {
		{ "consumer", find_point_1 }, { "signaller", signal_point_1 },
	},
	.check = put_points,
};
