// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A box is published only in a slot for boxes of its type.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

void publish(struct config_box **slot, struct palette_box *box);

void publish(struct config_box **slot, struct palette_box *box)
{
	struct config_box *old = NULL;

	old = config_box_publish(slot, &box); /* WRONG */
	config_box_drop(&old);
	palette_box_drop(&box);
	(void)slot;
}
