// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A driver fence is signalled by its owner and again through a copy of the
 * pointer.
 *
 * EXPECT: -Wanalyzer-double-free
 * EXPECT: -Wanalyzer-use-after-free
 */
#include "../compile-fail/types.h"

void run(struct libfence_context *ctx, struct job_prep *prep, bool late);

void run(struct libfence_context *ctx, struct job_prep *prep, bool late)
{
	struct job_fence *fence = job_commit(ctx, &prep);
	struct job_fence *copy = fence;

	if (late)
		job_fence_signal(&fence, -5);
#ifndef MISTAKE
	else
#endif
		job_fence_signal(&copy, 0);
}
