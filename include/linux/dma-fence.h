/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * dma_fence: a completion that is signalled once. Code can wait for it, add
 * callbacks to it, share it, and combine it with other fences.
 *
 * The producer creates a fence unsignalled, and promises to signal it once, in
 * bounded time. Consumers hold references; they wait, poll or add callbacks.
 * docs/contract.md collects the rules. The comment of each function states the
 * owner of each pointer, and the context it may be called from. Functions that
 * are only declared here are documented where they are defined: dma-fence.c.
 *
 * "The fence's lock" is dma_fence_spinlock(). It is taken with interrupts
 * disabled. "Under RCU" means inside an RCU read-side section. "Borrows a
 * reference" means that the caller holds a reference during the call, and keeps
 * it.
 */
#ifndef __LINUX_DMA_FENCE_H
#define __LINUX_DMA_FENCE_H

#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/printk.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/wordpart.h>

struct dma_fence;
struct dma_fence_ops;
struct dma_fence_cb;
struct seq_file;

/**
 * enum dma_fence_flag_bits - bit numbers in &dma_fence.flags
 * @DMA_FENCE_FLAG_INITIALIZED_BIT: dma_fence_init() has run
 * @DMA_FENCE_FLAG_INLINE_LOCK_BIT: the lock is &dma_fence.inline_lock
 * @DMA_FENCE_FLAG_SEQNO64_BIT: seqnos are compared as 64-bit numbers
 * @DMA_FENCE_FLAG_SIGNALED_BIT: signalled; callbacks may still be running
 * @DMA_FENCE_FLAG_TIMESTAMP_BIT: &dma_fence.timestamp is valid
 * @DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT: signalling has been enabled: the
 *	enable_signaling op was called, or there was no need to call it
 * @DMA_FENCE_FLAG_USER_BITS: this bit and the bits above it belong to the
 *	producer
 *
 * The first three bits are constant after initialisation. The next three are
 * set atomically, and never cleared.
 */
enum dma_fence_flag_bits {
	DMA_FENCE_FLAG_INITIALIZED_BIT,
	DMA_FENCE_FLAG_INLINE_LOCK_BIT,
	DMA_FENCE_FLAG_SEQNO64_BIT,
	DMA_FENCE_FLAG_SIGNALED_BIT,
	DMA_FENCE_FLAG_TIMESTAMP_BIT,
	DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT,
	DMA_FENCE_FLAG_USER_BITS,
};

/**
 * struct dma_fence - a fence
 *
 * A producer embeds it in the object that represents the work: as the first
 * member, or with a release op. Other code reads the members through the
 * functions below.
 */
struct dma_fence {
	union {
		/* Without INLINE_LOCK: the lock, which outlives the fence. */
		spinlock_t *extern_lock;
		/* With INLINE_LOCK: the lock. */
		spinlock_t inline_lock;
	};
	/*
	 * RCU-protected, written under the lock. Becomes NULL when the fence is
	 * signalled, unless the ops have a release or a wait function.
	 */
	const struct dma_fence_ops __rcu *ops;
	/* Three stages in the life of the fence, in this order. */
	union {
		/* Unsignalled: the callbacks, protected by the lock. */
		struct list_head cb_list;
		/* Signalled, and TIMESTAMP is set. */
		ktime_t timestamp;
		/* No reference is left, and the fence is not freed yet. */
		struct rcu_head rcu;
	};
	/* Constant: the context of the fence, and its number in the context. */
	u64 context;
	u64 seqno;
	/* enum dma_fence_flag_bits */
	unsigned long flags;
	struct kref refcount;
	/* 0 or a negative errno. Written before signalling, valid after it. */
	int error;
};

/**
 * typedef dma_fence_func_t - called when a fence is signalled
 * @fence: the fence, borrowed for the call
 * @cb: the callback that was given to dma_fence_add_callback(). It belongs to
 *	the function, which may free it.
 *
 * Runs once, on the thread that signals, with the fence's lock held and
 * interrupts disabled. It must not sleep and must not take that lock. It may
 * signal other fences and drop references.
 */
typedef void (*dma_fence_func_t)(struct dma_fence *fence,
				 struct dma_fence_cb *cb);

/**
 * struct dma_fence_cb - a callback, in memory that the caller owns
 * @node: linked while the callback is queued; an empty list if the callback has
 *	run, was removed, or was not added because the fence was signalled
 * @func: the function
 *
 * A callback can be on one fence at a time.
 */
struct dma_fence_cb {
	struct list_head node;
	dma_fence_func_t func;
};

/**
 * struct dma_fence_ops - the functions that a producer implements
 *
 * Each op borrows the fence. After signalling, the producer waits for a grace
 * period before it frees anything that the ops use: an op may still be running
 * for a caller that found the fence unsignalled.
 */
struct dma_fence_ops {
	/**
	 * @get_driver_name: mandatory. Returns the name of the driver. The
	 * producer owns the string, and keeps it until a grace period after the
	 * fence was signalled. Context: any, under RCU.
	 */
	const char *(*get_driver_name)(struct dma_fence *fence);

	/** @get_timeline_name: mandatory. Like get_driver_name. */
	const char *(*get_timeline_name)(struct dma_fence *fence);

	/**
	 * @enable_signaling: optional. A consumer waits for the fence or adds a
	 * callback. The producer makes sure that the fence will be signalled
	 * even if the signaled op is never called. Called at most once, with
	 * the lock held, under RCU. An op that has other code signal the fence
	 * takes a reference for that code. Returns true if the fence will be
	 * signalled later. Returns false if the work is done already: the core
	 * then signals the fence, with the error that the op may have set. An
	 * op that signals the fence itself returns false.
	 */
	bool (*enable_signaling)(struct dma_fence *fence);

	/**
	 * @signaled: optional. Returns true if the work is done. After it has
	 * returned true it must always return true. It may set the error when
	 * it returns true. Called under RCU, with or without the lock. A waiter
	 * does not call it: the producer must also signal the fence, otherwise
	 * a wait for it does not end.
	 */
	bool (*signaled)(struct dma_fence *fence);

	/**
	 * @wait: optional, deprecated. Replaces dma_fence_default_wait(), with
	 * the same arguments. Returns the remaining jiffies, at least 1, if the
	 * fence is signalled; 0 if it is not signalled in time; -ERESTARTSYS if
	 * a signal interrupts the wait. Context: may sleep.
	 */
	signed long (*wait)(struct dma_fence *fence, bool intr,
			    signed long timeout);

	/**
	 * @release: optional. Called when the last reference is dropped. It
	 * owns the fence, and frees it after a grace period:
	 * dma_fence_free(). Context: any, under RCU.
	 */
	void (*release)(struct dma_fence *fence);

	/**
	 * @set_deadline: optional. A hint that a consumer needs the fence at
	 * this time (CLOCK_MONOTONIC, in nanoseconds). May be called several
	 * times, also by several threads at once; the earliest deadline counts.
	 * Called under RCU, without the lock.
	 */
	void (*set_deadline)(struct dma_fence *fence, ktime_t deadline);
};

void dma_fence_init(struct dma_fence *fence, const struct dma_fence_ops *ops,
		    spinlock_t *lock, u64 context, u64 seqno);
void dma_fence_init64(struct dma_fence *fence, const struct dma_fence_ops *ops,
		      spinlock_t *lock, u64 context, u64 seqno);
void dma_fence_release(struct kref *kref);
void dma_fence_free(struct dma_fence *fence);
void dma_fence_describe(struct dma_fence *fence, struct seq_file *seq);

u64 dma_fence_context_alloc(unsigned num);
struct dma_fence *dma_fence_get_stub(void);
struct dma_fence *dma_fence_allocate_private_stub(ktime_t timestamp);

void dma_fence_signal(struct dma_fence *fence);
void dma_fence_signal_locked(struct dma_fence *fence);
void dma_fence_signal_timestamp(struct dma_fence *fence, ktime_t timestamp);
void dma_fence_signal_timestamp_locked(struct dma_fence *fence,
				       ktime_t timestamp);
bool dma_fence_check_and_signal(struct dma_fence *fence);
bool dma_fence_check_and_signal_locked(struct dma_fence *fence);

void dma_fence_enable_signaling(struct dma_fence *fence);
int dma_fence_add_callback(struct dma_fence *fence, struct dma_fence_cb *cb,
			   dma_fence_func_t func);
bool dma_fence_remove_callback(struct dma_fence *fence,
			       struct dma_fence_cb *cb);

int dma_fence_get_status(struct dma_fence *fence);
const char __rcu *dma_fence_driver_name(struct dma_fence *fence);
const char __rcu *dma_fence_timeline_name(struct dma_fence *fence);
void dma_fence_set_deadline(struct dma_fence *fence, ktime_t deadline);

signed long dma_fence_wait_timeout(struct dma_fence *fence, bool intr,
				   signed long timeout);
signed long __dma_fence_wait_timeout(struct dma_fence *fence, bool intr,
				     signed long timeout, unsigned long ip);
signed long dma_fence_default_wait(struct dma_fence *fence, bool intr,
				   signed long timeout);
signed long dma_fence_wait_any_timeout(struct dma_fence **fences,
				       uint32_t count, bool intr,
				       signed long timeout, uint32_t *idx);

/* The name in Linux 7.2 and before. */
#define dma_fence_enable_sw_signaling(fence) dma_fence_enable_signaling(fence)

/*
 * The fence-signalling critical section is the code between publishing a fence
 * and signalling it. It must not wait for fences, and must not allocate memory
 * in a way that may wait for fences. With CONFIG_LOCKDEP (-Dchecks=true) these
 * rules are checked.
 */
#ifdef CONFIG_LOCKDEP
bool __dma_fence_begin_signalling(unsigned long ip);
bool dma_fence_begin_signalling(void);
void dma_fence_end_signalling(bool cookie);
void __dma_fence_might_wait(void);
void __dma_fence_might_wait_at(unsigned long ip);
#else
static inline bool __dma_fence_begin_signalling(unsigned long ip)
{
	return true;
}

/**
 * dma_fence_begin_signalling - begin a fence-signalling critical section
 *
 * Context: any. Sections nest.
 * Return: a cookie for dma_fence_end_signalling() on the same thread.
 */
static inline bool dma_fence_begin_signalling(void)
{
	return true;
}

/**
 * dma_fence_end_signalling - end a fence-signalling critical section
 * @cookie: the result of dma_fence_begin_signalling()
 *
 * Context: any.
 */
static inline void dma_fence_end_signalling(bool cookie)
{
}

static inline void __dma_fence_might_wait(void)
{
}

static inline void __dma_fence_might_wait_at(unsigned long ip)
{
}
#endif

/**
 * dma_fence_was_initialized - has dma_fence_init() run for this memory?
 * @fence: a fence; or memory that is filled with zeros; or NULL
 *
 * Context: any.
 * Return: true if dma_fence_init() has run; false if not, or if @fence is NULL.
 */
static inline bool dma_fence_was_initialized(struct dma_fence *fence)
{
	return fence && test_bit(DMA_FENCE_FLAG_INITIALIZED_BIT, &fence->flags);
}

/**
 * dma_fence_spinlock - the fence's lock
 * @fence: borrows a reference
 *
 * Context: any.
 * Return: the lock inside the fence, valid as long as the fence; or the lock
 * that was given to dma_fence_init(), which the producer owns.
 */
static inline spinlock_t *dma_fence_spinlock(struct dma_fence *fence)
{
	return test_bit(DMA_FENCE_FLAG_INLINE_LOCK_BIT, &fence->flags) ?
		       &fence->inline_lock : fence->extern_lock;
}

/**
 * dma_fence_lock_irqsave - take the fence's lock and disable interrupts
 * @fence: borrows a reference. The fence does not become signalled while its
 *	lock is held, except by the holder.
 * @flags: an unsigned long variable, for dma_fence_unlock_irqrestore()
 *
 * Context: any, the fence's lock not held.
 */
#define dma_fence_lock_irqsave(fence, flags) \
	spin_lock_irqsave(dma_fence_spinlock(fence), flags)

/**
 * dma_fence_unlock_irqrestore - release the fence's lock, restore interrupts
 * @fence: borrows a reference, which must not be dropped before this
 * @flags: the variable that was given to dma_fence_lock_irqsave()
 *
 * Context: any, the fence's lock held.
 */
#define dma_fence_unlock_irqrestore(fence, flags) \
	spin_unlock_irqrestore(dma_fence_spinlock(fence), flags)

/**
 * dma_fence_assert_held - warn if the fence's lock is not held
 * @fence: borrows a reference
 *
 * Does nothing unless the library was built with -Dchecks=true.
 * Context: any.
 */
#define dma_fence_assert_held(fence) \
	lockdep_assert_held(dma_fence_spinlock(fence))

/**
 * dma_fence_get - take a reference
 * @fence: borrows a reference; NULL does nothing
 *
 * Context: any.
 * Return: @fence, with a new reference, which the caller drops with
 * dma_fence_put().
 */
static inline struct dma_fence *dma_fence_get(struct dma_fence *fence)
{
	if (fence)
		kref_get(&fence->refcount);
	return fence;
}

/**
 * dma_fence_put - drop a reference
 * @fence: consumes the caller's reference; NULL does nothing
 *
 * Dropping the last reference releases the fence, in the caller's context.
 * Context: any, except under a lock that the release of the fence takes.
 */
static inline void dma_fence_put(struct dma_fence *fence)
{
	if (fence)
		kref_put(&fence->refcount, dma_fence_release);
}

/**
 * dma_fence_get_rcu - take a reference to a fence that was found under RCU
 * @fence: not NULL; no reference is needed. Its memory must stay a fence until
 *	the end of the read-side section.
 *
 * Context: under RCU.
 * Return: @fence, with a new reference, which the caller drops with
 * dma_fence_put(); NULL if the last reference was dropped already.
 */
static inline struct dma_fence *dma_fence_get_rcu(struct dma_fence *fence)
{
	return kref_get_unless_zero(&fence->refcount) ? fence : NULL;
}

/**
 * dma_fence_get_rcu_safe - take a reference to the fence in a shared pointer
 * @fencep: address of an RCU-protected pointer that other threads may change
 *
 * Also works for memory that becomes another fence within a grace period
 * (SLAB_TYPESAFE_BY_RCU): *@fencep was the returned fence at a moment when this
 * function already had the reference. Spins while *@fencep is a fence that has
 * no references left.
 * Context: under RCU.
 * Return: the fence, with a new reference, which the caller drops with
 * dma_fence_put(); NULL if *@fencep was NULL.
 */
static inline struct dma_fence *
dma_fence_get_rcu_safe(struct dma_fence __rcu **fencep)
{
	for (;;) {
		struct dma_fence *fence = rcu_dereference(*fencep);

		if (!fence)
			return NULL;
		if (!dma_fence_get_rcu(fence)) {
			cpu_relax();
			continue;
		}
		/*
		 * The memory may have been freed and reused between the first
		 * load and taking the reference. If the pointer still has this
		 * address, then the reference is to the fence that the pointer
		 * refers to now. The reference was acquired before this load;
		 * pairs with the release in the writer's rcu_assign_pointer().
		 */
		if (fence == rcu_access_pointer(*fencep))
			return rcu_pointer_handoff(fence);
		dma_fence_put(fence);
	}
}

/**
 * dma_fence_test_signaled_flag - is the fence marked as signalled?
 * @fence: borrows a reference
 *
 * Only reads the flag. Does not call the producer. If the result is true,
 * callbacks may still be running.
 * Context: any.
 * Return: true if the flag is set.
 */
static inline bool dma_fence_test_signaled_flag(struct dma_fence *fence)
{
	/*
	 * A1: acquire. Pairs with F1 in dma_fence_signal_timestamp_locked().
	 * Without it, a caller that sees the flag may read an old error.
	 */
	return test_bit_acquire(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->flags);
}

/**
 * dma_fence_is_signaled_locked - is the fence signalled? With the lock held
 * @fence: borrows a reference
 *
 * As dma_fence_is_signaled(), but calls the signaled op with the lock held.
 * Context: any, the fence's lock held.
 * Return: as dma_fence_is_signaled().
 */
static inline bool dma_fence_is_signaled_locked(struct dma_fence *fence)
{
	const struct dma_fence_ops *ops;
	bool done;

	if (dma_fence_test_signaled_flag(fence))
		return true;

	rcu_read_lock();
	ops = rcu_dereference(fence->ops);
	done = ops && ops->signaled && ops->signaled(fence);
	rcu_read_unlock();

	if (done)
		dma_fence_signal_locked(fence);
	return done;
}

/**
 * dma_fence_is_signaled - is the fence signalled?
 * @fence: borrows a reference
 *
 * If the flag is not set, this function calls the signaled op. If the op says
 * that the work is done, it signals the fence. Never enables signalling.
 * If the result is true, callbacks may still be running on another thread. If
 * the result is false, it may already be stale: another thread may signal the
 * fence at the same time. If the op said before the call that the work is done,
 * the result is true. (In the kernel it may be false if another thread is just
 * signalling the fence.)
 * Context: any, the fence's lock not held.
 * Return: true if the fence is signalled, with any result.
 */
static inline bool dma_fence_is_signaled(struct dma_fence *fence)
{
	const struct dma_fence_ops *ops;
	bool done;

	if (dma_fence_test_signaled_flag(fence))
		return true;

	rcu_read_lock();
	/*
	 * A3: acquire. Pairs with R1 in dma_fence_signal_timestamp_locked().
	 * Without it, NULL may be seen before the flag.
	 */
	ops = rcu_dereference(fence->ops);
	done = ops && ops->signaled && ops->signaled(fence);
	rcu_read_unlock();

	if (done)
		dma_fence_signal(fence);
	/* If there are no ops, a signaller has cleared them since the test. */
	return done || (!ops && dma_fence_test_signaled_flag(fence));
}

/**
 * dma_fence_get_status_locked - the status of a fence, with the lock held
 * @fence: borrows a reference
 *
 * Calls the producer as dma_fence_is_signaled_locked() does.
 * Context: any, the fence's lock held.
 * Return: 0 if the fence is not signalled, 1 if it is signalled with success, a
 * negative errno if it is signalled with that error.
 */
static inline int dma_fence_get_status_locked(struct dma_fence *fence)
{
	if (!dma_fence_is_signaled_locked(fence))
		return 0;
	return fence->error ?: 1;
}

/**
 * dma_fence_set_error - set the error that a fence is going to be signalled
 * with
 * @fence: borrows a reference; not signalled yet
 * @error: a negative errno: -ENODATA if this work was cancelled, -ECANCELED if
 *	the whole context was, -ETIME after a timeout or a reset
 *
 * The last error that is set before signalling counts. If the fence is
 * signalled already, or if @error is not a negative errno, this function warns
 * and stores
 * @error nevertheless.
 * Context: any. Called by the code that signals the fence, or with the fence's
 * lock held.
 */
static inline void dma_fence_set_error(struct dma_fence *fence, int error)
{
	WARN_ON(dma_fence_test_signaled_flag(fence));
	WARN_ON(error >= 0 || error < -MAX_ERRNO);
	fence->error = error;
}

/**
 * dma_fence_timestamp - the time at which the fence was signalled
 * @fence: borrows a reference; signalled
 *
 * Spins for the few instructions in which another thread has set the flag but
 * has not stored the timestamp.
 * Context: any, except code that the signalling thread waits for or that has
 * interrupted it.
 * Return: CLOCK_MONOTONIC in nanoseconds. If the fence is not signalled, this
 * function warns and returns the current time.
 */
static inline ktime_t dma_fence_timestamp(struct dma_fence *fence)
{
	if (WARN_ON(!dma_fence_test_signaled_flag(fence)))
		return ktime_get();
	/*
	 * A2: acquire. Pairs with F2 in dma_fence_signal_timestamp_locked().
	 * Without it, this may return bytes of the old list of callbacks, which
	 * has the same memory.
	 */
	while (!test_bit_acquire(DMA_FENCE_FLAG_TIMESTAMP_BIT, &fence->flags))
		cpu_relax();
	return fence->timestamp;
}

/**
 * __dma_fence_is_later - is one seqno later than another?
 * @fence: a fence of the context, borrowed. It determines whether seqnos are
 *	compared as 64-bit numbers, or as 32-bit numbers that wrap around.
 * @f1: the first seqno
 * @f2: the second seqno
 *
 * Context: any.
 * Return: true if @f1 is strictly later than @f2.
 */
static inline bool __dma_fence_is_later(struct dma_fence *fence, u64 f1, u64 f2)
{
	if (test_bit(DMA_FENCE_FLAG_SEQNO64_BIT, &fence->flags))
		return f1 > f2;
	return (int)(lower_32_bits(f1) - lower_32_bits(f2)) > 0;
}

/**
 * dma_fence_is_later - is one fence later than another fence of its context?
 * @f1: the first fence; borrows a reference
 * @f2: the second fence, of the same context; borrows a reference
 *
 * Context: any.
 * Return: true if @f1 is strictly later than @f2. If the contexts differ, this
 * function warns and returns false.
 */
static inline bool dma_fence_is_later(struct dma_fence *f1,
				      struct dma_fence *f2)
{
	if (WARN_ON(f1->context != f2->context))
		return false;
	return __dma_fence_is_later(f1, f1->seqno, f2->seqno);
}

/**
 * dma_fence_is_later_or_same - is one fence later than another, or the same?
 * @f1: the first fence; borrows a reference
 * @f2: the second fence, of the same context; borrows a reference
 *
 * Context: any.
 * Return: true if @f1 is strictly later than @f2, or is the same fence. Two
 * different fences with the same seqno are not the same. If the contexts
 * differ, this function warns and returns false.
 */
static inline bool dma_fence_is_later_or_same(struct dma_fence *f1,
					      struct dma_fence *f2)
{
	return f1 == f2 || dma_fence_is_later(f1, f2);
}

/**
 * dma_fence_later - the later one of two fences of a context
 * @f1: the first fence; borrows a reference
 * @f2: the second fence, of the same context; borrows a reference
 *
 * Calls the producer of the later fence as dma_fence_is_signaled() does.
 * Context: any, the lock of the later fence not held.
 * Return: the later fence, or @f2 if their seqnos are the same. No reference is
 * taken. NULL if that fence is signalled. If the contexts differ, this function
 * warns and returns NULL.
 */
static inline struct dma_fence *dma_fence_later(struct dma_fence *f1,
						struct dma_fence *f2)
{
	struct dma_fence *later;

	if (WARN_ON(f1->context != f2->context))
		return NULL;
	later = dma_fence_is_later(f1, f2) ? f1 : f2;
	return dma_fence_is_signaled(later) ? NULL : later;
}

/**
 * dma_fence_wait - wait for a fence, without a limit
 * @fence: borrows a reference
 * @intr: true: a signal ends the wait
 *
 * As dma_fence_wait_timeout() with MAX_SCHEDULE_TIMEOUT.
 * Context: may sleep.
 * Return: 0 if the fence is signalled, with any result; -ERESTARTSYS if a
 * signal came first. A wait op may return another negative errno.
 */
static __always_inline signed long dma_fence_wait(struct dma_fence *fence,
						  bool intr)
{
	/* Always inline, so that lockdep reports the caller's address. */
	signed long ret;

	/* The caller has no use for the jiffies that are left. */
	ret = dma_fence_wait_timeout(fence, intr, MAX_SCHEDULE_TIMEOUT);
	return ret < 0 ? ret : 0;
}

extern const struct dma_fence_ops dma_fence_array_ops;
extern const struct dma_fence_ops dma_fence_chain_ops;

/**
 * dma_fence_is_array - is the fence a struct dma_fence_array?
 * @fence: borrows a reference; not NULL
 *
 * Context: any.
 * Return: true if it is.
 */
static inline bool dma_fence_is_array(struct dma_fence *fence)
{
	/* Arrays and chains have a release op, so their ops are not cleared. */
	return rcu_access_pointer(fence->ops) == &dma_fence_array_ops;
}

/**
 * dma_fence_is_chain - is the fence a link of a chain (struct dma_fence_chain)?
 * @fence: borrows a reference; not NULL
 *
 * Context: any.
 * Return: true if it is.
 */
static inline bool dma_fence_is_chain(struct dma_fence *fence)
{
	return rcu_access_pointer(fence->ops) == &dma_fence_chain_ops;
}

/**
 * dma_fence_is_container - does the fence contain other fences?
 * @fence: borrows a reference; not NULL
 *
 * Context: any.
 * Return: true if it is an array or a link of a chain.
 */
static inline bool dma_fence_is_container(struct dma_fence *fence)
{
	return dma_fence_is_array(fence) || dma_fence_is_chain(fence);
}

#endif
