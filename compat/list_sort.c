// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Merge sort of a list; see <linux/list_sort.h>. */

#include <linux/list_sort.h>

/* Move the first @n entries of @from, or all of them, to the end of @to. */
static void take(struct list_head *to, struct list_head *from, size_t n)
{
	while (n-- && !list_empty(from))
		list_move_tail(from->next, to);
}

/* Merge two sorted lists to the end of @to. */
static void merge(struct list_head *to, struct list_head *a,
		  struct list_head *b, void *priv, list_cmp_func_t cmp)
{
	while (!list_empty(a) && !list_empty(b)) {
		/* The entries of @a came first, and stay first among equals. */
		if (cmp(priv, a->next, b->next) > 0)
			list_move_tail(b->next, to);
		else
			list_move_tail(a->next, to);
	}
	list_splice_tail_init(a, to);
	list_splice_tail_init(b, to);
}

void list_sort(void *priv, struct list_head *head, list_cmp_func_t cmp)
{
	size_t n, count = list_count_nodes(head);
	LIST_HEAD(done);
	LIST_HEAD(a);
	LIST_HEAD(b);

	/* Runs of @n entries are sorted. */
	for (n = 1; n < count; n *= 2) {
		while (!list_empty(head)) {
			take(&a, head, n);
			take(&b, head, n);
			merge(&done, &a, &b, priv, cmp);
		}
		list_splice_init(&done, head);
	}
}
