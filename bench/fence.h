/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the fence-*.c files share; the library's headers come before it. */
#ifndef FENCE_BENCH_FENCE_H
#define FENCE_BENCH_FENCE_H

#include <stdio.h>
#include <stdlib.h>

#include "lanes.h"

/* Names only. */
extern const struct dma_fence_ops bench_fence_ops;

/*
 * A fence with a lock of its own, as dma_fence_init() makes it. Before Linux 7.2 there
 * were none: it is given one of many, which two of a thousand fences may share.
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

static inline void bench_fence_init(struct dma_fence *f, const struct dma_fence_ops *ops,
				    u64 context, u64 seqno)
{
	dma_fence_init(f, ops, BENCH_LOCK(f), context, seqno);
}

/* One reference is left, and it is (un)signalled, as it should be. */
void check_fence(struct lane *l, struct dma_fence *f, bool signalled);

#endif
