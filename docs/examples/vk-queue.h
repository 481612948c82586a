/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Queues like those of Vulkan, on the syncs of vk-sync.h.
 *
 * A submission waits for semaphores, does its job and signals semaphores. Each queue
 * has a thread that waits until all that a submission waits for has been submitted,
 * since a timeline may be waited for before that. Then the submission gets its fence,
 * and the semaphores get that. The device is one thread: fences hand it the
 * submissions whose waits are over, so that it never waits for one itself. The
 * submissions of one queue are executed in order.
 */
#ifndef VK_QUEUE_H
#define VK_QUEUE_H

#include <libfence/event-loop.h>
#include <pthread.h>
#include "vk-sync.h"

/* The payload of the fence of a submission. */
struct job {
	int (*run)(int arg);	/* on the thread of the device; 0 or a negative errno */
	int arg;
};
LIBFENCE_PAYLOAD(job, struct job);

struct submission;

struct device {
	struct lf_device base;
	pthread_mutex_t lock;		/* the list of work, and stop */
	pthread_cond_t posted;
	struct libfence_work *first, **last;
	bool stop;
	pthread_t thread;
};

struct queue {
	struct device *device;
	struct libfence_context *ctx;
	pthread_mutex_t lock;		/* the list of submissions, and stop */
	pthread_cond_t submitted;
	struct submission *first, **last;
	bool stop;
	struct libfence *latest;	/* of the latest submission; the thread's */
	pthread_t thread;
};

/* The most waits, and the most signals, of a submission. */
#define QUEUE_MOST	4
/* The value of a wait or a signal that is for a binary semaphore. */
#define QUEUE_BINARY	UINT64_MAX

void device_init(struct device *device);
void device_finish(struct device *device);
void queue_init(struct queue *queue, struct device *device, const char *name);
/* Ends when all that was submitted is done. */
void queue_finish(struct queue *queue);
/*
 * As vkQueueSubmit2(). Returns 0 or a negative errno. A wait takes the
 * submitted fence from a binary semaphore, which can be signalled again.
 */
int queue_submit(struct queue *queue, struct job job, uint32_t n_waits,
		 const struct lf_sync_wait *waits, uint32_t n_signals,
		 const struct lf_sync_wait *signals);

#endif
