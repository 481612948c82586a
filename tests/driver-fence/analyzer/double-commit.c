// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A preparation is committed twice, through a copy of the pointer.
 *
 * EXPECT: -Wanalyzer-double-free
 * EXPECT: -Wanalyzer-use-after-free
 * EXPECT: -Wuse-after-free
 */
#include "../compile-fail/types.h"

void run(struct libfence_context *ctx);

void run(struct libfence_context *ctx)
{
	struct job_prep *prep = job_prepare(NULL), *copy;
	struct job_fence *fence;

	if (!prep)
		return;
#ifdef MISTAKE
	copy = prep;
#else
	copy = NULL;
#endif
	fence = job_commit(ctx, &prep);
	job_fence_signal(&fence, 0);
	if (copy) {
		fence = job_commit(ctx, &copy);
		job_fence_signal(&fence, 0);
	}
}
