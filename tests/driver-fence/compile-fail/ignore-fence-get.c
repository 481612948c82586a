// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A new reference must be kept, or it is never put.
 *
 * EXPECT-GCC: unused-result
 * EXPECT-CLANG: unused-result
 * EXPECT-G++: unused-result
 * EXPECT-CLANG++: unused-result
 */
#include "types.h"

int lose(const struct job_fence *fence);

int lose(const struct job_fence *fence)
{
	job_fence_get(fence); /* WRONG */
	return job_fence_payload(fence)->id;
}
