// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Hazard slots: the fences that the cursors of unlocked iterations are on.
 *
 * If each reader took a reference, the CPUs would pass the cache lines of the
 * fences' counters around. Instead, a cursor writes its fence into a hazard
 * slot and borrows the reference of the list that the fence is in. A writer
 * that is about to put that reference first gives each cursor on the fence a
 * reference of its own. So a cursor may stay on a fence for as long as it
 * likes, and may sleep, without a lock and outside of RCU.
 *
 * P1  A hazard slot holds NULL and is free; or a fence; or a fence and OWNED,
 *     which comes with a reference. The cursor that takes the slot changes it
 *     from NULL to a fence. The writer that hands over a reference adds OWNED.
 *     Only the cursor that has the slot makes any other change.
 * P2  A cursor stores the fence first, and then tests that it is in its list
 *     slot. A writer removes the fence from its list slot first, and then
 *     searches the hazard slots. One of the two sees the other.
 * P3  A writer that hands over has a reference, so it can take another one. It
 *     may give it to a cursor that does not need it, because the cursor has not
 *     found the fence in its list slot or has the fence from another list. That
 *     cursor puts the reference like any other.
 * P4  A fence may be in a hazard slot without OWNED and in no list. Its reader
 *     is in a read-side section and about to find that the fence was removed.
 *
 * The hazard slots of a CPU are one cache line. A cursor takes a slot of the
 * CPU on which it begins, and keeps it when its thread moves to another CPU.
 * There is no lock, so interrupts may iterate too. If all slots of the CPU are
 * taken, the cursor takes a reference.
 */

#include <linux/percpu.h>

#include "dma-resv-hazard.h"

#define NR_HAZARDS	8

struct resv_hazards {
	struct dma_fence *slot[NR_HAZARDS];
};

static DEFINE_PER_CPU_ALIGNED(struct resv_hazards, resv_hazards);

/*
 * Take a hazard slot for @fence, which may have no references left. Returns
 * NULL if there is no free slot. Under RCU.
 */
struct dma_fence **resv_hazard_take(struct dma_fence *fence)
{
	struct resv_hazards *here = raw_cpu_ptr(&resv_hazards);
	unsigned int i;

	for (i = 0; i < NR_HAZARDS; i++) {
		/*
		 * F1: full barrier. Pairs with F2 in resv_hazard_hand_over().
		 * Without it, the cursor may still find the fence in its list
		 * slot after the writer has found no cursor on it (P2).
		 */
		if (!READ_ONCE(here->slot[i]) &&
		    !cmpxchg(&here->slot[i], NULL, fence))
			return &here->slot[i];
	}
	return NULL;
}

static bool slots_contain(struct dma_fence *fence, struct dma_fence **slots,
			  unsigned int num)
{
	while (num--)
		if (slot_fence(slots[num]) == fence)
			return true;
	return false;
}

/*
 * Give each cursor that is on one of the fences in @gone its own reference. The
 * fences were removed from their list, whose references are about to be put.
 */
void resv_hazard_hand_over(struct dma_fence **gone, unsigned int num)
{
	struct dma_fence *fence, *owned, **hazard;
	unsigned int cpu, i;

	if (!num)
		return;
	/*
	 * F2: full barrier. Pairs with F1 in resv_hazard_take() and F4 in
	 * resv_hazard_change(). Without it, the hazard slots may be read before
	 * the fence is removed, and a cursor that enters meanwhile is missed
	 * (P2).
	 */
	smp_mb();
	for_each_possible_cpu(cpu) {
		for (i = 0; i < NR_HAZARDS; i++) {
			hazard = &per_cpu_ptr(&resv_hazards, cpu)->slot[i];
			/*
			 * A1: acquire. Pairs with F4 in resv_hazard_change().
			 * Without it, a fence may be released while a cursor
			 * that has left it is still reading it.
			 */
			fence = smp_load_acquire(hazard);
			if (!fence || !slots_contain(fence, gone, num))
				continue;
			dma_fence_get(fence);
			owned = (struct dma_fence *)((unsigned long)fence |
						     RESV_HAZARD_OWNED);
			/*
			 * F3: full barrier. Pairs with F4 in
			 * resv_hazard_change(). Without it, the cursor may put
			 * the reference before it was taken here.
			 */
			if (cmpxchg(hazard, fence, owned) == fence)
				continue;
			/*
			 * A2: acquire. Pairs with F4 in resv_hazard_change(). A
			 * cmpxchg() that has failed orders nothing. Without it,
			 * the fence may be released while the cursor that has
			 * left it is still reading it.
			 */
			smp_rmb();
			dma_fence_put(fence);
		}
	}
}
