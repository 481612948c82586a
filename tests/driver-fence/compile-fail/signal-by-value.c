// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A fence is signalled by address, so that the variable is cleared.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

void done(struct job_fence *fence);

void done(struct job_fence *fence)
{
	job_fence_signal(fence, 0); /* WRONG */
	job_fence_signal(&fence, 0);
}
