// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A box is leaked on the path that rejects its contents.
 *
 * EXPECT: -Wanalyzer-malloc-leak
 */
#include "../compile-fail/types.h"

int set(struct config_box **slot, const struct config *config);

int set(struct config_box **slot, const struct config *config)
{
	struct config_box *box = config_box_create(config), *old;

	if (!box)
		return -1;
	if (config_box_read(box)->limit < 0) {
#ifndef MISTAKE
		config_box_drop(&box);
#endif
		return -2;
	}
	old = config_box_publish(slot, &box);
	config_box_drop(&old);
	return 0;
}
