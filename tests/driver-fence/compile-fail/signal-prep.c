// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A preparation is not a fence yet, and cannot be signalled.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

void done(struct job_prep *prep);

void done(struct job_prep *prep)
{
	job_fence_signal(&prep, 0); /* WRONG */
	job_prep_free(&prep);
}
