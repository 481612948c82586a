// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * dma_fence_array: signalled when all of its fences are signalled.
 *
 * Lock order: the array's lock, then a component's (enabling adds callbacks to
 * the components). A component's callback runs under the component's lock, so
 * it must not signal the array itself: it queues irq_work for that.
 *
 * num_pending counts the components that have not called back. The thread that
 * decrements it to 0 signals the array. An error is stored before the
 * decrement.
 */

#include <linux/dma-fence-array.h>
#include <linux/export.h>
#include <linux/slab.h>

/*
 * The value of base.error while no component has failed and the array is not
 * signalled. The error of the first component that fails replaces it. If none
 * fails, 0 replaces it right before the array is signalled.
 */
#define PENDING_ERROR	1

static const char *array_driver_name(struct dma_fence *fence)
{
	return "dma_fence_array";
}

static const char *array_timeline_name(struct dma_fence *fence)
{
	return "unbound";
}

static void record_error(struct dma_fence_array *array, int error)
{
	/*
	 * No partner: only the first error may be stored. The decrement of
	 * num_pending that follows makes it visible.
	 */
	if (error)
		cmpxchg(&array->base.error, PENDING_ERROR, error);
}

static void clear_pending_error(struct dma_fence_array *array)
{
	/*
	 * No partner: an error must not be overwritten. The caller has seen
	 * num_pending at 0, and with it the errors of all components.
	 */
	cmpxchg(&array->base.error, PENDING_ERROR, 0);
}

static void array_signal_work(struct irq_work *work)
{
	struct dma_fence_array *array =
		container_of(work, struct dma_fence_array, work);

	clear_pending_error(array);
	dma_fence_signal(&array->base);
	dma_fence_put(&array->base);
}

static void array_component_done(struct dma_fence *fence,
				 struct dma_fence_cb *cb)
{
	struct dma_fence_array_cb *array_cb =
		container_of(cb, struct dma_fence_array_cb, cb);
	struct dma_fence_array *array = array_cb->array;

	record_error(array, fence->error);
	/*
	 * F1: full barrier. Pairs with F2 in array_enable_signaling() and A1 in
	 * array_signaled(). Without it, the thread that finds num_pending at 0
	 * may not see this component's error, and signals success.
	 */
	if (atomic_dec_and_test(&array->num_pending))
		/* The work inherits the callback's reference. */
		irq_work_queue(&array->work);
	else
		dma_fence_put(&array->base);
}

static bool array_enable_signaling(struct dma_fence *fence)
{
	struct dma_fence_array *array = to_dma_fence_array(fence);
	unsigned int i;

	for (i = 0; i < array->num_fences; i++) {
		struct dma_fence_array_cb *array_cb = &array->callbacks[i];
		struct dma_fence *component = array->fences[i];

		array_cb->array = array;
		/*
		 * The callback's reference. Taken before the callback is added,
		 * because the callback may run and drop it at once.
		 */
		dma_fence_get(&array->base);
		if (!dma_fence_add_callback(component, &array_cb->cb,
					    array_component_done))
			continue;

		record_error(array, component->error);
		dma_fence_put(&array->base);
		/*
		 * F2: full barrier. Pairs with F1 in array_component_done() and
		 * A1 in array_signaled(). Without it, the thread that finds
		 * num_pending at 0 may not see this component's error.
		 */
		if (atomic_dec_and_test(&array->num_pending)) {
			clear_pending_error(array);
			return false;
		}
	}
	return true;
}

static bool array_signaled(struct dma_fence *fence)
{
	struct dma_fence_array *array = to_dma_fence_array(fence);
	int num_pending;
	unsigned int i;

	/*
	 * Read the counter first, then the flag. If enabling has decremented
	 * the counter, the flag is seen too, and the signalled components are
	 * not counted again.
	 *
	 * A1: acquire. Pairs with F1 in array_component_done() and F2 in
	 * array_enable_signaling() and F3 in __dma_fence_enable_signaling().
	 * Without it, a component may be counted twice, or its error be lost.
	 */
	num_pending = atomic_read_acquire(&array->num_pending);
	if (test_bit(DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT, &fence->flags)) {
		if (num_pending > 0)
			return false;
		goto signaled;
	}

	for (i = 0; i < array->num_fences; i++)
		if (dma_fence_is_signaled(array->fences[i]) && !--num_pending)
			goto signaled;
	return false;

signaled:
	clear_pending_error(array);
	return true;
}

static void array_release(struct dma_fence *fence)
{
	struct dma_fence_array *array = to_dma_fence_array(fence);
	unsigned int i;

	for (i = 0; i < array->num_fences; i++)
		dma_fence_put(array->fences[i]);
	kfree(array->fences);
	dma_fence_free(fence);
}

static void array_set_deadline(struct dma_fence *fence, ktime_t deadline)
{
	struct dma_fence_array *array = to_dma_fence_array(fence);
	unsigned int i;

	for (i = 0; i < array->num_fences; i++)
		dma_fence_set_deadline(array->fences[i], deadline);
}

const struct dma_fence_ops dma_fence_array_ops = {
	.get_driver_name = array_driver_name,
	.get_timeline_name = array_timeline_name,
	.enable_signaling = array_enable_signaling,
	.signaled = array_signaled,
	.release = array_release,
	.set_deadline = array_set_deadline,
};
EXPORT_SYMBOL(dma_fence_array_ops);

/**
 * dma_fence_array_alloc - allocate memory for an array
 * @num_fences: the number of fences
 *
 * Context: may sleep.
 * Return: memory for dma_fence_array_init(), or NULL. The caller frees it with
 * kfree() if it does not call that function.
 */
struct dma_fence_array *dma_fence_array_alloc(int num_fences)
{
	return kzalloc_flex(struct dma_fence_array, callbacks, num_fences);
}
EXPORT_SYMBOL(dma_fence_array_alloc);

/**
 * dma_fence_array_init - initialise an array of fences
 * @array: from dma_fence_array_alloc() for @num_fences; the caller gets the
 *	only reference
 * @num_fences: the number of fences. 0 warns, and such an array is never
 *	signalled.
 * @fences: consumes the table, which is from kmalloc(), and a reference to
 *	each fence. Fences that are arrays or chains warn: unwrap them first.
 * @context: the context of the array
 * @seqno: the seqno of the array
 *
 * Once signalling is enabled on the array, the first error of a component
 * becomes the status of the array. Otherwise the status is success.
 * Context: any.
 */
void dma_fence_array_init(struct dma_fence_array *array, int num_fences,
			  struct dma_fence **fences, u64 context,
			  unsigned seqno)
{
	/* A class of its own: a component's lock nests inside this one. */
	static struct lock_class_key array_lock_key;
	int i;

	WARN_ON(!num_fences || !fences);

	array->num_fences = num_fences;
	dma_fence_init(&array->base, &dma_fence_array_ops, NULL, context,
		       seqno);
	init_irq_work(&array->work, array_signal_work);
	lockdep_set_class(&array->base.inline_lock, &array_lock_key);

	atomic_set(&array->num_pending, num_fences);
	array->fences = fences;
	array->base.error = PENDING_ERROR;

	/*
	 * A nested array would be enabled, signalled and released recursively,
	 * to a depth without a limit.
	 */
	for (i = 0; i < num_fences; i++)
		WARN_ON(dma_fence_is_container(fences[i]));
}
EXPORT_SYMBOL(dma_fence_array_init);

/**
 * dma_fence_array_create - allocate and initialise an array of fences
 * @num_fences: as for dma_fence_array_init()
 * @fences: as for dma_fence_array_init(); on failure nothing is consumed
 * @context: as for dma_fence_array_init()
 * @seqno: as for dma_fence_array_init()
 *
 * Context: may sleep.
 * Return: the array with one reference, or NULL without memory.
 */
struct dma_fence_array *dma_fence_array_create(int num_fences,
					       struct dma_fence **fences,
					       u64 context, unsigned seqno)
{
	struct dma_fence_array *array = dma_fence_array_alloc(num_fences);

	if (!array)
		return NULL;
	dma_fence_array_init(array, num_fences, fences, context, seqno);
	return array;
}
EXPORT_SYMBOL(dma_fence_array_create);

/**
 * dma_fence_match_context - test whether all fences are of one context
 * @fence: an array, or any other fence; not NULL
 * @context: the context
 *
 * For an array, only the contexts of its components are compared. A chain is
 * compared as a single fence.
 * Context: any.
 */
bool dma_fence_match_context(struct dma_fence *fence, u64 context)
{
	struct dma_fence_array *array = to_dma_fence_array(fence);
	unsigned int i;

	if (!array)
		return fence->context == context;

	for (i = 0; i < array->num_fences; i++)
		if (array->fences[i]->context != context)
			return false;
	return true;
}
EXPORT_SYMBOL(dma_fence_match_context);

/**
 * dma_fence_array_first - get the first fence of an array
 * @head: an array, any other fence, or NULL
 *
 * Context: any.
 * Return: the first fence, without a reference; @head if it is no array; NULL
 * for NULL and for an empty array.
 */
struct dma_fence *dma_fence_array_first(struct dma_fence *head)
{
	struct dma_fence_array *array = to_dma_fence_array(head);

	if (!array)
		return head;
	return array->num_fences ? array->fences[0] : NULL;
}
EXPORT_SYMBOL(dma_fence_array_first);

/**
 * dma_fence_array_next - get the fence at an index of an array
 * @head: an array, any other fence, or NULL
 * @index: the index
 *
 * Context: any.
 * Return: the fence, without a reference; NULL if there is none at @index or if
 * @head is no array.
 */
struct dma_fence *dma_fence_array_next(struct dma_fence *head,
				       unsigned int index)
{
	struct dma_fence_array *array = to_dma_fence_array(head);

	if (!array || index >= array->num_fences)
		return NULL;
	return array->fences[index];
}
EXPORT_SYMBOL(dma_fence_array_next);
