// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The borrower of a consumer fence cannot signal it.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

void done(struct job_fence *fence, const struct libfence *consumer);

void done(struct job_fence *fence, const struct libfence *consumer)
{
	libfence_set_deadline(consumer, 0);
	job_fence_signal(&consumer, 0); /* WRONG */
	job_fence_signal(&fence, 0);
}
