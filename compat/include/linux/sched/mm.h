/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Memory reclaim, as far as lockdep needs it: fs_reclaim_acquire() and
 * might_alloc(). Left out: mmget(), the memalloc_ scopes and everything else.
 * Implemented in compat/checks/reclaim.c.
 *
 * An allocation that may block can have to wait for a shrinker, and shrinkers
 * can wait for fences. So code that has to signal a fence must not make such an
 * allocation.
 */
#ifndef _LINUX_SCHED_MM_H
#define _LINUX_SCHED_MM_H

#include <lfshim/kernel-code.h>
#include <linux/gfp.h>
#include <linux/instruction_pointer.h>
#include <linux/sched.h>
#include <linux/kernel.h>

#ifdef CONFIG_LOCKDEP
/**
 * fs_reclaim_acquire - begin a section that memory reclaim may wait for
 * @gfp: the flags of the allocations that may wait for the section
 *
 * Context: any. fs_reclaim_release() with the same flags ends the section.
 */
void fs_reclaim_acquire(gfp_t gfp) LFSHIM(fs_reclaim_acquire);
void fs_reclaim_release(gfp_t gfp) LFSHIM(fs_reclaim_release);

/**
 * might_alloc - declare that this function may allocate memory
 * @gfp: the flags of the allocation
 *
 * Warns where such an allocation is not allowed.
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
