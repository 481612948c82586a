// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A payload is used through a copy of the pointer after its fence was
 * signalled.
 *
 * EXPECT: -Wanalyzer-use-after-free
 * EXPECT: -Wuse-after-free
 */
#include "../compile-fail/types.h"

int run(struct libfence_context *ctx, struct job_prep *prep);

int run(struct libfence_context *ctx, struct job_prep *prep)
{
	struct job_fence *fence = job_commit(ctx, &prep);
	struct job_fence *copy = fence;
	int id = job_fence_payload(copy)->id;

	job_fence_signal(&fence, 0);
#ifdef MISTAKE
	id = job_fence_payload(copy)->id;
#endif
	return id;
}
