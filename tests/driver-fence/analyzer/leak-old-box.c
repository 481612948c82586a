// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The previously published box is leaked.
 *
 * EXPECT: -Wanalyzer-malloc-leak
 */
#include "../compile-fail/types.h"

int set(struct config_box **slot, struct config_box *box, int limit);

int set(struct config_box **slot, struct config_box *box, int limit)
{
	struct config_box *old = config_box_publish(slot, &box);

	if (limit < 0) {
#ifndef MISTAKE
		config_box_drop(&old);
#endif
		return -2;
	}
	config_box_drop(&old);
	return 0;
}
