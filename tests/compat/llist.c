// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Lock-free lists: order, taking all or one, and many threads that add. */

#include "helpers.h"
#include <linux/llist.h>

struct item {
	int nr;
	struct llist_node node;
};

static void the_last_one_added_is_the_first(void **state)
{
	struct item items[4], *item, *next;
	LLIST_HEAD(list);
	int i;

	assert_true(llist_empty(&list));
	assert_null(llist_del_all(&list));
	assert_null(llist_del_first(&list));
	for (i = 0; i < 4; i++) {
		items[i].nr = i;
		init_llist_node(&items[i].node);
		assert_false(llist_on_list(&items[i].node));
		/* True for the first one only. */
		assert_int_equal(llist_add(&items[i].node, &list), !i);
		assert_true(llist_on_list(&items[i].node));
	}
	i = 3;
	llist_for_each_entry(item, list.first, node)
		assert_int_equal(item->nr, i--);
	assert_int_equal(i, -1);
	assert_null(item);
	assert_ptr_equal(llist_del_first_init(&list), &items[3].node);
	assert_false(llist_on_list(&items[3].node));
	assert_false(llist_del_first_this(&list, &items[1].node));
	assert_true(llist_del_first_this(&list, &items[2].node));
	i = 0;
	llist_for_each_entry_safe(item, next, llist_reverse_order(llist_del_all(&list)), node) {
		assert_int_equal(item->nr, i++);
		memset(item, 0xff, sizeof(*item));
	}
	assert_int_equal(i, 2);
	assert_true(llist_empty(&list));
}

static void a_batch_keeps_its_order(void **state)
{
	struct item items[3] = { { 0 }, { 1 }, { 2 } };
	LLIST_HEAD(list);

	items[0].node.next = &items[1].node;
	llist_add(&items[2].node, &list);
	assert_false(llist_add_batch(&items[0].node, &items[1].node, &list));
	assert_ptr_equal(llist_del_first(&list), &items[0].node);
	assert_ptr_equal(llist_del_first(&list), &items[1].node);
	assert_ptr_equal(llist_del_first(&list), &items[2].node);
	assert_null(llist_del_first(&list));
	assert_true(__llist_add(&items[0].node, &list));
	assert_ptr_equal(__llist_del_all(&list), &items[0].node);
	assert_true(llist_empty(&list));
}

#define NR_THREADS	3
#define NR_ITEMS	3000

static struct llist_head shared;
static struct item pool[NR_THREADS][NR_ITEMS];

static int add_many(void *data)
{
	struct item *items = data;
	int i;

	for (i = 0; i < NR_ITEMS; i++) {
		/* The other thread has to see this number. */
		items[i].nr = i + 1;
		llist_add(&items[i].node, &shared);
	}
	return 0;
}

static void nothing_is_lost_between_threads(void **state)
{
	struct task_struct *threads[NR_THREADS];
	struct item *item, *next;
	int i, nr = 0;

	for (i = 0; i < NR_THREADS; i++)
		threads[i] = start(add_many, pool[i]);
	while (nr < NR_THREADS * NR_ITEMS) {
		struct llist_node *all = nr % 2 ? llist_del_all(&shared) :
						  llist_del_first(&shared);

		if (all && !(nr % 2))
			all->next = NULL;
		llist_for_each_entry_safe(item, next, all, node) {
			assert_true(item->nr > 0);
			item->nr = -1;
			nr++;
		}
		if (!all)
			cpu_relax();
	}
	for (i = 0; i < NR_THREADS; i++)
		finish(threads[i]);
	assert_int_equal(nr, NR_THREADS * NR_ITEMS);
	assert_true(llist_empty(&shared));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_last_one_added_is_the_first),
		TEST(a_batch_keeps_its_order),
		TEST(nothing_is_lost_between_threads),
	};

	return TEST_MAIN("llist", tests);
}
