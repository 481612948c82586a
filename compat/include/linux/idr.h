/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * IDs for objects: an idr maps an integer to a pointer, an ida only gives
 * integers. Both use an XArray. Left out: idr_preload() with memory. Implemented
 * in compat/idr.c.
 *
 * Locks: the caller serialises calls that change an idr; readers need none, or
 * rcu_read_lock() to keep the object. An ida has its own lock.
 */
#ifndef _LINUX_IDR_H
#define _LINUX_IDR_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/gfp.h>
#include <linux/xarray.h>

/*
 * @idr_next: the ID at which idr_alloc_cyclic() starts. @lock is for callers,
 * with idr_lock(). The functions take idr_rt.xa_lock themselves.
 */
struct idr {
	struct xarray idr_rt;
	spinlock_t lock;
	unsigned int idr_base;
	unsigned int idr_next;
};

#define IDR_INIT_BASE(name, base) \
	{ XARRAY_INIT((name).idr_rt, XA_FLAGS_ALLOC),		\
	  __SPIN_LOCK_UNLOCKED((name).lock), (base), 0 }
#define IDR_INIT(name)		IDR_INIT_BASE(name, 0)
#define DEFINE_IDR(name)	struct idr name = IDR_INIT(name)

/* An idr whose lowest ID is @base. */
static inline void idr_init_base(struct idr *idr, int base)
{
	xa_init_flags(&idr->idr_rt, XA_FLAGS_ALLOC);
	spin_lock_init(&idr->lock);
	idr->idr_base = base;
	idr->idr_next = 0;
}

static inline void idr_init(struct idr *idr)
{
	idr_init_base(idr, 0);
}

#define idr_lock(idr)		spin_lock(&(idr)->lock)
#define idr_unlock(idr)		spin_unlock(&(idr)->lock)
#define idr_lock_bh(idr)	spin_lock_bh(&(idr)->lock)
#define idr_unlock_bh(idr)	spin_unlock_bh(&(idr)->lock)
#define idr_lock_irq(idr)	spin_lock_irq(&(idr)->lock)
#define idr_unlock_irq(idr)	spin_unlock_irq(&(idr)->lock)
#define idr_lock_irqsave(idr, flags) \
	spin_lock_irqsave(&(idr)->lock, flags)
#define idr_unlock_irqrestore(idr, flags) \
	spin_unlock_irqrestore(&(idr)->lock, flags)

static inline unsigned int idr_get_cursor(const struct idr *idr)
{
	return READ_ONCE(idr->idr_next);
}

static inline void idr_set_cursor(struct idr *idr, unsigned int val)
{
	WRITE_ONCE(idr->idr_next, val);
}

static inline bool idr_is_empty(const struct idr *idr)
{
	return xa_empty(&idr->idr_rt);
}

/* Memory is not taken ahead of time: idr_alloc() with GFP_NOWAIT may fail. */
static inline void idr_preload(gfp_t gfp_mask)
{
	(void)gfp_mask;
	preempt_disable();
}

static inline void idr_preload_end(void)
{
	preempt_enable();
}

/**
 * idr_alloc - give an object the lowest free ID
 * @idr: the map
 * @ptr: the object; NULL keeps the ID in use
 * @start: the lowest ID
 * @end: the ID after the highest one; 0 or less means no limit
 * @gfp: for memory
 *
 * Return: the ID; -ENOSPC if no ID is free; -ENOMEM; -EINVAL, with a warning, if
 * @start is negative.
 */
int idr_alloc(struct idr *idr, void *ptr, int start, int end, gfp_t gfp)
	LFSHIM(idr_alloc);

/**
 * idr_alloc_u32 - give an object an ID in a range of 32 bits
 * @idr: the map
 * @ptr: the object
 * @id: the lowest ID; set to the ID before readers can find the object
 * @max: the highest ID
 * @gfp: for memory
 *
 * Return: 0, -ENOSPC or -ENOMEM. *@id does not change then.
 */
int __must_check idr_alloc_u32(struct idr *idr, void *ptr, u32 *id,
			       unsigned long max, gfp_t gfp)
	LFSHIM(idr_alloc_u32);

/* The lowest free ID after the one given last; then again from @start. */
int idr_alloc_cyclic(struct idr *idr, void *ptr, int start, int end, gfp_t gfp)
	LFSHIM(idr_alloc_cyclic);

/* Make an ID free. Return: its object, or NULL. */
void *idr_remove(struct idr *idr, unsigned long id) LFSHIM(idr_remove);

/* Return: the object of an ID, or NULL. Context: any; no lock. */
void *idr_find(const struct idr *idr, unsigned long id) LFSHIM(idr_find);

/**
 * idr_replace - give an ID another object
 * @idr: the map
 * @ptr: the new object
 * @id: an ID in use
 *
 * Return: the object that was replaced; ERR_PTR(-ENOENT) if the ID is free.
 */
void *idr_replace(struct idr *idr, void *ptr, unsigned long id)
	LFSHIM(idr_replace);

/* The first object at or after *@nextid, which is set to its ID; or NULL. */
void *idr_get_next(struct idr *idr, int *nextid) LFSHIM(idr_get_next);
void *idr_get_next_ul(struct idr *idr, unsigned long *nextid)
	LFSHIM(idr_get_next_ul);

/**
 * idr_for_each - call a function for each object
 * @idr: the map
 * @fn: called with the ID and the object; not 0 ends the walk
 * @data: for @fn
 *
 * Return: 0, or the last value of @fn.
 */
int idr_for_each(const struct idr *idr,
		 int (*fn)(int id, void *p, void *data), void *data)
	LFSHIM(idr_for_each);

/* Make all IDs free, and free the map's memory. The objects stay. */
void idr_destroy(struct idr *idr) LFSHIM(idr_destroy);

/* @entry is NULL after the loop. The body may remove @entry. */
#define idr_for_each_entry(idr, entry, id)				\
	for (id = 0; ((entry) = idr_get_next(idr, &(id))) != NULL; ++id)
#define idr_for_each_entry_continue(idr, entry, id)			\
	for ((entry) = idr_get_next(idr, &(id)); entry;			\
	     ++id, (entry) = idr_get_next(idr, &(id)))
/* @id is an unsigned long, and @tmp another one. */
#define idr_for_each_entry_ul(idr, entry, tmp, id)			\
	for (tmp = 0, id = 0;						\
	     ((entry) = tmp <= id ? idr_get_next_ul(idr, &(id)) : NULL) != NULL; \
	     tmp = id, ++id)

struct ida {
	struct xarray xa;
};

#define IDA_INIT_FLAGS	(XA_FLAGS_ALLOC | XA_FLAGS_LOCK_IRQ)
#define IDA_INIT(name)	{ .xa = XARRAY_INIT((name).xa, IDA_INIT_FLAGS) }
#define DEFINE_IDA(name) struct ida name = IDA_INIT(name)

static inline void ida_init(struct ida *ida)
{
	xa_init_flags(&ida->xa, IDA_INIT_FLAGS);
}

static inline bool ida_is_empty(const struct ida *ida)
{
	return xa_empty(&ida->xa);
}

/**
 * ida_alloc_range - take the lowest free ID of a range
 * @ida: the IDs
 * @min: the lowest ID
 * @max: the highest ID, at most INT_MAX
 * @gfp: for memory
 *
 * Context: any, as @gfp says.
 * Return: the ID; -ENOSPC if no ID is free; -ENOMEM.
 */
int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max,
		    gfp_t gfp) LFSHIM(ida_alloc_range);

/* Make an ID free. One that is free already is reported. Context: any. */
void ida_free(struct ida *ida, unsigned int id) LFSHIM(ida_free);

/* Make all IDs free, and free the memory. Context: any. */
void ida_destroy(struct ida *ida) LFSHIM(ida_destroy);

/* The lowest ID of a range that is in use, or -ENOENT. */
int ida_find_first_range(struct ida *ida, unsigned int min, unsigned int max)
	LFSHIM(ida_find_first_range);

#define ida_alloc(ida, gfp)		ida_alloc_range(ida, 0, ~0, gfp)
#define ida_alloc_min(ida, min, gfp)	ida_alloc_range(ida, min, ~0, gfp)
#define ida_alloc_max(ida, max, gfp)	ida_alloc_range(ida, 0, max, gfp)

static inline bool ida_exists(struct ida *ida, unsigned int id)
{
	return ida_find_first_range(ida, id, id) == (int)id;
}

static inline int ida_find_first(struct ida *ida)
{
	return ida_find_first_range(ida, 0, ~0);
}

#endif
