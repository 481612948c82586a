/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Interval trees: a red-black tree of the intervals' starts, in which each node
 * has the highest end of its subtree. All of it is macros.
 */
#ifndef _LINUX_INTERVAL_TREE_GENERIC_H
#define _LINUX_INTERVAL_TREE_GENERIC_H

#include <lfshim/kernel-code.h>
#include <linux/rbtree_augmented.h>

/*
 * Define the functions
 *
 *	prefix_insert(object, tree)
 *	prefix_remove(object, tree)
 *	prefix_iter_first(tree, start, last): the first object, in the order of
 *		starts, that overlaps start ... last, both included; or NULL
 *	prefix_iter_next(object, start, last): the next one, or NULL
 *
 * for objects of type @itstruct with the node @itrb and the value @itsubtree of
 * type @ittype. @itstart(object) and @itlast(object) are its first and its last
 * number. @itstatic is static, or nothing. A tree is a struct rb_root_cached,
 * and the caller serialises all access to it.
 */
#define INTERVAL_TREE_DEFINE(itstruct, itrb, ittype, itsubtree, itstart, itlast, itstatic, itprefix) \
RB_DECLARE_CALLBACKS_MAX(static, itprefix##_augment, itstruct, itrb, ittype, \
			 itsubtree, itlast)				\
itstatic __maybe_unused void						\
itprefix##_insert(itstruct *object, struct rb_root_cached *root)	\
{									\
	struct rb_node **link = &root->rb_root.rb_node, *parent = NULL;	\
	ittype start = itstart(object), last = itlast(object);		\
	bool leftmost = true;						\
	itstruct *above;						\
									\
	while (*link) {							\
		parent = *link;						\
		above = rb_entry(parent, itstruct, itrb);		\
		if (above->itsubtree < last)				\
			above->itsubtree = last;			\
		if (start < itstart(above)) {				\
			link = &parent->rb_left;			\
		} else {						\
			link = &parent->rb_right;			\
			leftmost = false;				\
		}							\
	}								\
	object->itsubtree = last;					\
	rb_link_node(&object->itrb, parent, link);			\
	rb_insert_augmented_cached(&object->itrb, root, leftmost,	\
				   &itprefix##_augment);		\
}									\
itstatic __maybe_unused void						\
itprefix##_remove(itstruct *object, struct rb_root_cached *root)	\
{									\
	rb_erase_augmented_cached(&object->itrb, root,			\
				  &itprefix##_augment);			\
}									\
/* The first object below @rb that overlaps. Only if the left subtree ends	\
 * before @start, it has none; and if it ends later, but all of its objects	\
 * that reach @start begin after @last, so do those on the right. */		\
static itstruct *							\
itprefix##_subtree_search(struct rb_node *rb, ittype start, ittype last) \
{									\
	itstruct *object, *child;					\
									\
	while (rb) {							\
		object = rb_entry(rb, itstruct, itrb);			\
		if (object->itsubtree < start)				\
			return NULL;					\
		if (rb->rb_left) {					\
			child = rb_entry(rb->rb_left, itstruct, itrb);	\
			if (start <= child->itsubtree) {		\
				rb = rb->rb_left;			\
				continue;				\
			}						\
		}							\
		if (itstart(object) > last)				\
			return NULL;					\
		if (start <= itlast(object))				\
			return object;					\
		rb = rb->rb_right;					\
	}								\
	return NULL;							\
}									\
itstatic __maybe_unused itstruct *					\
itprefix##_iter_first(struct rb_root_cached *root, ittype start,	\
		      ittype last)					\
{									\
	return itprefix##_subtree_search(root->rb_root.rb_node, start,	\
					 last);				\
}									\
itstatic __maybe_unused itstruct *					\
itprefix##_iter_next(itstruct *object, ittype start, ittype last)	\
{									\
	struct rb_node *rb = object->itrb.rb_right, *below;		\
	itstruct *next;							\
									\
	for (;;) {							\
		next = itprefix##_subtree_search(rb, start, last);	\
		if (next)						\
			return next;					\
		/* Go up to the next node in the order of starts. */	\
		below = &object->itrb;					\
		while ((rb = rb_parent(below)) && below == rb->rb_right) \
			below = rb;					\
		if (!rb)						\
			return NULL;					\
		object = rb_entry(rb, itstruct, itrb);			\
		if (itstart(object) > last)				\
			return NULL;					\
		if (start <= itlast(object))				\
			return object;					\
		rb = rb->rb_right;					\
	}								\
}

#endif
