// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The plain face for several fences: waiting, merging, deadlines. */

#include <linux/dma-fence.h>
#include <linux/dma-fence-array.h>
#include <linux/dma-fence-unwrap.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <libfence/dma-fence.h>
#include <libfence/several.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "engine/sizes.h"
#include "fence/fence.h"
#include "fence/lanes.h"

/* After so many merges, wait for their deferred frees. Not measured. */
#define DRAIN		64

struct several {
	struct dma_fence fence[NR_CONTAINED];
	struct dma_fence *table[NR_CONTAINED];
	struct dma_fence_unwrap cursors[NR_CONTAINED];
	unsigned long made;
};

void fence_several_setup(struct lane *l)
{
	struct several *s = must_alloc(sizeof(*s));
	int i;

	for (i = 0; i < NR_CONTAINED; i++) {
		/* Contexts in no order: 389 and 1000 have no common factor. */
		bench_fence_init(&s->fence[i], &bench_fence_ops,
				 1 + i * 389 % NR_CONTAINED, 1);
		s->table[i] = &s->fence[i];
	}
	s->made = 0;
	l->state = s;
}

void fence_several_teardown(struct lane *l)
{
	struct several *s = l->state;
	int i;

	rcu_barrier();
	for (i = 0; i < NR_CONTAINED; i++)
		check_fence(l, &s->fence[i],
			    dma_fence_test_signaled_flag(&s->fence[i]));
	free(s);
}

/* The last of 64 is signalled. */
uint64_t fence_many_done(struct lane *l, unsigned long n)
{
	struct several *s = l->state;
	struct libfence **fences = (struct libfence **)s->table;
	unsigned long found = 0, i;
	size_t index = 0;
	uint64_t t0;

	dma_fence_signal(s->table[NR_ANY - 1]);
	t0 = ticks();
	for (i = 0; i < n; i++) {
		found += !libfence_wait_many(fences, NR_ANY, LIBFENCE_ANY,
					     LIBFENCE_FOREVER, &index, NULL) &&
			 index == NR_ANY - 1;
		hide(fences);
	}
	t0 = span(t0, ticks());
	if (found != n)
		wrong("%s: found %lu of %lu", l->name, found, n);
	return t0;
}

static uint64_t one_merge(struct lane *l)
{
	struct several *s = l->state;
	struct dma_fence *merged;
	uint64_t t0;

	if (++s->made % DRAIN == 0)
		rcu_barrier();
	t0 = ticks();
	if (l->arg == MERGE_PLAIN)
		merged = libfence_to_dma_fence(libfence_merge(
			(struct libfence *const *)s->table, NR_CONTAINED));
	else
		merged = __dma_fence_unwrap_merge(NR_CONTAINED, s->table,
						  s->cursors);
	t0 = span(t0, ticks());
	if (!merged || to_dma_fence_array(merged)->num_fences != NR_CONTAINED)
		wrong("%s: not all fences were merged", l->name);
	dma_fence_put(merged);
	return t0;
}

uint64_t fence_merge(struct lane *l, unsigned long n)
{
	uint64_t total = 0;

	while (n--)
		total += one_merge(l);
	return total;
}

/* A wait until 100 us from now. */
uint64_t fence_deadline(struct lane *l, unsigned long n)
{
	struct several *s = l->state;
	const struct libfence *fence = libfence_borrow_dma_fence(s->table[0]);
	unsigned long late = 0, i;
	uint64_t t0 = ticks();

	for (i = 0; i < n; i++)
		late += libfence_wait_until(fence,
					    ktime_get() + DEADLINE_NS, 0) ==
			-ETIMEDOUT;
	t0 = span(t0, ticks());
	if (late != n)
		wrong("%s: %lu of %lu waits timed out", l->name, late, n);
	return t0;
}
