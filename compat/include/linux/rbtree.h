/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Red-black trees. A node is a member of the object that is sorted. To insert
 * one, the caller walks down the tree to find the position, links the node and
 * rebalances the tree. Left out: cached and augmented trees, rb_add(),
 * rb_find() and the postorder functions. Implemented in compat/rbtree.c.
 *
 *	rb_link_node(&new->node, parent, link);
 *	rb_insert_color(&new->node, &tree);
 *
 * Context: any. The caller serialises all access to a tree.
 */
#ifndef _LINUX_RBTREE_H
#define _LINUX_RBTREE_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <linux/rcupdate.h>

struct rb_node {
	/* The parent; bit 0 is set if this node is black. */
	unsigned long __rb_parent_color;
	struct rb_node *rb_right;
	struct rb_node *rb_left;
} __attribute__((__aligned__(sizeof(long))));

struct rb_root {
	struct rb_node *rb_node;
};

#define RB_ROOT		((struct rb_root){ NULL })
#define rb_entry(ptr, type, member)	container_of(ptr, type, member)

#define rb_parent(n)	((struct rb_node *)((n)->__rb_parent_color & ~3UL))

/* RB_CLEAR_NODE() marks a node that is in no tree: it points to itself. */
#define RB_EMPTY_ROOT(root)	(READ_ONCE((root)->rb_node) == NULL)
#define RB_EMPTY_NODE(n)	((n)->__rb_parent_color == (unsigned long)(n))
#define RB_CLEAR_NODE(n)	((n)->__rb_parent_color = (unsigned long)(n))

/* Insert, step 1: link @node. @link is the NULL child pointer in @parent. */
static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	node->__rb_parent_color = (unsigned long)parent;
	node->rb_left = node->rb_right = NULL;
	*link = node;
}

/* Insert, step 2: rebalance. */
void rb_insert_color(struct rb_node *node, struct rb_root *root)
	LFSHIM(rb_insert_color);
/* Remove @node, which is in the tree @root. This does not change @node. */
void rb_erase(struct rb_node *node, struct rb_root *root) LFSHIM(rb_erase);

/* In the order of the tree; NULL if there is no such node. */
struct rb_node *rb_first(const struct rb_root *root) LFSHIM(rb_first);
struct rb_node *rb_last(const struct rb_root *root) LFSHIM(rb_last);
struct rb_node *rb_next(const struct rb_node *node) LFSHIM(rb_next);
struct rb_node *rb_prev(const struct rb_node *node) LFSHIM(rb_prev);

#endif
