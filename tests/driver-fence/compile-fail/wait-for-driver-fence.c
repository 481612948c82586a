// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A driver fence cannot be waited for: use NAME_fence_consumer().
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

int follow(const struct job_fence *fence);

int follow(const struct job_fence *fence)
{
	int err = 0;

	err = libfence_wait(fence, 0); /* WRONG */
	err |= libfence_wait(job_fence_consumer(fence), 0);
	return err;
}
