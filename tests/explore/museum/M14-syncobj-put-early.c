// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The handle of a syncobj is destroyed while a thread waits for a submission. */
#include "syncobj.h"

static void make_syncobj(void)
{
	open_syncobj(NULL);
}

static void wait_for_fence(void)
{
	struct dma_fence *found = NULL;

	drm_syncobj_find_fence(&drm_file, handle, 0,
			       DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT, &found);
	lfx_assert(!found);
}

LFX_SCENARIO(wait_destroy) = {
	.name = "m14-wait",
	.what = "a wait for a submission against the end of the handle",
	.setup = make_syncobj,
	.threads = {
		{ "waiter", wait_for_fence }, { "destroyer", destroy_syncobj },
	},
	.check = close_drm,
};
