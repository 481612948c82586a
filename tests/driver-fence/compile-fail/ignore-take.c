// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A pointer moved out of a variable must be kept.
 *
 * EXPECT-GCC: unused-result
 * EXPECT-CLANG: unused-result
 * EXPECT-G++: unused-result
 * EXPECT-CLANG++: unused-result
 */
#include "types.h"

void lose(struct job_fence *fence);

void lose(struct job_fence *fence)
{
	job_fence_take(&fence); /* WRONG */
	job_fence_signal(&fence, 0);
}
