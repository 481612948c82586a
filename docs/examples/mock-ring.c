// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A stand-in for a GPU: a ring that runs the jobs of the kernel's GPU scheduler,
 * and its driver. The engine is an hrtimer. It expires when the oldest job of
 * the ring has finished, and signals the job's fence in hard interrupt context.
 * One job hangs: the scheduler's timeout resets the ring, and the jobs behind
 * it go on. A job that is late because the machine is busy is no reason for that.
 *
 * The scheduler is that of a kernel tree:
 *
 *	./run kernel 7.3 example-mock-ring
 */
#include <assert.h>
#include <stdio.h>

#include <linux/device.h>
#include <linux/dma-fence.h>
#include <linux/hrtimer.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <drm/gpu_scheduler.h>

#define NR_JOBS		24
#define HANGING_JOB	9
#define JOB_US		500
/* How many jobs fit into the ring. */
#define RING_JOBS	4
#define TIMEOUT_MS	50

struct ring {
	struct drm_gpu_scheduler sched;
	/* Protects the list, and is the lock of the hardware's fences. */
	spinlock_t lock;
	/* The fences of the jobs in the ring, the oldest first. */
	struct list_head jobs;
	struct hrtimer engine;
	u64 context;
	u32 seqno;
	unsigned int nr_resets;
	/* The jobs that free_job() has freed, and a thread that counts on it. */
	atomic_t nr_freed;
	wait_queue_head_t idle;
};

/* The hardware's fence. The job, the ring and the scheduler have references. */
struct ring_fence {
	struct dma_fence base;
	struct list_head node;
	bool hangs;
};

struct ring_job {
	struct drm_sched_job base;
	/* Allocated at submission: run_job() must not wait for memory. */
	struct ring_fence *fence;
};

static const char *ring_name(struct dma_fence *fence)
{
	return "mock-ring";
}

static const struct dma_fence_ops ring_fence_ops = {
	.get_driver_name = ring_name,
	.get_timeline_name = ring_name,
};

static struct ring *to_ring(struct drm_gpu_scheduler *sched)
{
	return container_of(sched, struct ring, sched);
}

static struct ring_job *to_ring_job(struct drm_sched_job *job)
{
	return container_of(job, struct ring_job, base);
}

/* The oldest job in the ring, or NULL. Called with the lock held. */
static struct ring_fence *ring_first(struct ring *ring)
{
	return list_first_entry_or_null(&ring->jobs, struct ring_fence, node);
}

/* The job has left the ring. Called with the lock held. */
static void ring_finish(struct ring_fence *fence, int error)
{
	list_del(&fence->node);
	if (error)
		dma_fence_set_error(&fence->base, error);
	dma_fence_signal_locked(&fence->base);
	dma_fence_put(&fence->base);
}

/* The interrupt: the oldest job has finished, unless it hangs. */
static enum hrtimer_restart ring_interrupt(struct hrtimer *timer)
{
	struct ring *ring = container_of(timer, struct ring, engine);
	struct ring_fence *fence;
	bool more = false;

	spin_lock(&ring->lock);
	fence = ring_first(ring);
	if (fence && !fence->hangs) {
		ring_finish(fence, 0);
		more = ring_first(ring);
	}
	spin_unlock(&ring->lock);
	if (!more)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, us_to_ktime(JOB_US));
	return HRTIMER_RESTART;
}

/* Called with the lock held. */
static void ring_start_engine(struct ring *ring)
{
	hrtimer_start(&ring->engine, us_to_ktime(JOB_US), HRTIMER_MODE_REL);
}

static struct dma_fence *ring_run_job(struct drm_sched_job *sched_job)
{
	struct ring *ring = to_ring(sched_job->sched);
	struct ring_fence *fence = to_ring_job(sched_job)->fence;

	spin_lock_irq(&ring->lock);
	dma_fence_init(&fence->base, &ring_fence_ops, &ring->lock,
		       ring->context, ++ring->seqno);
	dma_fence_get(&fence->base);
	if (!ring_first(ring))
		ring_start_engine(ring);
	list_add_tail(&fence->node, &ring->jobs);
	spin_unlock_irq(&ring->lock);
	return dma_fence_get(&fence->base);
}

/* The oldest job hangs: it fails, and the engine goes on with the next one. */
static enum drm_gpu_sched_stat ring_timed_out(struct drm_sched_job *sched_job)
{
	struct ring *ring = to_ring(sched_job->sched);
	struct ring_fence *fence;
	struct ring_job *job;
	bool hangs;

	/* A driver of real hardware asks it if it has made progress. */
	spin_lock_irq(&ring->lock);
	fence = ring_first(ring);
	hangs = fence && fence->hangs;
	spin_unlock_irq(&ring->lock);
	if (!hangs)
		return DRM_GPU_SCHED_STAT_NO_HANG;
	drm_sched_stop(&ring->sched, sched_job);
	hrtimer_cancel(&ring->engine);
	spin_lock_irq(&ring->lock);
	dev_info(ring->sched.dev, "reset, job %llu hangs\n",
		 fence->base.seqno);
	ring_finish(fence, -ETIMEDOUT);
	ring->nr_resets++;
	if (ring_first(ring))
		ring_start_engine(ring);
	spin_unlock_irq(&ring->lock);
	/* The scheduler has dropped its references to the hardware's fences. */
	list_for_each_entry(job, &ring->sched.pending_list, base.list)
		job->base.s_fence->parent = dma_fence_get(&job->fence->base);
	drm_sched_start(&ring->sched, 0);
	return DRM_GPU_SCHED_STAT_RESET;
}

static void ring_free_job(struct drm_sched_job *sched_job)
{
	struct ring_job *job = to_ring_job(sched_job);
	struct ring *ring = to_ring(sched_job->sched);

	dma_fence_put(&job->fence->base);
	drm_sched_job_cleanup(sched_job);
	kfree(job);
	atomic_inc(&ring->nr_freed);
	wake_up_all(&ring->idle);
}

static const struct drm_sched_backend_ops ring_ops = {
	.run_job = ring_run_job,
	.timedout_job = ring_timed_out,
	.free_job = ring_free_job,
};

/*
 * Submit a job that depends on @after, or on none. The caller gets a reference
 * to the fence that is signalled when it has finished.
 */
static struct dma_fence *submit(struct drm_sched_entity *entity,
				struct dma_fence *after, bool hangs)
{
	struct ring_job *job = kzalloc_obj(*job);
	struct ring_fence *fence = kzalloc_obj(*fence);
	struct dma_fence *finished;
	int err;

	assert(job && fence);
	err = drm_sched_job_init(&job->base, entity, 1, NULL, 0);
	assert(!err);
	fence->hangs = hangs;
	job->fence = fence;
	if (after)
		err = drm_sched_job_add_dependency(&job->base,
						   dma_fence_get(after));
	assert(!err);
	drm_sched_job_arm(&job->base);
	/* The job may be gone as soon as it is pushed. */
	finished = dma_fence_get(&job->base.s_fence->finished);
	drm_sched_entity_push_job(&job->base);
	return finished;
}

int main(void)
{
	static struct ring ring = {
		.jobs = LIST_HEAD_INIT(ring.jobs),
	};
	struct drm_gpu_scheduler *sched = &ring.sched;
	struct drm_sched_init_args args = {
		.ops = &ring_ops,
		.num_rqs = DRM_SCHED_PRIORITY_COUNT,
		.credit_limit = RING_JOBS,
		.timeout = msecs_to_jiffies(TIMEOUT_MS),
		.name = "mock-ring",
		.dev = root_device_register("gpu0"),
	};
	struct drm_sched_entity client[2];
	struct dma_fence *fence[NR_JOBS];
	long left;
	int i, err;

	assert(!IS_ERR(args.dev));
	spin_lock_init(&ring.lock);
	init_waitqueue_head(&ring.idle);
	ring.context = dma_fence_context_alloc(1);
	hrtimer_setup(&ring.engine, ring_interrupt, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	err = drm_sched_init(sched, &args);
	for (i = 0; i < 2 && !err; i++)
		err = drm_sched_entity_init(&client[i],
					    DRM_SCHED_PRIORITY_NORMAL, &sched,
					    1, NULL);
	assert(!err);

	/* Two clients; each third job waits for the one before it. */
	for (i = 0; i < NR_JOBS; i++)
		fence[i] = submit(&client[i % 2],
				  i % 3 == 2 ? fence[i - 1] : NULL,
				  i == HANGING_JOB);
	for (i = 0; i < NR_JOBS; i++) {
		left = dma_fence_wait_timeout(fence[i], false, 10 * HZ);
		assert(left > 0);
		err = dma_fence_get_status(fence[i]);
		assert(err == (i == HANGING_JOB ? -ETIMEDOUT : 1));
		dma_fence_put(fence[i]);
	}

	/* A job is freed after its fence, and before the scheduler ends. */
	wait_event(ring.idle, atomic_read(&ring.nr_freed) == NR_JOBS);
	for (i = 0; i < 2; i++)
		drm_sched_entity_destroy(&client[i]);
	drm_sched_fini(sched);
	hrtimer_cancel(&ring.engine);
	printf("%d jobs, %u reset\n", NR_JOBS, ring.nr_resets);
	assert(ring.nr_resets == 1);
	root_device_unregister(args.dev);
	return 0;
}
