// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A consumer cannot signal.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

void done(struct job_fence *fence, struct libfence *consumer);

void done(struct job_fence *fence, struct libfence *consumer)
{
	job_fence_signal(&consumer, 0); /* WRONG */
	job_fence_signal(&fence, 0);
	libfence_put(&consumer);
}
