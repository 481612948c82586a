/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Red-black trees. A node is a member of the object that is sorted. To insert
 * one, the caller walks down the tree to find the position, links the node and
 * rebalances the tree; or calls rb_add() or one of its variants. A cached tree
 * knows its first node. Augmented trees are in
 * <linux/rbtree_augmented.h>. Left out: the RCU variants.
 * Implemented in compat/rbtree.c.
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
#include <linux/rbtree_types.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <linux/rcupdate.h>

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

/* Put @new, which has the same place in the order, where @old is. */
void rb_replace_node(struct rb_node *old, struct rb_node *new,
		     struct rb_root *root) LFSHIM(rb_replace_node);

/* Children before their parent, so that a whole tree can be freed. */
struct rb_node *rb_first_postorder(const struct rb_root *root)
	LFSHIM(rb_first_postorder);
struct rb_node *rb_next_postorder(const struct rb_node *node)
	LFSHIM(rb_next_postorder);

#define rb_entry_safe(ptr, type, member) ({				\
	__typeof__(ptr) __node = (ptr);					\
	__node ? rb_entry(__node, type, member) : NULL; })

/* The body may free @pos. */
#define rbtree_postorder_for_each_entry_safe(pos, n, root, field)	\
	for (pos = rb_entry_safe(rb_first_postorder(root),		\
				 __typeof__(*pos), field);		\
	     pos && ({ n = rb_entry_safe(rb_next_postorder(&pos->field), \
					 __typeof__(*pos), field); 1; }); \
	     pos = n)

/* Cached trees */

#define rb_first_cached(root)	((root)->rb_leftmost)

/* Step 2 of an insertion; @leftmost: step 1 went left at each node. */
static inline void rb_insert_color_cached(struct rb_node *node,
					  struct rb_root_cached *root,
					  bool leftmost)
{
	if (leftmost)
		root->rb_leftmost = node;
	rb_insert_color(node, &root->rb_root);
}

/* Return: the new first node, if @node was the first, else NULL. */
static inline struct rb_node *rb_erase_cached(struct rb_node *node,
					      struct rb_root_cached *root)
{
	struct rb_node *first = NULL;

	if (root->rb_leftmost == node)
		first = root->rb_leftmost = rb_next(node);
	rb_erase(node, &root->rb_root);
	return first;
}

static inline void rb_replace_node_cached(struct rb_node *old,
					  struct rb_node *new,
					  struct rb_root_cached *root)
{
	if (root->rb_leftmost == old)
		root->rb_leftmost = new;
	rb_replace_node(old, new, &root->rb_root);
}

/*
 * With a comparison. These are inline, so that the compiler can expand it. Of
 * equal nodes, the one that was added later comes later.
 */

/**
 * rb_add - insert a node
 * @node: the node, in no tree
 * @tree: the tree
 * @less: is the first node before the second one?
 *
 * Context: any.
 */
static lfshim_inline void rb_add(struct rb_node *node, struct rb_root *tree,
				 bool (*less)(struct rb_node *a,
					      const struct rb_node *b))
{
	struct rb_node **link = &tree->rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = less(node, parent) ? &parent->rb_left :
					    &parent->rb_right;
	}
	rb_link_node(node, parent, link);
	rb_insert_color(node, tree);
}

/* The same. Return: @node if it is the first node now, else NULL. */
static lfshim_inline struct rb_node *
rb_add_cached(struct rb_node *node, struct rb_root_cached *tree,
	      bool (*less)(struct rb_node *a, const struct rb_node *b))
{
	struct rb_node **link = &tree->rb_root.rb_node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (less(node, parent)) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(node, parent, link);
	rb_insert_color_cached(node, tree, leftmost);
	return leftmost ? node : NULL;
}

/* Insert @node, unless an equal one is in the tree, which is returned. */
static lfshim_inline struct rb_node *
rb_find_add(struct rb_node *node, struct rb_root *tree,
	    int (*cmp)(struct rb_node *a, const struct rb_node *b))
{
	struct rb_node **link = &tree->rb_node, *parent = NULL;
	int order;

	while (*link) {
		parent = *link;
		order = cmp(node, parent);
		if (!order)
			return parent;
		link = order < 0 ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(node, parent, link);
	rb_insert_color(node, tree);
	return NULL;
}

/* A node for which @cmp returns 0, or NULL. */
static lfshim_inline struct rb_node *
rb_find(const void *key, const struct rb_root *tree,
	int (*cmp)(const void *key, const struct rb_node *node))
{
	struct rb_node *node = tree->rb_node;
	int order;

	while (node && (order = cmp(key, node)))
		node = order < 0 ? node->rb_left : node->rb_right;
	return node;
}

/* The first of these nodes, or NULL. */
static lfshim_inline struct rb_node *
rb_find_first(const void *key, const struct rb_root *tree,
	      int (*cmp)(const void *key, const struct rb_node *node))
{
	struct rb_node *node = tree->rb_node, *found = NULL;
	int order;

	while (node) {
		order = cmp(key, node);
		if (!order)
			found = node;
		node = order <= 0 ? node->rb_left : node->rb_right;
	}
	return found;
}

#endif
