/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Fences for the scenarios of the museum. They compile with trees from 6.1 on. */
#ifndef LFX_MUSEUM_H
#define LFX_MUSEUM_H

#include "explore.h"

#include <linux/dma-fence.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static inline const char *museum_get_name(struct dma_fence *fence)
{
	return "museum";
}

static const struct dma_fence_ops museum_ops __maybe_unused = {
	.get_driver_name = museum_get_name,
	.get_timeline_name = museum_get_name,
};

/* Older trees have no lock inside of a fence. */
struct museum_fence {
	struct dma_fence base;
	spinlock_t lock;
};

static inline struct dma_fence *
museum_fence_ops(const char *name, const struct dma_fence_ops *ops,
		 spinlock_t *lock, u64 context, u64 seqno)
{
	struct museum_fence *new = kzalloc_obj(*new);

	spin_lock_init(&new->lock);
	dma_fence_init(&new->base, ops, lock ?: &new->lock, context, seqno);
	lfx_name(new, name);
	return &new->base;
}

static inline struct dma_fence *museum_fence(const char *name, u64 context,
					     u64 seqno)
{
	return museum_fence_ops(name, &museum_ops, NULL, context, seqno);
}

#endif
