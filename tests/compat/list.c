// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Lists: the order of the items after each operation. */

#include "helpers.h"
#include <linux/list.h>
#include <linux/list_sort.h>
#include <linux/slab.h>

struct item {
	int nr;
	struct list_head node;
};

#define NR_ITEMS	5

static struct item items[NR_ITEMS];
static LIST_HEAD(list);
static LIST_HEAD(other);

/* Put 0 1 2 3 4 on @list, and empty @other. */
static void fill(void)
{
	int i;

	INIT_LIST_HEAD(&list);
	INIT_LIST_HEAD(&other);
	for (i = 0; i < NR_ITEMS; i++) {
		items[i].nr = i;
		list_add_tail(&items[i].node, &list);
	}
}

/* Compare the list with the digits in @expected, in both directions. */
static void expect(struct list_head *head, const char *expected)
{
	struct item *item;
	char there[64] = "", back[64] = "";
	int len = 0, n = strlen(expected);

	list_for_each_entry(item, head, node) {
		if (len > NR_ITEMS)
			fail_msg("the list does not end");
		there[len++] = '0' + item->nr;
	}
	assert_string_equal(there, expected);
	list_for_each_entry_reverse(item, head, node) {
		if (n <= 0)
			fail_msg("longer backwards than forwards");
		back[--n] = '0' + item->nr;
	}
	assert_string_equal(back, expected);
	assert_int_equal(list_empty(head), !*expected);
	assert_int_equal(list_is_singular(head), strlen(expected) == 1);
}

static void add_is_a_stack_and_add_tail_a_queue(void **state)
{
	int i;

	fill();
	expect(&list, "01234");
	INIT_LIST_HEAD(&list);
	for (i = 0; i < NR_ITEMS; i++)
		list_add(&items[i].node, &list);
	expect(&list, "43210");
}

static void del_poisons_and_del_init_does_not(void **state)
{
	fill();
	list_del(&items[2].node);
	expect(&list, "0134");
	assert_ptr_equal(items[2].node.next, LIST_POISON1);
	assert_ptr_equal(items[2].node.prev, LIST_POISON2);
	list_del_init(&items[0].node);
	list_del_init(&items[4].node);
	expect(&list, "13");
	assert_true(list_empty(&items[0].node));
	/* list_del_init() may be repeated. */
	list_del_init(&items[0].node);
	expect(&list, "13");
}

static void replace_keeps_the_position(void **state)
{
	struct item fresh = { .nr = 9 };

	fill();
	list_replace(&items[0].node, &fresh.node);
	expect(&list, "91234");
	list_replace_init(&items[4].node, &items[0].node);
	expect(&list, "91230");
	assert_true(list_empty(&items[4].node));
}

static void move_takes_from_one_list_to_another(void **state)
{
	fill();
	list_move(&items[1].node, &other);
	list_move(&items[2].node, &other);
	list_move_tail(&items[0].node, &other);
	expect(&list, "34");
	expect(&other, "210");
	list_move_tail(&items[3].node, &list);
	expect(&list, "43");
}

static void splice_joins_in_order(void **state)
{
	fill();
	list_move(&items[1].node, &other);
	list_move(&items[0].node, &other);
	list_splice(&other, &list);
	expect(&list, "01234");

	fill();
	list_move_tail(&items[0].node, &other);
	list_move_tail(&items[1].node, &other);
	list_splice_tail(&other, &list);
	expect(&list, "23401");

	fill();
	list_move(&items[4].node, &other);
	list_splice_init(&other, &list);
	expect(&list, "40123");
	expect(&other, "");

	fill();
	list_move_tail(&items[0].node, &other);
	list_move_tail(&items[1].node, &other);
	list_splice_tail_init(&other, &list);
	expect(&list, "23401");
	expect(&other, "");

	/* To an empty list. */
	list_splice_tail_init(&list, &other);
	expect(&other, "23401");
	expect(&list, "");

	/* Splice an empty list. */
	list_splice_init(&list, &other);
	list_splice_tail(&list, &other);
	expect(&other, "23401");
}

static void predicates_know_the_ends(void **state)
{
	fill();
	assert_true(list_is_first(&items[0].node, &list));
	assert_false(list_is_first(&items[1].node, &list));
	assert_true(list_is_last(&items[4].node, &list));
	assert_false(list_is_last(&items[3].node, &list));
	assert_true(list_is_head(&list, &list));
	assert_false(list_is_head(&items[0].node, &list));
	assert_false(list_is_singular(&list));
	assert_ptr_equal(list_first_entry(&list, struct item, node), &items[0]);
	assert_ptr_equal(list_last_entry(&list, struct item, node), &items[4]);
	assert_ptr_equal(list_next_entry(&items[1], node), &items[2]);
	assert_ptr_equal(list_prev_entry(&items[1], node), &items[0]);
	assert_ptr_equal(list_first_entry_or_null(&list, struct item, node),
			 &items[0]);
	assert_null(list_first_entry_or_null(&other, struct item, node));
}

static void safe_iteration_survives_removal(void **state)
{
	struct list_head *pos, *next;
	struct item *item, *tmp;

	fill();
	list_for_each_entry_safe(item, tmp, &list, node) {
		if (item->nr % 2) {
			list_del(&item->node);
			item->nr = -1;
		}
	}
	expect(&list, "024");
	list_for_each_entry_safe_reverse(item, tmp, &list, node)
		list_move_tail(&item->node, &other);
	expect(&other, "420");
	list_for_each_safe(pos, next, &other)
		list_move(pos, &list);
	expect(&list, "024");
	/* From the second on. */
	item = list_entry(list.next->next, struct item, node);
	list_for_each_entry_safe_from(item, tmp, &list, node)
		list_move(&item->node, &list);
	expect(&list, "420");
	list_for_each_entry_safe(item, tmp, &list, node)
		list_del_init(&item->node);
	expect(&list, "");
}

static void continue_starts_behind_the_entry(void **state)
{
	struct item *item = &items[1];
	struct list_head *pos;
	int sum = 0, nr = 0;

	fill();
	list_for_each_entry_continue(item, &list, node)
		sum = sum * 10 + item->nr;
	assert_int_equal(sum, 234);
	list_for_each(pos, &list)
		nr++;
	assert_int_equal(nr, NR_ITEMS);
}

/* Compare random operations with the same changes to a string. */
static void random_operations_match_a_model(void **state)
{
	u64 seed = test_seed();
	char model[2][NR_ITEMS + 1] = { "01234", "" };
	struct list_head *heads[2] = { &list, &other };
	int step;

	fill();
	for (step = 0; step < 20000; step++) {
		unsigned int r;
		int nr, to, tail, from, len;
		char *at;

		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		r = seed >> 33;
		nr = r % NR_ITEMS;
		to = r / 8 % 2;
		tail = r / 16 % 2;
		from = !strchr(model[0], '0' + nr);
		at = strchr(model[from], '0' + nr);
		memmove(at, at + 1, strlen(at));
		len = strlen(model[to]);
		if (tail) {
			model[to][len] = '0' + nr;
			model[to][len + 1] = '\0';
			list_move_tail(&items[nr].node, heads[to]);
		} else {
			memmove(model[to] + 1, model[to], len + 1);
			model[to][0] = '0' + nr;
			list_move(&items[nr].node, heads[to]);
		}
		expect(&list, model[0]);
		expect(&other, model[1]);
	}
}

static void entries_change_places(void **state)
{
	fill();
	list_swap(&items[1].node, &items[3].node);
	expect(&list, "03214");
	/* Neighbours, in both orders. */
	list_swap(&items[3].node, &items[2].node);
	expect(&list, "02314");
	list_swap(&items[3].node, &items[2].node);
	expect(&list, "03214");
	list_move(&items[0].node, &other);
	list_swap(&items[0].node, &items[4].node);
	expect(&list, "3210");
	expect(&other, "4");
}

static void rotating_keeps_the_order(void **state)
{
	fill();
	list_rotate_left(&list);
	expect(&list, "12340");
	list_rotate_to_front(&items[3].node, &list);
	expect(&list, "34012");
	list_rotate_left(&other);
	expect(&other, "");
}

static void cut_takes_the_beginning(void **state)
{
	struct list_head *pos, *n;
	int last = NR_ITEMS;

	fill();
	list_cut_before(&other, &list, &items[2].node);
	expect(&other, "01");
	expect(&list, "234");
	list_cut_before(&other, &list, &items[2].node);
	expect(&other, "");
	expect(&list, "234");
	list_cut_before(&other, &list, &list);
	expect(&other, "234");
	expect(&list, "");
	/* Backwards, each entry is removed. */
	list_for_each_prev_safe(pos, n, &other) {
		assert_int_equal(list_entry(pos, struct item, node)->nr, --last);
		list_del(pos);
	}
	assert_int_equal(last, 2);
	expect(&other, "");
}

static int written;

static int remove_the_only_one(void *data)
{
	written = 1;
	list_del_init_careful(data);
	return 0;
}

/* Without a lock: ThreadSanitizer checks the order. */
static void careful_tells_when_the_entry_is_free(void **state)
{
	struct task_struct *thread;

	INIT_LIST_HEAD(&list);
	list_add(&items[0].node, &list);
	assert_false(list_empty_careful(&items[0].node));
	thread = start(remove_the_only_one, &items[0].node);
	while (!list_empty_careful(&items[0].node))
		cpu_relax();
	assert_int_equal(written, 1);
	/* Nobody writes to it any more. */
	memset(&items[0].node, 0, sizeof(items[0].node));
	assert_int_equal(finish(thread), 0);
	/* The links do not agree: a removal is on its way. */
	INIT_LIST_HEAD(&list);
	list.prev = &items[0].node;
	assert_true(list_empty(&list));
	assert_false(list_empty_careful(&list));
}

struct hitem {
	int nr;
	struct hlist_node node;
};

static void hlists_move_and_know_their_ends(void **state)
{
	struct hitem a = { 1 }, b = { 2 }, c = { 3 }, *pos = &a;
	HLIST_HEAD(from);
	HLIST_HEAD(to);
	int sum = 0;

	hlist_add_head(&a.node, &from);
	assert_true(hlist_is_singular_node(&a.node, &from));
	assert_false(hlist_is_singular_node(&a.node, &to));
	hlist_add_behind(&b.node, &a.node);
	hlist_add_behind(&c.node, &b.node);
	assert_false(hlist_is_singular_node(&a.node, &from));
	hlist_move_list(&from, &to);
	assert_true(hlist_empty(&from));
	hlist_for_each_entry_continue(pos, node)
		sum = sum * 10 + pos->nr;
	assert_int_equal(sum, 23);
	pos = &b;
	hlist_for_each_entry_from(pos, node)
		sum = sum * 10 + pos->nr;
	assert_int_equal(sum, 2323);
	/* The first node points to the new head. */
	hlist_del(&a.node);
	assert_ptr_equal(to.first, &b.node);
	hlist_move_list(&from, &to);
	assert_true(hlist_empty(&to));
	INIT_HLIST_NODE(&a.node);
	assert_false(hlist_fake(&a.node));
	hlist_add_fake(&a.node);
	assert_true(hlist_fake(&a.node));
	assert_false(hlist_unhashed(&a.node));
	hlist_del(&a.node);
}

static int by_half(void *priv, const struct list_head *a, const struct list_head *b)
{
	++*(int *)priv;
	return list_entry(a, struct item, node)->nr / 2 - list_entry(b, struct item, node)->nr / 2;
}

static void sorting_keeps_the_order_of_equals(void **state)
{
	struct item many[300], *item;
	int i, last, calls = 0;

	list_sort(&calls, &other, by_half);
	assert_int_equal(calls, 0);
	fill();
	list_rotate_left(&list);
	list_rotate_left(&list);
	/* 2 and 3, 0 and 1 are equal. */
	list_sort(&calls, &list, by_half);
	expect(&list, "01234");
	list_swap(&items[0].node, &items[1].node);
	list_sort(&calls, &list, by_half);
	expect(&list, "10234");

	INIT_LIST_HEAD(&list);
	for (i = 0; i < 300; i++) {
		many[i].nr = i * 7919 % 200;
		list_add_tail(&many[i].node, &list);
	}
	list_sort(&calls, &list, by_half);
	last = i = 0;
	item = NULL;
	list_for_each_entry(item, &list, node) {
		assert_true(item->nr / 2 >= last / 2);
		last = item->nr;
		if (!list_is_last(&item->node, &list) && list_next_entry(item, node)->nr / 2 == last / 2)
			assert_true(item < list_next_entry(item, node));
		i++;
	}
	assert_int_equal(i, 300);
}

static void a_safe_loop_can_find_its_place_again(void **state)
{
	struct item *item, *n;
	int seen = 0;

	fill();
	list_for_each_entry_safe(item, n, &list, node) {
		if (item->nr == 1) {
			/* As if the lock had been dropped. */
			list_del(&items[2].node);
			list_safe_reset_next(item, n, node);
		}
		seen = seen * 10 + item->nr + 1;
	}
	assert_int_equal(seen, 1245);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(add_is_a_stack_and_add_tail_a_queue),
		TEST(del_poisons_and_del_init_does_not),
		TEST(replace_keeps_the_position),
		TEST(move_takes_from_one_list_to_another),
		TEST(splice_joins_in_order),
		TEST(predicates_know_the_ends),
		TEST(safe_iteration_survives_removal),
		TEST(continue_starts_behind_the_entry),
		TEST(random_operations_match_a_model),
		TEST(entries_change_places),
		TEST(rotating_keeps_the_order),
		TEST(cut_takes_the_beginning),
		TEST(careful_tells_when_the_entry_is_free),
		TEST(hlists_move_and_know_their_ends),
		TEST(sorting_keeps_the_order_of_equals),
		TEST(a_safe_loop_can_find_its_place_again),
	};

	return TEST_MAIN("list", tests);
}
