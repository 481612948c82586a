/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Iterating over the fences inside chains and arrays, and merging fences.
 *
 * Functions that are only declared here are documented where they are defined:
 * dma-fence-unwrap.c. "Borrows a reference" as in <linux/dma-fence.h>.
 */
#ifndef __LINUX_DMA_FENCE_UNWRAP_H
#define __LINUX_DMA_FENCE_UNWRAP_H

#include <linux/compiler.h>
#include <linux/types.h>

struct dma_fence;

/**
 * struct dma_fence_unwrap - the position of an iteration
 * @chain: a reference to the current link, or to a fence that is not a link
 * @array: the fence of that link, borrowed through @chain; may be an array
 * @index: index of the current fence in @array
 */
struct dma_fence_unwrap {
	struct dma_fence *chain;
	struct dma_fence *array;
	unsigned int index;
};

struct dma_fence *dma_fence_unwrap_first(struct dma_fence *head,
					 struct dma_fence_unwrap *cursor);
struct dma_fence *dma_fence_unwrap_next(struct dma_fence_unwrap *cursor);

/**
 * dma_fence_unwrap_for_each - iterate over all fences inside a fence
 * @fence: the loop variable; borrowed through @cursor until the next step
 * @cursor: pointer to a struct dma_fence_unwrap, which the caller owns and need
 *	not initialise. It holds a reference, which the loop drops at the end.
 *	Code that leaves the loop early has to put @cursor->chain.
 * @head: a chain, an array, or any other fence; borrows a reference. If it is
 *	NULL, the loop visits nothing.
 *
 * Signalled fences may be skipped or visited.
 * Context: any.
 */
#define dma_fence_unwrap_for_each(fence, cursor, head)			\
	for (fence = dma_fence_unwrap_first(head, cursor); fence;	\
	     fence = dma_fence_unwrap_next(cursor))

struct dma_fence *__dma_fence_unwrap_merge(size_t num_fences,
					   struct dma_fence **fences,
					   struct dma_fence_unwrap *cursors);
size_t dma_fence_dedup_array(struct dma_fence **array, size_t num_fences);

/**
 * dma_fence_unwrap_merge - merge fences into a fence
 * @...: fences; borrows a reference to each. NULL is ignored.
 *
 * As __dma_fence_unwrap_merge(), with the fences as arguments.
 * Context: may sleep.
 * Return: a reference to a fence that is signalled when all of them are, which
 * the caller drops with dma_fence_put(). NULL if there is no memory.
 */
#define dma_fence_unwrap_merge(...)					\
	({								\
		struct dma_fence *__f[] = { __VA_ARGS__ };		\
		struct dma_fence_unwrap __c[sizeof(__f) / sizeof(__f[0])]; \
									\
		__dma_fence_unwrap_merge(sizeof(__f) / sizeof(__f[0]),	\
					 __f, __c);			\
	})

#endif
