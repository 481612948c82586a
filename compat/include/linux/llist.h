/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Lock-free lists with one link: a stack. Any number of threads may add entries
 * and take all of them, without a lock. llist_del_first() and
 * llist_del_first_this() need a lock against each other and against
 * llist_del_all(). Mostly inline; compat/llist.c has the rest.
 *
 * Adding is a release and taking is an acquire, so the new owner of an entry
 * sees all that was written to it before. Context: any, also with interrupts
 * disabled.
 */
#ifndef _LINUX_LLIST_H
#define _LINUX_LLIST_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/stddef.h>

struct llist_node {
	struct llist_node *next;
};

/* @first: the entry that was added last. */
struct llist_head {
	struct llist_node *first;
};

#define LLIST_HEAD_INIT(name)	{ NULL }
#define LLIST_HEAD(name)	struct llist_head name = LLIST_HEAD_INIT(name)

static inline void init_llist_head(struct llist_head *list)
{
	list->first = NULL;
}

/* A node that is on no list points to itself. Adding does not look at this. */
static inline void init_llist_node(struct llist_node *node)
{
	WRITE_ONCE(node->next, node);
}

static inline bool llist_on_list(const struct llist_node *node)
{
	return READ_ONCE(node->next) != node;
}

static inline bool llist_empty(const struct llist_head *head)
{
	return READ_ONCE(head->first) == NULL;
}

static inline struct llist_node *llist_next(struct llist_node *node)
{
	return READ_ONCE(node->next);
}

#define llist_entry(ptr, type, member)	container_of(ptr, type, member)

/* The entry of @ptr, or NULL, for a @ptr that may be NULL. */
#define lfshim_llist_entry_or_null(ptr, type, member) ({		\
	struct llist_node *__node = (ptr);				\
	__node ? llist_entry(__node, type, member) : NULL; })

/*
 * Iterate from an entry to the end of the list. The list is the caller's, for
 * example from llist_del_all(). In the _safe variants the body may free @pos.
 */
#define llist_for_each(pos, node) \
	for (pos = (node); pos; pos = pos->next)
#define llist_for_each_safe(pos, n, node) \
	for (pos = (node); pos && ((n) = pos->next, true); pos = (n))
#define llist_for_each_entry(pos, node, member)				\
	for (pos = lfshim_llist_entry_or_null(node, __typeof__(*pos), member); \
	     pos;							\
	     pos = lfshim_llist_entry_or_null((pos)->member.next,	\
					      __typeof__(*pos), member))
#define llist_for_each_entry_safe(pos, n, node, member)			\
	for (pos = lfshim_llist_entry_or_null(node, __typeof__(*pos), member); \
	     pos && ((n) = lfshim_llist_entry_or_null((pos)->member.next, \
						      __typeof__(*pos), member), \
		     true);						\
	     pos = (n))

/**
 * llist_add_batch - add entries that are linked already
 * @first: the first of them, which becomes the first of the list
 * @last: the last of them
 * @head: the list
 *
 * Return: was the list empty? Then the caller has to tell the consumer.
 */
bool llist_add_batch(struct llist_node *first, struct llist_node *last,
		     struct llist_head *head) LFSHIM(llist_add_batch);

static inline bool llist_add(struct llist_node *node, struct llist_head *head)
{
	return llist_add_batch(node, node, head);
}

/* For a list that no other thread uses at the time. */
static inline bool __llist_add_batch(struct llist_node *first,
				     struct llist_node *last,
				     struct llist_head *head)
{
	last->next = head->first;
	head->first = first;
	return last->next == NULL;
}

static inline bool __llist_add(struct llist_node *node, struct llist_head *head)
{
	return __llist_add_batch(node, node, head);
}

/**
 * llist_del_all - take all entries
 * @head: the list, which is empty afterwards
 *
 * Return: the entry that was added last, linked to those before it; or NULL.
 */
struct llist_node *llist_del_all(struct llist_head *head) LFSHIM(llist_del_all);

static inline struct llist_node *__llist_del_all(struct llist_head *head)
{
	struct llist_node *first = head->first;

	head->first = NULL;
	return first;
}

/**
 * llist_del_first - take the entry that was added last
 * @head: the list
 *
 * Only one thread at a time may take entries: if another one took the first
 * entry and added it again in between, the list would be broken.
 * Return: the entry, or NULL.
 */
struct llist_node *llist_del_first(struct llist_head *head)
	LFSHIM(llist_del_first);

/* The same; the entry is on no list then. */
static inline struct llist_node *llist_del_first_init(struct llist_head *head)
{
	struct llist_node *node = llist_del_first(head);

	if (node)
		init_llist_node(node);
	return node;
}

/**
 * llist_del_first_this - take the first entry if it is the expected one
 * @head: the list
 * @this: the entry
 *
 * As for llist_del_first(), only one thread at a time may take entries.
 */
bool llist_del_first_this(struct llist_head *head, struct llist_node *this)
	LFSHIM(llist_del_first_this);

/* Reverse a list of the caller's. Return: the entry that was the last one. */
struct llist_node *llist_reverse_order(struct llist_node *head)
	LFSHIM(llist_reverse_order);

#endif
