// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The producer leaks the reference that it took for a consumer.
 *
 * EXPECT: -Wanalyzer-malloc-leak
 */
#include "../compile-fail/types.h"

int run(struct job_fence *fence);

int run(struct job_fence *fence)
{
	struct libfence *consumer = job_fence_get(fence);
	int status;

	job_fence_signal(&fence, 0);
	status = libfence_status(consumer);
#ifndef MISTAKE
	libfence_put(&consumer);
#endif
	return status;
}
