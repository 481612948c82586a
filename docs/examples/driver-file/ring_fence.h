/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A driver's own header: the fences of a ring. See ../../try-your-driver.md. */
#ifndef RING_FENCE_H
#define RING_FENCE_H

#include <linux/dma-fence.h>
#include <linux/list.h>
#include <linux/spinlock.h>

struct ring {
	/* Protects @pending and the fences. */
	spinlock_t lock;
	/* In the order of their numbers. The list has references. */
	struct list_head pending;
	u64 context;
	u32 last_seqno;
	/* The GPU writes the number of the job that it has finished. */
	void __iomem *regs;
};

void ring_init(struct ring *ring, void __iomem *regs);
struct dma_fence *ring_emit_fence(struct ring *ring);
int ring_process(struct ring *ring);

#endif
