/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Memory reclaim, as far as lockdep has to know of it. An allocation that may
 * block may have to wait until a shrinker has given up memory, and shrinkers
 * wait for fences: so it must not be made by who has to signal one.
 */
#ifndef _LINUX_SCHED_MM_H
#define _LINUX_SCHED_MM_H

#include <lfshim/kernel-code.h>
#include <linux/gfp.h>
#include <linux/instruction_pointer.h>
#include <linux/sched.h>

#ifdef CONFIG_LOCKDEP
/**
 * fs_reclaim_acquire - what follows runs in, or is needed by, memory reclaim
 * @gfp: of the allocations that may have to wait for it
 */
void fs_reclaim_acquire(gfp_t gfp) LFSHIM(fs_reclaim_acquire);
void fs_reclaim_release(gfp_t gfp) LFSHIM(fs_reclaim_release);

/**
 * might_alloc - this function may allocate memory: complain if it must not
 * @gfp: with which flags
 */
#define might_alloc(gfp)	lfshim_might_alloc(gfp, lfshim_here())
void lfshim_might_alloc(gfp_t gfp, unsigned long ip);
#else
static inline void fs_reclaim_acquire(gfp_t gfp)
{
}

static inline void fs_reclaim_release(gfp_t gfp)
{
}

static inline void might_alloc(gfp_t gfp)
{
	might_sleep_if(gfpflags_allow_blocking(gfp));
}
#endif

#endif
