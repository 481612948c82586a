// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Wait for a fence on one thread, signal it on another. */

#include <linux/dma-fence.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "engine/sizes.h"
#include "fence/fence.h"
#include "fence/lanes.h"

#define RING	64

struct fence_wake {
	/* One for each round. Two may share a cache line, as after malloc(). */
	struct dma_fence ring[RING];
	/* For a wait for any of several: all but the last one. */
	struct dma_fence idle[NR_ANY];
	struct dma_fence *any[NR_ANY];
	uint32_t index;
	signed long result;
	unsigned long signals, woken;
};

void fence_wake_setup(struct lane *l)
{
	struct fence_wake *w = must_alloc(sizeof(*w));
	int i;

	for (i = 0; i < NR_ANY; i++) {
		bench_fence_init(&w->idle[i], &bench_fence_ops, i + 2, 1);
		w->any[i] = &w->idle[i];
	}
	w->signals = w->woken = 0;
	l->state = w;
}

void fence_wake_teardown(struct lane *l)
{
	struct fence_wake *w = l->state;
	int i;

	if (w->signals != w->woken)
		wrong("%s: %lu signals, %lu wake-ups", l->name, w->signals,
		      w->woken);
	for (i = 0; i < NR_ANY - 1; i++) {
		check_fence(l, &w->idle[i], false);
		if (!list_empty(&w->idle[i].cb_list))
			wrong("%s: a wait has left a callback behind", l->name);
	}
	free(w);
}

static struct dma_fence *fence_of(struct lane *l, unsigned int i)
{
	return &((struct fence_wake *)l->state)->ring[i % RING];
}

static void wake_prepare(struct lane *l, unsigned int i)
{
	struct fence_wake *w = l->state;

	bench_fence_init(fence_of(l, i), &bench_fence_ops, 1, i);
	w->any[NR_ANY - 1] = fence_of(l, i);
	w->index = 0;
}

static void wake_signal(struct lane *l, unsigned int i)
{
	struct fence_wake *w = l->state;

	w->signals++;
	dma_fence_signal(fence_of(l, i));
}

static bool wake_is_right(struct lane *l, unsigned int i)
{
	struct fence_wake *w = l->state;
	struct dma_fence *f = fence_of(l, i);

	w->woken++;
	return w->result >= 0 && f->seqno == i &&
	       dma_fence_test_signaled_flag(f) && kref_read(&f->refcount) == 1;
}

static void wait_fence(struct lane *l, unsigned int i)
{
	struct fence_wake *w = l->state;

	w->result = dma_fence_wait(fence_of(l, i), false);
}

const struct wake_ops fence_wait_wake = {
	wake_prepare, wait_fence, wake_signal, wake_is_right,
};

static void poll_fence(struct lane *l, unsigned int i)
{
	struct fence_wake *w = l->state;
	struct dma_fence *f = fence_of(l, i);

	while (!dma_fence_is_signaled(f))
		relax();
	w->result = 0;
}

const struct wake_ops fence_poll_wake = {
	wake_prepare, poll_fence, wake_signal, wake_is_right,
};

static void wait_any(struct lane *l, unsigned int i)
{
	struct fence_wake *w = l->state;

	w->result = dma_fence_wait_any_timeout(w->any, NR_ANY, false,
					       MAX_SCHEDULE_TIMEOUT, &w->index);
}

static bool any_is_right(struct lane *l, unsigned int i)
{
	struct fence_wake *w = l->state;

	return wake_is_right(l, i) && w->result > 0 && w->index == NR_ANY - 1;
}

const struct wake_ops fence_any_wake = {
	wake_prepare, wait_any, wake_signal, any_is_right,
};

uint64_t fence_any_done(struct lane *l, unsigned long n)
{
	struct fence_wake *w = l->state;
	unsigned long found = 0, i;
	uint64_t t0;

	wake_prepare(l, 1);
	dma_fence_signal(fence_of(l, 1));
	t0 = ticks();
	for (i = 0; i < n; i++) {
		wait_any(l, 1);
		found += w->result > 0 && w->index == NR_ANY - 1;
		hide(w);
	}
	t0 = span(t0, ticks());
	if (found != n)
		wrong("%s: found %lu of %lu", l->name, found, n);
	return t0;
}
