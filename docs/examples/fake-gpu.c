// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * An imaginary GPU and its driver. The driver puts jobs into a ring. An
 * interrupt thread finds the jobs that the GPU has finished, and signals their
 * fences. One job hangs: the consumer waits with a timeout and then resets the
 * GPU. Consumers wait for the fences and register callbacks.
 */
#include <libfence/driver-fence.h>
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define RING_SIZE	16
#define NR_JOBS		200
/* One job fails, and one hangs until the GPU is reset. */
#define BAD_JOB		50
#define HANGING_JOB	120

/* The payload of a fence: the driver's data. */
struct job {
	unsigned int nr;
	/* The GPU writes it when it has finished: 1, or a negative errno. */
	atomic_int done;
	/* A consumer waits for this job. */
	atomic_bool wanted;
};

static bool job_enable_signaling(struct job *job)
{
	/* A real driver would enable the interrupt here. */
	atomic_store(&job->wanted, true);
	return true;
}

static bool job_signaled(struct job *job)
{
	/* For a job that failed, the interrupt thread signals the error. */
	return atomic_load(&job->done) == 1;
}

static const LIBFENCE_OPS(struct job) job_ops = {
	.enable_signaling = job_enable_signaling,
	.signaled = job_signaled,
};
LIBFENCE_PAYLOAD_OPS(job, struct job, job_ops);

static struct gpu {
	struct libfence_context *ctx;
	pthread_mutex_t lock;
	pthread_cond_t work, interrupt, room;
	/* Fences of the submitted jobs, the oldest at @tail; under the lock. */
	struct job_fence *ring[RING_SIZE];
	unsigned int head, tail, next;
	bool stop, reset;
} gpu = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.work = PTHREAD_COND_INITIALIZER,
	.interrupt = PTHREAD_COND_INITIALIZER,
	.room = PTHREAD_COND_INITIALIZER,
};

/* The GPU: executes one job after the other, and raises an interrupt. */
static void *gpu_thread(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&gpu.lock);
	while (!gpu.stop || gpu.next != gpu.head) {
		struct job *job;

		if (gpu.next == gpu.head) {
			pthread_cond_wait(&gpu.work, &gpu.lock);
			continue;
		}
		job = job_fence_payload(gpu.ring[gpu.next % RING_SIZE]);
		if (job->nr == HANGING_JOB && !gpu.reset) {
			pthread_cond_wait(&gpu.work, &gpu.lock);
			continue;
		}
		gpu.next++;
		atomic_store(&job->done, job->nr == HANGING_JOB ? -ETIME :
					 job->nr == BAD_JOB ? -EIO : 1);
		pthread_cond_signal(&gpu.interrupt);
	}
	pthread_cond_signal(&gpu.interrupt);
	pthread_mutex_unlock(&gpu.lock);
	return NULL;
}

/* The interrupt: signals the finished jobs, in the order of the ring. */
static void *interrupt_thread(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&gpu.lock);
	for (;;) {
		struct job_fence *fence;
		int done;

		if (gpu.tail == gpu.next) {
			if (gpu.stop && gpu.next == gpu.head)
				break;
			pthread_cond_wait(&gpu.interrupt, &gpu.lock);
			continue;
		}
		/* Take it out of the ring: this thread is its owner now. */
		fence = job_fence_take(&gpu.ring[gpu.tail % RING_SIZE]);
		done = atomic_load(&job_fence_payload(fence)->done);
		gpu.tail++;
		pthread_cond_signal(&gpu.room);
		pthread_mutex_unlock(&gpu.lock);
		job_fence_signal(&fence, done < 0 ? done : 0);
		pthread_mutex_lock(&gpu.lock);
	}
	pthread_mutex_unlock(&gpu.lock);
	return NULL;
}

/* The driver's submission. Returns a reference to the fence of a new job. */
static struct libfence *submit(unsigned int nr)
{
	struct job_prep *prep = job_prepare(&(struct job){ .nr = nr });
	struct libfence *shared;
	struct job_fence *fence;

	if (!prep)
		return NULL;
	pthread_mutex_lock(&gpu.lock);
	/* This job has no fence yet, so waiting for other jobs is allowed. */
	while (gpu.head - gpu.tail == RING_SIZE)
		pthread_cond_wait(&gpu.room, &gpu.lock);
	{
		/* From the commit until the job is in the ring: no waiting. */
		LIBFENCE_SIGNALLING_GUARD();

		fence = job_commit(gpu.ctx, &prep);
		shared = job_fence_get(fence);
		gpu.ring[gpu.head++ % RING_SIZE] = job_fence_take(&fence);
		pthread_cond_signal(&gpu.work);
	}
	pthread_mutex_unlock(&gpu.lock);
	return shared;
}

static void gpu_reset(void)
{
	pthread_mutex_lock(&gpu.lock);
	gpu.reset = true;
	pthread_cond_signal(&gpu.work);
	pthread_mutex_unlock(&gpu.lock);
}

static atomic_uint callbacks;

static void count_callback(const struct libfence *fence, void *data)
{
	(void)fence;
	(void)data;
	atomic_fetch_add(&callbacks, 1);
}

int main(void)
{
	struct libfence_callback cbs[NR_JOBS];
	struct libfence *fences[NR_JOBS];
	unsigned int i, late = 0;
	pthread_t threads[2];
	int err;

	gpu.ctx = libfence_context_create("fake-gpu", "ring 0", 1, NULL);
	assert(gpu.ctx);
	if (pthread_create(&threads[0], NULL, gpu_thread, NULL) ||
	    pthread_create(&threads[1], NULL, interrupt_thread, NULL))
		return 1;

	for (i = 0; i < NR_JOBS; i++) {
		/* The ring is full: only a reset lets the GPU continue. */
		if (i == HANGING_JOB + RING_SIZE) {
			err = libfence_wait(fences[HANGING_JOB], 1000000);
			assert(err == -ETIMEDOUT);
			gpu_reset();
		}
		fences[i] = submit(i);
		assert(fences[i]);
		libfence_callback_init(&cbs[i], count_callback, NULL);
		if (libfence_callback_register(fences[i], &cbs[i]))
			late++;
	}
	for (i = 0; i < NR_JOBS; i++) {
		err = libfence_wait(fences[i], LIBFENCE_FOREVER);
		assert(!err);
	}

	for (i = 0; i < NR_JOBS; i++) {
		int status = libfence_status(fences[i]);

		assert(status == (i == BAD_JOB ? -EIO :
				  i == HANGING_JOB ? -ETIME : 1));
		assert(libfence_seqno(fences[i]) == i + 1);
		libfence_callback_unregister(&cbs[i]);
		libfence_put(&fences[i]);
	}
	assert(atomic_load(&callbacks) + late == NR_JOBS);
	printf("%d jobs, one with an error, one with a reset; %u were done before the callback was registered\n",
	       NR_JOBS, late);

	pthread_mutex_lock(&gpu.lock);
	gpu.stop = true;
	pthread_cond_signal(&gpu.work);
	pthread_mutex_unlock(&gpu.lock);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	libfence_context_destroy(&gpu.ctx);
	return 0;
}
