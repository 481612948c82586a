/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * dma_fence: a one-shot completion that can be waited for, called back on,
 * shared and combined.
 *
 * A fence is made unsignalled by its producer, who promises to signal it in
 * bounded time, once. Everybody else holds a reference and waits, polls or has
 * a callback run. docs/contract.md has the rules in one place; every function
 * below says who owns what and which context it may be called from.
 *
 * "The fence's lock" is dma_fence_spinlock(); it is taken with interrupts off.
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
 * enum dma_fence_flag_bits - bits of &dma_fence.flags
 * @DMA_FENCE_FLAG_INITIALIZED_BIT: dma_fence_init() has run
 * @DMA_FENCE_FLAG_INLINE_LOCK_BIT: the lock is the fence's own
 * @DMA_FENCE_FLAG_SEQNO64_BIT: seqnos are compared as 64-bit numbers
 * @DMA_FENCE_FLAG_SIGNALED_BIT: signalled; callbacks may still be running
 * @DMA_FENCE_FLAG_TIMESTAMP_BIT: &dma_fence.timestamp is valid
 * @DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT: the enable_signaling op was called, or
 *	there was no need to
 * @DMA_FENCE_FLAG_USER_BITS: this bit and those above it are the producer's
 *
 * The first three are constant after initialisation. The others are only ever
 * set, atomically.
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
 * Embed it as the first member of the object that stands for the work, or
 * give it a release op. The members are read through the functions below.
 */
struct dma_fence {
	union {
		/* The lock to use unless INLINE_LOCK; outlives the fence. */
		spinlock_t *extern_lock;
		/* The lock to use if INLINE_LOCK. */
		spinlock_t inline_lock;
	};
	/*
	 * RCU-protected. Becomes NULL when the fence is signalled, unless the
	 * ops have a release or a wait function. Written under the lock.
	 */
	const struct dma_fence_ops __rcu *ops;
	/* One after the other, as the fence ages: */
	union {
		/* until signalled: callbacks, under the lock; */
		struct list_head cb_list;
		/* then, once TIMESTAMP is set, for who holds a reference; */
		ktime_t timestamp;
		/* and when the last reference is gone, until it is freed. */
		struct rcu_head rcu;
	};
	/* Constant: which timeline this is on, and where. */
	u64 context;
	u64 seqno;
	/* enum dma_fence_flag_bits */
	unsigned long flags;
	struct kref refcount;
	/* Written before signalling, valid after it: 0 or a negative errno. */
	int error;
};

typedef void (*dma_fence_func_t)(struct dma_fence *fence,
				 struct dma_fence_cb *cb);

/**
 * struct dma_fence_cb - a callback, in memory of the caller's
 * @node: linked while it is queued, an empty list when it has run, was
 *	removed, or could not be added because the fence was signalled
 * @func: the function
 *
 * It may be on one fence at a time.
 */
struct dma_fence_cb {
	struct list_head node;
	dma_fence_func_t func;
};

/**
 * struct dma_fence_ops - what a producer implements
 *
 * Between a fence's signalling and the end of anything that these functions
 * use, the producer lets a grace period pass: one of them may still be running
 * for a caller that found the fence unsignalled.
 */
struct dma_fence_ops {
	/**
	 * @get_driver_name: mandatory. The string lives as long as the fence
	 * is unsignalled, and a grace period more. Context: any, under RCU.
	 */
	const char *(*get_driver_name)(struct dma_fence *fence);

	/** @get_timeline_name: mandatory. As get_driver_name. */
	const char *(*get_timeline_name)(struct dma_fence *fence);

	/**
	 * @enable_signaling: optional. Somebody waits for the fence: see to
	 * it that it gets signalled without being polled. Called at most once,
	 * with the lock held, under RCU. False: the work is done already, and
	 * the core signals the fence; an error may have been set. An op that
	 * arranges for signalling elsewhere takes a reference for that, and one
	 * that signals the fence itself returns false.
	 */
	bool (*enable_signaling)(struct dma_fence *fence);

	/**
	 * @signaled: optional. Is the work done? Once true, always true. May
	 * set the error when it returns true. Called under RCU, with or
	 * without the lock. A fence that has only this is never found signalled
	 * by a waiter.
	 */
	bool (*signaled)(struct dma_fence *fence);

	/**
	 * @wait: optional, deprecated. Replaces dma_fence_default_wait().
	 * Returns -ERESTARTSYS, or the remaining jiffies, 0 when time was up.
	 */
	signed long (*wait)(struct dma_fence *fence, bool intr,
			    signed long timeout);

	/**
	 * @release: optional. The last reference is gone: free the fence, not
	 * before a grace period. Context: any, under RCU.
	 */
	void (*release)(struct dma_fence *fence);

	/**
	 * @set_deadline: optional. A hint that somebody needs the fence by
	 * then (CLOCK_MONOTONIC). Called repeatedly, concurrently, never with
	 * the lock held, under RCU; the earliest one counts.
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

/* The name of 7.2 and before. */
#define dma_fence_enable_sw_signaling(fence) dma_fence_enable_signaling(fence)

/*
 * The fence-signalling critical section: from publishing a fence to signalling
 * it. Code in it must not wait for fences, nor allocate memory in a way that
 * can. With lockdep the rules are checked.
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
 * Return: a cookie for dma_fence_end_signalling().
 */
static inline bool dma_fence_begin_signalling(void)
{
	return true;
}

/**
 * dma_fence_end_signalling - end a fence-signalling critical section
 * @cookie: what dma_fence_begin_signalling() returned
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
 * dma_fence_was_initialized - has the memory been made a fence?
 * @fence: a fence, or memory that was cleared when it was allocated, or NULL
 *
 * Context: any.
 * Return: false for NULL and where dma_fence_init() has not run.
 */
static inline bool dma_fence_was_initialized(struct dma_fence *fence)
{
	return fence && test_bit(DMA_FENCE_FLAG_INITIALIZED_BIT, &fence->flags);
}

/**
 * dma_fence_spinlock - the fence's lock
 * @fence: the fence
 *
 * Context: any.
 * Return: the lock inside the fence, or the one that it was initialised with.
 */
static inline spinlock_t *dma_fence_spinlock(struct dma_fence *fence)
{
	return test_bit(DMA_FENCE_FLAG_INLINE_LOCK_BIT, &fence->flags) ?
		       &fence->inline_lock : fence->extern_lock;
}

/**
 * dma_fence_lock_irqsave - take the fence's lock
 * @fence: the fence; while its lock is held it does not become signalled
 * @flags: an unsigned long variable
 */
#define dma_fence_lock_irqsave(fence, flags) \
	spin_lock_irqsave(dma_fence_spinlock(fence), flags)

/**
 * dma_fence_unlock_irqrestore - release the fence's lock
 * @fence: the fence; the caller still holds a reference
 * @flags: as given to dma_fence_lock_irqsave()
 */
#define dma_fence_unlock_irqrestore(fence, flags) \
	spin_unlock_irqrestore(dma_fence_spinlock(fence), flags)

/**
 * dma_fence_assert_held - complain if the fence's lock is not held
 * @fence: the fence
 */
#define dma_fence_assert_held(fence) \
	lockdep_assert_held(dma_fence_spinlock(fence))

/**
 * dma_fence_get - take a reference
 * @fence: a fence that the caller has a reference to, or NULL
 *
 * Context: any.
 * Return: @fence.
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
 * The last one releases the fence, in the caller's context. It must not be
 * dropped under a lock that the release takes.
 * Context: any.
 */
static inline void dma_fence_put(struct dma_fence *fence)
{
	if (fence)
		kref_put(&fence->refcount, dma_fence_release);
}

/**
 * dma_fence_get_rcu - take a reference to a fence found under RCU
 * @fence: not NULL; its memory is a fence's as long as the section lasts
 *
 * Context: in a read-side section.
 * Return: @fence with a reference, or NULL when it was being released.
 */
static inline struct dma_fence *dma_fence_get_rcu(struct dma_fence *fence)
{
	return kref_get_unless_zero(&fence->refcount) ? fence : NULL;
}

/**
 * dma_fence_get_rcu_safe - take a reference to the fence in a slot
 * @fencep: an RCU-protected pointer that others replace
 *
 * Works for memory that is made into another fence within a grace period
 * (SLAB_TYPESAFE_BY_RCU): the fence that is returned was in the slot while the
 * reference was held. Spins while the slot holds a fence without references.
 * Context: in a read-side section.
 * Return: the fence with a reference, or NULL when the slot was empty.
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
		 * The memory may have been freed and reused between the load
		 * and the reference. If the slot still has the same address,
		 * then what is there now is what the reference is to. The
		 * reference was acquired before this load; pairs with the
		 * release in the writer's rcu_assign_pointer().
		 */
		if (fence == rcu_access_pointer(*fencep))
			return rcu_pointer_handoff(fence);
		dma_fence_put(fence);
	}
}

/**
 * dma_fence_test_signaled_flag - is the fence known to be signalled?
 * @fence: borrows a reference
 *
 * Only reads the flag: the producer is not asked, callbacks may be running.
 * Context: any.
 */
static inline bool dma_fence_test_signaled_flag(struct dma_fence *fence)
{
	return test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->flags);
}

/**
 * dma_fence_is_signaled_locked - is the fence signalled? With the lock held
 * @fence: borrows a reference
 *
 * As dma_fence_is_signaled(); the producer is asked with the lock held.
 * Context: any, the fence's lock held.
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
 * Asks the producer if the flag is not set, and signals the fence where the
 * answer is yes. Never enables signalling. True does not say that the
 * callbacks have finished: some may still be running on another thread. False
 * may be old by now: it is also for who came while another thread signalled.
 * Context: any, the fence's lock not held.
 */
static inline bool dma_fence_is_signaled(struct dma_fence *fence)
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
		dma_fence_signal(fence);
	return done;
}

/**
 * dma_fence_get_status_locked - how is the fence? With the lock held
 * @fence: borrows a reference
 *
 * Context: any, the fence's lock held.
 * Return: 0 when not signalled, 1 when signalled, a negative errno when
 * signalled with an error.
 */
static inline int dma_fence_get_status_locked(struct dma_fence *fence)
{
	if (!dma_fence_is_signaled_locked(fence))
		return 0;
	return fence->error ?: 1;
}

/**
 * dma_fence_set_error - say that the work failed
 * @fence: not signalled yet
 * @error: a negative errno: -ENODATA when this work was cancelled, -ECANCELED
 *	when the whole context was, -ETIME after a timeout or a reset
 *
 * Warns, and stores it all the same, if the fence is signalled already or the
 * error is none. The last one before signalling counts.
 * Context: any; by the one who is going to signal, or with the lock held.
 */
static inline void dma_fence_set_error(struct dma_fence *fence, int error)
{
	WARN_ON(dma_fence_test_signaled_flag(fence));
	WARN_ON(error >= 0 || error < -MAX_ERRNO);
	fence->error = error;
}

/**
 * dma_fence_timestamp - when was the fence signalled?
 * @fence: signalled; borrows a reference
 *
 * Waits, busily, for the few instructions between the flag and the timestamp.
 * Context: any; not from something that keeps the signaller from going on.
 * Return: CLOCK_MONOTONIC. Not signalled: warns, and returns the time it is.
 */
static inline ktime_t dma_fence_timestamp(struct dma_fence *fence)
{
	if (WARN_ON(!dma_fence_test_signaled_flag(fence)))
		return ktime_get();
	/* Pairs with set_bit() in dma_fence_signal_timestamp_locked(). */
	while (!test_bit(DMA_FENCE_FLAG_TIMESTAMP_BIT, &fence->flags))
		cpu_relax();
	return fence->timestamp;
}

/**
 * __dma_fence_is_later - is one seqno later than another?
 * @fence: says whether 64 bits count, or 32 that wrap
 * @f1: a seqno
 * @f2: another
 *
 * Return: true if @f1 is strictly later than @f2.
 */
static inline bool __dma_fence_is_later(struct dma_fence *fence, u64 f1, u64 f2)
{
	if (test_bit(DMA_FENCE_FLAG_SEQNO64_BIT, &fence->flags))
		return f1 > f2;
	return (int)(lower_32_bits(f1) - lower_32_bits(f2)) > 0;
}

/**
 * dma_fence_is_later - is one fence later than another of its context?
 * @f1: a fence
 * @f2: a fence of the same context
 *
 * Return: true if @f1 is strictly later. Other contexts: warns, false.
 */
static inline bool dma_fence_is_later(struct dma_fence *f1,
				      struct dma_fence *f2)
{
	if (WARN_ON(f1->context != f2->context))
		return false;
	return __dma_fence_is_later(f1, f1->seqno, f2->seqno);
}

/**
 * dma_fence_is_later_or_same - is it the same fence, or a later one?
 * @f1: a fence
 * @f2: a fence of the same context
 *
 * Two fences with the same seqno are not the same.
 */
static inline bool dma_fence_is_later_or_same(struct dma_fence *f1,
					      struct dma_fence *f2)
{
	return f1 == f2 || dma_fence_is_later(f1, f2);
}

/**
 * dma_fence_later - the later of two fences of one context
 * @f1: a fence
 * @f2: a fence of the same context
 *
 * Return: the later one, @f2 if none is, without a reference; NULL if that one
 * is signalled. Other contexts: warns, NULL.
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
 * dma_fence_wait - wait for a fence, however long
 * @fence: borrows a reference
 * @intr: a signal ends the wait
 *
 * Context: may sleep.
 * Return: 0, or -ERESTARTSYS (or what else a wait op returned that is
 * negative).
 */
static __always_inline signed long dma_fence_wait(struct dma_fence *fence,
						  bool intr)
{
	/* Always inline: to lockdep the caller is who waits. */
	signed long ret;

	/* Whatever is left of "for ever" is of no use to the caller. */
	ret = dma_fence_wait_timeout(fence, intr, MAX_SCHEDULE_TIMEOUT);
	return ret < 0 ? ret : 0;
}

extern const struct dma_fence_ops dma_fence_array_ops;
extern const struct dma_fence_ops dma_fence_chain_ops;

/**
 * dma_fence_is_array - is it a dma_fence_array?
 * @fence: not NULL
 */
static inline bool dma_fence_is_array(struct dma_fence *fence)
{
	/* Arrays and chains have a release op: these ops are never cleared. */
	return rcu_access_pointer(fence->ops) == &dma_fence_array_ops;
}

/**
 * dma_fence_is_chain - is it a link of a dma_fence_chain?
 * @fence: not NULL
 */
static inline bool dma_fence_is_chain(struct dma_fence *fence)
{
	return rcu_access_pointer(fence->ops) == &dma_fence_chain_ops;
}

/**
 * dma_fence_is_container - does it contain other fences?
 * @fence: not NULL
 */
static inline bool dma_fence_is_container(struct dma_fence *fence)
{
	return dma_fence_is_array(fence) || dma_fence_is_chain(fence);
}

#endif
