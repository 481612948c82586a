// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What another thread might do in the middle of an operation: at a poll of a
 * producer, with no lock held, which both cores do at the same places. So the links
 * of a chain, the parts of an array and the list of a reservation object change
 * under whoever goes over them.
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

/* One that has the lock keeps others out. */
static void change(struct dma_resv *obj, struct dma_fence *fence)
{
	int ret;

	if (!dma_resv_trylock(obj)) {
		say(" locked");
		return;
	}
	/* Nothing may be where the old list was: see resv.c. */
	keep_freed(true);
	/* An iteration of ours leaves the old list at once, the kernel's a fence later. */
	polls_count = false;
	ret = dma_resv_reserve_fences(obj, kind == ADD ? 1 : 1 + where);
	say(" ret=%d", ret);
	/* Of a usage that everybody asks for. */
	if (!ret && kind == ADD)
		dma_resv_add_fence(obj, fence, DMA_RESV_USAGE_KERNEL);
	dma_resv_unlock(obj);
}

void meanwhile(void)
{
	struct slot *slot = pick(what);
	struct dma_fence *fence, *prev;

	if (!armed || lfshim_tls.irq_depth || !slot)
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

/* After each operation. */
void meanwhile_end(void)
{
	polls_count = true;
	if (!cursor_open)
		keep_freed(false);
}
