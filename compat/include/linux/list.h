/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Circular doubly linked lists, and hlists, whose head is one pointer. The head
 * of a list is an entry without an object. All of it is inline. Left out: some
 * iterators.
 *
 * The caller serialises writers. list_empty() may run at the same time as a
 * writer, and list_empty_careful() as list_del_init_careful().
 */
#ifndef _LINUX_LIST_H
#define _LINUX_LIST_H

#include <lfshim/kernel-code.h>

/* <sys/queue.h> may have been included; it defines a LIST_HEAD(), too. */
#undef LIST_HEAD
#undef LIST_HEAD_INIT

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/container_of.h>

#define LIST_HEAD_INIT(name)	{ &(name), &(name) }
#define LIST_HEAD(name)		struct list_head name = LIST_HEAD_INIT(name)

/* list_del() sets these, so that a later use of the entry faults. */
#define LIST_POISON1		((void *)0x100)
#define LIST_POISON2		((void *)0x122)

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	WRITE_ONCE(list->next, list);
	WRITE_ONCE(list->prev, list);
}

#if LFSHIM_CHECKS
/*
 * As with CONFIG_DEBUG_LIST: warn and return false if the entry is on this list
 * already, if it is on none, or if the list is corrupted. Then the list is not
 * changed.
 */
bool lfshim_list_add_valid(struct list_head *entry, struct list_head *prev,
			   struct list_head *next);
bool lfshim_list_del_valid(struct list_head *entry);
/* Is this an entry of a list with others? It need not be initialised. */
bool lfshim_list_linked(const struct list_head *entry);
/* Something is done to an object at this call site. Reports name the last. */
void lfshim_place_note(const void *object, unsigned long ip);
/* Warn that this is done to the object for the second time: "fence put". */
void lfshim_report_twice(const char *what, const void *object,
			 unsigned long ip);
#else
#define lfshim_list_add_valid(entry, prev, next)	true
#define lfshim_list_del_valid(entry)			true
#define lfshim_list_linked(entry)			false
#define lfshim_place_note(object, ip)			((void)0)
#define lfshim_report_twice(what, object, ip)		((void)0)
#endif

static inline void lfshim_list_insert(struct list_head *entry,
				      struct list_head *prev,
				      struct list_head *next)
{
	if (!lfshim_list_add_valid(entry, prev, next))
		return;
	next->prev = entry;
	entry->next = next;
	entry->prev = prev;
	WRITE_ONCE(prev->next, entry);
}

static inline void lfshim_list_unlink(struct list_head *prev,
				      struct list_head *next)
{
	next->prev = prev;
	WRITE_ONCE(prev->next, next);
}

/* Add as the first entry of @head. */
static inline void list_add(struct list_head *entry, struct list_head *head)
{
	lfshim_list_insert(entry, head, head->next);
}

/* Add as the last entry of @head. */
static inline void list_add_tail(struct list_head *entry,
				 struct list_head *head)
{
	lfshim_list_insert(entry, head->prev, head);
}

static inline void __list_del_entry(struct list_head *entry)
{
	if (!lfshim_list_del_valid(entry))
		return;
	lfshim_list_unlink(entry->prev, entry->next);
}

/* Remove an entry and poison it. */
static inline void list_del(struct list_head *entry)
{
	__list_del_entry(entry);
	entry->next = LIST_POISON1;
	entry->prev = LIST_POISON2;
}

/* Remove an entry and make it an empty list. */
static inline void list_del_init(struct list_head *entry)
{
	__list_del_entry(entry);
	INIT_LIST_HEAD(entry);
}

/*
 * The same; the entry may be used again, or freed, by a thread that finds it
 * empty with list_empty_careful(), without a lock.
 */
static inline void list_del_init_careful(struct list_head *entry)
{
	__list_del_entry(entry);
	WRITE_ONCE(entry->prev, entry);
	/*
	 * R1: release. Pairs with A1 in list_empty_careful(). Without it, stores
	 * before the removal may not be seen, and @prev be set
	 * after the entry is used again.
	 */
	__atomic_store_n(&entry->next, entry, __ATOMIC_RELEASE);
}

/* Put @entry where @old is; @old keeps its stale pointers. */
static inline void list_replace(struct list_head *old, struct list_head *entry)
{
	entry->next = old->next;
	entry->next->prev = entry;
	entry->prev = old->prev;
	entry->prev->next = entry;
}

static inline void list_replace_init(struct list_head *old,
				     struct list_head *entry)
{
	list_replace(old, entry);
	INIT_LIST_HEAD(old);
}

/* Exchange the places of two entries, of one list or of two. */
static inline void list_swap(struct list_head *a, struct list_head *b)
{
	LIST_HEAD(place);

	list_replace(a, &place);
	list_replace(b, a);
	list_replace(&place, b);
}

static inline void list_move(struct list_head *entry, struct list_head *head)
{
	__list_del_entry(entry);
	list_add(entry, head);
}

static inline void list_move_tail(struct list_head *entry,
				  struct list_head *head)
{
	__list_del_entry(entry);
	list_add_tail(entry, head);
}

static inline int list_empty(const struct list_head *head)
{
	return READ_ONCE(head->next) == head;
}

/*
 * Is the list empty, and does no list_del_init_careful() still write to @head?
 * Nobody adds to the list at the same time.
 */
static inline int list_empty_careful(const struct list_head *head)
{
	/*
	 * A1: acquire. Pairs with R1 in list_del_init_careful(). Without it,
	 * the caller may read the object as it was before the removal.
	 */
	struct list_head *next = __atomic_load_n(&head->next, __ATOMIC_ACQUIRE);

	return next == head && next == READ_ONCE(head->prev);
}

/* Make the first entry the last. */
static inline void list_rotate_left(struct list_head *head)
{
	if (!list_empty(head))
		list_move_tail(head->next, head);
}

/* Make @entry, which is on the list, the first one; the order is kept. */
static inline void list_rotate_to_front(struct list_head *entry,
					struct list_head *head)
{
	list_move_tail(head, entry);
}

static inline int list_is_head(const struct list_head *list,
			       const struct list_head *head)
{
	return list == head;
}

static inline int list_is_first(const struct list_head *list,
				const struct list_head *head)
{
	return list->prev == head;
}

static inline int list_is_last(const struct list_head *list,
			       const struct list_head *head)
{
	return list->next == head;
}

static inline int list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

static inline void lfshim_list_splice(struct list_head *list,
				      struct list_head *prev,
				      struct list_head *next)
{
	struct list_head *first = list->next, *last = list->prev;

	first->prev = prev;
	prev->next = first;
	last->next = next;
	next->prev = last;
}

static inline void list_splice(struct list_head *list, struct list_head *head)
{
	if (!list_empty(list))
		lfshim_list_splice(list, head, head->next);
}

static inline void list_splice_tail(struct list_head *list,
				    struct list_head *head)
{
	if (!list_empty(list))
		lfshim_list_splice(list, head->prev, head);
}

static inline void list_splice_init(struct list_head *list,
				    struct list_head *head)
{
	list_splice(list, head);
	INIT_LIST_HEAD(list);
}

static inline void list_splice_tail_init(struct list_head *list,
					 struct list_head *head)
{
	list_splice_tail(list, head);
	INIT_LIST_HEAD(list);
}

#define list_entry(ptr, type, member)	container_of(ptr, type, member)
#define list_first_entry(ptr, type, member) \
	list_entry((ptr)->next, type, member)
#define list_last_entry(ptr, type, member) \
	list_entry((ptr)->prev, type, member)
#define list_first_entry_or_null(ptr, type, member) ({			\
	struct list_head *__head = (ptr);				\
	struct list_head *__first = READ_ONCE(__head->next);		\
	__first != __head ? list_entry(__first, type, member) : NULL; })
#define list_next_entry(pos, member) \
	list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define list_prev_entry(pos, member) \
	list_entry((pos)->member.prev, __typeof__(*(pos)), member)
#define list_entry_is_head(pos, head, member)	(&(pos)->member == (head))

#define list_for_each(pos, head) \
	for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_safe(pos, n, head) \
	for (pos = (head)->next, n = pos->next; pos != (head); \
	     pos = n, n = pos->next)
#define list_for_each_entry(pos, head, member)				\
	for (pos = list_first_entry(head, __typeof__(*pos), member);	\
	     !list_entry_is_head(pos, head, member);			\
	     pos = list_next_entry(pos, member))
#define list_for_each_entry_reverse(pos, head, member)			\
	for (pos = list_last_entry(head, __typeof__(*pos), member);	\
	     !list_entry_is_head(pos, head, member);			\
	     pos = list_prev_entry(pos, member))
#define list_for_each_entry_continue(pos, head, member)			\
	for (pos = list_next_entry(pos, member);			\
	     !list_entry_is_head(pos, head, member);			\
	     pos = list_next_entry(pos, member))
/* In the _safe variants the body may remove the current entry. */
#define list_for_each_entry_safe(pos, n, head, member)			\
	for (pos = list_first_entry(head, __typeof__(*pos), member),	\
	     n = list_next_entry(pos, member);				\
	     !list_entry_is_head(pos, head, member);			\
	     pos = n, n = list_next_entry(n, member))
/* From @pos on. */
#define list_for_each_entry_safe_from(pos, n, head, member)		\
	for (n = list_next_entry(pos, member);				\
	     !list_entry_is_head(pos, head, member);			\
	     pos = n, n = list_next_entry(n, member))
#define list_for_each_entry_safe_reverse(pos, n, head, member)		\
	for (pos = list_last_entry(head, __typeof__(*pos), member),	\
	     n = list_prev_entry(pos, member);				\
	     !list_entry_is_head(pos, head, member);			\
	     pos = n, n = list_prev_entry(n, member))

#define list_for_each_entry_continue_reverse(pos, head, member)		\
	for (pos = list_prev_entry(pos, member);			\
	     !list_entry_is_head(pos, head, member);			\
	     pos = list_prev_entry(pos, member))
/* From @pos itself on. */
#define list_for_each_entry_from(pos, head, member)			\
	for (; !list_entry_is_head(pos, head, member);			\
	     pos = list_next_entry(pos, member))
#define list_for_each_entry_from_reverse(pos, head, member)		\
	for (; !list_entry_is_head(pos, head, member);			\
	     pos = list_prev_entry(pos, member))
#define list_for_each_entry_safe_continue(pos, n, head, member)		\
	for (pos = list_next_entry(pos, member),			\
	     n = list_next_entry(pos, member);				\
	     !list_entry_is_head(pos, head, member);			\
	     pos = n, n = list_next_entry(n, member))
/* In a _safe loop that dropped its lock: the entry behind @pos is the next one. */
#define list_safe_reset_next(pos, n, member) \
	n = list_next_entry(pos, member)
#define list_for_each_prev(pos, head) \
	for (pos = (head)->prev; pos != (head); pos = pos->prev)
#define list_for_each_prev_safe(pos, n, head) \
	for (pos = (head)->prev, n = pos->prev; pos != (head); \
	     pos = n, n = pos->prev)
#define list_last_entry_or_null(ptr, type, member) \
	(!list_empty(ptr) ? list_last_entry(ptr, type, member) : NULL)

/* Move the entries from the first one to @entry to the empty list @list. */
static inline void list_cut_position(struct list_head *list,
				     struct list_head *head,
				     struct list_head *entry)
{
	if (list_empty(head) || entry == head) {
		INIT_LIST_HEAD(list);
		return;
	}
	list->next = head->next;
	list->next->prev = list;
	head->next = entry->next;
	head->next->prev = head;
	list->prev = entry;
	entry->next = list;
}

/* Move the entries before @entry to the empty list @list. */
static inline void list_cut_before(struct list_head *list,
				   struct list_head *head,
				   struct list_head *entry)
{
	list_cut_position(list, head, entry->prev);
}

/* Move the entries @first ... @last of a list to the end of another one. */
static inline void list_bulk_move_tail(struct list_head *head,
				       struct list_head *first,
				       struct list_head *last)
{
	first->prev->next = last->next;
	last->next->prev = first->prev;
	head->prev->next = first;
	first->prev = head->prev;
	last->next = head;
	head->prev = last;
}

static inline size_t list_count_nodes(struct list_head *head)
{
	struct list_head *pos;
	size_t count = 0;

	list_for_each(pos, head)
		count++;
	return count;
}

#include <lfshim/hlist.h>

#endif
