// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What is taken out of a foreign store has an owner.
 *
 * EXPECT-GCC: unused-result
 * EXPECT-CLANG: unused-result
 * EXPECT-G++: unused-result
 * EXPECT-CLANG++: unused-result
 */
#include "types.h"

void lose(void **slot);

void lose(void **slot)
{
	job_fence_from_foreign(*slot); /* WRONG */
	*slot = NULL;
}
