/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The fences inside chains and arrays, one after the other, and merging them. */
#ifndef __LINUX_DMA_FENCE_UNWRAP_H
#define __LINUX_DMA_FENCE_UNWRAP_H

#include <linux/compiler.h>
#include <linux/types.h>

struct dma_fence;

/**
 * struct dma_fence_unwrap - where the iteration is
 * @chain: the link, with a reference
 * @array: the array in it, or the fence
 * @index: which fence of the array
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
 * dma_fence_unwrap_for_each - for every fence in a fence
 * @fence: the loop variable; borrowed through the cursor
 * @cursor: a struct dma_fence_unwrap; who leaves the loop early has to put
 *	@cursor->chain
 * @head: a chain, an array, or any other fence; NULL has nothing in it
 *
 * Signalled fences may or may not be among them.
 */
#define dma_fence_unwrap_for_each(fence, cursor, head)			\
	for (fence = dma_fence_unwrap_first(head, cursor); fence;	\
	     fence = dma_fence_unwrap_next(cursor))

struct dma_fence *__dma_fence_unwrap_merge(size_t num_fences,
					   struct dma_fence **fences,
					   struct dma_fence_unwrap *cursors);
size_t dma_fence_dedup_array(struct dma_fence **array, size_t num_fences);

/**
 * dma_fence_unwrap_merge - one fence for all that are given
 * @...: fences, borrowed; NULL counts for nothing
 *
 * Context: may sleep.
 * Return: a fence with a reference, NULL when there was no memory. See
 * __dma_fence_unwrap_merge().
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
