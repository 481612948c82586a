// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Every fence is signalled with a result.
 *
 * EXPECT-GCC: too few arguments to function
 * EXPECT-CLANG: too few arguments to function call
 * EXPECT-G++: too few arguments to function
 * EXPECT-CLANG++: no matching function for call
 */
#include "types.h"

void done(struct job_fence *fence);

void done(struct job_fence *fence)
{
	job_fence_signal(&fence); /* WRONG */
	job_fence_signal(&fence, 0);
}
