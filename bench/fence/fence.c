// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The fences that the lanes work on. */

#include "engine/base.h"
#include "engine/lane.h"
#include "fence/fence.h"

static const char *bench_fence_name(struct dma_fence *fence)
{
	return "bench";
}

static bool bench_fence_not_done(struct dma_fence *fence)
{
	return false;
}

const struct dma_fence_ops bench_fence_ops = {
	.get_driver_name = bench_fence_name,
	.get_timeline_name = bench_fence_name,
};

const struct dma_fence_ops bench_fence_asking_ops = {
	.get_driver_name = bench_fence_name,
	.get_timeline_name = bench_fence_name,
	.signaled = bench_fence_not_done,
};

#ifdef BENCH_NO_OWN_LOCKS
struct bench_lock bench_locks[NR_LOCKS];

void bench_fence_start(void)
{
	int i;

	for (i = 0; i < NR_LOCKS; i++)
		spin_lock_init(&bench_locks[i].lock);
}
#else
void bench_fence_start(void)
{
}
#endif

void check_fence(struct lane *l, struct dma_fence *f, bool signalled)
{
	if (kref_read(&f->refcount) != 1)
		wrong("%s: %u references are left instead of 1", l->name,
		      kref_read(&f->refcount));
	if (dma_fence_is_signaled(f) != signalled)
		wrong("%s: the fence is %ssignalled", l->name,
		      signalled ? "not " : "");
}
