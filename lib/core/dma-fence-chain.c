// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * dma_fence_chain: links from the newest to the oldest.
 *
 * Walking takes links out whose fences have signalled: the link before them
 * gets a new prev by compare-and-exchange, by whoever comes first. A link that
 * was taken out lives on for those who have a reference.
 *
 * A link's callback sits on the newest fence, from the link on, that has not
 * signalled. It queues irq_work, which moves on to the next one, or signals the
 * link: no recursion along the chain, and no link's lock inside a fence's.
 */

#include <linux/dma-fence-chain.h>
#include <linux/export.h>
#include <linux/minmax.h>

static bool chain_enable_signaling(struct dma_fence *fence);

/* The link's prev, with a reference. */
static struct dma_fence *chain_get_prev(struct dma_fence_chain *chain)
{
	struct dma_fence *prev;

	rcu_read_lock();
	prev = dma_fence_get_rcu_safe(&chain->prev);
	rcu_read_unlock();
	return prev;
}

/**
 * dma_fence_chain_walk - to the next older fence that is not signalled
 * @fence: a link; consumes the reference
 *
 * Takes links out of the chain whose fences have signalled.
 * Context: any.
 * Return: that link, or the fence at the end of the chain, with a reference;
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
		 * Full barrier on success: pairs with the rcu_dereference() in
		 * dma_fence_get_rcu_safe().
		 */
		found = unrcu_pointer(cmpxchg(&chain->prev,
					      RCU_INITIALIZER(prev),
					      RCU_INITIALIZER(replacement)));
		if (found == prev)
			/* The reference that the link had. */
			dma_fence_put(prev);
		else
			/* Somebody else was faster, and we look again. */
			dma_fence_put(replacement);
		dma_fence_put(prev);
	}

	dma_fence_put(fence);
	return prev;
}
EXPORT_SYMBOL(dma_fence_chain_walk);

/**
 * dma_fence_chain_find_seqno - the link to wait for, to have reached a point
 * @pfence: the newest link, with a reference; on success replaced by the link
 *	that covers @seqno, with a reference, or by NULL when all up to @seqno
 *	has signalled
 * @seqno: the point; 0 leaves *@pfence as it is
 *
 * Context: any.
 * Return: 0. -EINVAL when *@pfence is no link or @seqno is later than it:
 * nothing has changed.
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
		/* Another timeline; or the link before it is before @seqno. */
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
	 * From here on the callback may use the memory of the work, and the
	 * work be queued again from another thread, before this has returned.
	 */
	if (!chain_enable_signaling(&chain->base))
		dma_fence_signal(&chain->base);
	/* The reference of the callback that queued us. */
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
 * Put the callback on the first fence that takes it. Called under the link's
 * lock by the core, once, and without it by the work: never both, since the
 * work comes from the callback that the core's call has added.
 */
static bool chain_enable_signaling(struct dma_fence *fence)
{
	struct dma_fence_chain *head = to_dma_fence_chain(fence);
	struct dma_fence *iter;

	/* The callback's reference. */
	dma_fence_get(&head->base);
	dma_fence_chain_for_each(iter, &head->base) {
		struct dma_fence *contained = dma_fence_chain_contained(iter);

		/* And one on what it is on. */
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
	 * Dropping prev could release it, which drops its prev ... Where ours
	 * is the only reference nobody else can reach the link, so plain loads
	 * and stores do, and it can be shortened first.
	 */
	while ((prev = rcu_dereference_protected(chain->prev, true))) {
		if (kref_read(&prev->refcount) > 1)
			break;
		prev_chain = to_dma_fence_chain(prev);
		if (!prev_chain)
			break;

		/*
		 * Others dropped theirs before the count was read; what they
		 * wrote to the link, they wrote before that. Pairs with the
		 * release in refcount_dec_and_test().
		 */
		smp_rmb();
		RCU_INIT_POINTER(chain->prev,
				 rcu_dereference_protected(prev_chain->prev,
							   true));
		RCU_INIT_POINTER(prev_chain->prev, NULL);
		dma_fence_put(prev);
	}
	/*
	 * If somebody dropped theirs after the count was read, this is the
	 * last, and the same loop goes on one level deeper.
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
 * dma_fence_chain_init - make a link
 * @chain: from dma_fence_chain_alloc(); the caller gets the one reference
 * @prev: the link before, or any other fence, or NULL; consumes a reference
 * @fence: the fence of the link; consumes a reference. A chain warns.
 * @seqno: later than that of @prev; else the link begins a timeline of its own,
 *	which still waits for @prev
 *
 * Context: any.
 */
void dma_fence_chain_init(struct dma_fence_chain *chain,
			  struct dma_fence *prev, struct dma_fence *fence,
			  uint64_t seqno)
{
	/* Locks of one class nest here; lockdep has to tell them apart. */
	static struct lock_class_key chain_lock_key;
	struct dma_fence_chain *prev_chain = to_dma_fence_chain(prev);
	u64 context;

	rcu_assign_pointer(chain->prev, prev);
	chain->fence = fence;
	chain->prev_seqno = 0;

	if (prev_chain && seqno > prev->seqno) {
		context = prev->context;
		chain->prev_seqno = prev->seqno;
	} else {
		context = dma_fence_context_alloc(1);
		/* Not back in time, for who compares with the one before. */
		if (prev_chain)
			seqno = max(prev->seqno, seqno);
	}

	dma_fence_init64(&chain->base, &dma_fence_chain_ops, NULL, context,
			 seqno);
	lockdep_set_class(&chain->base.inline_lock, &chain_lock_key);

	/* It would have to be walked inside of the walk. */
	WARN_ON(dma_fence_is_chain(fence));
}
EXPORT_SYMBOL(dma_fence_chain_init);
