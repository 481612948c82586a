/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Augmented red-black trees: each node has a value that is computed from its
 * subtree, such as the highest end of an interval in it. Implemented in
 * compat/rbtree.c.
 *
 * To insert a node, the caller walks down, updates the values on the way, sets
 * the value of the new node, links it and calls rb_insert_augmented().
 */
#ifndef _LINUX_RBTREE_AUGMENTED_H
#define _LINUX_RBTREE_AUGMENTED_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/rbtree.h>

/**
 * struct rb_augment_callbacks - how the values are kept
 * @propagate: compute the values of @node and of the nodes above it, up to but
 *	not including @stop
 * @copy: give @new the value of @old
 * @rotate: @new has taken the place of @old, which is a child of it now. Give
 *	@new the value of @old and compute that of @old.
 */
struct rb_augment_callbacks {
	void (*propagate)(struct rb_node *node, struct rb_node *stop);
	void (*copy)(struct rb_node *old, struct rb_node *new);
	void (*rotate)(struct rb_node *old, struct rb_node *new);
};

/* As rb_insert_color() and rb_erase(), which they are with NULL. */
void lfshim_rb_insert_augmented(struct rb_node *node, struct rb_root *root,
		      const struct rb_augment_callbacks *augment);
void lfshim_rb_erase_augmented(struct rb_node *node, struct rb_root *root,
		     const struct rb_augment_callbacks *augment);

static inline void
rb_insert_augmented(struct rb_node *node, struct rb_root *root,
		    const struct rb_augment_callbacks *augment)
{
	lfshim_rb_insert_augmented(node, root, augment);
}

static inline void
rb_erase_augmented(struct rb_node *node, struct rb_root *root,
		   const struct rb_augment_callbacks *augment)
{
	lfshim_rb_erase_augmented(node, root, augment);
}

/* @newleft: was the node inserted left of all others? */
static inline void
rb_insert_augmented_cached(struct rb_node *node, struct rb_root_cached *root,
			   bool newleft,
			   const struct rb_augment_callbacks *augment)
{
	if (newleft)
		root->rb_leftmost = node;
	lfshim_rb_insert_augmented(node, &root->rb_root, augment);
}

static inline void
rb_erase_augmented_cached(struct rb_node *node, struct rb_root_cached *root,
			  const struct rb_augment_callbacks *augment)
{
	if (root->rb_leftmost == node)
		root->rb_leftmost = rb_next(node);
	lfshim_rb_erase_augmented(node, &root->rb_root, augment);
}

/*
 * Define the callbacks @name for objects of type @rbstruct with the node
 * @rbfield and the value @rbaugmented. @rbcompute(object, exit) computes the
 * value and stores it; with @exit true it returns whether the value is the old
 * one, so that the nodes above keep theirs.
 */
#define RB_DECLARE_CALLBACKS(rbstatic, name, rbstruct, rbfield, rbaugmented, rbcompute) \
static inline void							\
name##_propagate(struct rb_node *rb, struct rb_node *stop)		\
{									\
	while (rb != stop) {						\
		if (rbcompute(rb_entry(rb, rbstruct, rbfield), true))	\
			break;						\
		rb = rb_parent(rb);					\
	}								\
}									\
static inline void							\
name##_copy(struct rb_node *rb_old, struct rb_node *rb_new)		\
{									\
	rb_entry(rb_new, rbstruct, rbfield)->rbaugmented =		\
		rb_entry(rb_old, rbstruct, rbfield)->rbaugmented;	\
}									\
static void								\
name##_rotate(struct rb_node *rb_old, struct rb_node *rb_new)		\
{									\
	name##_copy(rb_old, rb_new);					\
	rbcompute(rb_entry(rb_old, rbstruct, rbfield), false);		\
}									\
rbstatic const struct rb_augment_callbacks name = {			\
	.propagate = name##_propagate,					\
	.copy = name##_copy,						\
	.rotate = name##_rotate,					\
};

/* The value is the highest @rbcompute(object) of the subtree. */
#define RB_DECLARE_CALLBACKS_MAX(rbstatic, name, rbstruct, rbfield, rbtype, rbaugmented, rbcompute) \
static inline bool name##_compute_max(rbstruct *object, bool exit)	\
{									\
	struct rb_node *left = object->rbfield.rb_left;			\
	struct rb_node *right = object->rbfield.rb_right;		\
	rbtype max = rbcompute(object);					\
									\
	if (left && rb_entry(left, rbstruct, rbfield)->rbaugmented > max) \
		max = rb_entry(left, rbstruct, rbfield)->rbaugmented;	\
	if (right && rb_entry(right, rbstruct, rbfield)->rbaugmented > max) \
		max = rb_entry(right, rbstruct, rbfield)->rbaugmented;	\
	if (exit && object->rbaugmented == max)				\
		return true;						\
	object->rbaugmented = max;					\
	return false;							\
}									\
RB_DECLARE_CALLBACKS(rbstatic, name, rbstruct, rbfield, rbaugmented,	\
		     name##_compute_max)

#endif
