/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * dma_fence_array: a fence that is signalled when all fences of an array are.
 *
 * Functions that are only declared here are documented where they are defined:
 * dma-fence-array.c. "Borrows a reference" as in <linux/dma-fence.h>.
 */
#ifndef __LINUX_DMA_FENCE_ARRAY_H
#define __LINUX_DMA_FENCE_ARRAY_H

#include <linux/dma-fence.h>
#include <linux/irq_work.h>

/**
 * struct dma_fence_array_cb - the callback of an array on one of its fences
 * @cb: the callback
 * @array: the array that contains it
 */
struct dma_fence_array_cb {
	struct dma_fence_cb cb;
	struct dma_fence_array *array;
};

/**
 * struct dma_fence_array - a fence for an array of fences
 * @base: the fence that represents the array
 * @num_fences: number of fences
 * @num_pending: number of fences whose callbacks have not run yet
 * @fences: a reference to each fence. The array owns this table, which is from
 *	kmalloc().
 * @work: signals @base, without the lock of the fence that was signalled last
 * @callbacks: a callback for each fence
 */
struct dma_fence_array {
	struct dma_fence base;

	unsigned num_fences;
	atomic_t num_pending;
	struct dma_fence **fences;

	struct irq_work work;

	struct dma_fence_array_cb callbacks[] __counted_by(num_fences);
};

/**
 * to_dma_fence_array - convert a fence to the array that it is
 * @fence: borrows a reference; or NULL
 *
 * Context: any.
 * Return: the array, without a new reference; NULL if @fence is not an array.
 */
static inline struct dma_fence_array *
to_dma_fence_array(struct dma_fence *fence)
{
	if (!fence || !dma_fence_is_array(fence))
		return NULL;
	return container_of(fence, struct dma_fence_array, base);
}

/**
 * dma_fence_array_for_each - iterate over the fences of an array
 * @fence: the loop variable; borrowed from the array, no reference is taken
 * @index: an unsigned variable: the index of @fence
 * @head: an array; borrows a reference. If it is any other fence, the loop
 *	visits only @head. If it is NULL, the loop visits nothing.
 *
 * Context: any.
 */
#define dma_fence_array_for_each(fence, index, head)			\
	for (index = 0, fence = dma_fence_array_first(head); fence;	\
	     ++(index), fence = dma_fence_array_next(head, index))

struct dma_fence_array *dma_fence_array_alloc(int num_fences);
void dma_fence_array_init(struct dma_fence_array *array, int num_fences,
			  struct dma_fence **fences, u64 context,
			  unsigned seqno);
struct dma_fence_array *dma_fence_array_create(int num_fences,
					       struct dma_fence **fences,
					       u64 context, unsigned seqno);

bool dma_fence_match_context(struct dma_fence *fence, u64 context);

struct dma_fence *dma_fence_array_first(struct dma_fence *head);
struct dma_fence *dma_fence_array_next(struct dma_fence *head,
				       unsigned int index);

#endif
