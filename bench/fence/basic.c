// SPDX-License-Identifier: GPL-2.0 OR MIT
/* One fence: take and drop references, ask whether it is signalled. */

#include <linux/dma-fence.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "fence/fence.h"
#include "fence/lanes.h"

void fence_one_setup(struct lane *l)
{
	struct dma_fence *f = must_alloc(sizeof(*f));

	bench_fence_init(f, l->arg & FENCE_HAS_OP ? &bench_fence_asking_ops :
						    &bench_fence_ops, 1, 1);
	if (l->arg & FENCE_SIGNALLED)
		dma_fence_signal(f);
	l->state = f;
}

void fence_one_teardown(struct lane *l)
{
	check_fence(l, l->state, l->arg & FENCE_SIGNALLED);
	free(l->state);
}

uint64_t fence_get_put(struct lane *l, unsigned long n)
{
	struct dma_fence *f = l->state;
	uint64_t t0;

	hide(f);
	t0 = ticks();
	OPS(n, f, dma_fence_get(f); dma_fence_put(f));
	t0 = span(t0, ticks());
	check_fence(l, f, l->arg & FENCE_SIGNALLED);
	return t0;
}

uint64_t fence_is_signaled(struct lane *l, unsigned long n)
{
	unsigned long count = 0;
	struct dma_fence *f = l->state;
	uint64_t t0;

	if (l->arg & FENCE_SIGNALLED) {
		t0 = ticks();
		OPS(n, f, EXPECT(dma_fence_is_signaled(f), count));
	} else {
		t0 = ticks();
		OPS(n, f, EXPECT(!dma_fence_is_signaled(f), count));
	}
	t0 = span(t0, ticks());
	if (count)
		wrong("%s: %lu wrong answers of %lu", l->name, count, n);
	return t0;
}
