// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Red-black trees; see <linux/rbtree.h>. No red node has a red child, and every
 * path from the root down has the same number of black nodes. So no path is
 * longer than twice another.
 *
 * Each operation exists for the left and, mirrored, for the right side of a
 * node. Here a side is a bool, which is true for the right.
 */
#include <linux/rbtree.h>
#include <linux/rbtree_augmented.h>

#define RB_BLACK_BIT	1UL

static struct rb_node **rb_child(struct rb_node *node, bool right)
{
	return right ? &node->rb_right : &node->rb_left;
}

/* NULL counts as black. */
static bool rb_is_red(const struct rb_node *node)
{
	return node && !(node->__rb_parent_color & RB_BLACK_BIT);
}

static void rb_paint_red(struct rb_node *node)
{
	node->__rb_parent_color &= ~RB_BLACK_BIT;
}

static void rb_paint_black(struct rb_node *node)
{
	node->__rb_parent_color |= RB_BLACK_BIT;
}

static void rb_link_parent(struct rb_node *node, struct rb_node *parent)
{
	node->__rb_parent_color = (unsigned long)parent |
				  (node->__rb_parent_color & RB_BLACK_BIT);
}

/* Make @node, which may be NULL, the child of @parent on the side @right. */
static void rb_link_child(struct rb_node *parent, bool right,
			  struct rb_node *node)
{
	*rb_child(parent, right) = node;
	if (node)
		rb_link_parent(node, parent);
}

/* Replace @old, the child of @parent or the root, with @new or NULL. */
static void rb_substitute(struct rb_root *root, struct rb_node *parent,
			  struct rb_node *old, struct rb_node *new)
{
	if (parent) {
		rb_link_child(parent, parent->rb_right == old, new);
	} else {
		root->rb_node = new;
		if (new)
			rb_link_parent(new, NULL);
	}
}

/* Move @node down to the side @right. Its child on the other side moves up. */
static void rb_rotate(struct rb_root *root, struct rb_node *node, bool right,
		      const struct rb_augment_callbacks *augment)
{
	struct rb_node *up = *rb_child(node, !right);

	rb_substitute(root, rb_parent(node), node, up);
	rb_link_child(node, !right, *rb_child(up, right));
	rb_link_child(up, right, node);
	if (augment)
		augment->rotate(node, up);
}

void lfshim_rb_insert_augmented(struct rb_node *node, struct rb_root *root,
		      const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent, *grandparent, *uncle;
	bool side;

	/* The node is red. Only a red parent would break a rule. */
	while (rb_is_red(parent = rb_parent(node))) {
		/* It exists: the parent is red, and the root is black. */
		grandparent = rb_parent(parent);
		side = grandparent->rb_right == parent;
		uncle = *rb_child(grandparent, !side);
		if (rb_is_red(uncle)) {
			rb_paint_black(parent);
			rb_paint_black(uncle);
			rb_paint_red(grandparent);
			node = grandparent;
			continue;
		}
		if (node == *rb_child(parent, !side)) {
			rb_rotate(root, parent, side, augment);
			parent = node;
		}
		rb_paint_black(parent);
		rb_paint_red(grandparent);
		rb_rotate(root, grandparent, !side, augment);
		break;
	}
	rb_paint_black(root->rb_node);
}

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	lfshim_rb_insert_augmented(node, root, NULL);
}

/*
 * Rebalance: the paths through @node, which is a child of @parent or NULL, have
 * one black node less than the others.
 */
static void rb_rebalance(struct rb_root *root, struct rb_node *node,
			 struct rb_node *parent,
			 const struct rb_augment_callbacks *augment)
{
	struct rb_node *sibling;
	bool side;

	while (parent && !rb_is_red(node)) {
		side = parent->rb_right == node;
		/* It exists, since its side has one more black node. */
		sibling = *rb_child(parent, !side);
		if (rb_is_red(sibling)) {
			rb_paint_black(sibling);
			rb_paint_red(parent);
			rb_rotate(root, parent, side, augment);
			sibling = *rb_child(parent, !side);
		}
		if (!rb_is_red(sibling->rb_left) &&
		    !rb_is_red(sibling->rb_right)) {
			rb_paint_red(sibling);
			node = parent;
			parent = rb_parent(node);
			continue;
		}
		if (!rb_is_red(*rb_child(sibling, !side))) {
			rb_paint_black(*rb_child(sibling, side));
			rb_paint_red(sibling);
			rb_rotate(root, sibling, !side, augment);
			sibling = *rb_child(parent, !side);
		}
		if (rb_is_red(parent))
			rb_paint_red(sibling);
		else
			rb_paint_black(sibling);
		rb_paint_black(parent);
		rb_paint_black(*rb_child(sibling, !side));
		rb_rotate(root, parent, side, augment);
		return;
	}
	if (node)
		rb_paint_black(node);
}

static struct rb_node *rb_outermost(struct rb_node *node, bool right)
{
	while (node && *rb_child(node, right))
		node = *rb_child(node, right);
	return node;
}

void lfshim_rb_erase_augmented(struct rb_node *node, struct rb_root *root,
		     const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent = rb_parent(node), *hole, *orphan, *next = NULL;
	bool black;

	if (node->rb_left && node->rb_right) {
		/* Replace it with the next node, which has no left child. */
		next = rb_outermost(node->rb_right, false);
		orphan = next->rb_right;
		hole = rb_parent(next);
		black = !rb_is_red(next);
		if (hole == node) {
			hole = next;
		} else {
			rb_link_child(hole, false, orphan);
			rb_link_child(next, true, node->rb_right);
		}
		rb_link_child(next, false, node->rb_left);
		rb_substitute(root, parent, node, next);
		if (rb_is_red(node))
			rb_paint_red(next);
		else
			rb_paint_black(next);
	} else {
		orphan = node->rb_left ? node->rb_left : node->rb_right;
		hole = parent;
		black = !rb_is_red(node);
		rb_substitute(root, parent, node, orphan);
	}
	if (augment) {
		/*
		 * Below @next the values change up to it. @next itself has that
		 * of @node, so that a change of its own goes on above it.
		 */
		if (next) {
			augment->copy(node, next);
			if (hole != next)
				augment->propagate(hole, next);
		}
		if (next || hole)
			augment->propagate(next ? next : hole, NULL);
	}
	if (black)
		rb_rebalance(root, orphan, hole, augment);
}

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	lfshim_rb_erase_augmented(node, root, NULL);
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return rb_outermost(root->rb_node, false);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return rb_outermost(root->rb_node, true);
}

/* The next node in the direction @right, or NULL. */
static struct rb_node *rb_neighbour(const struct rb_node *node, bool right)
{
	struct rb_node *n = (struct rb_node *)node, *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (*rb_child(n, right))
		return rb_outermost(*rb_child(n, right), !right);
	/* Go up while the node is the child on that side. */
	while ((parent = rb_parent(n)) && n == *rb_child(parent, right))
		n = parent;
	return parent;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return rb_neighbour(node, true);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return rb_neighbour(node, false);
}

void rb_replace_node(struct rb_node *old, struct rb_node *new,
		     struct rb_root *root)
{
	*new = *old;
	if (new->rb_left)
		rb_link_parent(new->rb_left, new);
	if (new->rb_right)
		rb_link_parent(new->rb_right, new);
	rb_substitute(root, rb_parent(old), old, new);
}

/* The first node below @node, in postorder. */
static struct rb_node *rb_deepest(struct rb_node *node)
{
	while (node->rb_left || node->rb_right)
		node = node->rb_left ? node->rb_left : node->rb_right;
	return node;
}

struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return root->rb_node ? rb_deepest(root->rb_node) : NULL;
}

struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	struct rb_node *parent;

	if (!node)
		return NULL;
	parent = rb_parent(node);
	/* Before the parent come the nodes on its right. */
	if (parent && parent->rb_left == node && parent->rb_right)
		return rb_deepest(parent->rb_right);
	return parent;
}
