// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A context is destroyed twice, through a copy of the pointer.
 *
 * EXPECT: -Wanalyzer-double-free
 * EXPECT: -Wuse-after-free
 */
#include "../compile-fail/types.h"

void run(void);

void run(void)
{
	struct libfence_context *ctx, *copy;

	ctx = libfence_context_create("driver", "timeline", 1, NULL);
	copy = ctx;
	libfence_context_destroy(&ctx);
#ifdef MISTAKE
	libfence_context_destroy(&copy);
#else
	(void)copy;
#endif
}
