/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A walk over a list, in a shared library. */
#ifndef FENCE_BENCH_FAR_H
#define FENCE_BENCH_FAR_H

/* Has the size of a callback. */
struct walk_node {
	struct walk_node *next;
	void *unused;
	void (*func)(struct walk_node *node);
};

__attribute__((aligned(64))) void far_walk(struct walk_node *node);

#endif
