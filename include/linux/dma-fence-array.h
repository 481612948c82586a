/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* dma_fence_array: a fence that is signalled when several others are. */
#ifndef __LINUX_DMA_FENCE_ARRAY_H
#define __LINUX_DMA_FENCE_ARRAY_H

#include <linux/dma-fence.h>
#include <linux/irq_work.h>

/**
 * struct dma_fence_array_cb - the array's callback on one of its fences
 * @cb: the callback
 * @array: whose it is
 */
struct dma_fence_array_cb {
	struct dma_fence_cb cb;
	struct dma_fence_array *array;
};

/**
 * struct dma_fence_array - a fence for an array of fences
 * @base: the fence
 * @num_fences: how many there are
 * @num_pending: how many have not called back yet
 * @fences: them, with a reference each; the table is from kmalloc()
 * @work: signals the array, outside of the lock of the fence that was last
 * @callbacks: one for each fence
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
 * to_dma_fence_array - the array that a fence is
 * @fence: a fence, or NULL
 *
 * Return: the array, or NULL if it is none.
 */
static inline struct dma_fence_array *
to_dma_fence_array(struct dma_fence *fence)
{
	if (!fence || !dma_fence_is_array(fence))
		return NULL;
	return container_of(fence, struct dma_fence_array, base);
}

/**
 * dma_fence_array_for_each - for every fence of an array
 * @fence: the loop variable; no reference is taken
 * @index: an unsigned variable
 * @head: an array; another fence is visited itself, NULL has nothing in it
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
