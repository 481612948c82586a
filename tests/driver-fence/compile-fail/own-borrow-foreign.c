// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Converting to a void pointer does not turn a borrow into a reference.
 *
 * EXPECT-GCC: discarded-qualifiers
 * EXPECT-CLANG: discards-qualifiers
 * EXPECT-G++: invalid conversion from
 * EXPECT-CLANG++: no matching function|cannot initialize a parameter
 */
#include "types.h"

struct libfence *keep(const struct libfence *borrow);

struct libfence *keep(const struct libfence *borrow)
{
	struct libfence *owner = NULL;

	owner = libfence_from_foreign(borrow); /* WRONG */
	return owner ? owner : libfence_get(borrow);
}
