// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The previously published box must be dropped.
 *
 * EXPECT-GCC: unused-result
 * EXPECT-CLANG: unused-result
 * EXPECT-G++: unused-result
 * EXPECT-CLANG++: unused-result
 */
#include "types.h"

void lose(struct config_box **slot, struct config_box *box);

void lose(struct config_box **slot, struct config_box *box)
{
	config_box_publish(slot, &box); /* WRONG */
	config_box_drop(&box);
	(void)slot;
}
