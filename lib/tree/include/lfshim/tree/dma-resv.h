/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Like dma-fence.h in this directory, for <linux/dma-resv.h>. */
#ifndef LFSHIM_TREE_DMA_RESV_H
#define LFSHIM_TREE_DMA_RESV_H

#include <lfshim/tree/config.h>

#if !LFSHIM_TREE_HAS_dma_resv_set_deadline
/* Fences of this tree have no operation for deadlines. */
static inline void dma_resv_set_deadline(struct dma_resv *obj,
					 enum dma_resv_usage usage,
					 ktime_t deadline)
{
}
#endif

#endif
