// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A preparation that is not bound to a context is committed as a bound one.
 *
 * EXPECT: -Wmismatched-dealloc
 * EXPECT: -Wanalyzer-mismatching-deallocation
 */
#include "../compile-fail/types.h"

int run(struct libfence_context *ctx);

int run(struct libfence_context *ctx)
{
#ifdef MISTAKE
	struct job_prep *prep = job_prepare(NULL);
#else
	struct job_prep *prep = job_prepare_bound(ctx, NULL);
#endif
	struct job_fence *fence;

	if (!prep)
		return -1;
	fence = job_commit_bound(&prep);
	job_fence_signal(&fence, job_fence_context(fence) != ctx ? -1 : 0);
	return 0;
}
