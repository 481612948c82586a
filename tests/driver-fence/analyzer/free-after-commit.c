// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A preparation is freed through a copy of the pointer after its commit.
 *
 * EXPECT: -Wanalyzer-use-after-free
 * EXPECT: -Wuse-after-free
 */
#include "../compile-fail/types.h"

struct job_fence *run(struct libfence_context *ctx);

struct job_fence *run(struct libfence_context *ctx)
{
	struct job_prep *prep = job_prepare(NULL);
	struct job_prep *copy = prep;
	struct job_fence *fence;

	if (!prep)
		return NULL;
	fence = job_commit(ctx, &prep);
#ifdef MISTAKE
	job_prep_free(&copy);
#else
	(void)copy;
#endif
	return fence;
}
