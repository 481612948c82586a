// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A borrowed driver fence cannot be moved to another owner.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types-discards-qualifiers
 * EXPECT-G++: invalid conversion from|cannot convert
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

struct job_fence *peek(const struct job_fence *fence);

struct job_fence *peek(const struct job_fence *fence)
{
	(void)fence;
	return job_fence_take(&fence); /* WRONG */
	return NULL;
}
