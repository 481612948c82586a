// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The fence itself: creation, signalling, callbacks, waiting, release.
 *
 * The life of a fence:
 *
 *	init --> unsignalled --(signal, under the lock)--> signalled
 *	     --> last reference dropped --> a grace period --> freed
 *
 * I1  SIGNALED is set once, by a test-and-set under the lock, and stays set.
 * I2  cb_list is valid while SIGNALED is clear. Code that adds a callback takes
 *     the lock and finds SIGNALED clear under it.
 * I3  timestamp overwrites cb_list. TIMESTAMP says that it has been stored.
 * I4  Callbacks run under the lock. A thread that takes the lock after SIGNALED
 *     was set gets it after the last callback has run. Removal and waiting rely
 *     on this to be sure that no callback is running.
 * I5  ops is loaded once, under RCU, and tested for NULL. Signalling clears it
 *     unless there is a release or wait op, so that the producer can go away.
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

/* The next context number. Stubs have number 0. */
static atomic64_t next_context = ATOMIC64_INIT(1);

/**
 * dma_fence_context_alloc - allocate context numbers
 * @num: how many, at least 1
 *
 * The fences of a context are signalled in the order of their seqnos.
 * Context: any.
 * Return: the first of @num consecutive numbers that no other call returns.
 */
u64 dma_fence_context_alloc(unsigned num)
{
	WARN_ON(!num);
	/* No partner: the numbers have to be unique, and order nothing. */
	return atomic64_fetch_add(num, &next_context);
}
EXPORT_SYMBOL(dma_fence_context_alloc);

/* Stubs: fences that are signalled from the beginning. */

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
	/* Relaxed: no other thread can see the fence yet. */
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
 * dma_fence_get_stub - get the shared signalled fence
 *
 * Context: any.
 * Return: a reference to a fence that all callers share. Never NULL.
 */
struct dma_fence *dma_fence_get_stub(void)
{
	return dma_fence_get(&the_stub);
}
EXPORT_SYMBOL(dma_fence_get_stub);

/**
 * dma_fence_allocate_private_stub - make a new signalled fence
 * @timestamp: the time at which it counts as signalled (CLOCK_MONOTONIC)
 *
 * Context: may sleep.
 * Return: the fence with one reference, or NULL without memory.
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
 * The first call sets the flag, clears ops that are not needed any more, stores
 * @timestamp and runs the callbacks in the order they were added. Every other
 * call does nothing.
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
	 * F1: full barrier. Pairs with A1 in dma_fence_test_signaled_flag().
	 * Without it, a thread that sees the flag may read an old error.
	 */
	if (unlikely(test_and_set_bit(DMA_FENCE_FLAG_SIGNALED_BIT,
				      &fence->flags)))
		return;

	/* The event gets the names from the ops, which may be cleared below. */
	trace_dma_fence_signaled(fence);

	/*
	 * Only the thread that sets the flag writes ops.
	 *
	 * R1: release. Pairs with A3 in dma_fence_is_signaled(). Without it, a
	 * thread may see NULL before it sees the flag.
	 */
	ops = rcu_dereference_protected(fence->ops, true);
	if (!ops->release && !ops->wait)
		rcu_assign_pointer(fence->ops, NULL);

	/* The timestamp overwrites the list's head: move the list away. */
	list_replace(&fence->cb_list, &callbacks);

	fence->timestamp = timestamp;
	/*
	 * F2: full barrier. Pairs with A2 in dma_fence_timestamp(). Without it,
	 * a reader may take the bytes of the old list head for the timestamp.
	 */
	smp_mb__before_atomic();
	set_bit(DMA_FENCE_FLAG_TIMESTAMP_BIT, &fence->flags);

	/*
	 * A callback may free the memory that it is in. The prev pointers of
	 * the remaining nodes are not updated, so list_del() must not be used
	 * on this list.
	 */
	list_for_each_entry_safe(cb, next, &callbacks, node) {
		INIT_LIST_HEAD(&cb->node);
		cb->func(fence, cb);
	}
}
EXPORT_SYMBOL(dma_fence_signal_timestamp_locked);

/**
 * dma_fence_signal_timestamp - signal a fence with a given timestamp
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
 * dma_fence_check_and_signal_locked - signal, and return the old state
 * @fence: borrows a reference, held until the lock is released
 *
 * Context: any, the fence's lock held.
 * Return: true if the fence was signalled already.
 */
bool dma_fence_check_and_signal_locked(struct dma_fence *fence)
{
	bool was = dma_fence_test_signaled_flag(fence);

	dma_fence_signal_locked(fence);
	return was;
}
EXPORT_SYMBOL(dma_fence_check_and_signal_locked);

/**
 * dma_fence_check_and_signal - signal a fence, and return the old state
 * @fence: borrows a reference
 *
 * Context: any, the fence's lock not held.
 * Return: true if the fence was signalled already. If no other function signals
 * the fence, exactly one caller gets false.
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
 * Call the enable_signaling op if it was not called yet. The lock is held.
 * Returns true if the fence is not signalled and callbacks may be added.
 */
static bool __dma_fence_enable_signaling(struct dma_fence *fence)
{
	const struct dma_fence_ops *ops;
	bool first;

	dma_fence_assert_held(fence);

	/*
	 * F3: full barrier. Pairs with A1 in array_signaled(). Without it, that
	 * function may see a counter that the op has decremented but not the
	 * flag, and count a signalled component twice.
	 */
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
 * dma_fence_enable_signaling - make sure that a fence is signalled unpolled
 * @fence: borrows a reference
 *
 * Calls the enable_signaling op if it was not called before. The fence may be
 * signalled when this returns.
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
 * dma_fence_add_callback - call a function when a fence is signalled
 * @fence: borrows a reference for the call
 * @cb: memory of the caller, need not be initialised. The fence owns it until
 *	@func is called or dma_fence_remove_callback() returns true.
 * @func: called once, by the signaller, with the fence's lock held and
 *	interrupts disabled. It must not sleep or take that lock. It may free
 *	@cb and signal other fences.
 *
 * Enables signalling.
 * Context: any, the fence's lock not held.
 * Return: 0. -ENOENT when the fence is signalled: @func is not called, and the
 * caller still owns @cb. -EINVAL and a warning when @fence or @func is NULL.
 */
int dma_fence_add_callback(struct dma_fence *fence, struct dma_fence_cb *cb,
			   dma_fence_func_t func)
{
	unsigned long flags;
	int ret = 0;

	if (WARN_ON(!fence || !func))
		return -EINVAL;
	/* With -Dchecks=true only. */
	if (lfshim_list_linked(&cb->node)) {
		lfshim_report_twice("a callback is added", &cb->node, _RET_IP_);
		return -EINVAL;
	}

	/* A shortcut without the lock. The test under the lock decides. */
	if (dma_fence_test_signaled_flag(fence)) {
		INIT_LIST_HEAD(&cb->node);
		return -ENOENT;
	}

	dma_fence_lock_irqsave(fence, flags);
	if (__dma_fence_enable_signaling(fence)) {
		cb->func = func;
		list_add_tail(&cb->node, &fence->cb_list);
		lfshim_place_note(&cb->node, _RET_IP_);
	} else {
		INIT_LIST_HEAD(&cb->node);
		ret = -ENOENT;
	}
	dma_fence_unlock_irqrestore(fence, flags);
	return ret;
}
EXPORT_SYMBOL(dma_fence_add_callback);

/**
 * dma_fence_remove_callback - remove a callback from a fence
 * @fence: borrows a reference
 * @cb: was passed to dma_fence_add_callback() for this fence
 *
 * When this returns, the callback is not running and will not run later.
 * Context: any, the fence's lock not held: not from a callback of this fence.
 * Return: true if the callback was removed before it ran. False if it has run,
 * or was not added because the fence was signalled.
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

struct fence_wait_cb {
	struct dma_fence_cb base;
	struct task_struct *task;
};

static void fence_wake_waiter(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct fence_wait_cb *wait =
		container_of(cb, struct fence_wait_cb, base);

	/*
	 * @wait stays valid: the waiter takes the lock that is held here before
	 * it returns.
	 */
	wake_up_state(wait->task, TASK_NORMAL);
}

/**
 * dma_fence_default_wait - wait for a fence, without enabling signalling
 * @fence: borrows a reference
 * @intr: a POSIX signal ends the wait
 * @timeout: in jiffies, not negative; MAX_SCHEDULE_TIMEOUT for no limit
 *
 * dma_fence_wait_timeout() calls this for a fence without a wait op.
 * Context: may sleep, the fence's lock not held.
 * Return: as dma_fence_wait_timeout().
 */
signed long dma_fence_default_wait(struct dma_fence *fence, bool intr,
				   signed long timeout)
{
	signed long ret = timeout ? timeout : 1;
	struct fence_wait_cb wait;
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

	wait.base.func = fence_wake_waiter;
	wait.task = current;
	/* At the front, so that waiters are woken before callbacks run. */
	list_add(&wait.base.node, &fence->cb_list);

	while (!dma_fence_test_signaled_flag(fence) && ret > 0) {
		/*
		 * Before the lock is released: a thread that signals after that
		 * finds this state, and the sleep ends at once.
		 */
		__set_current_state(intr ? TASK_INTERRUPTIBLE :
					   TASK_UNINTERRUPTIBLE);
		dma_fence_unlock_irqrestore(fence, flags);

		ret = schedule_timeout(ret);

		dma_fence_lock_irqsave(fence, flags);
		if (ret > 0 && intr && signal_pending(current))
			ret = -ERESTARTSYS;
	}

	/* The node is on this stack. It is empty if the callback has run. */
	if (!list_empty(&wait.base.node))
		list_del(&wait.base.node);
	__set_current_state(TASK_RUNNING);
out:
	dma_fence_unlock_irqrestore(fence, flags);
	return ret;
}
EXPORT_SYMBOL(dma_fence_default_wait);

/**
 * __dma_fence_wait_timeout - wait for a fence, with a given call site
 * @fence: as for dma_fence_wait_timeout()
 * @intr: as for dma_fence_wait_timeout()
 * @timeout: as for dma_fence_wait_timeout()
 * @ip: the call site that lockdep reports; a layer on top passes its _RET_IP_
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
		/* The op may sleep. Ops with a wait op are never cleared. */
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
 * @intr: a POSIX signal ends the wait
 * @timeout: in jiffies; 0 only tests, MAX_SCHEDULE_TIMEOUT is no limit
 *
 * Enables signalling. After success, the callbacks that were on the fence have
 * finished.
 * Context: may sleep, also for a timeout of 0.
 * Return: the remaining jiffies, at least 1, when the fence is signalled; 0
 * when the timeout expired, even if the fence was signalled at that moment;
 * -ERESTARTSYS when a POSIX signal came, even if the fence was signalled too;
 * -EINVAL and a warning when @timeout is negative. A wait op may return other
 * errors.
 */
signed long dma_fence_wait_timeout(struct dma_fence *fence, bool intr,
				   signed long timeout)
{
	return __dma_fence_wait_timeout(fence, intr, timeout, _RET_IP_);
}
EXPORT_SYMBOL(dma_fence_wait_timeout);

/* The index of the first signalled fence, or @count. Only tests the flags. */
static uint32_t first_signaled_fence(struct dma_fence **fences, uint32_t count)
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
 * @intr: a POSIX signal ends the wait
 * @timeout: in jiffies; 0 only tests, MAX_SCHEDULE_TIMEOUT is no limit
 * @idx: gets the index of a signalled fence when the result is positive; or
 *	NULL
 *
 * Enables signalling, unless @timeout is 0. Does not call wait ops. As in the
 * kernel, the callbacks of the fence that is signalled may still be running on
 * another thread: if it was signalled before this call added its callback, or
 * if @timeout is 0, the lock of that fence is not taken.
 * Context: may sleep.
 * Return: the remaining jiffies, at least 1, when a fence is signalled; 0 when
 * the timeout expired; -ERESTARTSYS when a POSIX signal came; -ENOMEM; -EINVAL
 * and a warning when @fences is NULL, @count is 0 or @timeout is negative.
 */
signed long dma_fence_wait_any_timeout(struct dma_fence **fences,
				       uint32_t count, bool intr,
				       signed long timeout, uint32_t *idx)
{
	signed long ret = timeout;
	struct fence_wait_cb *waits;
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
					   fence_wake_waiter)) {
			/* Signalled. No callbacks on the fences after it. */
			if (idx)
				*idx = i;
			goto out;
		}
	}

	while (ret > 0) {
		/*
		 * F4: full barrier. Pairs with F1 in lfpriv_wake(). Without it,
		 * the flags may be read before the state is stored: the wake-up
		 * then finds this thread running, and is lost.
		 */
		set_current_state(intr ? TASK_INTERRUPTIBLE :
					 TASK_UNINTERRUPTIBLE);
		hit = first_signaled_fence(fences, count);
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
	/* Each call takes the fence's lock: no callback is running after it. */
	while (i-- > 0)
		dma_fence_remove_callback(fences[i], &waits[i].base);
	kfree(waits);
	return ret;
}
EXPORT_SYMBOL(dma_fence_wait_any_timeout);

/* State */

/**
 * dma_fence_get_status - get the state of a fence
 * @fence: borrows a reference
 *
 * Asks the producer, like dma_fence_is_signaled().
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
 * dma_fence_driver_name - get the name of the driver
 * @fence: not NULL
 *
 * Context: in a read-side section. The string is valid until its end.
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
 * dma_fence_timeline_name - get the timeline name
 * @fence: not NULL
 *
 * Context: in a read-side section. The string is valid until its end.
 * Return: the timeline name; "signaled-timeline" when the fence is signalled.
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
 * @seq: gets the line
 *
 * The line is "context:seqno timeline driver [un]signalled", without the names
 * when the fence is signalled.
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
 * A hint to the producer, which may ignore it. Does nothing when the fence is
 * signalled or has no set_deadline op.
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

static void fence_init_common(struct dma_fence *fence,
			      const struct dma_fence_ops *ops, spinlock_t *lock,
			      u64 context, u64 seqno, unsigned long flags)
{
	BUG_ON(!ops || !ops->get_driver_name || !ops->get_timeline_name);

	/*
	 * Relaxed: a reader under RCU may still look at the fence that was in
	 * this memory, and its count was 0. A reader that gets a reference to
	 * the new fence here tests the pointer that led to it again.
	 */
	kref_init(&fence->refcount);
	/* Plain RCU publication: ops is loaded with rcu_dereference(). */
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
 * dma_fence_init - initialise a fence
 * @fence: memory of the caller, need not be cleared. The caller gets the only
 *	reference. When the last reference is dropped, the fence is passed to
 *	ops->release or dma_fence_free().
 * @ops: constant. The two name ops are mandatory: a BUG without them.
 * @lock: NULL to use the lock inside the fence. Otherwise a lock that outlives
 *	the fence, which is discouraged.
 * @context: from dma_fence_context_alloc()
 * @seqno: higher for later fences of the context; 32 bits are compared
 *
 * Context: any.
 */
void dma_fence_init(struct dma_fence *fence, const struct dma_fence_ops *ops,
		    spinlock_t *lock, u64 context, u64 seqno)
{
	fence_init_common(fence, ops, lock, context, seqno, 0);
}
EXPORT_SYMBOL(dma_fence_init);

/**
 * dma_fence_init64 - initialise a fence whose seqno has 64 bits
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
	fence_init_common(fence, ops, lock, context, seqno,
			  BIT(DMA_FENCE_FLAG_SEQNO64_BIT));
}
EXPORT_SYMBOL(dma_fence_init64);

/**
 * dma_fence_free - free a fence after a grace period
 * @fence: has no references; the start of one kmalloc() or slab object
 *
 * dma_fence_release() calls this for a fence without a release op. A release op
 * usually ends with it.
 * Context: any.
 */
void dma_fence_free(struct dma_fence *fence)
{
	kfree_rcu(fence, rcu);
}
EXPORT_SYMBOL(dma_fence_free);

/**
 * dma_fence_release - release a fence without references
 * @kref: the reference count of the fence
 *
 * Called by dma_fence_put(). A fence that is not signalled but has callbacks
 * is a bug of the producer: this warns, and signals it with -EDEADLK, so that
 * no thread waits forever.
 * Context: any.
 */
void dma_fence_release(struct kref *kref)
{
	struct dma_fence *fence =
		container_of(kref, struct dma_fence, refcount);
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
