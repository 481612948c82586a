// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The walk of walk.c, in a shared library, because libfence is one. A call from
 * a shared library into the program costs more than a call inside of either:
 * some processors predict such a far jump less well.
 */

#include "limits/far.h"

void far_walk(struct walk_node *node)
{
	while (node) {
		struct walk_node *next = node->next;

		node->func(node);
		node = next;
	}
}
