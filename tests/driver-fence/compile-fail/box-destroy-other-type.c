// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The destructor of a box takes a pointer to the box's own type.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: no matching function for call
 */
#include "types.h"

static LIBFENCE_UNUSED void end_job(struct job *job)
{
	job->id = 0;
}

LIBFENCE_RCU_BOX_DESTROY(boxed_job, struct job, end_job);
LIBFENCE_RCU_BOX_DESTROY(boxed_blit, struct blit, end_job); /* WRONG */
