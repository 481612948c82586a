// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The walk of limits.c, in a shared library. There is more to a call from one
 * into the program than to a call within either: some processors predict a
 * jump that far less well. libfence is a shared library too.
 */

#include "far.h"

void far_walk(struct node *node)
{
	while (node) {
		struct node *next = node->next;

		node->func(node);
		node = next;
	}
}
