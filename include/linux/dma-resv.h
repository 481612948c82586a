/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * dma_resv: the fences of a buffer, each with what it is there for.
 *
 * Whoever changes them holds the lock, which is a ww_mutex: several objects can
 * be locked in any order, see <linux/ww_mutex.h>. Readers need no lock:
 *
 *	dma_resv_iter_begin(&cursor, obj, dma_resv_usage_rw(write));
 *	dma_resv_for_each_fence_unlocked(&cursor, fence) {
 *		if (dma_resv_iter_is_restarted(&cursor))
 *			forget what was gathered so far
 *		...
 *	}
 *	dma_resv_iter_end(&cursor);
 *
 * Adding a fence cannot fail, since it comes when the work is under way: room
 * is reserved before, under the same lock.
 *
 * The fences are freed by RCU, and their memory is not made into other fences
 * within a grace period (no SLAB_TYPESAFE_BY_RCU).
 */
#ifndef __LINUX_DMA_RESV_H
#define __LINUX_DMA_RESV_H

#include <linux/dma-fence.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/ww_mutex.h>

struct dma_resv_list;
struct seq_file;

extern struct ww_class reservation_ww_class;

/**
 * enum dma_resv_usage - what a fence is there for
 * @DMA_RESV_USAGE_KERNEL: memory management; everybody waits for it
 * @DMA_RESV_USAGE_WRITE: writes; readers and writers wait
 * @DMA_RESV_USAGE_READ: reads; writers wait
 * @DMA_RESV_USAGE_BOOKKEEP: no implicit waiting; only for who takes the memory
 *
 * Who asks for one gets it and all above it: fences of a usage that is less or
 * the same.
 */
enum dma_resv_usage {
	DMA_RESV_USAGE_KERNEL,
	DMA_RESV_USAGE_WRITE,
	DMA_RESV_USAGE_READ,
	DMA_RESV_USAGE_BOOKKEEP,
};

/**
 * dma_resv_usage_rw - what an access has to wait for
 * @write: it writes
 *
 * Return: READ for one that writes, which is all but BOOKKEEP; else WRITE.
 */
static inline enum dma_resv_usage dma_resv_usage_rw(bool write)
{
	return write ? DMA_RESV_USAGE_READ : DMA_RESV_USAGE_WRITE;
}

/**
 * struct dma_resv - a reservation object
 * @lock: protects the rest against other writers; of reservation_ww_class
 * @fences: RCU-protected; NULL is no fence. Written under the lock.
 * @generation: counts the lists that have been in @fences
 */
struct dma_resv {
	struct ww_mutex lock;
	struct dma_resv_list __rcu *fences;
	unsigned int generation;
};

/**
 * struct dma_resv_iter - where an iteration is
 * @obj: the object
 * @usage: which fences: of this usage and less
 * @fence: unlocked iteration: the fence, kept until the next step, or NULL
 * @fence_usage: the usage of the fence that was returned last
 * @index: of the slot to be looked at next
 * @fences: the list; unlocked, it is only compared until found to be in place
 * @num_fences: unlocked iteration: fences in the list when it was begun
 * @is_restarted: the last fence is the first of a new beginning
 * @generation: unlocked iteration: of the list, whose memory may be reused
 * @place: unlocked iteration, on a fence: where others see that; NULL if the
 *	cursor has a reference
 */
struct dma_resv_iter {
	struct dma_resv *obj;
	enum dma_resv_usage usage;
	struct dma_fence *fence;
	enum dma_resv_usage fence_usage;
	unsigned int index;
	struct dma_resv_list *fences;
	unsigned int num_fences;
	bool is_restarted;
	unsigned int generation;
	struct dma_fence **place;
};

struct dma_fence *dma_resv_iter_first_unlocked(struct dma_resv_iter *cursor);
struct dma_fence *dma_resv_iter_next_unlocked(struct dma_resv_iter *cursor);
struct dma_fence *dma_resv_iter_first(struct dma_resv_iter *cursor);
struct dma_fence *dma_resv_iter_next(struct dma_resv_iter *cursor);
void dma_resv_iter_end(struct dma_resv_iter *cursor);

/**
 * dma_resv_iter_begin - prepare an iteration
 * @cursor: the caller's; uninitialised
 * @obj: the object, which outlives the iteration
 * @usage: which fences: of this usage and less
 *
 * Context: any.
 */
static inline void dma_resv_iter_begin(struct dma_resv_iter *cursor,
				       struct dma_resv *obj,
				       enum dma_resv_usage usage)
{
	cursor->obj = obj;
	cursor->usage = usage;
	cursor->fence = NULL;
}

/**
 * dma_resv_iter_usage - the usage of the fence that was returned last
 * @cursor: has returned one
 */
static inline enum dma_resv_usage
dma_resv_iter_usage(struct dma_resv_iter *cursor)
{
	return cursor->fence_usage;
}

/**
 * dma_resv_iter_is_restarted - does the iteration begin with this fence?
 * @cursor: has returned a fence
 *
 * True for the first fence, and when the iteration had to begin again: then
 * fences that were returned before may come again.
 */
static inline bool dma_resv_iter_is_restarted(struct dma_resv_iter *cursor)
{
	return cursor->is_restarted;
}

/**
 * dma_resv_for_each_fence_unlocked - for every fence that is not signalled
 * @cursor: between dma_resv_iter_begin() and dma_resv_iter_end()
 * @fence: the loop variable; the cursor keeps it until the next step
 *
 * No lock is needed, and the body may sleep. It may see the beginning again,
 * see dma_resv_iter_is_restarted(). What is added meanwhile may be missed.
 */
#define dma_resv_for_each_fence_unlocked(cursor, fence)			\
	for (fence = dma_resv_iter_first_unlocked(cursor); fence;	\
	     fence = dma_resv_iter_next_unlocked(cursor))

/**
 * dma_resv_for_each_fence - for every fence, with the lock held
 * @cursor: a struct dma_resv_iter, which needs no begin and no end
 * @obj: the object, locked
 * @usage: which fences: of this usage and less
 * @fence: the loop variable; borrows the object's reference
 *
 * Signalled fences are among them.
 */
#define dma_resv_for_each_fence(cursor, obj, usage, fence)		\
	for (dma_resv_iter_begin(cursor, obj, usage),			\
	     fence = dma_resv_iter_first(cursor); fence;		\
	     fence = dma_resv_iter_next(cursor))

/**
 * dma_resv_held - does the calling thread hold the lock?
 * @obj: the object
 */
#define dma_resv_held(obj)		lockdep_is_held(&(obj)->lock.base)

/**
 * dma_resv_assert_held - warn if it does not; LFSHIM_CHECKS only
 * @obj: the object
 */
#define dma_resv_assert_held(obj)	lockdep_assert_held(&(obj)->lock.base)

#ifdef CONFIG_DEBUG_MUTEXES
void dma_resv_reset_max_fences(struct dma_resv *obj);
#else
static inline void dma_resv_reset_max_fences(struct dma_resv *obj)
{
}
#endif

/**
 * dma_resv_lock - lock an object
 * @obj: the object
 * @ctx: the caller's context if it locks several objects, or NULL
 *
 * Context: may sleep.
 * Return: as ww_mutex_lock(): 0; with a context also -EDEADLK and -EALREADY.
 */
static inline int dma_resv_lock(struct dma_resv *obj,
				struct ww_acquire_ctx *ctx)
{
	return ww_mutex_lock(&obj->lock, ctx);
}

/**
 * dma_resv_lock_interruptible - lock an object, unless a signal comes first
 * @obj: the object
 * @ctx: as for dma_resv_lock()
 *
 * Context: may sleep.
 * Return: as dma_resv_lock(), or -EINTR.
 */
static inline int dma_resv_lock_interruptible(struct dma_resv *obj,
					      struct ww_acquire_ctx *ctx)
{
	return ww_mutex_lock_interruptible(&obj->lock, ctx);
}

/**
 * dma_resv_lock_slow - lock the object that was given way for
 * @obj: what dma_resv_lock() said -EDEADLK about
 * @ctx: holds nothing any more
 *
 * Context: may sleep.
 */
static inline void dma_resv_lock_slow(struct dma_resv *obj,
				      struct ww_acquire_ctx *ctx)
{
	ww_mutex_lock_slow(&obj->lock, ctx);
}

/**
 * dma_resv_lock_slow_interruptible - the same, unless a signal comes first
 * @obj: as for dma_resv_lock_slow()
 * @ctx: as for dma_resv_lock_slow()
 *
 * Context: may sleep.
 * Return: 0, or -EINTR.
 */
static inline int dma_resv_lock_slow_interruptible(struct dma_resv *obj,
						   struct ww_acquire_ctx *ctx)
{
	return ww_mutex_lock_slow_interruptible(&obj->lock, ctx);
}

/**
 * dma_resv_trylock - lock an object if it is free
 * @obj: the object
 *
 * Context: any that may hold a mutex.
 * Return: true when it was locked, without a context.
 */
static inline bool __must_check dma_resv_trylock(struct dma_resv *obj)
{
	return ww_mutex_trylock(&obj->lock, NULL);
}

/**
 * dma_resv_is_locked - does anybody hold the lock?
 * @obj: the object
 */
static inline bool dma_resv_is_locked(struct dma_resv *obj)
{
	return ww_mutex_is_locked(&obj->lock);
}

/**
 * dma_resv_locking_ctx - on whose behalf is it locked?
 * @obj: the object
 *
 * Return: the context, only to be compared by others than the holder; NULL if
 * it is not locked, or without one.
 */
static inline struct ww_acquire_ctx *dma_resv_locking_ctx(struct dma_resv *obj)
{
	return READ_ONCE(obj->lock.ctx);
}

/**
 * dma_resv_unlock - unlock an object
 * @obj: locked by the caller
 *
 * Room that was reserved is lost; LFSHIM_CHECKS: at once.
 */
static inline void dma_resv_unlock(struct dma_resv *obj)
{
	dma_resv_reset_max_fences(obj);
	ww_mutex_unlock(&obj->lock);
}

void dma_resv_init(struct dma_resv *obj);
void dma_resv_fini(struct dma_resv *obj);
int dma_resv_reserve_fences(struct dma_resv *obj, unsigned int num_fences);
void dma_resv_add_fence(struct dma_resv *obj, struct dma_fence *fence,
			enum dma_resv_usage usage);
void dma_resv_replace_fences(struct dma_resv *obj, uint64_t context,
			     struct dma_fence *fence,
			     enum dma_resv_usage usage);
int dma_resv_get_fences(struct dma_resv *obj, enum dma_resv_usage usage,
			unsigned int *num_fences, struct dma_fence ***fences);
int dma_resv_get_singleton(struct dma_resv *obj, enum dma_resv_usage usage,
			   struct dma_fence **fence);
int dma_resv_copy_fences(struct dma_resv *dst, struct dma_resv *src);
long dma_resv_wait_timeout(struct dma_resv *obj, enum dma_resv_usage usage,
			   bool intr, unsigned long timeout);
void dma_resv_set_deadline(struct dma_resv *obj, enum dma_resv_usage usage,
			   ktime_t deadline);
bool dma_resv_test_signaled(struct dma_resv *obj, enum dma_resv_usage usage);
void dma_resv_describe(struct dma_resv *obj, struct seq_file *seq);

#endif
