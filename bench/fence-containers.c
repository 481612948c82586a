// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Arrays and chains of 1000 fences. Each lane goes through all that happens to
 * one of them, and measures one phase of it. The fences inside outlive the
 * container: the benchmark has a reference of its own and counts them in the
 * end. Freeing the links of a chain is part of its release.
 */

#include <linux/dma-fence-array.h>
#include <linux/dma-fence-chain.h>
#include <linux/slab.h>

#include "fence.h"

/*
 * Every so many containers what they retired is waited for, outside of what is
 * measured.
 */
#define DRAIN		64

struct contained {
	struct dma_fence fence[NR_CONTAINED];
	struct dma_fence_chain *link[NR_CONTAINED];
	unsigned long retired;
};

void fence_contained_setup(struct lane *l)
{
	struct contained *c = must_alloc(sizeof(*c));

	c->retired = 0;
	l->state = c;
}

void fence_contained_teardown(struct lane *l)
{
	rcu_barrier();
	free(l->state);
}

static void begin(struct contained *c)
{
	int i;

	if (++c->retired % DRAIN == 0)
		rcu_barrier();
	for (i = 0; i < NR_CONTAINED; i++)
		bench_fence_init(&c->fence[i], &bench_fence_ops, 1, i + 1);
}

/* The reference that the container does not get. */
static void end(struct lane *l)
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

	begin(c);
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
		end(l);
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

	begin(c);
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
		/* Somebody waits for every point, not for the last only. */
		for (i = 0; i < NR_CONTAINED; i++)
			dma_fence_enable_signaling(&c->link[i]->base);
		break;
	default:
		/* Nobody asks: the links stay, all of them, to be released. */
		break;
	}

	t0 = ticks();
	signal_all(c);
	if (l->arg == CHAIN_SIGNAL || l->arg == CHAIN_SIGNAL_EACH) {
		took = span(t0, ticks());
		/* Asking would signal it, and hide that nobody has. */
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
		end(l);
	}
	return total;
}
