// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Interval trees against a list of the intervals, and the values of the nodes. */

#include "helpers.h"
#include <linux/interval_tree.h>
#include <linux/interval_tree_generic.h>
#include <linux/minmax.h>

#define NR	120

static struct interval_tree_node nodes[NR];
static bool in[NR];

/* Returns the highest end below @rb, after checking each value. */
static unsigned long check_below(const struct rb_node *rb)
{
	const struct interval_tree_node *node;
	unsigned long last;

	if (!rb)
		return 0;
	node = rb_entry(rb, struct interval_tree_node, rb);
	last = max3(node->last, check_below(rb->rb_left), check_below(rb->rb_right));
	assert_int_equal(node->__subtree_last, last);
	return last;
}

static void check(struct rb_root_cached *tree, unsigned long start,
		  unsigned long last)
{
	struct interval_tree_node *node;
	unsigned long before = 0;
	int i, expected = 0, found = 0;

	check_below(tree->rb_root.rb_node);
	assert_ptr_equal(rb_first_cached(tree), rb_first(&tree->rb_root));
	for (i = 0; i < NR; i++)
		expected += in[i] && nodes[i].start <= last && nodes[i].last >= start;
	for (node = interval_tree_iter_first(tree, start, last); node;
	     node = interval_tree_iter_next(node, start, last)) {
		assert_true(node->start <= last && node->last >= start);
		assert_true(node->start >= before);
		before = node->start;
		found++;
	}
	assert_int_equal(found, expected);
}

static void the_overlapping_intervals_are_found_in_order(void **state)
{
	struct rb_root_cached tree = RB_ROOT_CACHED;
	unsigned int seed = 1, i, turn;
	unsigned long start;

	assert_null(interval_tree_iter_first(&tree, 0, ~0ul));
	for (turn = 0; turn < 3000; turn++) {
		i = rand_r(&seed) % NR;
		if (in[i]) {
			interval_tree_remove(&nodes[i], &tree);
		} else {
			nodes[i].start = rand_r(&seed) % 500;
			nodes[i].last = nodes[i].start + rand_r(&seed) % 40;
			interval_tree_insert(&nodes[i], &tree);
		}
		in[i] = !in[i];
		start = rand_r(&seed) % 520;
		check(&tree, start, start + rand_r(&seed) % 30);
	}
	check(&tree, 0, ~0ul);
}

struct range {
	struct rb_node rb;
	u64 from, to, subtree;
};
#define FROM(range)	((range)->from)
#define TO(range)	((range)->to)
INTERVAL_TREE_DEFINE(struct range, rb, u64, subtree, FROM, TO, static, range)

static void both_ends_belong_to_an_interval(void **state)
{
	struct range a = { .from = 10, .to = 19 }, b = { .from = 20, .to = 20 };
	struct rb_root_cached tree = RB_ROOT_CACHED;

	range_insert(&b, &tree);
	range_insert(&a, &tree);
	assert_ptr_equal(range_iter_first(&tree, 19, 19), &a);
	assert_ptr_equal(range_iter_first(&tree, 20, 30), &b);
	assert_ptr_equal(range_iter_first(&tree, 0, 10), &a);
	assert_null(range_iter_first(&tree, 0, 9));
	assert_null(range_iter_first(&tree, 21, 90));
	assert_ptr_equal(range_iter_next(&a, 19, 20), &b);
	assert_null(range_iter_next(&b, 19, 20));
	range_remove(&a, &tree);
	assert_ptr_equal(range_iter_first(&tree, 0, 90), &b);
	assert_null(range_iter_first(&tree, 0, 19));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_overlapping_intervals_are_found_in_order),
		TEST(both_ends_belong_to_an_interval),
	};

	return TEST_MAIN("interval_tree", tests);
}
