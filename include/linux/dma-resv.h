/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * dma_resv: a reservation object holds the fences of a buffer, and the usage of
 * each fence.
 *
 * Code that changes the fences holds the object's lock. The lock is a ww_mutex,
 * so that several objects can be locked in any order: see <linux/ww_mutex.h>.
 * Readers need no lock:
 *
 *	dma_resv_iter_begin(&cursor, obj, dma_resv_usage_rw(write));
 *	dma_resv_for_each_fence_unlocked(&cursor, fence) {
 *		if (dma_resv_iter_is_restarted(&cursor))
 *			discard everything that was collected so far
 *		...
 *	}
 *	dma_resv_iter_end(&cursor);
 *
 * A fence is added when its work has already started, so adding must not fail:
 * the caller reserves space before, while it holds the same lock.
 *
 * The fences must be freed by RCU, and their memory must not become other
 * fences within a grace period (no SLAB_TYPESAFE_BY_RCU).
 *
 * Functions that are only declared here are documented where they are defined:
 * dma-resv.c. "Under RCU" and "borrows a reference" as in <linux/dma-fence.h>.
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
 * enum dma_resv_usage - the purpose of a fence in a reservation object
 * @DMA_RESV_USAGE_KERNEL: memory management, such as moving or clearing the
 *	buffer. Every access waits for it.
 * @DMA_RESV_USAGE_WRITE: the work writes to the buffer. Readers and writers
 *	wait for it.
 * @DMA_RESV_USAGE_READ: the work reads from the buffer. Writers wait for it.
 * @DMA_RESV_USAGE_BOOKKEEP: no access waits for it implicitly. Only code that
 *	takes the memory away waits for it.
 *
 * A function that takes a usage handles the fences of this usage and of all
 * smaller values: DMA_RESV_USAGE_READ means KERNEL, WRITE and READ.
 */
enum dma_resv_usage {
	DMA_RESV_USAGE_KERNEL,
	DMA_RESV_USAGE_WRITE,
	DMA_RESV_USAGE_READ,
	DMA_RESV_USAGE_BOOKKEEP,
};

/**
 * dma_resv_usage_rw - the usage of the fences that an access has to wait for
 * @write: true if the access writes
 *
 * Context: any.
 * Return: DMA_RESV_USAGE_READ for a write, DMA_RESV_USAGE_WRITE for a read.
 * With all smaller usages, that is all fences except BOOKKEEP for a write, and
 * KERNEL and WRITE for a read.
 */
static inline enum dma_resv_usage dma_resv_usage_rw(bool write)
{
	return write ? DMA_RESV_USAGE_READ : DMA_RESV_USAGE_WRITE;
}

/**
 * struct dma_resv - a reservation object
 * @lock: serialises writers; its class is reservation_ww_class
 * @fences: the list of fences, RCU-protected, written under @lock. NULL if
 *	there are no fences. The object owns it, and a reference to each fence.
 * @generation: number of lists that have been in @fences, written under @lock
 */
struct dma_resv {
	struct ww_mutex lock;
	struct dma_resv_list __rcu *fences;
	unsigned int generation;
};

/**
 * struct dma_resv_iter - a cursor: the position of an iteration
 * @obj: the object, borrowed
 * @usage: the iteration visits the fences of this usage and of smaller ones
 * @fence: unlocked iteration: the current fence, valid until the next step; or
 *	NULL
 * @fence_usage: usage of the fence that was returned last
 * @index: index of the next slot in the list
 * @fences: the list. An unlocked iteration dereferences it only after it has
 *	found that the object still has this list.
 * @num_fences: unlocked iteration: number of fences that the list had when the
 *	iteration started or restarted
 * @is_restarted: the fence that was returned last is the first one after a
 *	start or a restart
 * @generation: unlocked iteration: generation of the list. It differs if the
 *	memory at the same address has become another list.
 * @hazard: unlocked iteration with a fence: the hazard slot that publishes
 *	@fence to writers; NULL if the cursor holds a reference instead
 *
 * The caller owns the memory. Members other than @fence_usage, @is_restarted
 * and @num_fences are for the functions below only.
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
	struct dma_fence **hazard;
};

struct dma_fence *dma_resv_iter_first_unlocked(struct dma_resv_iter *cursor);
struct dma_fence *dma_resv_iter_next_unlocked(struct dma_resv_iter *cursor);
struct dma_fence *dma_resv_iter_first(struct dma_resv_iter *cursor);
struct dma_fence *dma_resv_iter_next(struct dma_resv_iter *cursor);
void dma_resv_iter_end(struct dma_resv_iter *cursor);

/**
 * dma_resv_iter_begin - begin an iteration
 * @cursor: memory that the caller owns, initialised here
 * @obj: the object, borrowed until the end of the iteration
 * @usage: visit the fences of this usage and of smaller ones
 *
 * An unlocked iteration must be ended with dma_resv_iter_end().
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
 * dma_resv_iter_usage - the usage of the current fence
 * @cursor: a cursor that has returned a fence, borrowed
 *
 * Context: any.
 * Return: the usage of the fence that was returned last.
 */
static inline enum dma_resv_usage
dma_resv_iter_usage(struct dma_resv_iter *cursor)
{
	return cursor->fence_usage;
}

/**
 * dma_resv_iter_is_restarted - did the iteration start again with this fence?
 * @cursor: a cursor that has returned a fence, borrowed
 *
 * An unlocked iteration restarts if a writer has replaced the list. It may then
 * return fences that it has returned before.
 * Context: any.
 * Return: true for the first fence after a start or a restart.
 */
static inline bool dma_resv_iter_is_restarted(struct dma_resv_iter *cursor)
{
	return cursor->is_restarted;
}

/**
 * dma_resv_for_each_fence_unlocked - iterate over the unsignalled fences
 * @cursor: a cursor, after dma_resv_iter_begin(). The caller ends the iteration
 *	with dma_resv_iter_end(), also after it has left the loop early.
 * @fence: the loop variable; borrowed through @cursor until the next step. To
 *	keep it longer, take a reference with dma_fence_get().
 *
 * No lock is needed, and the loop body may sleep. The iteration may restart:
 * see dma_resv_iter_is_restarted(). Fences that are added meanwhile may be
 * missed.
 * Context: any. Calls the producers of the fences, as dma_fence_is_signaled().
 */
#define dma_resv_for_each_fence_unlocked(cursor, fence)			\
	for (fence = dma_resv_iter_first_unlocked(cursor); fence;	\
	     fence = dma_resv_iter_next_unlocked(cursor))

/**
 * dma_resv_for_each_fence - iterate over all fences, with the lock held
 * @cursor: pointer to a struct dma_resv_iter that the caller owns. The loop
 *	begins the iteration, and it need not be ended.
 * @obj: the object, locked, borrowed
 * @usage: visit the fences of this usage and of smaller ones
 * @fence: the loop variable; borrowed from @obj as long as @obj is locked and
 *	the fence is not replaced
 *
 * Visits signalled fences too.
 * Context: the object is locked by the calling thread.
 */
#define dma_resv_for_each_fence(cursor, obj, usage, fence)		\
	for (dma_resv_iter_begin(cursor, obj, usage),			\
	     fence = dma_resv_iter_first(cursor); fence;		\
	     fence = dma_resv_iter_next(cursor))

/**
 * dma_resv_held - does the calling thread hold the object's lock?
 * @obj: the object, borrowed
 *
 * Context: any.
 * Return: true if it does.
 */
#define dma_resv_held(obj)		lockdep_is_held(&(obj)->lock.base)

/**
 * dma_resv_assert_held - warn if the calling thread does not hold the lock
 * @obj: the object, borrowed
 *
 * Does nothing unless the library was built with -Dchecks=true.
 * Context: any.
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
 * @obj: the object, borrowed
 * @ctx: the caller's acquire context, if it locks several objects; or NULL. The
 *	object refers to it while it is locked.
 *
 * Context: may sleep.
 * Return: as ww_mutex_lock(). 0 if the object is locked. With @ctx also
 * -EDEADLK if the caller has to unlock all objects of @ctx and to call
 * dma_resv_lock_slow(), and -EALREADY if @ctx has locked @obj already.
 */
static inline int dma_resv_lock(struct dma_resv *obj,
				struct ww_acquire_ctx *ctx)
{
	return ww_mutex_lock(&obj->lock, ctx);
}

/**
 * dma_resv_lock_interruptible - lock an object, interruptible by a signal
 * @obj: as for dma_resv_lock()
 * @ctx: as for dma_resv_lock()
 *
 * Context: may sleep.
 * Return: as dma_resv_lock(); -EINTR if a signal came first.
 */
static inline int dma_resv_lock_interruptible(struct dma_resv *obj,
					      struct ww_acquire_ctx *ctx)
{
	return ww_mutex_lock_interruptible(&obj->lock, ctx);
}

/**
 * dma_resv_lock_slow - lock an object after -EDEADLK
 * @obj: the object for which dma_resv_lock() returned -EDEADLK, borrowed
 * @ctx: the same acquire context, which holds no locks any more
 *
 * Waits until the object is free, and locks it.
 * Context: may sleep.
 */
static inline void dma_resv_lock_slow(struct dma_resv *obj,
				      struct ww_acquire_ctx *ctx)
{
	ww_mutex_lock_slow(&obj->lock, ctx);
}

/**
 * dma_resv_lock_slow_interruptible - dma_resv_lock_slow(), interruptible
 * @obj: as for dma_resv_lock_slow()
 * @ctx: as for dma_resv_lock_slow()
 *
 * Context: may sleep.
 * Return: 0 if the object is locked; -EINTR if a signal came first.
 */
static inline int dma_resv_lock_slow_interruptible(struct dma_resv *obj,
						   struct ww_acquire_ctx *ctx)
{
	return ww_mutex_lock_slow_interruptible(&obj->lock, ctx);
}

/**
 * dma_resv_trylock - lock an object if it is not locked
 * @obj: the object, borrowed
 *
 * Context: any thread, not an interrupt. Does not sleep.
 * Return: true if the object is locked now, without an acquire context; false
 * if it was locked already.
 */
static inline bool __must_check dma_resv_trylock(struct dma_resv *obj)
{
	return ww_mutex_trylock(&obj->lock, NULL);
}

/**
 * dma_resv_is_locked - is the object locked by any thread?
 * @obj: the object, borrowed
 *
 * Context: any.
 * Return: true if it is. The result may be stale if another thread holds the
 * lock.
 */
static inline bool dma_resv_is_locked(struct dma_resv *obj)
{
	return ww_mutex_is_locked(&obj->lock);
}

/**
 * dma_resv_locking_ctx - the acquire context that the object is locked with
 * @obj: the object, borrowed
 *
 * Context: any.
 * Return: the acquire context, owned by the thread that holds the lock. Other
 * threads may only compare the pointer. NULL if the object is not locked, or is
 * locked without an acquire context.
 */
static inline struct ww_acquire_ctx *dma_resv_locking_ctx(struct dma_resv *obj)
{
	return READ_ONCE(obj->lock.ctx);
}

/**
 * dma_resv_unlock - unlock an object
 * @obj: the object, locked by the calling thread, borrowed
 *
 * Space that was reserved for fences must not be used after this. A library
 * that was built with -Dchecks=true discards it here.
 * Context: any thread that holds the lock.
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
