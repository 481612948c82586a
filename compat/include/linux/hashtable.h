/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Hash tables of a fixed size: an array of struct hlist_head, whose length is a
 * power of two. All of it is macros and inline. Left out: the _notrace variants.
 *
 *	DEFINE_HASHTABLE(table, 4);
 *	hash_add(table, &object->node, object->key);
 *	hash_for_each_possible(table, object, node, key)
 *		if (object->key == key) ...
 *
 * The caller serialises access. With the _rcu variants, readers need only
 * rcu_read_lock().
 */
#ifndef _LINUX_HASHTABLE_H
#define _LINUX_HASHTABLE_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/array_size.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/rculist.h>

#define DECLARE_HASHTABLE(name, bits)	struct hlist_head name[1 << (bits)]
/* Empty lists are all zeroes. */
#define DEFINE_HASHTABLE(name, bits)	DECLARE_HASHTABLE(name, bits) = { { 0 } }

#define HASH_SIZE(name)		(ARRAY_SIZE(name))
#define HASH_BITS(name)		ilog2(HASH_SIZE(name))
#define hash_min(val, bits) \
	(sizeof(val) <= 4 ? hash_32(val, bits) : hash_long(val, bits))

#define lfshim_hash_list(name, key)	(&(name)[hash_min(key, HASH_BITS(name))])

static inline void __hash_init(struct hlist_head *table, unsigned int size)
{
	while (size--)
		INIT_HLIST_HEAD(&table[size]);
}

static inline bool __hash_empty(const struct hlist_head *table,
				unsigned int size)
{
	while (size--) {
		if (!hlist_empty(&table[size]))
			return false;
	}
	return true;
}

#define hash_init(name)		__hash_init(name, HASH_SIZE(name))
#define hash_empty(name)	__hash_empty(name, HASH_SIZE(name))
#define hash_add(name, node, key) \
	hlist_add_head(node, lfshim_hash_list(name, key))
#define hash_add_rcu(name, node, key) \
	hlist_add_head_rcu(node, lfshim_hash_list(name, key))
/* A node that was removed, or initialised, is not in a table. */
#define hash_hashed(node)	(!hlist_unhashed(node))

static inline void hash_del(struct hlist_node *node)
{
	hlist_del_init(node);
}

static inline void hash_del_rcu(struct hlist_node *node)
{
	hlist_del_init_rcu(node);
}

/* Iterate over the whole table. @bkt is an int. */
#define lfshim_hash_for_each_list(name, bkt, obj)			\
	for ((bkt) = 0, obj = NULL;					\
	     obj == NULL && (bkt) < (int)HASH_SIZE(name); (bkt)++)
#define hash_for_each(name, bkt, obj, member)				\
	lfshim_hash_for_each_list(name, bkt, obj)			\
		hlist_for_each_entry(obj, &(name)[bkt], member)
#define hash_for_each_rcu(name, bkt, obj, member)			\
	lfshim_hash_for_each_list(name, bkt, obj)			\
		hlist_for_each_entry_rcu(obj, &(name)[bkt], member)
/* The body may remove @obj. @tmp is a struct hlist_node pointer. */
#define hash_for_each_safe(name, bkt, tmp, obj, member)			\
	lfshim_hash_for_each_list(name, bkt, obj)			\
		hlist_for_each_entry_safe(obj, tmp, &(name)[bkt], member)

/* Iterate over the objects whose key has the same hash. */
#define hash_for_each_possible(name, obj, member, key) \
	hlist_for_each_entry(obj, lfshim_hash_list(name, key), member)
#define hash_for_each_possible_rcu(name, obj, member, key, cond...) \
	hlist_for_each_entry_rcu(obj, lfshim_hash_list(name, key), member)
#define hash_for_each_possible_safe(name, obj, tmp, member, key) \
	hlist_for_each_entry_safe(obj, tmp, lfshim_hash_list(name, key), member)

#endif
