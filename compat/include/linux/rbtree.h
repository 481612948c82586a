/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Balanced trees of nodes that are part of what they sort. Whoever inserts
 * walks down the tree, links the node where it belongs, and has it balanced:
 *
 *	rb_link_node(&new->node, parent, link);
 *	rb_insert_color(&new->node, &tree);
 *
 * Context: any; the callers keep each other out.
 */
#ifndef _LINUX_RBTREE_H
#define _LINUX_RBTREE_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/stddef.h>
#include <linux/types.h>

struct rb_node {
	/* The parent; bit 0 says that this node is black. */
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

/* A node that is in no tree points to itself, if it was told to. */
#define RB_EMPTY_ROOT(root)	(READ_ONCE((root)->rb_node) == NULL)
#define RB_EMPTY_NODE(n)	((n)->__rb_parent_color == (unsigned long)(n))
#define RB_CLEAR_NODE(n)	((n)->__rb_parent_color = (unsigned long)(n))

/* The first step of an insertion: @link is where @parent points to nothing. */
static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	node->__rb_parent_color = (unsigned long)parent;
	node->rb_left = node->rb_right = NULL;
	*link = node;
}

/* The second. */
void rb_insert_color(struct rb_node *node, struct rb_root *root)
	LFSHIM(rb_insert_color);
/* @node is in the tree of @root, and is not touched. */
void rb_erase(struct rb_node *node, struct rb_root *root) LFSHIM(rb_erase);

/* In order; NULL at either end. */
struct rb_node *rb_first(const struct rb_root *root) LFSHIM(rb_first);
struct rb_node *rb_last(const struct rb_root *root) LFSHIM(rb_last);
struct rb_node *rb_next(const struct rb_node *node) LFSHIM(rb_next);
struct rb_node *rb_prev(const struct rb_node *node) LFSHIM(rb_prev);

#endif
