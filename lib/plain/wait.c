// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Waiting until a point in time, for one fence or for several. The functions of
 * the core count in jiffies. Those here sleep until the deadline itself, and are
 * otherwise the same: see dma_fence_default_wait() and
 * dma_fence_wait_any_timeout().
 */

#include <linux/dma-fence.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <trace/events/dma_fence.h>
#include <libfence/dma-fence.h>
#include <libfence/several.h>

#include "wait.h"

/* So many fences are waited for without allocating memory. */
#define WAITS_ON_STACK	16

struct plain_wait {
	struct dma_fence_cb base;
	struct task_struct *task;
};

static void wake_plain_wait(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct plain_wait *wait = container_of(cb, struct plain_wait, base);

	/*
	 * @wait stays valid: the waiter takes the lock that is held here before
	 * it returns.
	 */
	wake_up_state(wait->task, TASK_NORMAL);
}

/* Takes the signal: only one wait is interrupted by it. */
static bool wait_is_interrupted(bool intr)
{
	return intr && signal_pending(current);
}

/* For a fence without a wait op, whose signalling is enabled. */
static int wait_default(struct dma_fence *fence, s64 deadline, bool intr)
{
	struct plain_wait wait;
	unsigned long flags;
	int ret = 0;

	dma_fence_lock_irqsave(fence, flags);
	if (dma_fence_test_signaled_flag(fence))
		goto out;
	if (wait_is_interrupted(intr)) {
		ret = -EINTR;
		goto out;
	}
	if (deadline_is_over(deadline)) {
		ret = -ETIMEDOUT;
		goto out;
	}

	wait.base.func = wake_plain_wait;
	wait.task = current;
	/* At the front, so that waiters are woken before callbacks run. */
	list_add(&wait.base.node, &fence->cb_list);
	while (!ret) {
		/*
		 * Before the lock is released: a thread that signals after that
		 * finds this state, and the sleep ends at once.
		 */
		__set_current_state(intr ? TASK_INTERRUPTIBLE :
					   TASK_UNINTERRUPTIBLE);
		dma_fence_unlock_irqrestore(fence, flags);

		sleep_until(deadline);

		dma_fence_lock_irqsave(fence, flags);
		if (wait_is_interrupted(intr))
			ret = -EINTR;
		else if (deadline_is_over(deadline))
			ret = -ETIMEDOUT;
		if (dma_fence_test_signaled_flag(fence)) {
			ret = 0;
			break;
		}
	}
	/* The node is on this stack. It is empty if the callback has run. */
	if (!list_empty(&wait.base.node))
		list_del(&wait.base.node);
	__set_current_state(TASK_RUNNING);
out:
	dma_fence_unlock_irqrestore(fence, flags);
	return ret;
}

/* Rounded up, plus one tick because the current one is partly over. */
static signed long deadline_jiffies(s64 deadline)
{
	u64 ticks;

	if (deadline == KTIME_MAX)
		return MAX_SCHEDULE_TIMEOUT;
	if (deadline_is_over(deadline))
		return 0;
	ticks = div_u64((u64)(deadline - ktime_get()) + TICK_NSEC - 1,
			TICK_NSEC) + 1;
	return ticks < MAX_SCHEDULE_TIMEOUT ? ticks : MAX_SCHEDULE_TIMEOUT;
}

/* A wait op counts in jiffies. */
static int wait_with_op(struct dma_fence *fence, s64 deadline, bool intr,
			unsigned long ip)
{
	signed long left = __dma_fence_wait_timeout(fence, intr,
						    deadline_jiffies(deadline),
						    ip);

	if (left < 0)
		return left == -ERESTARTSYS ? -EINTR : left;
	return left ? 0 : -ETIMEDOUT;
}

static bool fence_has_wait_op(struct dma_fence *fence)
{
	const struct dma_fence_ops *ops;
	bool has;

	rcu_read_lock();
	ops = rcu_dereference(fence->ops);
	has = ops && ops->wait;
	rcu_read_unlock();
	return has;
}

int lfpriv_fence_wait_until(struct dma_fence *fence, s64 deadline, bool intr,
			    unsigned long ip)
{
	int ret;

	if (unlikely(fence_has_wait_op(fence))) {
		ret = wait_with_op(fence, deadline, intr, ip);
	} else {
		might_sleep();
		__dma_fence_might_wait_at(ip);
		dma_fence_enable_signaling(fence);

		if (trace_dma_fence_wait_start_enabled()) {
			rcu_read_lock();
			trace_dma_fence_wait_start(fence);
			rcu_read_unlock();
		}
		ret = wait_default(fence, deadline, intr);
		if (trace_dma_fence_wait_end_enabled()) {
			rcu_read_lock();
			trace_dma_fence_wait_end(fence);
			rcu_read_unlock();
		}
	}
	/* The time is over, but the fence may be done all the same. */
	if (ret == -ETIMEDOUT &&
	    libfence_is_signaled(libfence_borrow_dma_fence(fence)))
		ret = 0;
	return ret;
}

int64_t libfence_deadline(int64_t timeout)
{
	ktime_t now;

	if (timeout == LIBFENCE_FOREVER || timeout <= 0)
		return timeout > 0 ? timeout : 0;
	now = ktime_get();
	return timeout < LIBFENCE_FOREVER - now ? now + timeout :
						  LIBFENCE_FOREVER;
}
EXPORT_SYMBOL(libfence_deadline);

int libfence_wait(const struct libfence *fence, int64_t timeout)
{
	if (WARN(timeout < 0, "libfence_wait(): negative timeout"))
		return -EINVAL;
	return lfpriv_fence_wait_until(libfence_to_dma_fence(fence),
				       libfence_deadline(timeout), false,
				       _RET_IP_);
}
EXPORT_SYMBOL(libfence_wait);

int libfence_wait_until(const struct libfence *fence, int64_t deadline,
			unsigned int flags)
{
	if (WARN(flags & ~LIBFENCE_INTERRUPTIBLE,
		 "libfence_wait_until(): unknown flags %#x", flags))
		return -EINVAL;
	return lfpriv_fence_wait_until(libfence_to_dma_fence(fence), deadline,
				       flags & LIBFENCE_INTERRUPTIBLE,
				       _RET_IP_);
}
EXPORT_SYMBOL(libfence_wait_until);

/* Several fences */

/*
 * The lowest index of a fence that @is, or @n. A fence before the one that is
 * found may be signalled after it was looked at, and before the other one. So
 * those before are looked at again: if none is found then, the other one was the
 * first when that began.
 */
static __always_inline size_t
find_first(struct libfence *const *fences, size_t n,
	   bool (*is)(const struct libfence *fence))
{
	size_t end;

	do {
		end = n;
		for (n = 0; n < end; n++)
			if (fences[n] && is(fences[n]))
				break;
	} while (n < end);
	return n;
}

static inline bool flag_is_set(const struct libfence *fence)
{
	return dma_fence_test_signaled_flag(libfence_to_dma_fence(fence));
}

/* The index of the first signalled fence, or @n. Only tests the flags. */
static size_t first_signaled(struct libfence *const *fences, size_t n)
{
	return find_first(fences, n, flag_is_set);
}

/* The same, but asks the producers, and waits for callbacks. */
static size_t first_done(struct libfence *const *fences, size_t n)
{
	return find_first(fences, n, libfence_is_signaled);
}

static void enable_all(struct libfence *const *fences, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (fences[i])
			dma_fence_enable_signaling(
				libfence_to_dma_fence(fences[i]));
}

/*
 * Add a callback to each fence, and sleep until one of them runs. *@hit gets the
 * index of a signalled fence.
 */
static int sleep_for_any(struct libfence *const *fences, size_t n,
			 struct plain_wait *waits, s64 deadline, bool intr,
			 size_t *hit)
{
	size_t i, added;
	int ret = 0;

	for (added = 0; added < n; added++) {
		waits[added].task = current;
		if (fences[added] &&
		    dma_fence_add_callback(libfence_to_dma_fence(fences[added]),
					   &waits[added].base, wake_plain_wait))
			break;
	}
	for (;;) {
		/*
		 * F1: full barrier. Pairs with F1 in lfpriv_wake(). Without it,
		 * the flags may be read before the state is stored: the wake-up
		 * then finds this thread running, and is lost.
		 */
		set_current_state(intr ? TASK_INTERRUPTIBLE :
					 TASK_UNINTERRUPTIBLE);
		*hit = first_signaled(fences, n);
		if (*hit < n) {
			ret = 0;
			break;
		}
		if (ret)
			break;
		sleep_until(deadline);
		if (wait_is_interrupted(intr))
			ret = -EINTR;
		else if (deadline_is_over(deadline))
			ret = -ETIMEDOUT;
	}
	__set_current_state(TASK_RUNNING);
	/* Each call takes the fence's lock: no callback is running after it. */
	for (i = 0; i < added; i++)
		if (fences[i])
			dma_fence_remove_callback(
				libfence_to_dma_fence(fences[i]),
				&waits[i].base);
	return ret;
}

static int wait_for_any(struct libfence *const *fences, size_t n, s64 deadline,
			bool intr, size_t *hit)
{
	struct plain_wait on_stack[WAITS_ON_STACK], *waits = on_stack;
	size_t i;
	int ret;

	/* The lock of one fence is enough, if that one is signalled. */
	*hit = first_signaled(fences, n);
	if (*hit < n)
		goto finish;
	for (i = 0; i < n && !fences[i]; i++)
		;
	if (i == n)
		return -ENOENT;
	if (deadline_is_over(deadline)) {
		enable_all(fences, n);
		*hit = first_done(fences, n);
		return *hit < n ? 0 : -ETIMEDOUT;
	}
	if (wait_is_interrupted(intr))
		return -EINTR;
	if (n > WAITS_ON_STACK) {
		waits = kmalloc_objs(*waits, n);
		if (!waits)
			return -ENOMEM;
	}
	ret = sleep_for_any(fences, n, waits, deadline, intr, hit);
	if (waits != on_stack)
		kfree(waits);
	if (ret == -ETIMEDOUT) {
		*hit = first_done(fences, n);
		return *hit < n ? 0 : ret;
	}
	if (ret)
		return ret;
finish:
	/* Wait for the callbacks. The flag is set, so this never says no. */
	libfence_is_signaled(fences[*hit]);
	return 0;
}

static int wait_for_all(struct libfence *const *fences, size_t n, s64 deadline,
			bool intr, unsigned long ip, size_t *failed)
{
	size_t i;
	int ret;

	/* All producers begin before the wait for the first one. */
	enable_all(fences, n);
	/*
	 * From the last to the first: most arrays are in the order in which the
	 * fences are signalled, and then only one of these waits sleeps.
	 */
	for (i = n; i--;) {
		if (!fences[i])
			continue;
		ret = lfpriv_fence_wait_until(libfence_to_dma_fence(fences[i]),
					      deadline, intr, ip);
		if (ret)
			return ret;
	}
	for (i = 0; i < n; i++)
		if (fences[i] && libfence_status_racy(fences[i]) < 0)
			break;
	*failed = i;
	return 0;
}

int libfence_wait_many(struct libfence *const *fences, size_t n,
		       unsigned int flags, int64_t deadline, size_t *index,
		       int *statuses)
{
	const bool intr = flags & LIBFENCE_INTERRUPTIBLE;
	size_t found = n, i;
	int ret;

	if (WARN(flags & ~(LIBFENCE_ALL | LIBFENCE_INTERRUPTIBLE),
		 "libfence_wait_many(): unknown flags %#x", flags) ||
	    WARN(!fences && n, "libfence_wait_many(): no array"))
		return -EINVAL;

	might_sleep();
	__dma_fence_might_wait_at(_RET_IP_);
	if (flags & LIBFENCE_ALL)
		ret = wait_for_all(fences, n, deadline, intr, _RET_IP_, &found);
	else
		ret = wait_for_any(fences, n, deadline, intr, &found);

	if (!ret && index)
		*index = found;
	if (statuses && ret != -ENOENT)
		for (i = 0; i < n; i++)
			statuses[i] = fences[i] ?
				libfence_status_racy(fences[i]) : 0;
	return ret;
}
EXPORT_SYMBOL(libfence_wait_many);
