// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A context is leaked when the driver fails to start.
 *
 * EXPECT: -Wanalyzer-malloc-leak
 */
#include "../compile-fail/types.h"

int start(void);
int run(void *data);

int run(void *data)
{
	struct libfence_context *ctx;

	ctx = libfence_context_create("driver", "timeline", 1, data);
	if (!ctx)
		return -1;
	if (libfence_context_data(ctx) != data || start()) {
#ifndef MISTAKE
		libfence_context_destroy(&ctx);
#endif
		return -2;
	}
	libfence_context_destroy(&ctx);
	return 0;
}
