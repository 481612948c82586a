// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The queues that vk-queue.h declares. vk-test.c tests them. */
#include "vk-queue.h"
#include <assert.h>
#include <libfence/several.h>
#include <stdlib.h>

struct submission {
	struct libfence_work work;
	struct submission *next;
	struct queue *queue;
	struct job_prep *prep;
	struct job_fence *fence;
	/* The waits are its own: the fence of a binary semaphore is moved to one of them. */
	struct lf_sync_wait waits[QUEUE_MOST];
	struct lf_sync moved[QUEUE_MOST];
	struct lf_sync_wait signals[QUEUE_MOST];
	struct lf_point *points[QUEUE_MOST];
	uint32_t n_waits, n_moved, n_signals;
	struct libfence **fences;	/* what it waits for */
	size_t n_fences;
};

/* The executor of the device. It runs on the thread that signals a fence. */
static void device_post(struct libfence_work *work, void *executor)
{
	struct device *device = executor;

	work->next = NULL;
	pthread_mutex_lock(&device->lock);
	*device->last = work;
	device->last = &work->next;
	pthread_cond_signal(&device->posted);
	pthread_mutex_unlock(&device->lock);
}

static void *device_thread(void *arg)
{
	struct device *device = arg;
	struct libfence_work *work;

	pthread_mutex_lock(&device->lock);
	while (device->first || !device->stop) {
		work = device->first;
		if (!work) {
			pthread_cond_wait(&device->posted, &device->lock);
			continue;
		}
		device->first = work->next;
		if (!device->first)
			device->last = &device->first;
		pthread_mutex_unlock(&device->lock);
		libfence_work_run(work);
		pthread_mutex_lock(&device->lock);
	}
	pthread_mutex_unlock(&device->lock);
	return NULL;
}

static void submission_free(struct submission *s)
{
	uint32_t i;

	for (i = 0; i < s->n_moved; i++)
		lf_sync_finish(&s->moved[i]);
	for (i = 0; i < s->n_signals; i++)
		free(s->points[i]);
	while (s->n_fences)
		libfence_put(&s->fences[--s->n_fences]);
	free(s->fences);
	job_prep_free(&s->prep);
	free(s);
}

/* All waits are over: do the job. If one of them failed, so does the submission. */
static void execute(const struct libfence *fence, void *data)
{
	struct submission *s = data;
	struct job *job = job_fence_payload(s->fence);
	int result = 0;
	size_t i;

	(void)fence;
	for (i = 0; i < s->n_fences && !result; i++)
		if (libfence_status(s->fences[i]) < 0)
			result = libfence_status(s->fences[i]);
	if (!result)
		result = job->run(job->arg);
	job_fence_signal(&s->fence, result);
	submission_free(s);
}

/*
 * Give a submission its fence. All memory was allocated before, except for the fences
 * that are waited for: without memory for those, the submission fails.
 */
static void flush(struct queue *queue, struct submission *s)
{
	struct libfence *ready = NULL;
	int err = lf_sync_wait_many(s->n_waits, s->waits, LF_SYNC_WAIT_PENDING, UINT64_MAX);
	uint32_t i;

	for (i = 0; i < s->n_waits && !err; i++)
		err = lf_sync_collect(s->waits[i].sync, s->waits[i].value, &s->fences,
				      &s->n_fences);
	if (!err) {
		if (queue->latest)	/* lf_sync_collect() leaves room for one */
			s->fences[s->n_fences++] = libfence_get(queue->latest);
		ready = libfence_merge(s->fences, s->n_fences);
		err = ready ? 0 : -ENOMEM;
	}
	s->fence = job_commit(queue->ctx, &s->prep);
	for (i = 0; i < s->n_signals; i++) {
		lf_sync_submit(s->signals[i].sync, s->points[i], job_fence_get(s->fence));
		s->points[i] = NULL;
	}
	libfence_put(&queue->latest);
	queue->latest = job_fence_get(s->fence);
	if (err) {
		job_fence_signal(&s->fence, err);
		submission_free(s);
		return;
	}
	libfence_work_init(&s->work, execute, s, device_post, queue->device);
	err = libfence_work_register(ready, &s->work);
	assert(!err);
	libfence_put(&ready);
}

static void *queue_thread(void *arg)
{
	struct queue *queue = arg;
	struct submission *s;

	pthread_mutex_lock(&queue->lock);
	while (queue->first || !queue->stop) {
		s = queue->first;
		if (!s) {
			pthread_cond_wait(&queue->submitted, &queue->lock);
			continue;
		}
		queue->first = s->next;
		if (!queue->first)
			queue->last = &queue->first;
		pthread_mutex_unlock(&queue->lock);
		flush(queue, s);
		pthread_mutex_lock(&queue->lock);
	}
	pthread_mutex_unlock(&queue->lock);
	return NULL;
}

/* Make room for all that the submission needs until it is executed. */
static struct submission *submission_alloc(const struct job *job, uint32_t n_signals,
					   const struct lf_sync_wait *signals)
{
	struct submission *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->prep = job_prepare(job);
	s->fences = calloc(1, sizeof(struct libfence *));
	for (; s->n_signals < n_signals; s->n_signals++) {
		s->signals[s->n_signals] = signals[s->n_signals];
		s->points[s->n_signals] = calloc(1, sizeof(struct lf_point));
		if (!s->points[s->n_signals])
			break;
		s->points[s->n_signals]->value = signals[s->n_signals].value;
	}
	if (s->prep && s->fences && s->n_signals == n_signals)
		return s;
	submission_free(s);
	return NULL;
}

int queue_submit(struct queue *queue, struct job job, uint32_t n_waits,
		 const struct lf_sync_wait *waits, uint32_t n_signals,
		 const struct lf_sync_wait *signals)
{
	struct submission *s = submission_alloc(&job, n_signals, signals);
	int err = s ? 0 : -ENOMEM;
	uint32_t i;

	assert(n_waits <= QUEUE_MOST && n_signals <= QUEUE_MOST);
	for (i = 0; i < n_waits && !err; i++) {
		s->waits[i] = waits[i];
		if (waits[i].value != QUEUE_BINARY)
			continue;
		err = lf_sync_init(&queue->device->base, &s->moved[s->n_moved], 0, 0);
		if (err)
			break;
		s->waits[i].sync = &s->moved[s->n_moved++];
		err = lf_sync_wait(waits[i].sync, 0, LF_SYNC_WAIT_PENDING, UINT64_MAX);
		if (!err)
			err = lf_sync_move(s->waits[i].sync, waits[i].sync);
	}
	if (err) {
		if (s)
			submission_free(s);
		return err;
	}
	s->n_waits = n_waits;
	pthread_mutex_lock(&queue->lock);
	*queue->last = s;
	queue->last = &s->next;
	pthread_cond_signal(&queue->submitted);
	pthread_mutex_unlock(&queue->lock);
	return 0;
}

void device_init(struct device *device)
{
	*device = (struct device){ .last = &device->first };
	device->base.ctx = libfence_context_create("vk-sync", "submissions", 1, NULL);
	pthread_mutex_init(&device->lock, NULL);
	pthread_cond_init(&device->posted, NULL);
	assert(device->base.ctx);
	assert(!pthread_create(&device->thread, NULL, device_thread, device));
}

void queue_init(struct queue *queue, struct device *device, const char *name)
{
	*queue = (struct queue){ .device = device, .last = &queue->first };
	queue->ctx = libfence_context_create("vk-sync", name, 1, NULL);
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->submitted, NULL);
	assert(queue->ctx);
	assert(!pthread_create(&queue->thread, NULL, queue_thread, queue));
}

void queue_finish(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->stop = true;
	pthread_cond_signal(&queue->submitted);
	pthread_mutex_unlock(&queue->lock);
	pthread_join(queue->thread, NULL);
	if (queue->latest)
		assert(!libfence_wait(queue->latest, LIBFENCE_FOREVER));
	libfence_put(&queue->latest);
	libfence_context_destroy(&queue->ctx);
}

void device_finish(struct device *device)
{
	pthread_mutex_lock(&device->lock);
	device->stop = true;
	pthread_cond_signal(&device->posted);
	pthread_mutex_unlock(&device->lock);
	pthread_join(device->thread, NULL);
	libfence_context_destroy(&device->base.ctx);
}
