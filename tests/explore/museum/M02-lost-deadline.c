// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A job gets its hardware fence while a consumer sets a deadline. */
#include "museum.h"

#include "sched_fence.c"

static struct drm_gpu_scheduler sched;
static struct drm_sched_rq rq = { .sched = &sched };
static struct drm_sched_entity entity = { .rq = &rq, .fence_context = 1 };
static struct drm_sched_fence *job;
static struct dma_fence *hardware;
static bool is_told;

static void take_deadline(struct dma_fence *fence, ktime_t deadline)
{
	WRITE_ONCE(is_told, true);
}

static const struct dma_fence_ops hardware_ops = {
	.get_driver_name = museum_get_name,
	.get_timeline_name = museum_get_name,
	.set_deadline = take_deadline,
};

static void make_job(void)
{
	drm_sched_fence_slab_init();
	job = drm_sched_fence_alloc(&entity, NULL, 0);
	drm_sched_fence_init(job, &entity);
	lfx_name(job, "job");
	hardware = museum_fence_ops("hardware", &hardware_ops, NULL, 3, 1);
}

static void run_job(void)
{
	drm_sched_fence_scheduled(job, hardware);
}

static void set_deadline(void)
{
	dma_fence_set_deadline(&job->finished, 1);
}

static void check_told(void)
{
	lfx_assert(is_told);
	dma_fence_signal(hardware);
	dma_fence_signal(&job->finished);
	dma_fence_put(hardware);
	dma_fence_put(&job->finished);
	drm_sched_fence_slab_fini();
}

LFX_SCENARIO(deadline) = {
	.name = "m02-deadline",
	.what = "a job is scheduled against set_deadline() of its fence",
	.setup = make_job,
	.threads = { { "worker", run_job }, { "consumer", set_deadline } },
	.check = check_told,
	.stale = 1,
};

LFX_SCENARIO(deadline_in_order) = {
	.name = "m02-deadline-in-order",
	.what = "the same without weak memory",
	.setup = make_job,
	.threads = { { "worker", run_job }, { "consumer", set_deadline } },
	.check = check_told,
};
