// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The borrower of a box cannot drop it.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types-discards-qualifiers
 * EXPECT-G++: invalid conversion from|cannot convert
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

int peek(const struct config_box *box);

int peek(const struct config_box *box)
{
	config_box_drop(&box); /* WRONG */
	return config_box_read(box)->limit;
}
