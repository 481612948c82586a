// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * dma_fence_chain: links from the newest to the oldest.
 *
 * A walk removes links whose fences are signalled. A compare-and-exchange
 * replaces the prev of the newer link. If several threads walk, one of them
 * succeeds. A removed link stays valid for the holders of a reference.
 *
 * A link has one callback. It is on the newest unsignalled fence among those of
 * the link and the older links. The callback queues irq_work. The work adds the
 * callback to the next unsignalled fence, or signals the link. So there is no
 * recursion along the chain, and no link's lock nests in a fence's lock.
 */

#include <linux/dma-fence-chain.h>
#include <linux/export.h>
#include <linux/minmax.h>

static bool chain_enable_signaling(struct dma_fence *fence);

/* The link's prev with a reference, or NULL. */
static struct dma_fence *chain_get_prev(struct dma_fence_chain *chain)
{
	struct dma_fence *prev;

	rcu_read_lock();
	/*
	 * A1: acquire. Pairs with F1 in dma_fence_chain_walk(). Without it, a
	 * prev that another walk has stored may be read uninitialised.
	 */
	prev = dma_fence_get_rcu_safe(&chain->prev);
	rcu_read_unlock();
	return prev;
}

/**
 * dma_fence_chain_walk - get the next older link that is not signalled
 * @fence: a link; consumes the reference
 *
 * Removes links whose fences are signalled from the chain.
 * Context: any.
 * Return: the link, or the fence at the end of the chain, with a reference;
 * NULL if there is none, or if @fence is no link.
 */
struct dma_fence *dma_fence_chain_walk(struct dma_fence *fence)
{
	struct dma_fence_chain *chain = to_dma_fence_chain(fence), *prev_chain;
	struct dma_fence *prev, *replacement, *found;

	if (!chain) {
		dma_fence_put(fence);
		return NULL;
	}

	while ((prev = chain_get_prev(chain))) {
		prev_chain = to_dma_fence_chain(prev);
		if (prev_chain) {
			if (!dma_fence_is_signaled(prev_chain->fence))
				break;
			replacement = chain_get_prev(prev_chain);
		} else {
			if (!dma_fence_is_signaled(prev))
				break;
			replacement = NULL;
		}

		/*
		 * F1: full barrier on success. Pairs with A1 in
		 * chain_get_prev(). Without it, another walk may find the new
		 * prev and read it uninitialised.
		 */
		found = unrcu_pointer(cmpxchg(&chain->prev,
					      RCU_INITIALIZER(prev),
					      RCU_INITIALIZER(replacement)));
		if (found == prev)
			/* The reference of the link. */
			dma_fence_put(prev);
		else
			/* Another thread changed it first: try again. */
			dma_fence_put(replacement);
		dma_fence_put(prev);
	}

	dma_fence_put(fence);
	return prev;
}
EXPORT_SYMBOL(dma_fence_chain_walk);

/**
 * dma_fence_chain_find_seqno - find the link that covers a seqno
 * @pfence: the newest link, with a reference. On success it is replaced by the
 *	link to wait for, with a reference, or by NULL when everything up to
 *	@seqno is signalled.
 * @seqno: the seqno; 0 leaves *@pfence as it is
 *
 * Context: any.
 * Return: 0. -EINVAL, with *@pfence unchanged, when it is no link or @seqno is
 * later than its seqno.
 */
int dma_fence_chain_find_seqno(struct dma_fence **pfence, uint64_t seqno)
{
	struct dma_fence *head = *pfence, *iter;
	struct dma_fence_chain *chain;

	if (!seqno)
		return 0;

	chain = to_dma_fence_chain(head);
	if (!chain || chain->base.seqno < seqno)
		return -EINVAL;

	dma_fence_chain_for_each(iter, head) {
		/* A new context, or the older link is before @seqno. */
		if (iter->context != head->context ||
		    to_dma_fence_chain(iter)->prev_seqno < seqno)
			break;
	}
	*pfence = iter;
	dma_fence_put(head);
	return 0;
}
EXPORT_SYMBOL(dma_fence_chain_find_seqno);

static const char *chain_driver_name(struct dma_fence *fence)
{
	return "dma_fence_chain";
}

static const char *chain_timeline_name(struct dma_fence *fence)
{
	return "unbound";
}

static void chain_irq_work(struct irq_work *work)
{
	struct dma_fence_chain *chain =
		container_of(work, struct dma_fence_chain, work);

	/*
	 * The callback and the work share their memory. Once the callback is
	 * added again, it may overwrite the work, and another thread may queue
	 * the work, before this function has returned.
	 */
	if (!chain_enable_signaling(&chain->base))
		dma_fence_signal(&chain->base);
	/* The reference of the callback that queued this work. */
	dma_fence_put(&chain->base);
}

static void chain_callback(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct dma_fence_chain *chain =
		container_of(cb, struct dma_fence_chain, cb);

	init_irq_work(&chain->work, chain_irq_work);
	irq_work_queue(&chain->work);
	dma_fence_put(fence);
}

/*
 * Add the callback to the first fence that is not signalled. The core calls
 * this once, under the link's lock. The work calls it without the lock. The two
 * cannot run at once, because the core's call adds the callback that queues the
 * work.
 */
static bool chain_enable_signaling(struct dma_fence *fence)
{
	struct dma_fence_chain *head = to_dma_fence_chain(fence);
	struct dma_fence *iter;

	/* The callback's reference. */
	dma_fence_get(&head->base);
	dma_fence_chain_for_each(iter, &head->base) {
		struct dma_fence *contained = dma_fence_chain_contained(iter);

		/* And a reference to the fence that carries the callback. */
		dma_fence_get(contained);
		if (!dma_fence_add_callback(contained, &head->cb,
					    chain_callback)) {
			dma_fence_put(iter);
			return true;
		}
		dma_fence_put(contained);
	}
	dma_fence_put(&head->base);
	return false;
}

static bool chain_signaled(struct dma_fence *fence)
{
	struct dma_fence *iter;

	dma_fence_chain_for_each(iter, fence) {
		if (!dma_fence_is_signaled(dma_fence_chain_contained(iter))) {
			dma_fence_put(iter);
			return false;
		}
	}
	return true;
}

static void chain_release(struct dma_fence *fence)
{
	struct dma_fence_chain *chain = to_dma_fence_chain(fence), *prev_chain;
	struct dma_fence *prev;

	/*
	 * Dropping prev may release it, which drops its own prev, and so on
	 * recursively. So if this link has the only reference to prev, take
	 * over the prev of that first. No other thread can reach it, so plain
	 * loads and stores are enough.
	 */
	while ((prev = rcu_dereference_protected(chain->prev, true))) {
		if (kref_read(&prev->refcount) > 1)
			break;
		prev_chain = to_dma_fence_chain(prev);
		if (!prev_chain)
			break;

		/*
		 * A2: acquire. Pairs with R1 in lfshim_count_sub().
		 * Without it, the prev that is read here may be older than the
		 * one which a walk stored before it dropped its reference.
		 */
		smp_rmb();
		RCU_INIT_POINTER(chain->prev,
				 rcu_dereference_protected(prev_chain->prev,
							   true));
		RCU_INIT_POINTER(prev_chain->prev, NULL);
		dma_fence_put(prev);
	}
	/*
	 * If another thread has dropped its reference since the count was read,
	 * this drops the last one, and the loop continues in a nested call.
	 */
	dma_fence_put(prev);
	dma_fence_put(chain->fence);
	dma_fence_free(fence);
}

static void chain_set_deadline(struct dma_fence *fence, ktime_t deadline)
{
	struct dma_fence *iter;

	dma_fence_chain_for_each(iter, fence)
		dma_fence_set_deadline(dma_fence_chain_contained(iter),
				       deadline);
}

const struct dma_fence_ops dma_fence_chain_ops = {
	.get_driver_name = chain_driver_name,
	.get_timeline_name = chain_timeline_name,
	.enable_signaling = chain_enable_signaling,
	.signaled = chain_signaled,
	.release = chain_release,
	.set_deadline = chain_set_deadline,
};
EXPORT_SYMBOL(dma_fence_chain_ops);

/**
 * dma_fence_chain_init - initialise a link
 * @chain: from dma_fence_chain_alloc(); the caller gets the only reference
 * @prev: the next older link, or any other fence, or NULL; consumes a reference
 * @fence: the fence of the link; consumes a reference. A chain warns.
 * @seqno: later than that of @prev. Otherwise the link begins a new context,
 *	but still waits for @prev.
 *
 * Context: any.
 */
void dma_fence_chain_init(struct dma_fence_chain *chain,
			  struct dma_fence *prev, struct dma_fence *fence,
			  uint64_t seqno)
{
	/* A class of its own: a fence's lock nests inside this one. */
	static struct lock_class_key chain_lock_key;
	struct dma_fence_chain *prev_chain = to_dma_fence_chain(prev);
	u64 context;

	/* Relaxed: no other thread can see the link yet. */
	rcu_assign_pointer(chain->prev, prev);
	chain->fence = fence;
	chain->prev_seqno = 0;

	if (prev_chain && seqno > prev->seqno) {
		context = prev->context;
		chain->prev_seqno = prev->seqno;
	} else {
		context = dma_fence_context_alloc(1);
		/*
		 * Never let the seqno decrease, so that it can be compared with
		 * that of the older link.
		 */
		if (prev_chain)
			seqno = max(prev->seqno, seqno);
	}

	dma_fence_init64(&chain->base, &dma_fence_chain_ops, NULL, context,
			 seqno);
	lockdep_set_class(&chain->base.inline_lock, &chain_lock_key);

	/* A walk would have to walk the nested chain too. */
	WARN_ON(dma_fence_is_chain(fence));
}
EXPORT_SYMBOL(dma_fence_chain_init);
