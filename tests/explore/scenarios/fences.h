/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What many scenarios begin with: named fences, of a producer that needs no op. */
#ifndef SCENARIOS_FENCES_H
#define SCENARIOS_FENCES_H

#include "explore.h"
#include "own-lock.h"

#include <linux/dma-fence.h>
#include <linux/slab.h>

static inline const char *get_name(struct dma_fence *fence)
{
	return "explore";
}

static const struct dma_fence_ops plain_ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
};

/* @lock: NULL for a lock of its own. */
static inline struct dma_fence *new_fence_with(const char *name,
					       const struct dma_fence_ops *ops,
					       spinlock_t *lock, u64 context,
					       u64 seqno)
{
	struct dma_fence *fence = kmalloc_obj(*fence);

	dma_fence_init(fence, ops, lock ?: own_lock(), context, seqno);
	lfx_name(fence, name);
	return fence;
}

static inline struct dma_fence *new_fence(const char *name, u64 context,
					  u64 seqno)
{
	return new_fence_with(name, &plain_ops, NULL, context, seqno);
}

#endif
