// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A driver fence is leaked when submitting fails.
 *
 * EXPECT: -Wanalyzer-malloc-leak
 */
#include "../compile-fail/types.h"

int hand_over(int id);
int run(struct libfence_context *ctx, int id);

int run(struct libfence_context *ctx, int id)
{
	struct job_prep *prep = job_prepare(NULL);
	struct job_fence *fence;

	if (!prep)
		return -1;
	fence = job_commit(ctx, &prep);
	if (hand_over(id)) {
#ifndef MISTAKE
		job_fence_signal(&fence, -5);
#endif
		return -5;
	}
	job_fence_signal(&fence, 0);
	return 0;
}
