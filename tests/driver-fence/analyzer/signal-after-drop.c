// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A driver fence is dropped and then signalled through a copy of the pointer.
 *
 * EXPECT: -Wanalyzer-use-after-free
 * EXPECT: -Wuse-after-free
 */
#include "../compile-fail/types.h"

void run(struct libfence_context *ctx, struct job_prep *prep);

void run(struct libfence_context *ctx, struct job_prep *prep)
{
	struct job_fence *fence = job_commit(ctx, &prep);
	struct job_fence *copy = fence;

	job_fence_drop(&fence);
#ifdef MISTAKE
	job_fence_signal(&copy, 0);
#else
	(void)copy;
#endif
}
