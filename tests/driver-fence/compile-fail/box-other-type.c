// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A box is read as its own type only.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

int peek(const struct palette_box *box);

int peek(const struct palette_box *box)
{
	const struct config *config = NULL;

	config = config_box_read(box); /* WRONG */
	return config ? config->limit : palette_box_read(box)->colours;
}
