// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A wait for a submission is given up when the submission comes. */
#include "syncobj.h"

static struct dma_fence *fence;

static void make_syncobj(void)
{
	fence = museum_fence("fence", 1, 1);
	open_syncobj(NULL);
}

static void wait_for_fence(void)
{
	struct dma_fence *found = NULL;

	drm_syncobj_find_fence(&drm_file, handle, 0,
			       DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT, &found);
	dma_fence_put(found);
}

static void submit(void)
{
	drm_syncobj_replace_fence(syncobj, fence);
	dma_fence_put(fence);
}

LFX_SCENARIO(wait) = {
	.name = "m03-wait",
	.what = "a wait for a submission with a timeout against the submission",
	.setup = make_syncobj,
	.threads = { { "waiter", wait_for_fence }, { "submitter", submit } },
	.check = close_drm,
};
