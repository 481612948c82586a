// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A driver fence is already committed: it is not a preparation.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

struct job_fence *commit(struct libfence_context *ctx, struct job_prep *prep);

struct job_fence *commit(struct libfence_context *ctx, struct job_prep *prep)
{
	struct job_fence *fence = job_commit(ctx, &prep);

	fence = job_commit(ctx, &fence); /* WRONG */
	return fence;
}
