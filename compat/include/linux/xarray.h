/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * XArray: an array of pointers with an index of unsigned long, most of them
 * NULL.
 *
 * Readers take no lock: they see each entry as it was before a store or as it
 * is after. xa_lock keeps writers apart and protects everything in the array.
 * An entry stays its owner's: the array frees its own nodes only.
 *
 * An entry is a pointer whose lowest two bits are clear, a value
 * (xa_mk_value()) or a tagged pointer (xa_tag_pointer()). Entries of more than
 * one index, and the xas_ interface, are not there.
 */
#ifndef _LINUX_XARRAY_H
#define _LINUX_XARRAY_H

#include <lfshim/kernel-code.h>
#include <lfshim/host-begin.h>
#include <limits.h>
#include <lfshim/host-end.h>
#include <linux/types.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

/* Entries */

/* An integer of 0 ... LONG_MAX as an entry. */
static inline void *xa_mk_value(unsigned long v)
{
	WARN_ON((long)v < 0);
	return (void *)((v << 1) | 1);
}

static inline unsigned long xa_to_value(const void *entry)
{
	return (unsigned long)entry >> 1;
}

static inline bool xa_is_value(const void *entry)
{
	return (unsigned long)entry & 1;
}

/* A pointer with a tag of 0, 1 or 3, in an array that has no values. */
static inline void *xa_tag_pointer(void *p, unsigned long tag)
{
	return (void *)((unsigned long)p | tag);
}

static inline void *xa_untag_pointer(void *entry)
{
	return (void *)((unsigned long)entry & ~3UL);
}

static inline unsigned int xa_pointer_tag(void *entry)
{
	return (unsigned long)entry & 3UL;
}

/* What a store returns for an error; nothing like it can be stored. */
static inline bool lfshim_xa_is_internal(const void *entry)
{
	return ((unsigned long)entry & 3) == 2;
}

static inline void *lfshim_xa_error(int err)
{
	return (void *)(((unsigned long)err << 2) | 2);
}

/**
 * xa_is_err - did a store fail?
 * @entry: what it returned
 */
static inline bool xa_is_err(const void *entry)
{
	return unlikely(lfshim_xa_is_internal(entry) &&
			(long)entry >> 2 >= -MAX_ERRNO && (long)entry < 0);
}

/**
 * xa_err - why a store failed
 * @entry: what it returned
 *
 * Return: a negative errno, or 0 where it did not fail.
 */
static inline int xa_err(void *entry)
{
	return xa_is_err(entry) ? (long)entry >> 2 : 0;
}

/* The array */

/**
 * struct xarray - the anchor of an array
 * @xa_lock: protects everything in the array against other writers
 * @xa_flags: XA_FLAGS_
 * @xa_head: the root of the tree, or NULL; nobody else's business
 */
struct xarray {
	spinlock_t xa_lock;
	gfp_t xa_flags;
	void __rcu *xa_head;
};

/* The lock is taken with interrupts (or softirqs) off. */
#define XA_FLAGS_LOCK_IRQ	0x01u
#define XA_FLAGS_LOCK_BH	0x02u
/* Nodes count as the task's memory: no difference here. */
#define XA_FLAGS_ACCOUNT	0x20u
/* xa_alloc() works; NULL can be stored and keeps its index. */
#define XA_FLAGS_ALLOC		0x04u
/* The same, and xa_alloc() never gives out 0. */
#define XA_FLAGS_ALLOC1		(XA_FLAGS_ALLOC | LFSHIM_XA_NO_ZERO)
#define LFSHIM_XA_NO_ZERO	0x08u
/* xa_alloc_cyclic() gave out the last number there is. */
#define LFSHIM_XA_WRAPPED	0x10u

#define XARRAY_INIT(name, flags)					\
	{								\
		.xa_lock = __SPIN_LOCK_UNLOCKED((name).xa_lock),	\
		.xa_flags = (flags),					\
	}
#define DEFINE_XARRAY_FLAGS(name, flags) \
	struct xarray name = XARRAY_INIT(name, flags)
#define DEFINE_XARRAY(name)		DEFINE_XARRAY_FLAGS(name, 0)
#define DEFINE_XARRAY_ALLOC(name) \
	DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC)
#define DEFINE_XARRAY_ALLOC1(name) \
	DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC1)

/**
 * xa_init_flags - make an empty array
 * @xa: the array
 * @flags: XA_FLAGS_
 */
static inline void xa_init_flags(struct xarray *xa, gfp_t flags)
{
	spin_lock_init(&xa->xa_lock);
	xa->xa_flags = flags;
	RCU_INIT_POINTER(xa->xa_head, NULL);
}

static inline void xa_init(struct xarray *xa)
{
	xa_init_flags(xa, 0);
}

/**
 * xa_empty - is nothing in it, reserved entries included?
 * @xa: the array
 *
 * Context: any; no lock.
 */
static inline bool xa_empty(const struct xarray *xa)
{
	return !rcu_access_pointer(xa->xa_head);
}

/**
 * xa_destroy - forget all entries and free the nodes
 * @xa: the array, which can be used again afterwards
 *
 * The entries themselves are not freed. The nodes are, after a grace period.
 * Context: any; takes xa_lock with interrupts off.
 */
void xa_destroy(struct xarray *xa) LFSHIM(xa_destroy);

#define xa_trylock(xa)			spin_trylock(&(xa)->xa_lock)
#define xa_lock(xa)			spin_lock(&(xa)->xa_lock)
#define xa_unlock(xa)			spin_unlock(&(xa)->xa_lock)
#define xa_lock_bh(xa)			spin_lock_bh(&(xa)->xa_lock)
#define xa_unlock_bh(xa)		spin_unlock_bh(&(xa)->xa_lock)
#define xa_lock_irq(xa)			spin_lock_irq(&(xa)->xa_lock)
#define xa_unlock_irq(xa)		spin_unlock_irq(&(xa)->xa_lock)
#define xa_lock_irqsave(xa, flags) \
	spin_lock_irqsave(&(xa)->xa_lock, flags)
#define xa_unlock_irqrestore(xa, flags) \
	spin_unlock_irqrestore(&(xa)->xa_lock, flags)
#define xa_lock_nested(xa, subclass) \
	spin_lock_nested(&(xa)->xa_lock, subclass)
#define xa_lock_irqsave_nested(xa, flags, subclass) \
	spin_lock_irqsave_nested(&(xa)->xa_lock, flags, subclass)

/* Reading */

/**
 * xa_load - the entry at an index
 * @xa: the array
 * @index: any
 *
 * Context: any; no lock. What the entry points to is good as long as the
 * caller's own read-side section, lock or reference makes it so.
 * Return: the entry, or NULL.
 */
void *xa_load(struct xarray *xa, unsigned long index) LFSHIM(xa_load);

/* Marks of an entry, and the filter for all that are not NULL. */
typedef unsigned int xa_mark_t;
#define XA_MARK_0	0U
#define XA_MARK_1	1U
#define XA_MARK_2	2U
#define XA_PRESENT	3U
#define XA_MARK_MAX	XA_MARK_2

/**
 * xa_find - the first entry from an index on
 * @xa: the array
 * @index: where to begin; set to the entry's index, if there is one
 * @max: the last index to look at
 * @filter: XA_PRESENT, or a mark that the entry has to have
 *
 * Context: any; no lock. An entry that is there all the time is not missed;
 * one that comes or goes meanwhile may be.
 * Return: the entry, or NULL.
 */
void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max,
	      xa_mark_t filter) LFSHIM(xa_find);

/**
 * xa_find_after - the first entry behind an index
 *
 * As xa_find(), but for an entry at *@index itself.
 */
void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max,
		    xa_mark_t filter) LFSHIM(xa_find_after);

/**
 * xa_extract - copy entries out
 * @xa: the array
 * @dst: room for @n of them
 * @start: the first index
 * @max: the last index
 * @n: how many, at most
 * @filter: as for xa_find()
 *
 * Context: any; no lock. Not a snapshot: others may store meanwhile.
 * Return: how many there were, in the order of their indices.
 */
unsigned int xa_extract(struct xarray *xa, void **dst, unsigned long start,
			unsigned long max, unsigned int n, xa_mark_t filter)
	LFSHIM(xa_extract);

/*
 * Each entry in turn, in the order of @index, an unsigned long variable. The
 * body may store and erase, and so may others. It costs a walk from the root
 * for each entry.
 */
#define lfshim_xa_for_each(xa, index, entry, start, last, filter)	\
	for (index = (start),						\
	     entry = xa_find(xa, &index, last, filter);			\
	     entry;							\
	     entry = xa_find_after(xa, &index, last, filter))
#define xa_for_each_range(xa, index, entry, start, last) \
	lfshim_xa_for_each(xa, index, entry, start, last, XA_PRESENT)
#define xa_for_each_start(xa, index, entry, start) \
	lfshim_xa_for_each(xa, index, entry, start, ULONG_MAX, XA_PRESENT)
#define xa_for_each(xa, index, entry) \
	lfshim_xa_for_each(xa, index, entry, 0, ULONG_MAX, XA_PRESENT)
#define xa_for_each_marked(xa, index, entry, filter) \
	lfshim_xa_for_each(xa, index, entry, 0, ULONG_MAX, filter)

/*
 * Writing. For the functions that begin with __ the caller holds xa_lock; where
 * @gfp may sleep they drop it and take it again, as the array's XA_FLAGS_LOCK_
 * say, if nodes have to be allocated. Those without __ take it themselves, and
 * there is a _bh and an _irq variant of each.
 *
 * An allocation that fails leaves the array as it was.
 */

/**
 * __xa_store - replace the entry at an index
 * @xa: the array
 * @index: any
 * @entry: the new one; NULL erases, or, in an XA_FLAGS_ALLOC array, keeps the
 *	index in use
 * @gfp: for nodes; not used to erase
 *
 * Marks stay, unless @entry is NULL.
 * Return: the entry that was there, or an error for xa_err(): -ENOMEM; -EINVAL
 * and a warning for what cannot be an entry.
 */
void *__xa_store(struct xarray *xa, unsigned long index, void *entry,
		 gfp_t gfp) LFSHIM(__xa_store);

/**
 * __xa_erase - forget the entry at an index
 * @xa: the array
 * @index: any; free afterwards, even if it was reserved
 *
 * Never allocates and never drops the lock. The marks go with the entry.
 * Return: the entry that was there, or NULL.
 */
void *__xa_erase(struct xarray *xa, unsigned long index) LFSHIM(__xa_erase);

/**
 * __xa_cmpxchg - replace an entry if it is the expected one
 * @xa: the array
 * @index: any
 * @old: the expected entry; NULL stands for a reserved one too
 * @entry: the new one; NULL erases, in every array
 * @gfp: for nodes
 *
 * Return: the entry that was there, and has been replaced if it is @old; or an
 * error as from __xa_store().
 */
void *__xa_cmpxchg(struct xarray *xa, unsigned long index, void *old,
		   void *entry, gfp_t gfp) LFSHIM(__xa_cmpxchg);

/**
 * __xa_insert - store where nothing is
 * @xa: the array
 * @index: any
 * @entry: the new one; NULL reserves the index
 * @gfp: for nodes
 *
 * Return: 0; -EBUSY if there is an entry, be it a reserved one; -ENOMEM;
 * -EINVAL and a warning for what cannot be an entry.
 */
int __must_check __xa_insert(struct xarray *xa, unsigned long index,
			     void *entry, gfp_t gfp) LFSHIM(__xa_insert);

/* xa_reserve() and xa_release() under the lock. */
int lfshim_xa_reserve(struct xarray *xa, unsigned long index, gfp_t gfp);
void lfshim_xa_release(struct xarray *xa, unsigned long index);

/* Where xa_alloc() may allocate, both ends included. */
struct xa_limit {
	u32 max;
	u32 min;
};

#define XA_LIMIT(_min, _max) \
	((struct xa_limit) { .min = (_min), .max = (_max) })
#define xa_limit_32b	XA_LIMIT(0, UINT_MAX)
#define xa_limit_31b	XA_LIMIT(0, INT_MAX)
#define xa_limit_16b	XA_LIMIT(0, USHRT_MAX)

/**
 * __xa_alloc - store at the lowest free index
 * @xa: an array with XA_FLAGS_ALLOC
 * @id: set to the index, before others can find the entry
 * @entry: the new one; NULL keeps the index in use until it is erased
 * @limit: the indices to choose from
 * @gfp: for nodes
 *
 * Return: 0; -EBUSY if no index is free; -ENOMEM; -EINVAL and a warning for
 * what cannot be an entry and for an array without XA_FLAGS_ALLOC.
 */
int __must_check __xa_alloc(struct xarray *xa, u32 *id, void *entry,
			    struct xa_limit limit, gfp_t gfp)
	LFSHIM(__xa_alloc);

/**
 * __xa_alloc_cyclic - store at the next free index
 * @xa: an array with XA_FLAGS_ALLOC
 * @id: set to the index, before others can find the entry
 * @entry: the new one
 * @limit: the indices to choose from
 * @next: where to begin; set to the index behind the one that was taken
 * @gfp: for nodes
 *
 * Begins again at the lowest index of @limit where there is no free one, or
 * no memory, from *@next on.
 * Return: 1 if it began again, otherwise as __xa_alloc().
 */
int __must_check __xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry,
				   struct xa_limit limit, u32 *next, gfp_t gfp)
	LFSHIM(__xa_alloc_cyclic);

/* The three that take the lock, for one that expects it to be held. */
#define LFSHIM_XA_LOCKED(type, attr, name, how, params, before, call)	\
static inline attr type name##how params				\
{									\
	type __ret;							\
									\
	before;								\
	xa_lock##how(xa);						\
	__ret = call;							\
	xa_unlock##how(xa);						\
	return __ret;							\
}
#define LFSHIM_XA_LOCKING(type, attr, name, params, before, call)	\
	LFSHIM_XA_LOCKED(type, attr, name, , params, before, call)	\
	LFSHIM_XA_LOCKED(type, attr, name, _bh, params, before, call)	\
	LFSHIM_XA_LOCKED(type, attr, name, _irq, params, before, call)
/* Even if there happens to be a node already. */
#define lfshim_xa_might_alloc(gfp) \
	might_sleep_if(gfpflags_allow_blocking(gfp))

/* xa_store(), xa_store_bh(), xa_store_irq(): see __xa_store(). */
LFSHIM_XA_LOCKING(void *, , xa_store,
		  (struct xarray *xa, unsigned long index, void *entry,
		   gfp_t gfp),
		  if (entry) lfshim_xa_might_alloc(gfp),
		  __xa_store(xa, index, entry, gfp))

/* xa_erase(), xa_erase_bh(), xa_erase_irq(): see __xa_erase(). */
LFSHIM_XA_LOCKING(void *, , xa_erase,
		  (struct xarray *xa, unsigned long index), ,
		  __xa_erase(xa, index))

/* xa_cmpxchg(), xa_cmpxchg_bh(), xa_cmpxchg_irq(): see __xa_cmpxchg(). */
LFSHIM_XA_LOCKING(void *, , xa_cmpxchg,
		  (struct xarray *xa, unsigned long index, void *old,
		   void *entry, gfp_t gfp),
		  if (entry) lfshim_xa_might_alloc(gfp),
		  __xa_cmpxchg(xa, index, old, entry, gfp))

/* xa_insert(), xa_insert_bh(), xa_insert_irq(): see __xa_insert(). */
LFSHIM_XA_LOCKING(int, __must_check, xa_insert,
		  (struct xarray *xa, unsigned long index, void *entry,
		   gfp_t gfp),
		  lfshim_xa_might_alloc(gfp),
		  __xa_insert(xa, index, entry, gfp))

/* xa_alloc(), xa_alloc_bh(), xa_alloc_irq(): see __xa_alloc(). */
LFSHIM_XA_LOCKING(int, __must_check, xa_alloc,
		  (struct xarray *xa, u32 *id, void *entry,
		   struct xa_limit limit, gfp_t gfp),
		  lfshim_xa_might_alloc(gfp),
		  __xa_alloc(xa, id, entry, limit, gfp))

/* xa_alloc_cyclic() and its _bh and _irq: see __xa_alloc_cyclic(). */
LFSHIM_XA_LOCKING(int, __must_check, xa_alloc_cyclic,
		  (struct xarray *xa, u32 *id, void *entry,
		   struct xa_limit limit, u32 *next, gfp_t gfp),
		  lfshim_xa_might_alloc(gfp),
		  __xa_alloc_cyclic(xa, id, entry, limit, next, gfp))

/*
 * xa_reserve(), xa_reserve_bh(), xa_reserve_irq(): have the nodes of an index,
 * so that a store to it needs no memory. Reads as NULL. 0, also where there is
 * an entry already, or -ENOMEM.
 */
LFSHIM_XA_LOCKING(int, __must_check, xa_reserve,
		  (struct xarray *xa, unsigned long index, gfp_t gfp),
		  lfshim_xa_might_alloc(gfp),
		  lfshim_xa_reserve(xa, index, gfp))

/**
 * xa_release - take a reservation back
 * @xa: the array
 * @index: free afterwards, unless an entry was stored there
 *
 * Context: any; takes xa_lock.
 */
static inline void xa_release(struct xarray *xa, unsigned long index)
{
	xa_lock(xa);
	lfshim_xa_release(xa, index);
	xa_unlock(xa);
}

/*
 * Marks. XA_MARK_0 is not for arrays with XA_FLAGS_ALLOC. An entry that reads
 * as NULL has none, and a mark set on it is not there.
 */

/**
 * xa_get_mark - is a mark set at an index?
 *
 * Context: any; no lock.
 */
bool xa_get_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
	LFSHIM(xa_get_mark);

/**
 * xa_marked - is a mark set at any index?
 *
 * Context: any; no lock.
 */
bool xa_marked(const struct xarray *xa, xa_mark_t mark) LFSHIM(xa_marked);

/**
 * xa_set_mark - set a mark at an index
 *
 * Context: any; takes xa_lock, the __ form expects it to be held.
 */
void xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
	LFSHIM(xa_set_mark);
void __xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
	LFSHIM(__xa_set_mark);

/**
 * xa_clear_mark - clear a mark at an index
 *
 * Context: any; takes xa_lock, the __ form expects it to be held.
 */
void xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
	LFSHIM(xa_clear_mark);
void __xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
	LFSHIM(__xa_clear_mark);

#endif
