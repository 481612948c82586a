// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The fence to query must not be NULL.
 *
 * EXPECT-GCC: Werror=nonnull
 * EXPECT-CLANG: Wnonnull
 * EXPECT-G++: Werror=nonnull
 * EXPECT-CLANG++: Wnonnull
 */
#include "types.h"

int peek(const struct libfence *fence);

int peek(const struct libfence *fence)
{
	if (libfence_is_signaled(NULL)) return 1; /* WRONG */
	return libfence_status(fence);
}
