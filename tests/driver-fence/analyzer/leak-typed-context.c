// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A context that owns data is leaked when the driver fails to start.
 *
 * EXPECT: -Wanalyzer-malloc-leak
 */
#include "../compile-fail/types.h"

int start(struct ring *ring);
int run(void *arg);

int run(void *arg)
{
	struct libfence_context *ctx;
	int err;

	ctx = ring_context_create("driver", "timeline", 1, arg, &err);
	if (!ctx)
		return err;
	if (start(ring_context_data(ctx))) {
#ifndef MISTAKE
		libfence_context_destroy(&ctx);
#endif
		return -2;
	}
	libfence_context_destroy(&ctx);
	return 0;
}
