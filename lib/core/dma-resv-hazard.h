/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Shared by lib/dma-resv.c and lib/dma-resv-hazard.c. Not a public header. */
#ifndef LIB_DMA_RESV_HAZARD_H
#define LIB_DMA_RESV_HAZARD_H

#include <linux/atomic.h>
#include <linux/dma-fence.h>

/* The bits of a list slot that hold the usage. */
#define DMA_RESV_LIST_MASK	0x3ul

static inline struct dma_fence *slot_fence(struct dma_fence *slot)
{
	return (struct dma_fence *)((unsigned long)slot & ~DMA_RESV_LIST_MASK);
}

/* In a hazard slot, beside the fence: a writer gave the cursor a reference. */
#define RESV_HAZARD_OWNED	0x1ul

struct dma_fence **resv_hazard_take(struct dma_fence *fence);
void resv_hazard_hand_over(struct dma_fence **gone, unsigned int num);

/*
 * Store another fence in a hazard slot of the caller's, or NULL to free the
 * slot. Returns true if the caller now owns a reference to the old fence.
 */
static inline bool resv_hazard_change(struct dma_fence **hazard,
				      struct dma_fence *fence)
{
	/*
	 * F4: full barrier. Pairs with F2 in resv_hazard_hand_over() and A1 in
	 * resv_hazard_hand_over() and F3 in resv_hazard_hand_over() and A2 in
	 * resv_hazard_hand_over(). Without it, a writer may miss the cursor on
	 * the new fence, or release the old fence while the cursor is still
	 * reading it.
	 */
	return (unsigned long)xchg(hazard, fence) & RESV_HAZARD_OWNED;
}

#endif
