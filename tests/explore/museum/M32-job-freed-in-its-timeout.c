// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The timeout of a job that has finished, and the worker that frees jobs. */
#include "museum.h"

#include "sched_entity.c"
#include "sched_fence.c"
#include "sched_rq.c"
#include "sched_main.c"

int drm_syncobj_find_fence(struct drm_file *file_private, u32 handle, u64 point,
			   u64 flags, struct dma_fence **fence)
{
	return -ENOENT;
}

static struct drm_gpu_scheduler sched;
static struct drm_sched_job *job;
static struct drm_sched_fence *s_fence;
static bool is_freed;

static enum drm_gpu_sched_stat handle_timeout(struct drm_sched_job *bad)
{
	lfx_assert(READ_ONCE(bad->sched) == &sched);
	return DRM_GPU_SCHED_STAT_RESET;
}

static void free_job(struct drm_sched_job *finished)
{
	is_freed = true;
	kfree(finished);
}

static const struct drm_sched_backend_ops ops = {
	.timedout_job = handle_timeout,
	.free_job = free_job,
};

/* Only the members that the two functions use. The job has finished. */
static void make_scheduler(void)
{
	sched.ops = &ops;
	sched.timeout = MAX_SCHEDULE_TIMEOUT;
	/* Neither of the two queues work. */
	sched.pause_submit = true;
	spin_lock_init(&sched.job_list_lock);
	INIT_LIST_HEAD(&sched.pending_list);
	INIT_DELAYED_WORK(&sched.work_tdr, drm_sched_job_timedout);
	s_fence = kzalloc_obj(*s_fence);
	spin_lock_init(&s_fence->lock);
	dma_fence_init(&s_fence->finished, &museum_ops, &s_fence->lock, 1, 1);
	dma_fence_signal(&s_fence->finished);
	job = kzalloc_obj(*job);
	lfx_name(job, "job");
	job->sched = &sched;
	job->s_fence = s_fence;
	list_add(&job->list, &sched.pending_list);
}

static void time_out(void)
{
	drm_sched_job_timedout(&sched.work_tdr.work);
}

static void free_finished(void)
{
	struct drm_sched_job *finished = drm_sched_get_finished_job(&sched);

	if (finished)
		sched.ops->free_job(finished);
}

static void free_rest(void)
{
	/* A driver that has handled the timeout frees the job. */
	if (!is_freed)
		kfree(job);
	kfree(s_fence);
}

LFX_SCENARIO(timeout) = {
	.name = "m32-timeout",
	.what = "the timeout of a job that has finished against its end",
	.setup = make_scheduler,
	.threads = { { "timeout", time_out }, { "free", free_finished } },
	.check = free_rest,
};
