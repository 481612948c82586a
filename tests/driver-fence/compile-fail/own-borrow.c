// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Assignment does not turn a borrow into an owner.
 *
 * EXPECT-GCC: discarded-qualifiers
 * EXPECT-CLANG: discards-qualifiers
 * EXPECT-G++: invalid conversion from
 * EXPECT-CLANG++: assigning to .* from
 */
#include "types.h"

int peek(const void *stored);

int peek(const void *stored)
{
	const struct job_fence *borrow = job_fence_borrow(stored);
	struct job_fence *owner = NULL;

	owner = job_fence_borrow(stored); /* WRONG */
	return owner ? 1 : job_fence_payload(borrow)->id;
}
