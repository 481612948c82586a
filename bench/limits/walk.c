// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The limit of running callbacks: walk over lists and call a function for each
 * node. A list has as many nodes as a fence has callbacks, and a node has the
 * size of a callback.
 */

#include <stdlib.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "engine/sizes.h"
#include "limits/far.h"
#include "limits/limits.h"

static unsigned long visited;

/*
 * A node takes six cycles, so few that the position of a jump in its cache line
 * changes the result. So each of these two functions begins on a cache line.
 */
static __attribute__((noinline, aligned(64))) void
walk_visit(struct walk_node *node)
{
	visited++;
}

static __attribute__((noinline, aligned(64))) void
walk_list(struct walk_node *node)
{
	while (node) {
		struct walk_node *next = node->next;

		node->func(node);
		node = next;
	}
}

void raw_walk_setup(struct lane *l)
{
	unsigned long lists = LISTS_OF(l->arg), i, k;
	struct walk_node *nodes = must_alloc(lists * l->arg * sizeof(*nodes));

	for (i = 0; i < lists; i++) {
		struct walk_node *list = &nodes[i * l->arg];

		for (k = 0; k < (unsigned long)l->arg; k++) {
			list[k].next = k + 1 < (unsigned long)l->arg ?
					       &list[k + 1] : NULL;
			list[k].func = walk_visit;
		}
	}
	l->state = nodes;
}

void raw_walk_teardown(struct lane *l)
{
	free(l->state);
}

static inline uint64_t walk_lists(struct lane *l, unsigned long n,
				  void (*walk)(struct walk_node *))
{
	unsigned long lists = LISTS_OF(l->arg), i, blocks = n / lists;
	unsigned long expect = visited + n * l->arg;
	uint64_t t0, total = 0;

	while (blocks--) {
		t0 = ticks();
		for (i = 0; i < lists; i++) {
			struct walk_node *node = (struct walk_node *)l->state + i * l->arg;

			hide(node);
			walk(node);
		}
		total += span(t0, ticks());
	}
	if (visited != expect)
		wrong("%s: visited %ld nodes too many", l->name,
		      (long)(visited - expect));
	return total;
}

uint64_t raw_walk(struct lane *l, unsigned long n)
{
	return walk_lists(l, n, walk_list);
}

uint64_t raw_far_walk(struct lane *l, unsigned long n)
{
	return walk_lists(l, n, far_walk);
}
