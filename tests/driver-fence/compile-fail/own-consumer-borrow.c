// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Assignment does not turn a borrow into a reference.
 *
 * EXPECT-GCC: discarded-qualifiers
 * EXPECT-CLANG: discards-qualifiers
 * EXPECT-G++: invalid conversion from
 * EXPECT-CLANG++: assigning to .* from
 */
#include "types.h"

void keep(const struct job_fence *fence, struct libfence **slot);

void keep(const struct job_fence *fence, struct libfence **slot)
{
	*slot = job_fence_consumer(fence); /* WRONG */
	*slot = job_fence_get(fence);
}
