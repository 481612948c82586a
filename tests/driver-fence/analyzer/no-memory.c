// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The result of preparing is not checked for NULL.
 *
 * EXPECT: -Wanalyzer-possible-null-argument
 * EXPECT: -Wanalyzer-possible-null-dereference
 */
#include "../compile-fail/types.h"

void run(struct libfence_context *ctx);

void run(struct libfence_context *ctx)
{
	struct job_prep *prep = job_prepare(NULL);
	struct job_fence *fence;

#ifndef MISTAKE
	if (!prep)
		return;
#endif
	job_prep_payload(prep)->id = 1;
	fence = job_commit(ctx, &prep);
	job_fence_signal(&fence, 0);
}
