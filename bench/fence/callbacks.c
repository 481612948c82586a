// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Signal a fence, with and without callbacks; add callbacks. */

#include <linux/dma-fence.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "engine/sizes.h"
#include "fence/fence.h"
#include "fence/lanes.h"

/* For adding: so many fences, with so many callbacks each. */
#define ADD_FENCES	8
#define ADD_EACH	128

struct callbacks {
	unsigned long fences, each;
	struct dma_fence *fence;
	struct dma_fence_cb *cb;
	u64 seqno;
};

static unsigned long callbacks_ran;

/* Begins on a cache line, as walk_visit() of the limit does. */
static __attribute__((__noinline__, __aligned__(64))) void
count_callback(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	callbacks_ran++;
}

void fence_callbacks_setup(struct lane *l)
{
	struct callbacks *c = must_alloc(sizeof(*c));

	c->fences = l->rate == fence_add_callbacks ? ADD_FENCES :
						     LISTS_OF(l->arg);
	c->each = l->arg;
	c->fence = must_alloc(c->fences * sizeof(*c->fence));
	c->cb = must_alloc((c->fences * c->each + 1) * sizeof(*c->cb));
	c->seqno = 0;
	l->state = c;
}

void fence_callbacks_teardown(struct lane *l)
{
	struct callbacks *c = l->state;

	free(c->fence);
	free(c->cb);
	free(c);
}

static void init_callback_fences(struct callbacks *c)
{
	unsigned long i;

	for (i = 0; i < c->fences; i++)
		bench_fence_init(&c->fence[i], &bench_fence_ops, 1, ++c->seqno);
}

static unsigned long add_all_callbacks(struct callbacks *c)
{
	unsigned long i, k, failed = 0;
	struct dma_fence_cb *cb = c->cb;

	for (i = 0; i < c->fences; i++)
		for (k = 0; k < c->each; k++)
			failed += !!dma_fence_add_callback(&c->fence[i], cb++,
							   count_callback);
	return failed;
}

static void check_callbacks(struct lane *l, unsigned long failed,
		      unsigned long expect)
{
	struct callbacks *c = l->state;
	unsigned long i;

	for (i = 0; i < c->fences; i++)
		check_fence(l, &c->fence[i], true);
	if (failed)
		wrong("%s: %lu callbacks were refused", l->name, failed);
	if (callbacks_ran != expect)
		wrong("%s: %ld callbacks ran too often", l->name,
		      (long)(callbacks_ran - expect));
}

uint64_t fence_signal(struct lane *l, unsigned long n)
{
	struct callbacks *c = l->state;
	unsigned long blocks = n / c->fences, i, failed = 0;
	unsigned long expect = callbacks_ran + n * c->each;
	uint64_t total = 0, t0;

	while (blocks--) {
		struct dma_fence *f = c->fence;

		init_callback_fences(c);
		failed += add_all_callbacks(c);
		hide(f);
		t0 = ticks();
		for (i = 0; i < c->fences; i++) {
			dma_fence_signal(f++);
			hide(f);
		}
		total += span(t0, ticks());
	}
	check_callbacks(l, failed, expect);
	return total;
}

uint64_t fence_add_callbacks(struct lane *l, unsigned long n)
{
	struct callbacks *c = l->state;
	unsigned long blocks = n / (c->fences * c->each), i, failed = 0;
	unsigned long expect = callbacks_ran + n;
	uint64_t total = 0, t0;

	while (blocks--) {
		init_callback_fences(c);
		t0 = ticks();
		failed += add_all_callbacks(c);
		total += span(t0, ticks());
		for (i = 0; i < c->fences; i++)
			dma_fence_signal(&c->fence[i]);
	}
	check_callbacks(l, failed, expect);
	return total;
}
