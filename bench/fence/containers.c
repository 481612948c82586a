// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Arrays and chains of 1000 fences. Each lane does everything with a container,
 * from its creation to its release, and measures one phase of that. The fences
 * outlive the container: the benchmark has a reference to each, and checks in
 * the end that it is the only one. The release of a chain includes the frees of
 * its links.
 */

#include <linux/dma-fence-array.h>
#include <linux/dma-fence-chain.h>
#include <linux/slab.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "fence/fence.h"
#include "fence/lanes.h"

/* After so many containers, wait for their deferred frees. Not measured. */
#define DRAIN		64

struct contained {
	struct dma_fence fence[NR_CONTAINED];
	struct dma_fence_chain *link[NR_CONTAINED];
	unsigned long made;
};

void fence_contained_setup(struct lane *l)
{
	struct contained *c = must_alloc(sizeof(*c));

	c->made = 0;
	l->state = c;
}

void fence_contained_teardown(struct lane *l)
{
	rcu_barrier();
	free(l->state);
}

static void begin_container(struct contained *c)
{
	int i;

	if (++c->made % DRAIN == 0)
		rcu_barrier();
	for (i = 0; i < NR_CONTAINED; i++)
		bench_fence_init(&c->fence[i], &bench_fence_ops, 1, i + 1);
}

/* Checks that the reference of the benchmark is the only one. */
static void end_container(struct lane *l)
{
	struct contained *c = l->state;
	int i;

	for (i = 0; i < NR_CONTAINED; i++)
		check_fence(l, &c->fence[i], true);
}

static void signal_all(struct contained *c)
{
	int i;

	for (i = 0; i < NR_CONTAINED; i++)
		dma_fence_signal(&c->fence[i]);
}

static uint64_t one_array(struct lane *l)
{
	struct contained *c = l->state;
	struct dma_fence_array *array;
	struct dma_fence **table;
	uint64_t t[5];
	int i;

	begin_container(c);
	t[0] = ticks();
	table = kmalloc_objs(*table, NR_CONTAINED);
	if (!table)
		die("out of memory");
	for (i = 0; i < NR_CONTAINED; i++)
		table[i] = dma_fence_get(&c->fence[i]);
	array = dma_fence_array_create(NR_CONTAINED, table, 1, 1);
	if (!array)
		die("out of memory");
	t[1] = ticks();
	dma_fence_enable_signaling(&array->base);
	t[2] = ticks();
	signal_all(c);
	t[3] = ticks();

	if (!dma_fence_test_signaled_flag(&array->base) ||
	    dma_fence_get_status(&array->base) != 1)
		wrong("%s: the array is not signalled", l->name);
	if (kref_read(&array->base.refcount) != 1)
		wrong("%s: the array has %u references left", l->name,
		      kref_read(&array->base.refcount));

	t[4] = ticks();
	dma_fence_put(&array->base);
	if (l->arg == ARRAY_RELEASE)
		return span(t[4], ticks());
	return span(t[l->arg], t[l->arg + 1]);
}

uint64_t fence_array(struct lane *l, unsigned long n)
{
	uint64_t total = 0;

	while (n--) {
		total += one_array(l);
		end_container(l);
	}
	return total;
}

static void build_chain(struct contained *c)
{
	struct dma_fence *prev = NULL;
	int i;

	for (i = 0; i < NR_CONTAINED; i++) {
		c->link[i] = dma_fence_chain_alloc();
		if (!c->link[i])
			die("out of memory");
		dma_fence_chain_init(c->link[i], prev,
				     dma_fence_get(&c->fence[i]), i + 1);
		prev = &c->link[i]->base;
	}
}

static uint64_t walk_chain(struct lane *l, struct dma_fence *head)
{
	struct dma_fence *iter;
	uint64_t t0 = ticks();
	int links = 0;

	dma_fence_chain_for_each(iter, head)
		links++;
	t0 = span(t0, ticks());
	if (links != NR_CONTAINED)
		wrong("%s: walked over %d links", l->name, links);
	return t0;
}

static uint64_t one_chain(struct lane *l)
{
	struct contained *c = l->state;
	struct dma_fence *head;
	uint64_t t0, took = 0;
	int i;

	begin_container(c);
	build_chain(c);
	head = &c->link[NR_CONTAINED - 1]->base;

	switch (l->arg) {
	case CHAIN_WALK:
		took = walk_chain(l, head);
		break;
	case CHAIN_SIGNAL:
		dma_fence_enable_signaling(head);
		break;
	case CHAIN_SIGNAL_EACH:
		/* As if there were a waiter for every link. */
		for (i = 0; i < NR_CONTAINED; i++)
			dma_fence_enable_signaling(&c->link[i]->base);
		break;
	default:
		/* Without signalling enabled, the release finds all links. */
		break;
	}

	t0 = ticks();
	signal_all(c);
	if (l->arg == CHAIN_SIGNAL || l->arg == CHAIN_SIGNAL_EACH) {
		took = span(t0, ticks());
		/* dma_fence_is_signaled() would signal it, and hide an error. */
		if (!dma_fence_test_signaled_flag(head))
			wrong("%s: the chain is not signalled", l->name);
	}
	if (kref_read(&head->refcount) != 1)
		wrong("%s: the chain has %u references left", l->name,
		      kref_read(&head->refcount));

	t0 = ticks();
	dma_fence_put(head);
	if (l->arg == CHAIN_RELEASE)
		took = span(t0, ticks());
	return took;
}

uint64_t fence_chain(struct lane *l, unsigned long n)
{
	uint64_t total = 0;

	while (n--) {
		total += one_chain(l);
		end_container(l);
	}
	return total;
}
