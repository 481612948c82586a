// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A driver fence is dropped by its owner and again through a copy of the
 * pointer.
 *
 * EXPECT: -Wanalyzer-double-free
 * EXPECT: -Wanalyzer-use-after-free
 * EXPECT: -Wuse-after-free
 */
#include "../compile-fail/types.h"

void run(struct libfence_context *ctx, struct job_prep *prep);

void run(struct libfence_context *ctx, struct job_prep *prep)
{
	struct job_fence *fence = job_commit(ctx, &prep);
#ifdef MISTAKE
	struct job_fence *copy = fence;
#else
	struct job_fence *copy = job_fence_take(&fence);
#endif

	job_fence_drop(&copy);
	job_fence_drop(&fence);
}
