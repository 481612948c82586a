// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The owner of a foreign pointer must keep the result of its conversion.
 *
 * EXPECT-GCC: unused-result
 * EXPECT-CLANG: unused-result
 * EXPECT-G++: unused-result
 * EXPECT-CLANG++: unused-result
 */
#include "types.h"

void lose(void **slot);

void lose(void **slot)
{
	config_box_from_foreign(*slot); /* WRONG */
	*slot = NULL;
}
