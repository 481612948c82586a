/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The fences that the lanes work on. */
#ifndef FENCE_BENCH_FENCE_H
#define FENCE_BENCH_FENCE_H

#include <stdbool.h>
#include <stdlib.h>
#include <linux/dma-fence.h>

struct lane;

/* These have names and nothing else; the second also has a signaled op. */
extern const struct dma_fence_ops bench_fence_ops, bench_fence_asking_ops;

/*
 * dma_fence_init() without a lock makes a fence that has its own. Before Linux
 * 7.2 it needs a lock: a fence gets one of many. Two of a thousand fences may
 * share one.
 */
#ifdef BENCH_NO_OWN_LOCKS
#define NR_LOCKS	1024
extern struct bench_lock {
	spinlock_t lock;
} __attribute__((__aligned__(64))) bench_locks[NR_LOCKS];
#define BENCH_LOCK(f)	(&bench_locks[(uintptr_t)(f) / 64 % NR_LOCKS].lock)
#else
#define BENCH_LOCK(f)	NULL
#endif

/* Prepares the locks, if there are any. Call it before bench_fence_init(). */
void bench_fence_start(void);

static inline void bench_fence_init(struct dma_fence *f,
				    const struct dma_fence_ops *ops,
				    u64 context, u64 seqno)
{
	dma_fence_init(f, ops, BENCH_LOCK(f), context, seqno);
}

/* Reports an error unless one reference is left and the state is @signalled. */
void check_fence(struct lane *l, struct dma_fence *f, bool signalled);

#endif
