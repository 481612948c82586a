// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The owner of a foreign pointer must keep what it is converted to.
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
