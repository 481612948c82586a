// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Iterating over the fences in chains and arrays, and merging fences. */

#include <linux/dma-fence.h>
#include <linux/dma-fence-array.h>
#include <linux/dma-fence-chain.h>
#include <linux/dma-fence-unwrap.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/sort.h>

/* Begin with the array, or the fence, in the cursor's current link. */
static struct dma_fence *unwrap_array(struct dma_fence_unwrap *cursor)
{
	cursor->array = dma_fence_chain_contained(cursor->chain);
	cursor->index = 0;
	return dma_fence_array_first(cursor->array);
}

/**
 * dma_fence_unwrap_first - get the first fence in a container
 * @head: a chain, an array, any other fence, or NULL; borrows a reference
 * @cursor: takes a reference to @head
 *
 * Context: any.
 * Return: the fence, borrowed through @cursor; NULL for NULL.
 */
struct dma_fence *dma_fence_unwrap_first(struct dma_fence *head,
					 struct dma_fence_unwrap *cursor)
{
	cursor->chain = dma_fence_get(head);
	return unwrap_array(cursor);
}
EXPORT_SYMBOL(dma_fence_unwrap_first);

/**
 * dma_fence_unwrap_next - get the next fence in a container
 * @cursor: from dma_fence_unwrap_first()
 *
 * An array without fences, which is illegal, ends the iteration early. The
 * cursor then keeps its reference.
 * Context: any.
 * Return: the fence, borrowed through @cursor. NULL at the end: the cursor has
 * no reference any more.
 */
struct dma_fence *dma_fence_unwrap_next(struct dma_fence_unwrap *cursor)
{
	struct dma_fence *next;

	next = dma_fence_array_next(cursor->array, ++cursor->index);
	if (next)
		return next;

	cursor->chain = dma_fence_chain_walk(cursor->chain);
	return unwrap_array(cursor);
}
EXPORT_SYMBOL(dma_fence_unwrap_next);

/* Sort by context, and the fences of a context by seqno, latest first. */
static int compare_fences(const void *pa, const void *pb)
{
	struct dma_fence *a = *(struct dma_fence **)pa;
	struct dma_fence *b = *(struct dma_fence **)pb;

	if (a->context != b->context)
		return a->context < b->context ? -1 : 1;
	if (dma_fence_is_later(b, a))
		return 1;
	return dma_fence_is_later(a, b) ? -1 : 0;
}

/**
 * dma_fence_dedup_array - keep the latest fence of each context
 * @array: fences, with a reference to each. Afterwards, those that are kept are
 *	at the start, sorted by context. The others are put.
 * @num_fences: the number of fences
 *
 * Context: any.
 * Return: the number of fences that are kept.
 */
size_t dma_fence_dedup_array(struct dma_fence **array, size_t num_fences)
{
	size_t i, kept = 0;

	if (!num_fences)
		return 0;

	sort(array, num_fences, sizeof(*array), compare_fences, NULL);

	for (i = 1; i < num_fences; i++) {
		if (array[i]->context == array[kept]->context)
			dma_fence_put(array[i]);
		else
			array[++kept] = array[i];
	}
	return kept + 1;
}
EXPORT_SYMBOL(dma_fence_dedup_array);

/* Keep the latest timestamp of the signalled fences seen so far. */
static void note_timestamp(struct dma_fence *fence, ktime_t *latest)
{
	ktime_t timestamp = dma_fence_timestamp(fence);

	if (ktime_after(timestamp, *latest))
		*latest = timestamp;
}

/**
 * __dma_fence_unwrap_merge - merge fences into one
 * @num_fences: the number of @fences
 * @fences: chains, arrays, other fences or NULLs; borrows a reference to each
 * @iter: memory for @num_fences cursors
 *
 * Leaves out signalled fences, and keeps only the latest fence of each context.
 * If one fence remains, it is the result. If several remain, the result is an
 * array of them. If none remains, the result is a stub with the timestamp of
 * the fence that was signalled last.
 * Context: may sleep.
 * Return: the fence with a reference, or NULL without memory.
 */
struct dma_fence *__dma_fence_unwrap_merge(size_t num_fences,
					   struct dma_fence **fences,
					   struct dma_fence_unwrap *iter)
{
	struct dma_fence *tmp, *last = NULL, **table;
	ktime_t timestamp = ns_to_ktime(0);
	struct dma_fence_array *array;
	size_t i, count = 0;

	for (i = 0; i < num_fences; i++) {
		dma_fence_unwrap_for_each(tmp, &iter[i], fences[i]) {
			if (dma_fence_is_signaled(tmp)) {
				note_timestamp(tmp, &timestamp);
				continue;
			}
			count++;
			dma_fence_put(last);
			last = dma_fence_get(tmp);
		}
	}

	if (!count)
		return dma_fence_allocate_private_stub(timestamp);
	if (count == 1)
		return last;
	dma_fence_put(last);

	table = kmalloc_objs(*table, count);
	if (!table)
		return NULL;

	/* There can only be fewer now: more fences may have been signalled. */
	count = 0;
	for (i = 0; i < num_fences; i++) {
		dma_fence_unwrap_for_each(tmp, &iter[i], fences[i]) {
			if (dma_fence_is_signaled(tmp))
				note_timestamp(tmp, &timestamp);
			else
				table[count++] = dma_fence_get(tmp);
		}
	}

	if (!count) {
		tmp = dma_fence_allocate_private_stub(timestamp);
		goto free_table;
	}

	count = dma_fence_dedup_array(table, count);
	if (count == 1) {
		tmp = table[0];
		goto free_table;
	}

	array = dma_fence_array_create(count, table,
				       dma_fence_context_alloc(1), 1);
	if (array)
		return &array->base;

	tmp = NULL;
	while (count--)
		dma_fence_put(table[count]);
free_table:
	kfree(table);
	return tmp;
}
EXPORT_SYMBOL(__dma_fence_unwrap_merge);
