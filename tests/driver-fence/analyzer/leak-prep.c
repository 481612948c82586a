// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A preparation is leaked when submitting fails.
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
	if (hand_over(id)) {
#ifndef MISTAKE
		job_prep_free(&prep);
#endif
		return -5;
	}
	fence = job_commit(ctx, &prep);
	job_fence_signal(&fence, 0);
	return 0;
}
