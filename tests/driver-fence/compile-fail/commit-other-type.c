// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A preparation becomes a fence of its own type only.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

struct blit_fence *commit(struct libfence_context *ctx, struct job_prep *prep);

struct blit_fence *commit(struct libfence_context *ctx, struct job_prep *prep)
{
	struct blit_fence *fence = NULL;

	fence = blit_commit(ctx, &prep); /* WRONG */
	job_prep_free(&prep);
	(void)ctx;
	return fence;
}
