// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The actions of another thread in the middle of an operation. They come when
 * the core polls a producer without holding a lock; both cores do that at the
 * same points. So the links of a chain, the parts of an array and the list of a
 * reservation object change while the core iterates over them.
 */
#include "model.h"

enum { MEANWHILE_NOTHING, SIGNAL, ENABLE, POLL, WALK, PUT, RESERVE, ADD, NR_KINDS };

static unsigned int kind, countdown, what, where;
static bool armed;

void meanwhile_plan(const unsigned int *arg)
{
	kind = arg[0] % NR_KINDS;
	countdown = arg[1] % 4;
	what = arg[2];
	where = arg[3];
	armed = kind != MEANWHILE_NOTHING;
}

/* A trylock: the object may be locked already. */
static void change(struct dma_resv *obj, struct dma_fence *fence)
{
	int ret;

	if (!dma_resv_trylock(obj)) {
		say(" locked");
		return;
	}
	/* The memory of the old list must not be reused: see resv.c. */
	keep_freed(true);
	/*
	 * Our iteration leaves the old list at once, the kernel's one fence
	 * later.
	 */
	polls_count = false;
	ret = dma_resv_reserve_fences(obj, kind == ADD ? 1 : 1 + where);
	say(" ret=%d", ret);
	/* With a usage that every query includes. */
	if (!ret && kind == ADD)
		dma_resv_add_fence(obj, fence, DMA_RESV_USAGE_KERNEL);
	dma_resv_unlock(obj);
}

void meanwhile(void)
{
	struct slot *slot = pick(what);
	struct dma_fence *fence, *prev;

	if (!armed || lfshim_irqs_off() || !slot)
		return;
	if (countdown) {
		countdown--;
		return;
	}
	armed = false;
	say(" <meanwhile%u", kind);
	fence = dma_fence_get(slot->fence);
	switch (kind) {
	case SIGNAL:
		dma_fence_signal(fence);
		break;
	case ENABLE:
		dma_fence_enable_signaling(fence);
		break;
	case POLL:
		say(" signaled=%d", dma_fence_is_signaled(fence));
		break;
	case WALK:
		prev = dma_fence_chain_walk(dma_fence_get(fence));
		say_fence("prev", prev);
		dma_fence_put(prev);
		break;
	case PUT:
		slot_put(slot);
		break;
	case RESERVE:
	case ADD:
		change(&resvs[where % NR_RESVS], fence);
		break;
	}
	dma_fence_put(fence);
	say(">");
}

/* Called after each operation. */
void meanwhile_end(void)
{
	polls_count = true;
	if (!cursor_open)
		keep_freed(false);
}
