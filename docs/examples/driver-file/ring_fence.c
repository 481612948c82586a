// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The fences of a ring, as many drivers have them. See ../../try-your-driver.md. */

#include <linux/io.h>
#include <linux/slab.h>

#include "ring_fence.h"

#define RING_DONE	0x10

struct ring_fence {
	struct dma_fence base;
	struct list_head node;
};

static const char *ring_driver_name(struct dma_fence *fence)
{
	return "ring";
}

static const char *ring_timeline_name(struct dma_fence *fence)
{
	return "ring 0";
}

static const struct dma_fence_ops ring_fence_ops = {
	.get_driver_name = ring_driver_name,
	.get_timeline_name = ring_timeline_name,
};

void ring_init(struct ring *ring, void __iomem *regs)
{
	spin_lock_init(&ring->lock);
	INIT_LIST_HEAD(&ring->pending);
	ring->context = dma_fence_context_alloc(1);
	ring->last_seqno = 0;
	ring->regs = regs;
}

/* The fence of the next job. The caller gets a reference. */
struct dma_fence *ring_emit_fence(struct ring *ring)
{
	struct ring_fence *fence = kzalloc(sizeof(*fence), GFP_KERNEL);

	if (!fence)
		return NULL;
	guard(spinlock_irqsave)(&ring->lock);
	dma_fence_init(&fence->base, &ring_fence_ops, &ring->lock,
		       ring->context, ++ring->last_seqno);
	list_add_tail(&fence->node, &ring->pending);
	return dma_fence_get(&fence->base);
}

/* The interrupt handler: signal the fences of finished jobs. */
int ring_process(struct ring *ring)
{
	u32 done = readl(ring->regs + RING_DONE);
	struct ring_fence *fence, *next;
	int nr = 0;

	guard(spinlock_irqsave)(&ring->lock);
	list_for_each_entry_safe(fence, next, &ring->pending, node) {
		if ((s32)(done - (u32)fence->base.seqno) < 0)
			break;
		list_del(&fence->node);
		dma_fence_signal_locked(&fence->base);
		dma_fence_put(&fence->base);
		nr++;
	}
	return nr;
}
