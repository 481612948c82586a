// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A box is dropped twice, through a copy of the pointer.
 *
 * EXPECT: -Wanalyzer-double-free
 * EXPECT: -Wanalyzer-use-after-free
 * EXPECT: -Wuse-after-free
 */
#include "../compile-fail/types.h"

void run(const struct config *config);

void run(const struct config *config)
{
	struct config_box *box = config_box_create(config);
	struct config_box *copy = box;

	config_box_drop(&box);
#ifdef MISTAKE
	config_box_drop(&copy);
#else
	(void)copy;
#endif
}
