// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Driver fences, which are compared with the bare fences inside them. */

#include <linux/dma-fence.h>
#include <libfence/driver-fence.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "fence/lanes.h"

struct bench_job {
	int id;
};

LIBFENCE_PAYLOAD(bench, struct bench_job);

static struct libfence_context *context;

void fence_driver_setup(struct lane *l)
{
	context = libfence_context_create("bench", "bench", 1, NULL);
	if (!context)
		die("no memory for a context");
	fence_create_setup(l);
}

void fence_driver_teardown(struct lane *l)
{
	fence_create_teardown(l);
	libfence_context_destroy(&context);
}

uint64_t fence_driver_create_signal(struct lane *l, unsigned long n)
{
	const struct bench_job initial = { .id = 1 };
	unsigned long failed = 0;
	uint64_t t0 = ticks();

	OPS(n, l, {
		struct bench_prep *prep = bench_prepare(&initial);
		struct bench_fence *fence;

		if (!prep) {
			failed++;
			continue;
		}
		fence = bench_commit(context, &prep);
		bench_fence_signal(&fence, 0);
	});
	t0 = span(t0, ticks());
	if (failed)
		wrong("%s: no memory for a fence", l->name);
	return t0;
}
