// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Lockdep maps that stand for memory reclaim; see <linux/sched/mm.h>. */

#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "kernel/internal.h"

/*
 * An allocation that may have to wait for reclaim acquires these maps, as if
 * they were locks. There are two: code that reclaim calls only for allocations
 * with __GFP_FS may itself allocate without __GFP_FS. Both kinds of reclaim run
 * shrinkers and notifiers, which wait for fences.
 */
static struct lockdep_map fs_reclaim_map =
	STATIC_LOCKDEP_MAP_INIT("fs_reclaim", NULL);
static struct lockdep_map any_reclaim_map =
	STATIC_LOCKDEP_MAP_INIT("reclaim", NULL);

static void reclaim_acquire(gfp_t gfp, unsigned long ip)
{
	if (!gfpflags_allow_blocking(gfp))
		return;
	if (gfp & __GFP_FS)
		lock_acquire(&fs_reclaim_map, 0, 0, 0, 1, NULL, ip);
	lock_acquire(&any_reclaim_map, 0, 0, 0, 1, NULL, ip);
	if (gfp & __GFP_FS)
		lock_release(&any_reclaim_map, ip);
}

static void reclaim_release(gfp_t gfp, unsigned long ip)
{
	if (gfpflags_allow_blocking(gfp))
		lock_release(gfp & __GFP_FS ? &fs_reclaim_map
					    : &any_reclaim_map, ip);
}

void fs_reclaim_acquire(gfp_t gfp)
{
	reclaim_acquire(gfp, _RET_IP_);
}

void fs_reclaim_release(gfp_t gfp)
{
	reclaim_release(gfp, _RET_IP_);
}

void lfshim_might_alloc(gfp_t gfp, unsigned long ip)
{
	if (!gfpflags_allow_blocking(gfp) ||
	    lfpriv_may_not_sleep(__FILE__, __LINE__, __func__, ip))
		return;
	reclaim_acquire(gfp, ip);
	reclaim_release(gfp, ip);
}
