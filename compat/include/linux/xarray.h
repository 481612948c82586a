/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * XArray: a sparse array of pointers, indexed by an unsigned long. Left out:
 * entries that span more than one index, and the xas_ interface. Implemented in
 * compat/xarray.c.
 *
 * Readers take no lock: they see each entry either as it was before a store or
 * as it is after it. xa_lock serialises writers and protects everything in the
 * array. The owner of an entry stays its owner: the array frees only its own
 * nodes.
 *
 * An entry is a pointer whose lowest two bits are clear, a value
 * (xa_mk_value()) or a tagged pointer (xa_tag_pointer()).
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
#include <linux/sched/mm.h>

/* Entries */

/* Convert an integer, 0 ... LONG_MAX, to an entry. */
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

/* Add a tag, 0, 1 or 3, to a pointer. Such an array must not hold values. */
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

/* Entries of this kind are errors from a store. They cannot be stored. */
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
 * @entry: the result of the store
 */
static inline bool xa_is_err(const void *entry)
{
	return unlikely(lfshim_xa_is_internal(entry) &&
			(long)entry >> 2 >= -MAX_ERRNO && (long)entry < 0);
}

/**
 * xa_err - the error of a store
 * @entry: the result of the store
 *
 * Return: a negative errno, or 0 if the store did not fail.
 */
static inline int xa_err(void *entry)
{
	return xa_is_err(entry) ? (long)entry >> 2 : 0;
}

/* The array */

/**
 * struct xarray - the anchor of an array
 * @xa_lock: protects everything in the array against other writers
 * @xa_flags: XA_FLAGS_ bits
 * @xa_head: the root of the tree, or NULL; private to the implementation
 */
struct xarray {
	spinlock_t xa_lock;
	gfp_t xa_flags;
	void __rcu *xa_head;
};

/* xa_lock is taken with interrupts (or softirqs) disabled. */
#define XA_FLAGS_LOCK_IRQ	0x01u
#define XA_FLAGS_LOCK_BH	0x02u
/* In the kernel, nodes are charged to the task. No effect here. */
#define XA_FLAGS_ACCOUNT	0x20u
/* For xa_alloc(). A NULL that is stored keeps its index in use. */
#define XA_FLAGS_ALLOC		0x04u
/* The same, but xa_alloc() never uses index 0. */
#define XA_FLAGS_ALLOC1		(XA_FLAGS_ALLOC | LFSHIM_XA_NO_ZERO)
#define LFSHIM_XA_NO_ZERO	0x08u
/* xa_alloc_cyclic() has used the last index, so it must start again. */
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
 * xa_init_flags - initialise an empty array
 * @xa: memory of the caller's
 * @flags: XA_FLAGS_ bits
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
 * xa_empty - has the array neither entries nor reserved indices?
 * @xa: the array
 *
 * Context: any; no lock.
 */
static inline bool xa_empty(const struct xarray *xa)
{
	return !rcu_access_pointer(xa->xa_head);
}

/**
 * xa_destroy - remove all entries and free the nodes
 * @xa: the array; empty afterwards, and can be used again
 *
 * The objects that the entries point to are not freed. The nodes are freed
 * after a grace period.
 * Context: any; takes xa_lock with interrupts disabled.
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
 * xa_load - get the entry at an index
 * @xa: the array
 * @index: any index
 *
 * Context: any; no lock. The caller's own read-side section, lock or reference
 * keeps the object that the entry points to valid.
 * Return: the entry, or NULL.
 */
void *xa_load(struct xarray *xa, unsigned long index) LFSHIM(xa_load);

/* The marks of an entry. XA_PRESENT is the filter for all non-NULL entries. */
typedef unsigned int xa_mark_t;
#define XA_MARK_0	0U
#define XA_MARK_1	1U
#define XA_MARK_2	2U
#define XA_PRESENT	3U
#define XA_MARK_MAX	XA_MARK_2

/**
 * xa_find - find the first entry at or after an index
 * @xa: the array
 * @index: the index to start at; set to the index of the entry, if one is found
 * @max: the last index to look at
 * @filter: XA_PRESENT, or a mark that the entry must have
 *
 * Context: any; no lock. An entry that is stored or erased meanwhile may be
 * missed; any other entry is found.
 * Return: the entry, or NULL.
 */
void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max,
	      xa_mark_t filter) LFSHIM(xa_find);

/**
 * xa_find_after - find the first entry after an index
 *
 * As xa_find(), except that the entry at *@index itself is not returned.
 */
void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max,
		    xa_mark_t filter) LFSHIM(xa_find_after);

/**
 * xa_extract - copy entries into an array
 * @xa: the array to read
 * @dst: the destination, with space for @n entries
 * @start: the first index
 * @max: the last index
 * @n: the maximum number of entries
 * @filter: as for xa_find()
 *
 * Context: any; no lock. Not a snapshot: other threads may store meanwhile.
 * Return: the number of entries copied, which are in the order of indices.
 */
unsigned int xa_extract(struct xarray *xa, void **dst, unsigned long start,
			unsigned long max, unsigned int n, xa_mark_t filter)
	LFSHIM(xa_extract);

/*
 * Iterate over the entries in the order of their indices. @index is a variable
 * of type unsigned long. The body and other threads may store and erase. Each
 * entry costs a walk from the root.
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
 * Writing. The caller of a function that begins with __ holds xa_lock. If nodes
 * have to be allocated and @gfp may sleep, the function drops the lock and
 * retakes it, in the way that the array's XA_FLAGS_LOCK_ flags say. The
 * functions without __ take the lock; each has a _bh and an _irq variant.
 *
 * If an allocation fails, the array does not change.
 */

/**
 * __xa_store - replace the entry at an index
 * @xa: the array
 * @index: any index
 * @entry: the new entry. NULL erases; in an array with XA_FLAGS_ALLOC it keeps
 *	the index in use.
 * @gfp: for nodes; not used to erase
 *
 * The marks do not change, unless @entry is NULL.
 * Return: the previous entry, or an error for xa_err(): -ENOMEM; -EINVAL, with
 * a warning, if @entry is not a valid entry.
 */
void *__xa_store(struct xarray *xa, unsigned long index, void *entry,
		 gfp_t gfp) LFSHIM(__xa_store);

/**
 * __xa_erase - remove the entry at an index
 * @xa: the array
 * @index: any index; it is free afterwards, even if it was reserved
 *
 * This never allocates and never drops the lock. It clears the marks.
 * Return: the previous entry, or NULL.
 */
void *__xa_erase(struct xarray *xa, unsigned long index) LFSHIM(__xa_erase);

/**
 * __xa_cmpxchg - replace an entry if it is the expected one
 * @xa: the array
 * @index: any index
 * @old: the expected entry; NULL also matches a reserved index
 * @entry: the new entry; NULL erases, in every array
 * @gfp: for nodes
 *
 * Return: the previous entry, which was replaced if it equals @old; or an error
 * as from __xa_store().
 */
void *__xa_cmpxchg(struct xarray *xa, unsigned long index, void *old,
		   void *entry, gfp_t gfp) LFSHIM(__xa_cmpxchg);

/**
 * __xa_insert - store at an index that has no entry
 * @xa: the array
 * @index: any index
 * @entry: the new entry; NULL reserves the index
 * @gfp: for nodes
 *
 * Return: 0; -EBUSY if the index has an entry or is reserved; -ENOMEM; -EINVAL,
 * with a warning, if @entry is not a valid entry.
 */
int __must_check __xa_insert(struct xarray *xa, unsigned long index,
			     void *entry, gfp_t gfp) LFSHIM(__xa_insert);

/* xa_reserve() and xa_release(). The caller holds xa_lock. */
int lfshim_xa_reserve(struct xarray *xa, unsigned long index, gfp_t gfp);
void lfshim_xa_release(struct xarray *xa, unsigned long index);

/* The range of indices for xa_alloc(), both limits included. */
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
 * @id: set to the index before readers can find the entry
 * @entry: the new entry; NULL keeps the index in use until it is erased
 * @limit: the range of indices
 * @gfp: for nodes
 *
 * Return: 0; -EBUSY if no index is free; -ENOMEM; -EINVAL, with a warning, if
 * @entry is not a valid entry or the array has no XA_FLAGS_ALLOC.
 */
int __must_check __xa_alloc(struct xarray *xa, u32 *id, void *entry,
			    struct xa_limit limit, gfp_t gfp)
	LFSHIM(__xa_alloc);

/**
 * __xa_alloc_cyclic - store at the next free index
 * @xa: an array with XA_FLAGS_ALLOC
 * @id: set to the index before readers can find the entry
 * @entry: the new entry
 * @limit: the range of indices
 * @next: the index to start at; set to the index after the one that was taken
 * @gfp: for nodes
 *
 * If no index from *@next to the end of @limit can be used, this starts again
 * at the lowest index of @limit.
 * Return: 1 if it started again at the lowest index, otherwise as __xa_alloc().
 */
int __must_check __xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry,
				   struct xa_limit limit, u32 *next, gfp_t gfp)
	LFSHIM(__xa_alloc_cyclic);

/* Defines the three functions that take the lock around @call. */
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
/* Checked even if no node has to be allocated. */
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

/* xa_alloc_cyclic() and its _bh and _irq variants: see __xa_alloc_cyclic(). */
LFSHIM_XA_LOCKING(int, __must_check, xa_alloc_cyclic,
		  (struct xarray *xa, u32 *id, void *entry,
		   struct xa_limit limit, u32 *next, gfp_t gfp),
		  lfshim_xa_might_alloc(gfp),
		  __xa_alloc_cyclic(xa, id, entry, limit, next, gfp))

/*
 * xa_reserve(), xa_reserve_bh(), xa_reserve_irq(): allocate the nodes of an
 * index, so that a store to it needs no memory. A reserved index reads as NULL.
 * Return: 0, also if the index has an entry; -ENOMEM.
 */
LFSHIM_XA_LOCKING(int, __must_check, xa_reserve,
		  (struct xarray *xa, unsigned long index, gfp_t gfp),
		  lfshim_xa_might_alloc(gfp),
		  lfshim_xa_reserve(xa, index, gfp))

/**
 * xa_release - cancel a reservation
 * @xa: the array
 * @index: the index; it is free afterwards, unless it has an entry
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
 * Marks. Arrays with XA_FLAGS_ALLOC cannot use XA_MARK_0. An entry that reads
 * as NULL has no marks: setting one has no effect.
 */

/**
 * xa_get_mark - is a mark set at an index?
 * Context: any; no lock.
 */
bool xa_get_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
	LFSHIM(xa_get_mark);

/**
 * xa_marked - is a mark set at any index?
 * Context: any; no lock.
 */
bool xa_marked(const struct xarray *xa, xa_mark_t mark) LFSHIM(xa_marked);

/**
 * xa_set_mark - set a mark at an index
 * Context: any; takes xa_lock. The caller of the __ variant holds it.
 */
void xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
	LFSHIM(xa_set_mark);
void __xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
	LFSHIM(__xa_set_mark);

/**
 * xa_clear_mark - clear a mark at an index
 * Context: any; takes xa_lock. The caller of the __ variant holds it.
 */
void xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
	LFSHIM(xa_clear_mark);
void __xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
	LFSHIM(__xa_clear_mark);

#endif
