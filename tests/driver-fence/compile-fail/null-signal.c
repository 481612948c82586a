// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The variable to signal must not be NULL.
 *
 * EXPECT-GCC: Werror=nonnull
 * EXPECT-CLANG: Wnonnull
 * EXPECT-G++: Werror=nonnull
 * EXPECT-CLANG++: Wnonnull
 */
#include "types.h"

void done(struct job_fence *fence);

void done(struct job_fence *fence)
{
	job_fence_signal(NULL, 0); /* WRONG */
	job_fence_signal(&fence, 0);
}
