// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A box converted to a foreign pointer must be stored.
 *
 * EXPECT-GCC: unused-result
 * EXPECT-CLANG: unused-result
 * EXPECT-G++: unused-result
 * EXPECT-CLANG++: unused-result
 */
#include "types.h"

void lose(struct config_box *box);

void lose(struct config_box *box)
{
	config_box_into_foreign(&box); /* WRONG */
	config_box_drop(&box);
}
