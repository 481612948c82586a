// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Annotations for lockdep: fence-signalling critical sections and waits. Builds
 * without lockdep use the empty functions in <linux/dma-fence.h>.
 */

#include <linux/dma-fence.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/instruction_pointer.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/sched/mm.h>

#ifdef CONFIG_LOCKDEP
/*
 * A lockdep map without a lock. A signalling section acquires it for reading, a
 * wait for writing. So lockdep reports a wait in a section as recursion. It
 * reports a lock that is held around a wait and taken in a section as a circle.
 */
static struct lockdep_map signalling_map =
	STATIC_LOCKDEP_MAP_INIT("dma_fence_map", &signalling_map);

/**
 * __dma_fence_begin_signalling - begin a section, with a given call site
 * @ip: the call site that lockdep reports; a layer on top passes its _RET_IP_
 *
 * Context: any.
 * Return: as dma_fence_begin_signalling().
 */
bool __dma_fence_begin_signalling(unsigned long ip)
{
	/* Only the outermost section acquires the map. */
	if (lock_is_held_type(&signalling_map, 1))
		return true;
	/* In atomic context, waits are reported as sleeping anyway. */
	if (in_atomic())
		return true;
	/* A trylock: locks that are held here do not depend on the section. */
	lock_acquire(&signalling_map, 0, 1, 1, 1, NULL, ip);
	return false;
}
EXPORT_SYMBOL(__dma_fence_begin_signalling);

/**
 * dma_fence_begin_signalling - begin a fence-signalling critical section
 *
 * In the section, code must not wait for a fence (which Linux tolerates), or
 * for anything that waits for a fence.
 * Context: any. Sections nest.
 * Return: a cookie for dma_fence_end_signalling(): true if that has nothing to
 * undo.
 */
bool dma_fence_begin_signalling(void)
{
	return __dma_fence_begin_signalling(_RET_IP_);
}
EXPORT_SYMBOL(dma_fence_begin_signalling);

/**
 * dma_fence_end_signalling - end a fence-signalling critical section
 * @cookie: from dma_fence_begin_signalling()
 */
void dma_fence_end_signalling(bool cookie)
{
	if (!cookie)
		lock_release(&signalling_map, _RET_IP_);
}
EXPORT_SYMBOL(dma_fence_end_signalling);

/* The code at @ip may wait for a fence. */
void __dma_fence_might_wait_at(unsigned long ip)
{
	lock_acquire(&signalling_map, 0, 0, 0, 1, NULL, ip);
	lock_release(&signalling_map, ip);
}

void __dma_fence_might_wait(void)
{
	__dma_fence_might_wait_at(_RET_IP_);
}

/* Reclaim may wait for fences, even in GFP_NOIO allocations. */
static int __init reclaim_waits(void)
{
	fs_reclaim_acquire(GFP_KERNEL);
	fs_reclaim_acquire(GFP_NOIO);
	__dma_fence_might_wait_at(_THIS_IP_);
	fs_reclaim_release(GFP_NOIO);
	fs_reclaim_release(GFP_KERNEL);
	return 0;
}
subsys_initcall(reclaim_waits);
#endif
