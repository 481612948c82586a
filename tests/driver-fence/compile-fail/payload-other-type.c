// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A payload is accessed as its own type only.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: assigning to .* from incompatible type|incompatible pointer types
 */
#include "types.h"

int peek(const struct job_fence *fence);

int peek(const struct job_fence *fence)
{
	const struct blit *blit = NULL;

	blit = job_fence_payload(fence); /* WRONG */
	return blit ? blit->width : job_fence_payload(fence)->id;
}
