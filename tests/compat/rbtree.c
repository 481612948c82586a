// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Red-black trees: order, the colour rules and the links between nodes. */
#include "helpers.h"

#include <stdlib.h>
#include <linux/rbtree.h>
#include <linux/minmax.h>

struct item {
	int key;
	bool in;
	struct rb_node node;
};

#define NR_ITEMS	200

static bool is_black(const struct rb_node *node)
{
	return !node || node->__rb_parent_color & 1;
}

/* Returns the number of black nodes on each path down from @node. */
static int check_below(const struct rb_node *node, const struct rb_node *parent)
{
	int left, right;

	if (!node)
		return 0;
	assert_ptr_equal(rb_parent(node), parent);
	assert_true(is_black(node) ||
		    (is_black(node->rb_left) && is_black(node->rb_right)));
	left = check_below(node->rb_left, node);
	right = check_below(node->rb_right, node);
	assert_int_equal(left, right);
	return left + is_black(node);
}

/* Check that @root has all items that are @in, in order, in both directions. */
static void check(const struct rb_root *root, const struct item *items)
{
	struct rb_node *node;
	int i;

	assert_true(is_black(root->rb_node));
	check_below(root->rb_node, NULL);

	node = rb_first(root);
	for (i = 0; i < NR_ITEMS; i++) {
		if (!items[i].in)
			continue;
		assert_ptr_equal(node, &items[i].node);
		node = rb_next(node);
	}
	assert_null(node);

	node = rb_last(root);
	while (i--) {
		if (!items[i].in)
			continue;
		assert_ptr_equal(node, &items[i].node);
		node = rb_prev(node);
	}
	assert_null(node);
}

static void insert(struct rb_root *root, struct item *item)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = item->key < rb_entry(parent, struct item, node)->key ?
			&parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&item->node, parent, link);
	rb_insert_color(&item->node, root);
	item->in = true;
}

static void erase(struct rb_root *root, struct item *item)
{
	rb_erase(&item->node, root);
	item->in = false;
}

static void init(struct item *items)
{
	int i;

	for (i = 0; i < NR_ITEMS; i++)
		items[i] = (struct item){ .key = i };
}

static void test_empty(void **state)
{
	struct rb_root root = RB_ROOT;
	struct rb_node node;

	assert_true(RB_EMPTY_ROOT(&root));
	assert_null(rb_first(&root));
	assert_null(rb_last(&root));
	RB_CLEAR_NODE(&node);
	assert_true(RB_EMPTY_NODE(&node));
	assert_null(rb_next(&node));
	assert_null(rb_prev(&node));
}

/* Ascending order, like seqnos. */
static void test_ascending(void **state)
{
	struct rb_root root = RB_ROOT;
	struct item items[NR_ITEMS];
	int i;

	init(items);
	for (i = 0; i < NR_ITEMS; i++) {
		insert(&root, &items[i]);
		check(&root, items);
	}
	for (i = 0; i < NR_ITEMS; i++) {
		erase(&root, &items[i]);
		check(&root, items);
	}
	assert_true(RB_EMPTY_ROOT(&root));
}

static void test_descending(void **state)
{
	struct rb_root root = RB_ROOT;
	struct item items[NR_ITEMS];
	int i;

	init(items);
	for (i = NR_ITEMS; i--;)
		insert(&root, &items[i]);
	check(&root, items);
	for (i = NR_ITEMS; i--;) {
		erase(&root, &items[i]);
		check(&root, items);
	}
}

static void test_at_random(void **state)
{
	struct rb_root root = RB_ROOT;
	struct item items[NR_ITEMS], *item;
	unsigned int seed = 1;
	int i;

	init(items);
	for (i = 0; i < 20000; i++) {
		item = &items[rand_r(&seed) % NR_ITEMS];
		if (item->in)
			erase(&root, item);
		else
			insert(&root, item);
		check(&root, items);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_empty),
		TEST(test_ascending),
		TEST(test_descending),
		TEST(test_at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
