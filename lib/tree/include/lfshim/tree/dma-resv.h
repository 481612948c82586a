/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* See dma-fence.h. */
#ifndef LFSHIM_TREE_DMA_RESV_H
#define LFSHIM_TREE_DMA_RESV_H

#include <lfshim/tree/config.h>

#if !LFSHIM_TREE_HAS_dma_resv_set_deadline
/* The fences have nobody to tell. */
static inline void dma_resv_set_deadline(struct dma_resv *obj,
					 enum dma_resv_usage usage,
					 ktime_t deadline)
{
}
#endif

#endif
