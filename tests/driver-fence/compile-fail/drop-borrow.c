// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The borrower of a driver fence cannot drop it.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types-discards-qualifiers
 * EXPECT-G++: invalid conversion from|cannot convert
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

int peek(const struct job_fence *fence);

int peek(const struct job_fence *fence)
{
	job_fence_drop(&fence); /* WRONG */
	return job_fence_payload(fence)->id;
}
