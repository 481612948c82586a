// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A driver fence is passed to free().
 *
 * EXPECT: -Wanalyzer-mismatching-deallocation
 * EXPECT: -Wmismatched-dealloc
 */
#include "../compile-fail/types.h"

#include <stdlib.h>

void run(struct libfence_context *ctx, struct job_prep *prep);

void run(struct libfence_context *ctx, struct job_prep *prep)
{
	struct job_fence *fence = job_commit(ctx, &prep);

#ifdef MISTAKE
	free(fence);
#else
	job_fence_drop(&fence);
#endif
}
