// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A wait may end before the fence is signalled: its result must be used.
 *
 * EXPECT-GCC: unused-result
 * EXPECT-CLANG: unused-result
 * EXPECT-G++: unused-result
 * EXPECT-CLANG++: unused-result
 */
#include "types.h"

int follow(const struct libfence *fence);

int follow(const struct libfence *fence)
{
	libfence_wait(fence, LIBFENCE_FOREVER); /* WRONG */
	return libfence_status(fence);
}
