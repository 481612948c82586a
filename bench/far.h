/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A list to be walked: nodes of the size of a callback. */
#ifndef FENCE_BENCH_FAR_H
#define FENCE_BENCH_FAR_H

struct node {
	struct node *next;
	void *unused;
	void (*func)(struct node *node);
};

__attribute__((aligned(64))) void far_walk(struct node *node);

#endif
