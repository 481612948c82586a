// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The borrower of a consumer fence cannot put it.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types-discards-qualifiers
 * EXPECT-G++: invalid conversion from|cannot convert
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

int peek(const struct libfence *fence);

int peek(const struct libfence *fence)
{
	libfence_put(&fence); /* WRONG */
	return libfence_status(fence);
}
