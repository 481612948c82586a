/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * dma_fence_chain: a timeline, as a list of links from the newest to the
 * oldest. A link is signalled when its fence is, and all the older ones are.
 */
#ifndef __LINUX_DMA_FENCE_CHAIN_H
#define __LINUX_DMA_FENCE_CHAIN_H

#include <linux/dma-fence.h>
#include <linux/irq_work.h>
#include <linux/slab.h>

/**
 * struct dma_fence_chain - one link
 * @base: the fence that stands for the link and all before it
 * @prev: the next older link, or any other fence, or NULL; with a reference
 * @prev_seqno: the seqno of the link before, as it was at the beginning:
 *	links are taken out when they have signalled, this stays
 * @fence: the fence of this link, with a reference
 * @cb: the callback on the newest fence that is still to come
 * @work: puts the callback on the next one, outside of that fence's lock
 */
struct dma_fence_chain {
	struct dma_fence base;
	struct dma_fence __rcu *prev;
	u64 prev_seqno;
	struct dma_fence *fence;
	/* Never both: the callback starts the work, the work the callback. */
	union {
		struct dma_fence_cb cb;
		struct irq_work work;
	};
};

/**
 * to_dma_fence_chain - the link that a fence is
 * @fence: a fence, or NULL
 *
 * Return: the link, or NULL if it is none.
 */
static inline struct dma_fence_chain *
to_dma_fence_chain(struct dma_fence *fence)
{
	if (!fence || !dma_fence_is_chain(fence))
		return NULL;
	return container_of(fence, struct dma_fence_chain, base);
}

/**
 * dma_fence_chain_contained - the fence inside a link
 * @fence: a fence, or NULL
 *
 * Return: the fence of the link, @fence itself if it is none. No reference.
 */
static inline struct dma_fence *
dma_fence_chain_contained(struct dma_fence *fence)
{
	struct dma_fence_chain *chain = to_dma_fence_chain(fence);

	return chain ? chain->fence : fence;
}

/**
 * dma_fence_chain_alloc - memory for a link
 *
 * Context: may sleep.
 * Return: memory for dma_fence_chain_init(), or NULL. Not cleared.
 */
#define dma_fence_chain_alloc()	kmalloc_obj(struct dma_fence_chain)

/**
 * dma_fence_chain_free - give back memory that was never initialised
 * @chain: from dma_fence_chain_alloc(), or NULL
 */
static inline void dma_fence_chain_free(struct dma_fence_chain *chain)
{
	kfree(chain);
}

/**
 * dma_fence_chain_for_each - from a link to the oldest that is not signalled
 * @iter: the loop variable; has a reference, which the loop drops, and which
 *	who leaves the loop early has to drop
 * @head: where to start; may be @iter itself
 */
#define dma_fence_chain_for_each(iter, head)				\
	for (iter = dma_fence_get(head); iter;				\
	     iter = dma_fence_chain_walk(iter))

struct dma_fence *dma_fence_chain_walk(struct dma_fence *fence);
int dma_fence_chain_find_seqno(struct dma_fence **pfence, uint64_t seqno);
void dma_fence_chain_init(struct dma_fence_chain *chain,
			  struct dma_fence *prev, struct dma_fence *fence,
			  uint64_t seqno);

#endif
