// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A driver fence converted to a foreign pointer must be stored.
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
	job_fence_into_foreign(&fence); /* WRONG */
	job_fence_signal(&fence, 0);
}
