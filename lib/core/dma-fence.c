// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The fence itself: creation, signalling, callbacks, waiting, release.
 *
 * The life of a fence, and who may touch what when:
 *
 *	init --> unsignalled --(signal, under the lock)--> signalled
 *	     --> last reference dropped --> a grace period --> freed
 *
 * I1  SIGNALED is set once, by a test-and-set under the lock, and stays.
 * I2  cb_list is a list while SIGNALED is clear. It is touched under the lock,
 *     after SIGNALED was found clear under that lock.
 * I3  timestamp takes the place of cb_list; TIMESTAMP says that it is there.
 * I4  Callbacks run under the lock. Who takes the lock after SIGNALED was set
 *     comes after the last callback: that is how removal and waiting are sure
 *     that no callback is running.
 * I5  ops is loaded once, under RCU, and tested: signalling clears it where
 *     nobody needs it any more, so that the producer can go away.
 */

#include <linux/atomic.h>
#include <linux/dma-fence.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#define CREATE_TRACE_POINTS
#include <trace/events/dma_fence.h>

EXPORT_TRACEPOINT_SYMBOL(dma_fence_emit);
EXPORT_TRACEPOINT_SYMBOL(dma_fence_enable_signal);
EXPORT_TRACEPOINT_SYMBOL(dma_fence_signaled);

/* The next context to give out. 0 is what stubs use. */
static atomic64_t next_context = ATOMIC64_INIT(1);

/**
 * dma_fence_context_alloc - allocate context numbers
 * @num: how many, at least 1
 *
 * A context is a timeline: its fences are signalled in the order of their
 * seqnos.
 * Context: any.
 * Return: the first of @num consecutive numbers that nobody else gets.
 */
u64 dma_fence_context_alloc(unsigned num)
{
	WARN_ON(!num);
	return atomic64_fetch_add(num, &next_context);
}
EXPORT_SYMBOL(dma_fence_context_alloc);

/* Stubs: fences that were always signalled. */

static const char *stub_name(struct dma_fence *fence)
{
	return "stub";
}

static const struct dma_fence_ops stub_ops = {
	.get_driver_name = stub_name,
	.get_timeline_name = stub_name,
};

static struct dma_fence the_stub;

static void stub_init(struct dma_fence *fence)
{
	dma_fence_init(fence, &stub_ops, NULL, 0, 0);
	set_bit(DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT, &fence->flags);
}

static int __init the_stub_init(void)
{
	stub_init(&the_stub);
	dma_fence_signal(&the_stub);
	return 0;
}
subsys_initcall(the_stub_init);

/**
 * dma_fence_get_stub - a fence that is signalled
 *
 * Context: any.
 * Return: a reference to a fence that all share. Never NULL.
 */
struct dma_fence *dma_fence_get_stub(void)
{
	return dma_fence_get(&the_stub);
}
EXPORT_SYMBOL(dma_fence_get_stub);

/**
 * dma_fence_allocate_private_stub - a new fence that is signalled
 * @timestamp: when it was
 *
 * Context: may sleep.
 * Return: a reference to it, or NULL when there was no memory.
 */
struct dma_fence *dma_fence_allocate_private_stub(ktime_t timestamp)
{
	struct dma_fence *fence = kzalloc_obj(*fence);

	if (!fence)
		return NULL;
	stub_init(fence);
	dma_fence_signal_timestamp(fence, timestamp);
	return fence;
}
EXPORT_SYMBOL(dma_fence_allocate_private_stub);

/* Signalling */

/**
 * dma_fence_signal_timestamp_locked - signal a fence, with the lock held
 * @fence: borrows a reference, held until the lock is released
 * @timestamp: when the work was done (CLOCK_MONOTONIC)
 *
 * The first call marks the fence, lets go of ops that are not needed any more,
 * stores @timestamp and runs the callbacks in the order they were added. Every
 * other call does nothing.
 * Context: any, the fence's lock held.
 */
void dma_fence_signal_timestamp_locked(struct dma_fence *fence,
				       ktime_t timestamp)
{
	const struct dma_fence_ops *ops;
	struct dma_fence_cb *cb, *next;
	struct list_head callbacks;

	dma_fence_assert_held(fence);

	/*
	 * Full barrier: what was written before, the error above all, is
	 * visible with the flag. Pairs with the test_bit() in
	 * dma_fence_test_signaled_flag().
	 */
	if (unlikely(test_and_set_bit(DMA_FENCE_FLAG_SIGNALED_BIT,
				      &fence->flags)))
		return;

	/* Before the ops may be cleared: the event asks them for the names. */
	trace_dma_fence_signaled(fence);

	/* Only signalling writes it, and that was us. */
	ops = rcu_dereference_protected(fence->ops, true);
	if (!ops->release && !ops->wait)
		RCU_INIT_POINTER(fence->ops, NULL);

	/* The timestamp is going to overwrite the list's head. */
	list_replace(&fence->cb_list, &callbacks);

	fence->timestamp = timestamp;
	/* Ordered after the store; pairs with dma_fence_timestamp(). */
	smp_mb__before_atomic();
	set_bit(DMA_FENCE_FLAG_TIMESTAMP_BIT, &fence->flags);

	/*
	 * A callback may free the memory that it is in. The links backwards
	 * are not kept up: nothing may be unlinked from here but by going on.
	 */
	list_for_each_entry_safe(cb, next, &callbacks, node) {
		INIT_LIST_HEAD(&cb->node);
		cb->func(fence, cb);
	}
}
EXPORT_SYMBOL(dma_fence_signal_timestamp_locked);

/**
 * dma_fence_signal_timestamp - signal a fence, at a given time
 * @fence: borrows a reference; NULL warns
 * @timestamp: when the work was done (CLOCK_MONOTONIC)
 *
 * Context: any, the fence's lock not held.
 */
void dma_fence_signal_timestamp(struct dma_fence *fence, ktime_t timestamp)
{
	unsigned long flags;

	if (WARN_ON(!fence))
		return;

	dma_fence_lock_irqsave(fence, flags);
	dma_fence_signal_timestamp_locked(fence, timestamp);
	dma_fence_unlock_irqrestore(fence, flags);
}
EXPORT_SYMBOL(dma_fence_signal_timestamp);

/**
 * dma_fence_signal_locked - signal a fence, with the lock held
 * @fence: borrows a reference, held until the lock is released
 *
 * Context: any, the fence's lock held.
 */
void dma_fence_signal_locked(struct dma_fence *fence)
{
	dma_fence_signal_timestamp_locked(fence, ktime_get());
}
EXPORT_SYMBOL(dma_fence_signal_locked);

/**
 * dma_fence_check_and_signal_locked - signal, and was it? With the lock held
 * @fence: borrows a reference, held until the lock is released
 *
 * Context: any, the fence's lock held.
 * Return: true if it was signalled already.
 */
bool dma_fence_check_and_signal_locked(struct dma_fence *fence)
{
	bool was = dma_fence_test_signaled_flag(fence);

	dma_fence_signal_locked(fence);
	return was;
}
EXPORT_SYMBOL(dma_fence_check_and_signal_locked);

/**
 * dma_fence_check_and_signal - signal a fence, and was it signalled?
 * @fence: borrows a reference
 *
 * Context: any, the fence's lock not held.
 * Return: true if it was signalled already; exactly one caller sees false.
 */
bool dma_fence_check_and_signal(struct dma_fence *fence)
{
	unsigned long flags;
	bool was;

	dma_fence_lock_irqsave(fence, flags);
	was = dma_fence_check_and_signal_locked(fence);
	dma_fence_unlock_irqrestore(fence, flags);
	return was;
}
EXPORT_SYMBOL(dma_fence_check_and_signal);

/**
 * dma_fence_signal - signal a fence
 * @fence: borrows a reference; NULL warns
 *
 * All callbacks have run when this returns. Signalling again does nothing.
 * Context: any, the fence's lock not held.
 */
void dma_fence_signal(struct dma_fence *fence)
{
	unsigned long flags;
	bool cookie;

	if (WARN_ON(!fence))
		return;

	cookie = __dma_fence_begin_signalling(_RET_IP_);
	dma_fence_lock_irqsave(fence, flags);
	dma_fence_signal_locked(fence);
	dma_fence_unlock_irqrestore(fence, flags);
	dma_fence_end_signalling(cookie);
}
EXPORT_SYMBOL(dma_fence_signal);

/* Enabling, callbacks */

/*
 * Ask the producer, once, to see to it that the fence gets signalled. With the
 * lock held. True if the fence is not signalled, and callbacks may be added.
 */
static bool __dma_fence_enable_signaling(struct dma_fence *fence)
{
	const struct dma_fence_ops *ops;
	bool first;

	dma_fence_assert_held(fence);

	/* Full barrier: pairs with the counters that containers keep. */
	first = !test_and_set_bit(DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT,
				  &fence->flags);
	if (dma_fence_test_signaled_flag(fence))
		return false;
	if (!first)
		return true;

	rcu_read_lock();
	ops = rcu_dereference(fence->ops);
	if (ops && ops->enable_signaling) {
		trace_dma_fence_enable_signal(fence);
		if (!ops->enable_signaling(fence)) {
			rcu_read_unlock();
			dma_fence_signal_locked(fence);
			return false;
		}
	}
	rcu_read_unlock();
	return true;
}

/**
 * dma_fence_enable_signaling - have a fence signalled without being polled
 * @fence: borrows a reference
 *
 * Calls the enable_signaling op, if nobody has. The fence may be signalled
 * when this returns.
 * Context: any, the fence's lock not held.
 */
void dma_fence_enable_signaling(struct dma_fence *fence)
{
	unsigned long flags;

	dma_fence_lock_irqsave(fence, flags);
	__dma_fence_enable_signaling(fence);
	dma_fence_unlock_irqrestore(fence, flags);
}
EXPORT_SYMBOL(dma_fence_enable_signaling);

/**
 * dma_fence_add_callback - have a function called when a fence is signalled
 * @fence: borrows a reference for the call
 * @cb: memory of the caller's, uninitialised or not; the fence's until @func
 *	is called or dma_fence_remove_callback() takes it back
 * @func: called once, by the signaller, with the fence's lock held and
 *	interrupts off. It must not sleep, nor take that lock. It may free @cb,
 *	and signal other fences.
 *
 * Enables signalling.
 * Context: any, the fence's lock not held.
 * Return: 0. -ENOENT when the fence is signalled: @func is not called, and @cb
 * is the caller's. -EINVAL and a warning when @fence or @func is NULL.
 */
int dma_fence_add_callback(struct dma_fence *fence, struct dma_fence_cb *cb,
			   dma_fence_func_t func)
{
	unsigned long flags;
	int ret = 0;

	if (WARN_ON(!fence || !func))
		return -EINVAL;

	/* No need for the lock; what counts is the answer under it. */
	if (dma_fence_test_signaled_flag(fence)) {
		INIT_LIST_HEAD(&cb->node);
		return -ENOENT;
	}

	dma_fence_lock_irqsave(fence, flags);
	if (__dma_fence_enable_signaling(fence)) {
		cb->func = func;
		list_add_tail(&cb->node, &fence->cb_list);
	} else {
		INIT_LIST_HEAD(&cb->node);
		ret = -ENOENT;
	}
	dma_fence_unlock_irqrestore(fence, flags);
	return ret;
}
EXPORT_SYMBOL(dma_fence_add_callback);

/**
 * dma_fence_remove_callback - take a callback back
 * @fence: borrows a reference
 * @cb: was given to dma_fence_add_callback() for this fence
 *
 * When this returns the callback is not running and never will again.
 * Context: any, the fence's lock not held: not from a callback of this fence.
 * Return: true if the callback will not run; false if it has run, or had not
 * been added because the fence was signalled.
 */
bool dma_fence_remove_callback(struct dma_fence *fence,
			       struct dma_fence_cb *cb)
{
	unsigned long flags;
	bool queued;

	dma_fence_lock_irqsave(fence, flags);
	queued = !list_empty(&cb->node);
	if (queued)
		list_del_init(&cb->node);
	dma_fence_unlock_irqrestore(fence, flags);
	return queued;
}
EXPORT_SYMBOL(dma_fence_remove_callback);

/* Waiting */

struct wait_cb {
	struct dma_fence_cb base;
	struct task_struct *task;
};

static void wake_waiter(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct wait_cb *wait = container_of(cb, struct wait_cb, base);

	/* The waiter takes the lock that is held here before it goes on. */
	wake_up_state(wait->task, TASK_NORMAL);
}

/**
 * dma_fence_default_wait - wait for a fence, without enabling signalling
 * @fence: borrows a reference
 * @intr: a signal ends the wait
 * @timeout: in jiffies, not negative; MAX_SCHEDULE_TIMEOUT for no limit
 *
 * What dma_fence_wait_timeout() does for fences without a wait op.
 * Context: may sleep, the fence's lock not held.
 * Return: as dma_fence_wait_timeout().
 */
signed long dma_fence_default_wait(struct dma_fence *fence, bool intr,
				   signed long timeout)
{
	signed long ret = timeout ? timeout : 1;
	struct wait_cb wait;
	unsigned long flags;

	dma_fence_lock_irqsave(fence, flags);

	if (dma_fence_test_signaled_flag(fence))
		goto out;
	if (intr && signal_pending(current)) {
		ret = -ERESTARTSYS;
		goto out;
	}
	if (!timeout) {
		ret = 0;
		goto out;
	}

	wait.base.func = wake_waiter;
	wait.task = current;
	/* In front of the callbacks: waiters are woken first. */
	list_add(&wait.base.node, &fence->cb_list);

	while (!dma_fence_test_signaled_flag(fence) && ret > 0) {
		/*
		 * Before the lock is dropped: a signaller that comes then ends
		 * the sleep before it has begun.
		 */
		__set_current_state(intr ? TASK_INTERRUPTIBLE :
					   TASK_UNINTERRUPTIBLE);
		dma_fence_unlock_irqrestore(fence, flags);

		ret = schedule_timeout(ret);

		dma_fence_lock_irqsave(fence, flags);
		if (ret > 0 && intr && signal_pending(current))
			ret = -ERESTARTSYS;
	}

	/* It is on our stack. The signaller has self-linked it if it ran. */
	if (!list_empty(&wait.base.node))
		list_del(&wait.base.node);
	__set_current_state(TASK_RUNNING);
out:
	dma_fence_unlock_irqrestore(fence, flags);
	return ret;
}
EXPORT_SYMBOL(dma_fence_default_wait);

/**
 * __dma_fence_wait_timeout - wait for a fence on behalf of somebody
 * @fence: as for dma_fence_wait_timeout()
 * @intr: as for dma_fence_wait_timeout()
 * @timeout: as for dma_fence_wait_timeout()
 * @ip: who waits, to lockdep: what a layer on top has as _RET_IP_
 *
 * Context: may sleep.
 * Return: as dma_fence_wait_timeout().
 */
signed long __dma_fence_wait_timeout(struct dma_fence *fence, bool intr,
				     signed long timeout, unsigned long ip)
{
	const struct dma_fence_ops *ops;
	signed long ret;

	if (WARN_ON(timeout < 0))
		return -EINVAL;

	might_sleep();
	__dma_fence_might_wait_at(ip);

	dma_fence_enable_signaling(fence);

	rcu_read_lock();
	ops = rcu_dereference(fence->ops);
	trace_dma_fence_wait_start(fence);
	if (ops && ops->wait) {
		/* It sleeps. Ops that have it are not cleared. */
		rcu_read_unlock();
		ret = ops->wait(fence, intr, timeout);
	} else {
		rcu_read_unlock();
		ret = dma_fence_default_wait(fence, intr, timeout);
	}

	if (trace_dma_fence_wait_end_enabled()) {
		rcu_read_lock();
		trace_dma_fence_wait_end(fence);
		rcu_read_unlock();
	}
	return ret;
}
EXPORT_SYMBOL(__dma_fence_wait_timeout);

/**
 * dma_fence_wait_timeout - wait for a fence
 * @fence: borrows a reference
 * @intr: a signal ends the wait
 * @timeout: in jiffies; 0 only looks, MAX_SCHEDULE_TIMEOUT is no limit
 *
 * Enables signalling. After success the callbacks that were on the fence have
 * finished.
 * Context: may sleep, also for a timeout of 0.
 * Return: the jiffies that are left, at least 1, when the fence is signalled;
 * 0 when time was up, even if the fence was signalled at that very moment;
 * -ERESTARTSYS when a signal came, even if the fence did too; -EINVAL and a
 * warning when @timeout is negative. A wait op may return other errors.
 */
signed long dma_fence_wait_timeout(struct dma_fence *fence, bool intr,
				   signed long timeout)
{
	return __dma_fence_wait_timeout(fence, intr, timeout, _RET_IP_);
}
EXPORT_SYMBOL(dma_fence_wait_timeout);

/* Index of the first signalled fence, or @count. Only looks at the flags. */
static uint32_t first_signaled(struct dma_fence **fences, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (dma_fence_test_signaled_flag(fences[i]))
			break;
	return i;
}

/**
 * dma_fence_wait_any_timeout - wait for the first of several fences
 * @fences: @count fences; borrows a reference to each
 * @count: at least 1
 * @intr: a signal ends the wait
 * @timeout: in jiffies; 0 only looks, MAX_SCHEDULE_TIMEOUT is no limit
 * @idx: where the index of a signalled fence is stored, when the result is
 *	positive; or NULL
 *
 * Enables signalling, unless @timeout is 0. wait ops are not used.
 * Context: may sleep.
 * Return: the jiffies that are left, at least 1, when one is signalled; 0 when
 * time was up; -ERESTARTSYS when a signal came; -ENOMEM; -EINVAL and a warning
 * when @fences is NULL, @count is 0 or @timeout is negative.
 */
signed long dma_fence_wait_any_timeout(struct dma_fence **fences,
				       uint32_t count, bool intr,
				       signed long timeout, uint32_t *idx)
{
	signed long ret = timeout;
	struct wait_cb *waits;
	uint32_t i, hit;

	if (WARN_ON(!fences || !count || timeout < 0))
		return -EINVAL;

	if (!timeout) {
		for (i = 0; i < count; i++) {
			if (dma_fence_is_signaled(fences[i])) {
				if (idx)
					*idx = i;
				return 1;
			}
		}
		return 0;
	}

	waits = kzalloc_objs(*waits, count);
	if (!waits)
		return -ENOMEM;

	for (i = 0; i < count; i++) {
		waits[i].task = current;
		if (dma_fence_add_callback(fences[i], &waits[i].base,
					   wake_waiter)) {
			/* Signalled. Those behind it were not registered. */
			if (idx)
				*idx = i;
			goto out;
		}
	}

	while (ret > 0) {
		/*
		 * Full barrier before the flags are read: pairs with the one in
		 * wake_up_state(), which comes after the flag was set.
		 */
		set_current_state(intr ? TASK_INTERRUPTIBLE :
					 TASK_UNINTERRUPTIBLE);
		hit = first_signaled(fences, count);
		if (hit < count) {
			if (idx)
				*idx = hit;
			break;
		}
		ret = schedule_timeout(ret);
		if (ret > 0 && intr && signal_pending(current))
			ret = -ERESTARTSYS;
	}
	__set_current_state(TASK_RUNNING);
out:
	/* Each takes the fence's lock: no callback is running any more. */
	while (i-- > 0)
		dma_fence_remove_callback(fences[i], &waits[i].base);
	kfree(waits);
	return ret;
}
EXPORT_SYMBOL(dma_fence_wait_any_timeout);

/* State */

/**
 * dma_fence_get_status - how is the fence?
 * @fence: borrows a reference
 *
 * Asks the producer, as dma_fence_is_signaled().
 * Context: any, the fence's lock not held.
 * Return: 0 when not signalled, 1 when signalled, a negative errno when
 * signalled with an error.
 */
int dma_fence_get_status(struct dma_fence *fence)
{
	unsigned long flags;
	int status;

	dma_fence_lock_irqsave(fence, flags);
	status = dma_fence_get_status_locked(fence);
	dma_fence_unlock_irqrestore(fence, flags);
	return status;
}
EXPORT_SYMBOL(dma_fence_get_status);

/**
 * dma_fence_driver_name - the name of the driver
 * @fence: not NULL
 *
 * Context: in a read-side section, and the string is good for that long.
 * Return: the driver's name; "detached-driver" when the fence is signalled.
 */
const char __rcu *dma_fence_driver_name(struct dma_fence *fence)
{
	const struct dma_fence_ops *ops = rcu_dereference(fence->ops);

	if (ops && !dma_fence_test_signaled_flag(fence))
		return (const char __rcu *)ops->get_driver_name(fence);
	return (const char __rcu *)"detached-driver";
}
EXPORT_SYMBOL(dma_fence_driver_name);

/**
 * dma_fence_timeline_name - the name of the timeline
 * @fence: not NULL
 *
 * Context: in a read-side section, and the string is good for that long.
 * Return: the timeline's name; "signaled-timeline" when the fence is signalled.
 */
const char __rcu *dma_fence_timeline_name(struct dma_fence *fence)
{
	const struct dma_fence_ops *ops = rcu_dereference(fence->ops);

	if (ops && !dma_fence_test_signaled_flag(fence))
		return (const char __rcu *)ops->get_timeline_name(fence);
	return (const char __rcu *)"signaled-timeline";
}
EXPORT_SYMBOL(dma_fence_timeline_name);

/**
 * dma_fence_describe - print a line about a fence
 * @fence: borrows a reference
 * @seq: where to
 *
 * "context:seqno timeline driver [un]signalled"; no names once signalled.
 * Context: any, the fence's lock not held.
 */
void dma_fence_describe(struct dma_fence *fence, struct seq_file *seq)
{
	const char __rcu *timeline = (const char __rcu *)"";
	const char __rcu *driver = (const char __rcu *)"";
	const char *un = "";

	rcu_read_lock();
	if (!dma_fence_is_signaled(fence)) {
		timeline = dma_fence_timeline_name(fence);
		driver = dma_fence_driver_name(fence);
		un = "un";
	}
	seq_printf(seq, "%llu:%llu %s %s %ssignalled\n", fence->context,
		   fence->seqno, (const char __force *)timeline,
		   (const char __force *)driver, un);
	rcu_read_unlock();
}
EXPORT_SYMBOL(dma_fence_describe);

/**
 * dma_fence_set_deadline - say when a fence is needed
 * @fence: borrows a reference
 * @deadline: CLOCK_MONOTONIC; the past means now
 *
 * A hint to the producer, who may ignore it. Nothing happens on a fence that
 * is signalled or has no use for it.
 * Context: any, the fence's lock not held.
 */
void dma_fence_set_deadline(struct dma_fence *fence, ktime_t deadline)
{
	const struct dma_fence_ops *ops;

	rcu_read_lock();
	ops = rcu_dereference(fence->ops);
	if (ops && ops->set_deadline && !dma_fence_is_signaled(fence))
		ops->set_deadline(fence, deadline);
	rcu_read_unlock();
}
EXPORT_SYMBOL(dma_fence_set_deadline);

/* Creation and release */

static void init_common(struct dma_fence *fence,
			const struct dma_fence_ops *ops, spinlock_t *lock,
			u64 context, u64 seqno, unsigned long flags)
{
	BUG_ON(!ops || !ops->get_driver_name || !ops->get_timeline_name);

	/*
	 * The memory may be a recycled fence that somebody looks at under RCU:
	 * the reference count is an atomic store, and 0 before it.
	 */
	kref_init(&fence->refcount);
	/* Release: pairs with rcu_dereference(fence->ops). */
	rcu_assign_pointer(fence->ops, ops);
	INIT_LIST_HEAD(&fence->cb_list);
	fence->context = context;
	fence->seqno = seqno;
	fence->error = 0;
	if (lock) {
		fence->extern_lock = lock;
	} else {
		spin_lock_init(&fence->inline_lock);
		flags |= BIT(DMA_FENCE_FLAG_INLINE_LOCK_BIT);
	}
	fence->flags = flags | BIT(DMA_FENCE_FLAG_INITIALIZED_BIT);

	trace_dma_fence_init(fence);
}

/**
 * dma_fence_init - make a fence
 * @fence: memory of the caller's, cleared or not. The caller gets the one
 *	reference; when the last is dropped it goes to ops->release, or to
 *	dma_fence_free().
 * @ops: constant; the two names are mandatory, without them this is a BUG
 * @lock: NULL for a lock of the fence's own; else a lock that outlives it,
 *	which is discouraged
 * @context: from dma_fence_context_alloc()
 * @seqno: later fences of the context have higher ones; 32 bits count
 *
 * Context: any.
 */
void dma_fence_init(struct dma_fence *fence, const struct dma_fence_ops *ops,
		    spinlock_t *lock, u64 context, u64 seqno)
{
	init_common(fence, ops, lock, context, seqno, 0);
}
EXPORT_SYMBOL(dma_fence_init);

/**
 * dma_fence_init64 - make a fence whose seqno has 64 bits
 * @fence: as for dma_fence_init()
 * @ops: as for dma_fence_init()
 * @lock: as for dma_fence_init()
 * @context: as for dma_fence_init()
 * @seqno: compared as a 64-bit number, which does not wrap
 *
 * Context: any.
 */
void dma_fence_init64(struct dma_fence *fence, const struct dma_fence_ops *ops,
		      spinlock_t *lock, u64 context, u64 seqno)
{
	init_common(fence, ops, lock, context, seqno,
		    BIT(DMA_FENCE_FLAG_SEQNO64_BIT));
}
EXPORT_SYMBOL(dma_fence_init64);

/**
 * dma_fence_free - free a fence after a grace period
 * @fence: nobody has a reference; the start of one kmalloc() or slab object
 *
 * What happens at the end of a fence without a release op, and the last thing
 * that most release ops do.
 * Context: any.
 */
void dma_fence_free(struct dma_fence *fence)
{
	kfree_rcu(fence, rcu);
}
EXPORT_SYMBOL(dma_fence_free);

/**
 * dma_fence_release - the last reference is gone
 * @kref: of the fence
 *
 * Called by dma_fence_put(). A fence that is not signalled but has callbacks
 * is a bug of the producer's: warns, and signals it with -EDEADLK, so that
 * nobody waits for ever.
 * Context: any.
 */
void dma_fence_release(struct kref *kref)
{
	struct dma_fence *fence = container_of(kref, struct dma_fence, refcount);
	const struct dma_fence_ops *ops;
	unsigned long flags;

	rcu_read_lock();
	trace_dma_fence_destroy(fence);

	if (!dma_fence_test_signaled_flag(fence) &&
	    WARN(!list_empty(&fence->cb_list),
		 "Fence %s:%s:%llx:%llx released with pending signals!\n",
		 (const char __force *)dma_fence_driver_name(fence),
		 (const char __force *)dma_fence_timeline_name(fence),
		 fence->context, fence->seqno)) {
		dma_fence_lock_irqsave(fence, flags);
		fence->error = -EDEADLK;
		dma_fence_signal_locked(fence);
		dma_fence_unlock_irqrestore(fence, flags);
	}

	ops = rcu_dereference(fence->ops);
	if (ops && ops->release)
		ops->release(fence);
	else
		dma_fence_free(fence);
	rcu_read_unlock();
}
EXPORT_SYMBOL(dma_fence_release);
