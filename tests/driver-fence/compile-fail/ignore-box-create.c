// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A created box must be kept, or it is never dropped.
 *
 * EXPECT-GCC: unused-result
 * EXPECT-CLANG: unused-result
 * EXPECT-G++: unused-result
 * EXPECT-CLANG++: unused-result
 */
#include "types.h"

int lose(const struct config *config);

int lose(const struct config *config)
{
	config_box_create(config); /* WRONG */
	return config->limit;
}
