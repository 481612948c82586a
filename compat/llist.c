// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Lock-free lists; see <linux/llist.h>. */

#include <linux/llist.h>
#include <linux/atomic.h>
#include <asm/processor.h>

bool llist_add_batch(struct llist_node *first, struct llist_node *last,
		     struct llist_head *head)
{
	struct llist_node *old = READ_ONCE(head->first);

	do {
		WRITE_ONCE(last->next, old);
		/*
		 * R1: release, in a full barrier as the kernel's. Pairs with A1
		 * in llist_del_all(), A2 in llist_del_first(), A3 in
		 * llist_del_first() and A4 in llist_del_first_this(). Without
		 * it, the new owner may not see the stores of this thread to
		 * the entry.
		 */
	} while (!try_cmpxchg(&head->first, &old, first));
	return !old;
}

struct llist_node *llist_del_all(struct llist_head *head)
{
	/*
	 * A1: acquire, in a full barrier as the kernel's. Pairs with R1 in
	 * llist_add_batch(). Without it, this thread may see entries before
	 * their contents.
	 */
	return xchg(&head->first, NULL);
}

struct llist_node *llist_del_first(struct llist_head *head)
{
	/*
	 * A2: acquire. Pairs with R1 in llist_add_batch(). Without it,
	 * first->next may be read before it was written: in C, an address
	 * dependency orders nothing.
	 */
	struct llist_node *first = __atomic_load_n(&head->first,
						   __ATOMIC_ACQUIRE);

	while (first) {
		lfshim_hb_acquire(&head->first);
		/*
		 * A3: acquire, in a full barrier as the kernel's. Pairs with R1
		 * in llist_add_batch(). Without it, as above, for the entry that
		 * is found if this fails. There, the address dependency orders.
		 */
		if (try_cmpxchg(&head->first, &first, READ_ONCE(first->next)))
			break;
	}
	return first;
}

bool llist_del_first_this(struct llist_head *head, struct llist_node *this)
{
	struct llist_node *first = this;

	/*
	 * A4: acquire. Pairs with R1 in llist_add_batch(). Without it,
	 * this->next may be read before it was written.
	 */
	if (__atomic_load_n(&head->first, __ATOMIC_ACQUIRE) != this)
		return false;
	lfshim_hb_acquire(&head->first);
	/*
	 * No partner: the entry was seen above. If it fails, entries were added
	 * before it. The kernel's is a full barrier, too.
	 */
	return try_cmpxchg(&head->first, &first, READ_ONCE(this->next));
}

struct llist_node *llist_reverse_order(struct llist_node *head)
{
	struct llist_node *reversed = NULL, *next;

	for (; head; head = next) {
		next = head->next;
		head->next = reversed;
		reversed = head;
	}
	return reversed;
}
