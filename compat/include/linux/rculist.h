/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Lists that are read under rcu_read_lock() while a writer changes them. Writers
 * are serialised by the caller, and free a removed entry after a grace period.
 * All of it is inline. Left out: the splice functions and the lists of
 * hlist_bl and hlist_nulls.
 */
#ifndef _LINUX_RCULIST_H
#define _LINUX_RCULIST_H

#include <lfshim/kernel-code.h>
#include <linux/list.h>
#include <linux/rcupdate.h>

/*
 * The stores of rcu_assign_pointer() here are releases, and the loads of the
 * iterators acquires: a reader that finds an entry finds its members, too.
 */
static inline void lfshim_list_add_rcu(struct list_head *entry,
				       struct list_head *prev,
				       struct list_head *next)
{
	entry->next = next;
	entry->prev = prev;
	rcu_assign_pointer(prev->next, entry);
	next->prev = entry;
}

static inline void list_add_rcu(struct list_head *entry, struct list_head *head)
{
	lfshim_list_add_rcu(entry, head, head->next);
}

static inline void list_add_tail_rcu(struct list_head *entry,
				     struct list_head *head)
{
	lfshim_list_add_rcu(entry, head->prev, head);
}

/* A reader that is at @entry can go on: entry->next stays. */
static inline void list_del_rcu(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	WRITE_ONCE(entry->prev->next, entry->next);
	entry->prev = LIST_POISON2;
}

static inline void list_replace_rcu(struct list_head *old,
				    struct list_head *entry)
{
	entry->next = old->next;
	entry->prev = old->prev;
	rcu_assign_pointer(entry->prev->next, entry);
	entry->next->prev = entry;
	old->prev = LIST_POISON2;
}

#define list_entry_rcu(ptr, type, member) \
	container_of(rcu_dereference_raw(ptr), type, member)
#define list_first_or_null_rcu(ptr, type, member) ({			\
	struct list_head *__head = (ptr);				\
	struct list_head *__first = rcu_dereference_raw(__head->next);	\
	__first != __head ? container_of(__first, type, member) : NULL; })
/* A condition, which says that a lock is held instead, is not looked at. */
#define list_for_each_entry_rcu(pos, head, member, cond...)		\
	for (pos = list_entry_rcu((head)->next, __typeof__(*pos), member); \
	     !list_entry_is_head(pos, head, member);			\
	     pos = list_entry_rcu(pos->member.next, __typeof__(*pos), member))

static inline void hlist_add_head_rcu(struct hlist_node *node,
				      struct hlist_head *head)
{
	node->next = head->first;
	node->pprev = &head->first;
	rcu_assign_pointer(head->first, node);
	if (node->next)
		WRITE_ONCE(node->next->pprev, &node->next);
}

static inline void hlist_del_rcu(struct hlist_node *node)
{
	__hlist_del(node);
	WRITE_ONCE(node->pprev, LIST_POISON2);
}

static inline void hlist_del_init_rcu(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	__hlist_del(node);
	WRITE_ONCE(node->pprev, NULL);
}

#define hlist_for_each_entry_rcu(pos, head, member, cond...)		\
	for (pos = hlist_entry_safe(rcu_dereference_raw((head)->first),	\
				    __typeof__(*(pos)), member);	\
	     pos;							\
	     pos = hlist_entry_safe(rcu_dereference_raw((pos)->member.next), \
				    __typeof__(*(pos)), member))

#endif
