// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The fence-signalling critical section, and waiting, as lockdep sees them.
 * Without lockdep there is nothing here: see <linux/dma-fence.h>.
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
 * A pretended lock: read-held in every signalling section, write-acquired by
 * every wait. A wait in a section is then a recursion, and one for something
 * that is needed in one a circle.
 */
static struct lockdep_map signalling_map =
	STATIC_LOCKDEP_MAP_INIT("dma_fence_map", &signalling_map);

/**
 * __dma_fence_begin_signalling - begin a section for somebody
 * @ip: where: what a layer on top has as _RET_IP_
 */
bool __dma_fence_begin_signalling(unsigned long ip)
{
	/* Only the outermost one counts. */
	if (lock_is_held_type(&signalling_map, 1))
		return true;
	/* Nothing that sleeps can follow: there is nothing to be found. */
	if (in_atomic())
		return true;
	/* A trylock: that the section begins here is no dependency. */
	lock_acquire(&signalling_map, 0, 1, 1, 1, NULL, ip);
	return false;
}
EXPORT_SYMBOL(__dma_fence_begin_signalling);

/**
 * dma_fence_begin_signalling - begin a fence-signalling critical section
 *
 * In it, nothing may wait for a fence (which Linux tolerates) or for what does.
 * Context: any. Sections nest.
 * Return: a cookie for dma_fence_end_signalling(): true if there is nothing
 * to be undone.
 */
bool dma_fence_begin_signalling(void)
{
	return __dma_fence_begin_signalling(_RET_IP_);
}
EXPORT_SYMBOL(dma_fence_begin_signalling);

/**
 * dma_fence_end_signalling - end a fence-signalling critical section
 * @cookie: what dma_fence_begin_signalling() returned
 */
void dma_fence_end_signalling(bool cookie)
{
	if (!cookie)
		lock_release(&signalling_map, _RET_IP_);
}
EXPORT_SYMBOL(dma_fence_end_signalling);

/* Somebody may wait for a fence, at @ip. */
void __dma_fence_might_wait_at(unsigned long ip)
{
	lock_acquire(&signalling_map, 0, 0, 0, 1, NULL, ip);
	lock_release(&signalling_map, ip);
}

void __dma_fence_might_wait(void)
{
	__dma_fence_might_wait_at(_RET_IP_);
}

/* Shrinkers wait for fences, whatever the allocation lets them do besides. */
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
