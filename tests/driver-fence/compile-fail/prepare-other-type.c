// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A preparation is made from its own payload.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

struct job_prep *prepare(const struct blit *blit);

struct job_prep *prepare(const struct blit *blit)
{
	struct job_prep *prep = NULL;

	prep = job_prepare(blit); /* WRONG */
	(void)blit;
	return prep;
}
