// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A new reference must be kept, or it is never put.
 *
 * EXPECT-GCC: unused-result
 * EXPECT-CLANG: unused-result
 * EXPECT-G++: unused-result
 * EXPECT-CLANG++: unused-result
 */
#include "types.h"

int lose(const struct libfence *fence);

int lose(const struct libfence *fence)
{
	libfence_get(fence); /* WRONG */
	return libfence_status(fence);
}
