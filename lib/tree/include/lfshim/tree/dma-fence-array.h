/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Like dma-fence.h in this directory, for <linux/dma-fence-array.h>. */
#ifndef LFSHIM_TREE_DMA_FENCE_ARRAY_H
#define LFSHIM_TREE_DMA_FENCE_ARRAY_H

#include <lfshim/tree/config.h>

#if LFSHIM_TREE_HAS_signal_on_any
#define dma_fence_array_create(num_fences, fences, context, seqno) \
	dma_fence_array_create(num_fences, fences, context, seqno, false)
#define dma_fence_array_init(array, num_fences, fences, context, seqno) \
	dma_fence_array_init(array, num_fences, fences, context, seqno, false)
#endif

#endif
