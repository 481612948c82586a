// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Merging fences, and the parts of merged fences: <libfence/several.h>. */

#include <linux/dma-fence.h>
#include <linux/dma-fence-array.h>
#include <linux/dma-fence-chain.h>
#include <linux/dma-fence-unwrap.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <libfence/dma-fence.h>
#include <libfence/several.h>

/* A fence that is signalled from the start, with the lock that it needs. */
struct signaled_fence {
	struct dma_fence base;
	spinlock_t lock;
};

static const char *signaled_name(struct dma_fence *fence)
{
	return "libfence";
}

static const struct dma_fence_ops signaled_ops = {
	.get_driver_name = signaled_name,
	.get_timeline_name = signaled_name,
};

static struct libfence *create_signaled(int result, ktime_t timestamp)
{
	struct signaled_fence *fence = kmalloc_obj(*fence);

	BUILD_BUG_ON(offsetof(struct signaled_fence, base));
	if (!fence)
		return NULL;
	spin_lock_init(&fence->lock);
	dma_fence_init(&fence->base, &signaled_ops, &fence->lock,
		       dma_fence_context_alloc(1), 1);
	if (result)
		dma_fence_set_error(&fence->base, result);
	dma_fence_signal_timestamp(&fence->base, timestamp);
	return libfence_from_dma_fence(&fence->base);
}

struct libfence *libfence_create_signaled(int result)
{
	if (WARN(result > 0 || result < -MAX_ERRNO,
		 "libfence_create_signaled(): %d is no result", result))
		result = -EINVAL;
	return create_signaled(result, ktime_get());
}
EXPORT_SYMBOL(libfence_create_signaled);

/* Merging */

/*
 * The number of parts of @fence. It can only become less: a chain drops links
 * that are signalled.
 */
static size_t count_parts(struct dma_fence *fence)
{
	struct dma_fence_unwrap cursor;
	struct dma_fence *part;
	size_t count = 0;

	if (!fence)
		return 0;
	if (!dma_fence_is_container(fence))
		return 1;
	dma_fence_unwrap_for_each(part, &cursor, fence)
		count++;
	return count;
}

/*
 * Take a reference to each part of @fence that is not signalled. *@latest: the
 * timestamp of the last one that is.
 */
static size_t collect_parts(struct dma_fence *fence, struct dma_fence **table,
			    ktime_t *latest)
{
	struct dma_fence_unwrap cursor;
	struct dma_fence *part;
	size_t count = 0;
	ktime_t at;

	dma_fence_unwrap_for_each(part, &cursor, fence) {
		if (!dma_fence_is_signaled(part)) {
			table[count++] = dma_fence_get(part);
			continue;
		}
		at = dma_fence_timestamp(part);
		if (ktime_after(at, *latest))
			*latest = at;
	}
	return count;
}

/* By context, and the fences of a context by seqno, the latest first. */
static int compare_parts(const void *pa, const void *pb)
{
	struct dma_fence *a = *(struct dma_fence *const *)pa;
	struct dma_fence *b = *(struct dma_fence *const *)pb;

	if (a->context != b->context)
		return a->context < b->context ? -1 : 1;
	if (dma_fence_is_later(b, a))
		return 1;
	return dma_fence_is_later(a, b) ? -1 : 0;
}

static bool parts_are_sorted(struct dma_fence **table, size_t count)
{
	size_t i;

	for (i = 1; i < count; i++)
		if (table[i]->context <= table[i - 1]->context)
			return false;
	return true;
}

/* Keep the latest of each context. Returns how many these are, at least 1. */
static size_t keep_latest(struct dma_fence **table, size_t count)
{
	size_t i, kept = 0;

	/* Fences that were made in this order need no sorting. */
	if (parts_are_sorted(table, count))
		return count;
	sort(table, count, sizeof(*table), compare_parts, NULL);
	for (i = 1; i < count; i++) {
		if (table[i]->context == table[kept]->context)
			dma_fence_put(table[i]);
		else
			table[++kept] = table[i];
	}
	return kept + 1;
}

struct libfence *libfence_merge(struct libfence *const *fences, size_t n)
{
	struct dma_fence_array *array;
	struct dma_fence **table;
	struct libfence *merged;
	size_t i, count = 0;
	ktime_t latest = 0;

	if (WARN(!fences && n, "libfence_merge(): no array"))
		return NULL;
	for (i = 0; i < n; i++)
		count += count_parts(libfence_to_dma_fence(fences[i]));
	if (!count)
		return create_signaled(0, ktime_get());
	if (count > INT_MAX)
		return NULL;
	table = kmalloc_objs(*table, count);
	if (!table)
		return NULL;
	for (i = 0, count = 0; i < n; i++)
		count += collect_parts(libfence_to_dma_fence(fences[i]),
				       table + count, &latest);
	if (!count) {
		merged = create_signaled(0, latest);
		goto free_table;
	}
	count = keep_latest(table, count);
	if (count == 1) {
		merged = libfence_from_dma_fence(table[0]);
		goto free_table;
	}
	array = dma_fence_array_create(count, table,
				       dma_fence_context_alloc(1), 1);
	if (array)
		return libfence_from_dma_fence(&array->base);

	while (count--)
		dma_fence_put(table[count]);
	merged = NULL;
free_table:
	kfree(table);
	return merged;
}
EXPORT_SYMBOL(libfence_merge);

/* Parts */

static struct dma_fence_unwrap *inner_cursor(struct libfence_parts *parts)
{
	BUILD_BUG_ON(sizeof(*parts) < sizeof(struct dma_fence_unwrap));
	BUILD_BUG_ON(__alignof__(*parts) <
		     __alignof__(struct dma_fence_unwrap));
	return (struct dma_fence_unwrap *)parts->private_;
}

const struct libfence *
libfence_parts_first(struct libfence_parts *parts, const struct libfence *fence)
{
	return libfence_borrow_dma_fence(
		dma_fence_unwrap_first(libfence_to_dma_fence(fence),
				       inner_cursor(parts)));
}
EXPORT_SYMBOL(libfence_parts_first);

const struct libfence *libfence_parts_next(struct libfence_parts *parts)
{
	struct dma_fence_unwrap *cursor = inner_cursor(parts);

	if (!cursor->chain)
		return NULL;
	return libfence_borrow_dma_fence(dma_fence_unwrap_next(cursor));
}
EXPORT_SYMBOL(libfence_parts_next);

void libfence_parts_end(struct libfence_parts *parts)
{
	struct dma_fence_unwrap *cursor = inner_cursor(parts);

	dma_fence_put(cursor->chain);
	cursor->chain = NULL;
}
EXPORT_SYMBOL(libfence_parts_end);
