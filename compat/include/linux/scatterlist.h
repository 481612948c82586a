/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Lists of pieces of memory, as one array: the types, so that structures that
 * contain one compile, and iterators. A piece has an address of the device
 * and a length. There are no pages, so nothing maps a list. Implemented in
 * compat/scatterlist.c.
 */
#ifndef _LINUX_SCATTERLIST_H
#define _LINUX_SCATTERLIST_H

#include <lfshim/kernel-code.h>
#include <linux/bug.h>
#include <linux/gfp.h>
#include <linux/string.h>
#include <linux/types.h>

/* Of <linux/mm.h>, to which the kernel's header leads. */
struct vm_area_struct;

struct page;

/* @page_link: LFSHIM_SG_END in the last entry; the page, for which see above. */
struct scatterlist {
	unsigned long page_link;
	unsigned int offset;
	unsigned int length;
	dma_addr_t dma_address;
	unsigned int dma_length;
};

#define LFSHIM_SG_END	2ul

/* @nents: the entries that have an address of the device. */
struct sg_table {
	struct scatterlist *sgl;
	unsigned int nents;
	unsigned int orig_nents;
};

#define sg_dma_address(sg)	((sg)->dma_address)
#define sg_dma_len(sg)		((sg)->dma_length)

static inline bool sg_is_last(const struct scatterlist *sg)
{
	return sg->page_link & LFSHIM_SG_END;
}

static inline void sg_mark_end(struct scatterlist *sg)
{
	sg->page_link |= LFSHIM_SG_END;
}

/* Return: the next entry, or NULL after the last one. */
static inline struct scatterlist *sg_next(struct scatterlist *sg)
{
	return sg_is_last(sg) ? NULL : sg + 1;
}

/* Clear @nents entries, and mark the last one. */
static inline void sg_init_table(struct scatterlist *sgl, unsigned int nents)
{
	memset(sgl, 0, sizeof(*sgl) * nents);
	sg_mark_end(&sgl[nents - 1]);
}

#define for_each_sg(sglist, sg, nr, i) \
	for (i = 0, sg = (sglist); i < (nr); i++, sg = sg_next(sg))
#define for_each_sgtable_sg(sgt, sg, i) \
	for_each_sg((sgt)->sgl, sg, (sgt)->orig_nents, i)
#define for_each_sgtable_dma_sg(sgt, sg, i) \
	for_each_sg((sgt)->sgl, sg, (sgt)->nents, i)

/**
 * sg_alloc_table - allocate the entries of a table
 * @table: the table, whose entries are cleared
 * @nents: their number
 * @gfp: for memory
 *
 * Return: 0; -EINVAL if @nents is 0; -ENOMEM.
 */
int sg_alloc_table(struct sg_table *table, unsigned int nents, gfp_t gfp)
	LFSHIM(sg_alloc_table);
/* Free the entries. A table that has none is fine. */
void sg_free_table(struct sg_table *table) LFSHIM(sg_free_table);
/* The number of entries, counted. */
int sg_nents(struct scatterlist *sg) LFSHIM(sg_nents);

#endif
