// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A reference is given back by address, so that it gets cleared.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

void done(struct libfence *fence);

void done(struct libfence *fence)
{
	libfence_put(fence); /* WRONG */
	libfence_put(&fence);
}
