// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The contents of a box are const, because others are reading them.
 *
 * EXPECT-GCC: increment of member 'limit' in read-only object
 * EXPECT-CLANG: cannot assign to variable .* with const-qualified type
 * EXPECT-G++: increment of member '.*' in read-only object
 * EXPECT-CLANG++: cannot assign to variable .* with const-qualified type
 */
#include "types.h"

int raise_limit(const struct config_box *box);

int raise_limit(const struct config_box *box)
{
	const struct config *config = config_box_read(box);

	config->limit++; /* WRONG */
	return config->limit;
}
