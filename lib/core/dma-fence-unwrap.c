// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The fences inside chains and arrays, and merging them into one. */

#include <linux/dma-fence.h>
#include <linux/dma-fence-array.h>
#include <linux/dma-fence-chain.h>
#include <linux/dma-fence-unwrap.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/sort.h>

/* Begin with the array, or the fence, in the link that the cursor is at. */
static struct dma_fence *unwrap_array(struct dma_fence_unwrap *cursor)
{
	cursor->array = dma_fence_chain_contained(cursor->chain);
	cursor->index = 0;
	return dma_fence_array_first(cursor->array);
}

/**
 * dma_fence_unwrap_first - the first fence in a fence
 * @head: a chain, an array, any other fence, or NULL; borrows a reference
 * @cursor: has a reference to @head afterwards
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
 * dma_fence_unwrap_next - the next fence in a fence
 * @cursor: from dma_fence_unwrap_first()
 *
 * An array without fences, which is illegal, ends the iteration, and the
 * reference of the cursor stays with it.
 * Context: any.
 * Return: the fence, borrowed through @cursor; NULL at the end, when the
 * cursor has no reference any more.
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

/* By context, and within one the latest first. */
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
 * @array: fences, with a reference each; sorted by context afterwards. Those
 *	that are not kept are put.
 * @num_fences: how many
 *
 * Context: any.
 * Return: how many are left, at the start of @array.
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

/* A signalled fence: has anything before it been signalled as late? */
static void note_timestamp(struct dma_fence *fence, ktime_t *latest)
{
	ktime_t timestamp = dma_fence_timestamp(fence);

	if (ktime_after(timestamp, *latest))
		*latest = timestamp;
}

/**
 * __dma_fence_unwrap_merge - one fence for all that are given
 * @num_fences: how many
 * @fences: chains, arrays, other fences, NULLs; borrows a reference to each
 * @iter: room for as many cursors
 *
 * Signalled fences and all but the latest of each context are left out. What
 * is left is returned itself if it is one fence, in an array if it is more;
 * if it is none, a stub with the time of the last that was signalled.
 * Context: may sleep.
 * Return: the fence with a reference, or NULL when there was no memory.
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

	/* Some may be signalled by now, none can have come. */
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
