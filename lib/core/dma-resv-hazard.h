/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What lib/dma-resv.c and lib/dma-resv-hazard.c share. Not a public header. */
#ifndef LIB_DMA_RESV_HAZARD_H
#define LIB_DMA_RESV_HAZARD_H

#include <linux/atomic.h>
#include <linux/dma-fence.h>

/* The bits of a slot that hold the usage. */
#define DMA_RESV_LIST_MASK	0x3ul

static inline struct dma_fence *slot_fence(struct dma_fence *slot)
{
	return (struct dma_fence *)((unsigned long)slot & ~DMA_RESV_LIST_MASK);
}

/* In a place, beside the fence: its cursor was given a reference. */
#define RESV_HAZARD_OWNED	0x1ul

struct dma_fence **resv_hazard_take(struct dma_fence *fence);
void resv_hazard_hand_over(struct dma_fence **gone, unsigned int num);

/*
 * For who has the place: another fence, or NULL to give the place back. True if
 * there is a reference to the fence that was in it, which is the caller's now.
 */
static inline bool resv_hazard_change(struct dma_fence **hazard,
				      struct dma_fence *fence)
{
	/* A full barrier, and release: see resv_hazard_hand_over(). */
	return (unsigned long)xchg(hazard, fence) & RESV_HAZARD_OWNED;
}

#endif
