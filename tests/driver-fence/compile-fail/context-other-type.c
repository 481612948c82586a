// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The data of a context has one type.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: incompatible pointer types assigning|assigning to .* from incompatible type
 */
#include "types.h"

struct ring *data(struct job_fence *fence);

struct ring *data(struct job_fence *fence)
{
	struct ring *ring = ring_context_data(job_fence_context(fence));
	struct job *job = NULL;

	job = ring_context_data(job_fence_context(fence)); /* WRONG */
	return job ? NULL : ring;
}
