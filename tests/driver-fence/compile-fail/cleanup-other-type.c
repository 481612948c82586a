// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The cleanup attribute must match the type of the variable.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: parameter has type .* which is incompatible
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: parameter has type .* which is incompatible
 */
#include "types.h"

void scope(struct job_fence *fence);

void scope(struct job_fence *fence)
{
	struct job_fence *right LIBFENCE_CLEANUP(job_fence_drop) = fence;
	struct job_fence *wrong LIBFENCE_CLEANUP(libfence_put) = NULL; /* WRONG */

	job_fence_signal(&right, 0);
}
