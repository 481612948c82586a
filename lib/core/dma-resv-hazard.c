// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Where the cursors of unlocked iterations are.
 *
 * Readers that took references would pass the fences' counters from CPU to CPU.
 * A cursor writes its fence into a place instead, and borrows the reference of
 * the list that the fence is in. Who puts that reference gives each cursor on
 * the fence one of its own, just before. So a cursor may stay on a fence for as
 * long as it likes, and sleep, without a lock and outside of RCU.
 *
 * P1  A place is NULL, and free; or a fence; or a fence and OWNED, and has a
 *     reference. NULL to a fence: who takes the place. To OWNED: who hands over
 *     a reference. All else: who has the place.
 * P2  A fence is written first, and then looked for in its slot. It is taken
 *     out of its slot first, and then looked for in the places. One of the two
 *     sees the other.
 * P3  Who hands over has a reference, and so can take another one. It may be
 *     for a cursor that does not need it, since it has not found the fence in
 *     its slot, or has it from another list. That one puts it, as any other.
 * P4  A fence that is in a place without OWNED, and in no list, is a reader's
 *     under RCU, who is about to find that out.
 *
 * The places of a CPU are one cache line. A cursor takes one of the CPU that it
 * begins on, where others do not come by, and keeps it wherever it is moved to.
 * There is no lock, so that interrupts may iterate, too. Where all places are
 * taken, the cursor takes a reference.
 */

#include <linux/percpu.h>

#include "dma-resv-hazard.h"

#define NR_HAZARDS	8

struct resv_hazards {
	struct dma_fence *slot[NR_HAZARDS];
};

static DEFINE_PER_CPU_ALIGNED(struct resv_hazards, resv_hazards);

/* Under RCU: a place with @fence in it, which need not be alive; or NULL. */
struct dma_fence **resv_hazard_take(struct dma_fence *fence)
{
	struct resv_hazards *here = raw_cpu_ptr(&resv_hazards);
	unsigned int i;

	for (i = 0; i < NR_HAZARDS; i++) {
		/* Full barrier: see resv_hazard_hand_over(). */
		if (!READ_ONCE(here->slot[i]) &&
		    !cmpxchg(&here->slot[i], NULL, fence))
			return &here->slot[i];
	}
	return NULL;
}

static bool is_one_of(struct dma_fence *fence, struct dma_fence **slots,
		      unsigned int num)
{
	while (num--)
		if (slot_fence(slots[num]) == fence)
			return true;
	return false;
}

/*
 * What was in these slots is taken out of the list, which is about to put its
 * references: the cursors that are on it get some of their own.
 */
void resv_hazard_hand_over(struct dma_fence **gone, unsigned int num)
{
	struct dma_fence *fence, *owned, **hazard;
	unsigned int cpu, i;

	if (!num)
		return;
	/*
	 * Pairs with the full barrier in resv_hazard_take() and _change(): the
	 * reader does not find the fence in its slot, or is found here (P2).
	 */
	smp_mb();
	for_each_possible_cpu(cpu) {
		for (i = 0; i < NR_HAZARDS; i++) {
			hazard = &per_cpu_ptr(&resv_hazards, cpu)->slot[i];
			/*
			 * Acquire: pairs with resv_hazard_change(). Who is not
			 * here any more is done with the fence.
			 */
			fence = smp_load_acquire(hazard);
			if (!fence || !is_one_of(fence, gone, num))
				continue;
			dma_fence_get(fence);
			owned = (struct dma_fence *)((unsigned long)fence |
						     RESV_HAZARD_OWNED);
			/* Pairs with resv_hazard_change(): one is first. */
			if (cmpxchg(hazard, fence, owned) != fence)
				dma_fence_put(fence);
		}
	}
}
