// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Assignment does not make the contents of a box writable.
 *
 * EXPECT-GCC: discarded-qualifiers
 * EXPECT-CLANG: discards-qualifiers
 * EXPECT-G++: invalid conversion from
 * EXPECT-CLANG++: assigning to .* from
 */
#include "types.h"

int peek(struct config_box **slot);

int peek(struct config_box **slot)
{
	const struct config *config = config_box_read_rcu(slot);
	struct config *writable = NULL;

	writable = config_box_read_rcu(slot); /* WRONG */
	return writable ? writable->limit : config->limit;
}
