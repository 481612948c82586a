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

static bool item_less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct item, node)->key <
	       rb_entry(b, struct item, node)->key;
}

static int item_cmp(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct item, node)->key -
	       rb_entry(b, struct item, node)->key;
}

static int key_cmp(const void *key, const struct rb_node *node)
{
	return *(const int *)key - rb_entry(node, struct item, node)->key;
}

static void test_add_at_random(void **state)
{
	struct rb_root root = RB_ROOT;
	struct item items[NR_ITEMS], twin;
	unsigned int seed = 2;
	int i, n;

	init(items);
	for (i = 0; i < 5000; i++) {
		n = rand_r(&seed) % NR_ITEMS;
		if (items[n].in) {
			assert_ptr_equal(rb_find(&n, &root, key_cmp),
					 &items[n].node);
			twin.key = n;
			assert_ptr_equal(rb_find_add(&twin.node, &root,
						     item_cmp),
					 &items[n].node);
			erase(&root, &items[n]);
		} else if (i & 1) {
			assert_null(rb_find(&n, &root, key_cmp));
			rb_add(&items[n].node, &root, item_less);
			items[n].in = true;
		} else {
			assert_null(rb_find_add(&items[n].node, &root,
						item_cmp));
			items[n].in = true;
		}
		check(&root, items);
	}
}

static void test_equal_nodes_keep_their_order(void **state)
{
	struct rb_root_cached cached = RB_ROOT_CACHED;
	struct rb_root root = RB_ROOT;
	struct item a[8] = { }, c[8] = { };
	struct rb_node *node;
	int i, zero = 0;

	for (i = 0; i < 8; i++) {
		rb_add(&a[i].node, &root, item_less);
		node = rb_add_cached(&c[i].node, &cached, item_less);
		/* Only the first one is the first. */
		assert_ptr_equal(node, i ? NULL : &c[0].node);
	}
	assert_ptr_equal(rb_find_first(&zero, &root, key_cmp), &a[0].node);
	assert_ptr_equal(rb_first_cached(&cached), &c[0].node);
	for (i = 0, node = rb_first(&root); i < 8; i++, node = rb_next(node))
		assert_ptr_equal(node, &a[i].node);
	for (i = 0, node = rb_first(&cached.rb_root); i < 8;
	     i++, node = rb_next(node))
		assert_ptr_equal(node, &c[i].node);
	zero = 1;
	assert_null(rb_find_first(&zero, &root, key_cmp));
	assert_null(rb_find(&zero, &root, key_cmp));
}

static void test_cached_knows_the_first(void **state)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	struct item items[NR_ITEMS], other;
	struct rb_node *first, *returned;
	unsigned int seed = 3;
	int i;

	init(items);
	assert_null(rb_first_cached(&root));
	for (i = 0; i < 5000; i++) {
		struct item *item = &items[rand_r(&seed) % NR_ITEMS];

		first = rb_first_cached(&root);
		if (item->in) {
			returned = rb_erase_cached(&item->node, &root);
			item->in = false;
			if (first == &item->node)
				assert_ptr_equal(returned,
						 rb_first(&root.rb_root));
			else
				assert_null(returned);
		} else {
			returned = rb_add_cached(&item->node, &root, item_less);
			item->in = true;
			if (rb_first(&root.rb_root) == &item->node)
				assert_ptr_equal(returned, &item->node);
			else
				assert_null(returned);
		}
		assert_ptr_equal(rb_first_cached(&root),
				 rb_first(&root.rb_root));
	}
	check(&root.rb_root, items);
	first = rb_first_cached(&root);
	other.key = rb_entry(first, struct item, node)->key;
	rb_replace_node_cached(first, &other.node, &root);
	assert_ptr_equal(rb_first_cached(&root), &other.node);
	assert_ptr_equal(rb_first(&root.rb_root), &other.node);
}

static void test_replace_takes_the_place(void **state)
{
	struct rb_root root = RB_ROOT;
	struct item old[NR_ITEMS], new[NR_ITEMS];
	int i;

	init(old);
	init(new);
	for (i = 0; i < NR_ITEMS; i++)
		insert(&root, &old[i]);
	for (i = 0; i < NR_ITEMS; i++) {
		rb_replace_node(&old[i].node, &new[i].node, &root);
		new[i].in = true;
	}
	check(&root, new);
	for (i = 0; i < NR_ITEMS; i++)
		erase(&root, &new[i]);
	assert_true(RB_EMPTY_ROOT(&root));
}

static void free_a_tree_of(int size)
{
	struct rb_root root = RB_ROOT;
	struct item *item, *next;
	bool freed[NR_ITEMS] = { };
	int i, nr = 0;

	assert_null(rb_first_postorder(&root));
	assert_null(rb_next_postorder(NULL));
	for (i = 0; i < size; i++) {
		item = malloc(sizeof(*item));
		item->key = i;
		insert(&root, item);
	}
	rbtree_postorder_for_each_entry_safe(item, next, &root, node) {
		struct rb_node *n = &item->node;

		/* Its children are gone. */
		assert_true(!n->rb_left ||
			    freed[rb_entry(n->rb_left, struct item, node)->key]);
		assert_true(!n->rb_right ||
			    freed[rb_entry(n->rb_right, struct item, node)->key]);
		freed[item->key] = true;
		nr++;
	}
	assert_int_equal(nr, size);
	nr = 0;
	rbtree_postorder_for_each_entry_safe(item, next, &root, node) {
		free(item);
		nr++;
	}
	assert_int_equal(nr, size);
}

/* Two ascending nodes: the first one in order is not the first one here. */
static void test_postorder_frees_a_tree(void **state)
{
	int size;

	for (size = 0; size <= NR_ITEMS; size++)
		free_a_tree_of(size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_empty),
		TEST(test_ascending),
		TEST(test_descending),
		TEST(test_at_random),
		TEST(test_add_at_random),
		TEST(test_equal_nodes_keep_their_order),
		TEST(test_cached_knows_the_first),
		TEST(test_replace_takes_the_place),
		TEST(test_postorder_frees_a_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
