/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Fences with a lock of their own, which those of older kernel trees do not have. */
#ifndef SCENARIOS_OWN_LOCK_H
#define SCENARIOS_OWN_LOCK_H

#include "explore.h"

#include <linux/atomic.h>
#include <linux/spinlock.h>

/* CORE_TREE is defined with the core of a kernel tree. */
#ifdef CORE_TREE
#include <lfshim/tree/config.h>
#define CORE_HAS(name)	LFSHIM_TREE_HAS_##name
#else
#define CORE_HAS(name)	1
#endif

/*
 * For dma_fence_init(): NULL, for a lock in the fence. With an older tree, a lock that is
 * used for this fence only.
 */
static inline spinlock_t *own_lock(void)
{
#if CORE_HAS(inline_lock)
	return NULL;
#else
	static spinlock_t locks[32];
	static atomic_t used;
	int i = atomic_inc_return(&used) - 1;

	lfx_assert(i < (int)(sizeof(locks) / sizeof(locks[0])));
	spin_lock_init(&locks[i]);
	return &locks[i];
#endif
}

#endif
