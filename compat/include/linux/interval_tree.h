/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Interval trees of unsigned longs; see <linux/interval_tree_generic.h>. Left
 * out: the iterators over spans. Implemented in compat/interval_tree.c.
 */
#ifndef _LINUX_INTERVAL_TREE_H
#define _LINUX_INTERVAL_TREE_H

#include <lfshim/kernel-code.h>
#include <linux/rbtree.h>

/* The interval @start ... @last, both included. */
struct interval_tree_node {
	struct rb_node rb;
	unsigned long start;
	unsigned long last;
	unsigned long __subtree_last;
};

void interval_tree_insert(struct interval_tree_node *node,
			  struct rb_root_cached *root)
	LFSHIM(interval_tree_insert);
void interval_tree_remove(struct interval_tree_node *node,
			  struct rb_root_cached *root)
	LFSHIM(interval_tree_remove);

/* The first interval that overlaps @start ... @last, and the next one; or NULL. */
struct interval_tree_node *
interval_tree_iter_first(struct rb_root_cached *root, unsigned long start,
			 unsigned long last) LFSHIM(interval_tree_iter_first);
struct interval_tree_node *
interval_tree_iter_next(struct interval_tree_node *node, unsigned long start,
			unsigned long last) LFSHIM(interval_tree_iter_next);

#endif
