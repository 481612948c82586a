// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Red-black trees: no red node has a red child, and there are as many black
 * nodes on each way down, so no way is longer than twice another.
 *
 * What is done on one side of a node is done on the other in the mirror: a
 * side is a bool here, true for the right.
 */
#include <linux/rbtree.h>

#define BLACK	1UL

static struct rb_node **child(struct rb_node *node, bool right)
{
	return right ? &node->rb_right : &node->rb_left;
}

/* No node is black. */
static bool is_red(const struct rb_node *node)
{
	return node && !(node->__rb_parent_color & BLACK);
}

static void set_red(struct rb_node *node)
{
	node->__rb_parent_color &= ~BLACK;
}

static void set_black(struct rb_node *node)
{
	node->__rb_parent_color |= BLACK;
}

static void set_parent(struct rb_node *node, struct rb_node *parent)
{
	node->__rb_parent_color = (unsigned long)parent |
				  (node->__rb_parent_color & BLACK);
}

/* Make @node, if it is one, a child of @parent. */
static void set_child(struct rb_node *parent, bool right, struct rb_node *node)
{
	*child(parent, right) = node;
	if (node)
		set_parent(node, parent);
}

/* @new, or nothing, takes the place of @old below @parent. */
static void replace(struct rb_root *root, struct rb_node *parent,
		    struct rb_node *old, struct rb_node *new)
{
	if (parent) {
		set_child(parent, parent->rb_right == old, new);
	} else {
		root->rb_node = new;
		if (new)
			set_parent(new, NULL);
	}
}

/* @node goes down to the side @right, and its other child takes its place. */
static void rotate(struct rb_root *root, struct rb_node *node, bool right)
{
	struct rb_node *up = *child(node, !right);

	replace(root, rb_parent(node), node, up);
	set_child(node, !right, *child(up, right));
	set_child(up, right, node);
}

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent, *grandparent, *uncle;
	bool side;

	/* The node is red; what can be wrong is that its parent is, too. */
	while (is_red(parent = rb_parent(node))) {
		/* There is one: the root is black. */
		grandparent = rb_parent(parent);
		side = grandparent->rb_right == parent;
		uncle = *child(grandparent, !side);
		if (is_red(uncle)) {
			set_black(parent);
			set_black(uncle);
			set_red(grandparent);
			node = grandparent;
			continue;
		}
		if (node == *child(parent, !side)) {
			rotate(root, parent, side);
			parent = node;
		}
		set_black(parent);
		set_red(grandparent);
		rotate(root, grandparent, !side);
		break;
	}
	set_black(root->rb_node);
}

/* The way to @node, a child of @parent or nothing, is short of a black one. */
static void balance(struct rb_root *root, struct rb_node *node,
		    struct rb_node *parent)
{
	struct rb_node *sibling;
	bool side;

	while (parent && !is_red(node)) {
		side = parent->rb_right == node;
		/* There is one, as its side has a black one more. */
		sibling = *child(parent, !side);
		if (is_red(sibling)) {
			set_black(sibling);
			set_red(parent);
			rotate(root, parent, side);
			sibling = *child(parent, !side);
		}
		if (!is_red(sibling->rb_left) && !is_red(sibling->rb_right)) {
			set_red(sibling);
			node = parent;
			parent = rb_parent(node);
			continue;
		}
		if (!is_red(*child(sibling, !side))) {
			set_black(*child(sibling, side));
			set_red(sibling);
			rotate(root, sibling, !side);
			sibling = *child(parent, !side);
		}
		if (is_red(parent))
			set_red(sibling);
		else
			set_black(sibling);
		set_black(parent);
		set_black(*child(sibling, !side));
		rotate(root, parent, side);
		return;
	}
	if (node)
		set_black(node);
}

static struct rb_node *outermost(struct rb_node *node, bool right)
{
	while (node && *child(node, right))
		node = *child(node, right);
	return node;
}

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent = rb_parent(node), *hole, *orphan, *next;
	bool black;

	if (node->rb_left && node->rb_right) {
		/* The next one, which has no left child, takes its place. */
		next = outermost(node->rb_right, false);
		orphan = next->rb_right;
		hole = rb_parent(next);
		black = !is_red(next);
		if (hole == node) {
			hole = next;
		} else {
			set_child(hole, false, orphan);
			set_child(next, true, node->rb_right);
		}
		set_child(next, false, node->rb_left);
		replace(root, parent, node, next);
		if (is_red(node))
			set_red(next);
		else
			set_black(next);
	} else {
		orphan = node->rb_left ? node->rb_left : node->rb_right;
		hole = parent;
		black = !is_red(node);
		replace(root, parent, node, orphan);
	}
	if (black)
		balance(root, orphan, hole);
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return outermost(root->rb_node, false);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return outermost(root->rb_node, true);
}

/* The neighbour on the side @right. */
static struct rb_node *neighbour(const struct rb_node *node, bool right)
{
	struct rb_node *n = (struct rb_node *)node, *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (*child(n, right))
		return outermost(*child(n, right), !right);
	/* Up, as long as we come from that side. */
	while ((parent = rb_parent(n)) && n == *child(parent, right))
		n = parent;
	return parent;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return neighbour(node, true);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return neighbour(node, false);
}
