/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * dma_fence_chain: a sequence of fences, as a list of links from the newest to
 * the oldest. A link is itself a fence. It is signalled when its own fence and
 * all older links are signalled.
 *
 * Functions that are only declared here are documented where they are defined:
 * dma-fence-chain.c. "Borrows a reference" as in <linux/dma-fence.h>.
 */
#ifndef __LINUX_DMA_FENCE_CHAIN_H
#define __LINUX_DMA_FENCE_CHAIN_H

#include <linux/dma-fence.h>
#include <linux/irq_work.h>
#include <linux/slab.h>

/**
 * struct dma_fence_chain - one link of a chain
 * @base: the fence that represents this link and all older links
 * @prev: a reference to the next older link, or to any other fence; or NULL
 * @prev_seqno: the seqno of the next older link when this link was created. It
 *	does not change when signalled links are removed from the chain.
 * @fence: a reference to the fence of this link
 * @cb: the callback on the newest fence of the chain that is not signalled
 * @work: adds @cb to the next such fence, without the lock of the previous one
 */
struct dma_fence_chain {
	struct dma_fence base;
	struct dma_fence __rcu *prev;
	u64 prev_seqno;
	struct dma_fence *fence;
	/* Only one is in use: @cb queues @work, and @work adds @cb again. */
	union {
		struct dma_fence_cb cb;
		struct irq_work work;
	};
};

/**
 * to_dma_fence_chain - convert a fence to the link that it is
 * @fence: borrows a reference; or NULL
 *
 * Context: any.
 * Return: the link, without a new reference; NULL if @fence is not a link.
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
 * @fence: borrows a reference; or NULL
 *
 * Context: any.
 * Return: the fence of the link, borrowed for as long as @fence is; @fence
 * itself if it is not a link. No reference is taken.
 */
static inline struct dma_fence *
dma_fence_chain_contained(struct dma_fence *fence)
{
	struct dma_fence_chain *chain = to_dma_fence_chain(fence);

	return chain ? chain->fence : fence;
}

/**
 * dma_fence_chain_alloc - allocate memory for a link
 *
 * Context: may sleep.
 * Return: memory for dma_fence_chain_init(), not filled with zeros. The caller
 * owns it, and frees it with dma_fence_chain_free() if it is not initialised.
 * NULL if there is no memory.
 */
#define dma_fence_chain_alloc()	kmalloc_obj(struct dma_fence_chain)

/**
 * dma_fence_chain_free - free memory of a link that was never initialised
 * @chain: from dma_fence_chain_alloc(), consumed; NULL does nothing
 *
 * Context: any.
 */
static inline void dma_fence_chain_free(struct dma_fence_chain *chain)
{
	kfree(chain);
}

/**
 * dma_fence_chain_for_each - iterate from a link to older unsignalled links
 * @iter: the loop variable. It holds a reference, which the loop drops in the
 *	next step. Code that leaves the loop early has to put it.
 * @head: the fence to start with; borrows a reference. May be @iter itself: the
 *	caller keeps the reference that @iter had before.
 *
 * The first step visits @head, even if it is signalled. If @head is not a link,
 * the loop visits only @head. Removes signalled links from the chain.
 * Context: any.
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
