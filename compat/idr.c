// SPDX-License-Identifier: GPL-2.0 OR MIT
/* IDs for objects; see <linux/idr.h>. */

#include <linux/idr.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/minmax.h>

int idr_alloc_u32(struct idr *idr, void *ptr, u32 *id, unsigned long max,
		  gfp_t gfp)
{
	u32 base = idr->idr_base, index, min = *id < base ? 0 : *id - base;
	int ret;

	max = min_t(unsigned long, max, U32_MAX);
	if (max < base || min > max - base)
		return -ENOSPC;
	/* No object yet: @id has to be written before it can be found. */
	ret = xa_alloc(&idr->idr_rt, &index, NULL, XA_LIMIT(min, max - base),
		       gfp);
	if (ret)
		return ret == -EBUSY ? -ENOSPC : ret;
	*id = index + base;
	/* The index has its nodes, so this takes no memory. */
	if (ptr)
		xa_store(&idr->idr_rt, index, ptr, GFP_NOWAIT);
	return 0;
}

int idr_alloc(struct idr *idr, void *ptr, int start, int end, gfp_t gfp)
{
	u32 id = start;
	int ret;

	if (WARN_ON_ONCE(start < 0))
		return -EINVAL;
	ret = idr_alloc_u32(idr, ptr, &id, end > 0 ? end - 1 : INT_MAX, gfp);
	return ret ? ret : (int)id;
}

int idr_alloc_cyclic(struct idr *idr, void *ptr, int start, int end, gfp_t gfp)
{
	u32 max = end > 0 ? end - 1 : INT_MAX;
	u32 id = max_t(u32, idr->idr_next, start);
	int ret;

	ret = idr_alloc_u32(idr, ptr, &id, max, gfp);
	if (ret == -ENOSPC && id > (u32)start) {
		id = start;
		ret = idr_alloc_u32(idr, ptr, &id, max, gfp);
	}
	if (ret)
		return ret;
	idr->idr_next = id + 1;
	return id;
}

void *idr_remove(struct idr *idr, unsigned long id)
{
	return xa_erase(&idr->idr_rt, id - idr->idr_base);
}

void *idr_find(const struct idr *idr, unsigned long id)
{
	return xa_load((struct xarray *)&idr->idr_rt, id - idr->idr_base);
}

void *idr_replace(struct idr *idr, void *ptr, unsigned long id)
{
	struct xarray *xa = &idr->idr_rt;
	void *old = ERR_PTR(-ENOENT);

	id -= idr->idr_base;
	xa_lock(xa);
	/* It is in use exactly if it cannot be reserved. */
	switch (__xa_insert(xa, id, NULL, GFP_NOWAIT)) {
	case -EBUSY:
		old = __xa_store(xa, id, ptr, GFP_NOWAIT);
		break;
	case 0:
		__xa_erase(xa, id);
		break;
	}
	xa_unlock(xa);
	return old;
}

void *idr_get_next_ul(struct idr *idr, unsigned long *nextid)
{
	unsigned long base = idr->idr_base;
	unsigned long index = *nextid < base ? 0 : *nextid - base;
	void *entry = xa_find(&idr->idr_rt, &index, ULONG_MAX, XA_PRESENT);

	if (entry)
		*nextid = index + base;
	return entry;
}

void *idr_get_next(struct idr *idr, int *nextid)
{
	unsigned long id = *nextid;
	void *entry = *nextid < 0 ? NULL : idr_get_next_ul(idr, &id);

	if (!entry || id > INT_MAX)
		return NULL;
	*nextid = id;
	return entry;
}

int idr_for_each(const struct idr *idr,
		 int (*fn)(int id, void *p, void *data), void *data)
{
	unsigned long index;
	void *entry;
	int ret;

	xa_for_each((struct xarray *)&idr->idr_rt, index, entry) {
		ret = fn(index + idr->idr_base, entry, data);
		if (ret)
			return ret;
	}
	return 0;
}

void idr_destroy(struct idr *idr)
{
	xa_destroy(&idr->idr_rt);
}

int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max,
		    gfp_t gfp)
{
	unsigned long flags;
	u32 id;
	int ret;

	if (min > INT_MAX)
		return -ENOSPC;
	lfshim_xa_might_alloc(gfp);
	xa_lock_irqsave(&ida->xa, flags);
	ret = __xa_alloc(&ida->xa, &id, xa_mk_value(0),
			 XA_LIMIT(min, min_t(unsigned int, max, INT_MAX)), gfp);
	xa_unlock_irqrestore(&ida->xa, flags);
	if (ret)
		return ret == -EBUSY ? -ENOSPC : ret;
	return id;
}

void ida_free(struct ida *ida, unsigned int id)
{
	unsigned long flags;
	void *old;

	if (id > INT_MAX)
		return;
	xa_lock_irqsave(&ida->xa, flags);
	old = __xa_erase(&ida->xa, id);
	xa_unlock_irqrestore(&ida->xa, flags);
	WARN(!old, "ida_free called for id=%u which is not allocated.\n", id);
}

void ida_destroy(struct ida *ida)
{
	xa_destroy(&ida->xa);
}

int ida_find_first_range(struct ida *ida, unsigned int min, unsigned int max)
{
	unsigned long index = min;

	if (min > INT_MAX)
		return -EINVAL;
	if (!xa_find(&ida->xa, &index, min_t(unsigned int, max, INT_MAX),
		     XA_PRESENT))
		return -ENOENT;
	return index;
}
