// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A stored driver fence is a borrow, and cannot be signalled.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types-discards-qualifiers
 * EXPECT-G++: invalid conversion from|cannot convert
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

int peek(const void *stored);

int peek(const void *stored)
{
	const struct job_fence *fence = job_fence_borrow(stored);

	job_fence_signal(&fence, 0); /* WRONG */
	return job_fence_payload(fence)->id;
}
