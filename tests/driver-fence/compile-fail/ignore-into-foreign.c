// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A reference converted to a foreign pointer must be stored.
 *
 * EXPECT-GCC: unused-result
 * EXPECT-CLANG: unused-result
 * EXPECT-G++: unused-result
 * EXPECT-CLANG++: unused-result
 */
#include "types.h"

void lose(struct libfence *fence);

void lose(struct libfence *fence)
{
	libfence_into_foreign(&fence); /* WRONG */
	libfence_put(&fence);
}
