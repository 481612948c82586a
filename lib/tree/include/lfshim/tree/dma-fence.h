/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Included after a kernel tree's <linux/dma-fence.h>, for libfence's own code,
 * which is written for Linux 7.3. It defines the names that an older tree lacks
 * by means of those that it has. It also defines names that no tree has,
 * because libfence's core has more functions.
 */
#ifndef LFSHIM_TREE_DMA_FENCE_H
#define LFSHIM_TREE_DMA_FENCE_H

#include <lfshim/tree/config.h>

#if !LFSHIM_TREE_HAS_dma_fence_test_signaled_flag
static inline bool dma_fence_test_signaled_flag(struct dma_fence *fence)
{
	return test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->flags);
}
#endif

#if !LFSHIM_TREE_HAS_dma_fence_enable_signaling
static inline void dma_fence_enable_signaling(struct dma_fence *fence)
{
	dma_fence_enable_sw_signaling(fence);
}
#else
#define dma_fence_enable_sw_signaling(fence) dma_fence_enable_signaling(fence)
#endif

#if !LFSHIM_TREE_HAS_dma_fence_spinlock
static inline spinlock_t *dma_fence_spinlock(struct dma_fence *fence)
{
	return fence->lock;
}
#endif

#if !LFSHIM_TREE_HAS_dma_fence_lock_irqsave
#define dma_fence_lock_irqsave(fence, flags) \
	spin_lock_irqsave(dma_fence_spinlock(fence), flags)
#define dma_fence_unlock_irqrestore(fence, flags) \
	spin_unlock_irqrestore(dma_fence_spinlock(fence), flags)
#endif

#if !LFSHIM_TREE_HAS_dma_fence_driver_name
static inline const char *dma_fence_driver_name(struct dma_fence *fence)
{
	return fence->ops->get_driver_name(fence);
}

static inline const char *dma_fence_timeline_name(struct dma_fence *fence)
{
	return fence->ops->get_timeline_name(fence);
}
#endif

#if !LFSHIM_TREE_HAS_dma_fence_check_and_signal
/* In older trees dma_fence_signal() fails if the fence is already signalled. */
static inline bool dma_fence_check_and_signal(struct dma_fence *fence)
{
	return dma_fence_signal(fence) != 0;
}

static inline bool dma_fence_check_and_signal_locked(struct dma_fence *fence)
{
	return dma_fence_signal_locked(fence) != 0;
}
#endif

#if !LFSHIM_TREE_HAS_dma_fence_set_deadline
/* Fences of this tree have no operation for deadlines. */
static inline void dma_fence_set_deadline(struct dma_fence *fence,
					  ktime_t deadline)
{
}
#endif

#if LFSHIM_TREE_HAS_use_64bit_seqno
#define __dma_fence_is_later(fence, f1, f2) \
	__dma_fence_is_later(f1, f2, (fence)->ops)
#endif

/* In libfence's core these take a call site. The tree's functions have none. */
static inline bool __dma_fence_begin_signalling(unsigned long ip)
{
	return dma_fence_begin_signalling();
}

static inline void __dma_fence_might_wait_at(unsigned long ip)
{
	__dma_fence_might_wait();
}

static inline long __dma_fence_wait_timeout(struct dma_fence *fence, bool intr,
					    long timeout, unsigned long ip)
{
	return dma_fence_wait_timeout(fence, intr, timeout);
}

#endif
