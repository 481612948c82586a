// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The fence of a syncobj is replaced while another thread gets it. */
#include "syncobj.h"

static void make_syncobj(void)
{
	struct dma_fence *old = museum_fence("old", 1, 1);

	open_syncobj(old);
	dma_fence_put(old);
}

static void get(void)
{
	dma_fence_put(drm_syncobj_fence_get(syncobj));
}

static void replace(void)
{
	struct dma_fence *fence = museum_fence("new", 1, 2);

	drm_syncobj_replace_fence(syncobj, fence);
	dma_fence_put(fence);
}

LFX_SCENARIO(get_replace) = {
	.name = "m13-get",
	.what = "fence_get() against replace_fence()",
	.setup = make_syncobj,
	.threads = { { "reader", get }, { "writer", replace } },
	.check = close_drm,
};
