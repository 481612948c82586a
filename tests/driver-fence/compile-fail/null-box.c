// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A box needs contents.
 *
 * EXPECT-GCC: Werror=nonnull
 * EXPECT-CLANG: Wnonnull
 * EXPECT-G++: Werror=nonnull
 * EXPECT-CLANG++: Wnonnull
 */
#include "types.h"

struct config_box *make(const struct config *config);

struct config_box *make(const struct config *config)
{
	if (!config) return config_box_create(NULL); /* WRONG */
	return config_box_create(config);
}
