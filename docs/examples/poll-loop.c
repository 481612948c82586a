// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * An event loop with poll(), as programs with libuv, GLib or a loop of their own
 * have one: other threads hand it work and write to an eventfd. The work of a
 * hundred fences runs on the thread of the loop. One more fence adds to an
 * eventfd directly, and ends the loop.
 */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <libfence/driver-fence.h>
#include <libfence/event-loop.h>

#define JOBS	100

struct job {
	int id;
};
LIBFENCE_PAYLOAD(job, struct job);

struct loop {
	/* Protects the queue, and nothing else is done under it. */
	pthread_mutex_t lock;
	struct libfence_work *first, **last;
	int wakeup;
	int done, failed;
};

/* The executor. It runs on the thread that signals a fence. */
static void loop_post(struct libfence_work *work, void *executor)
{
	struct loop *loop = executor;

	work->next = NULL;
	pthread_mutex_lock(&loop->lock);
	*loop->last = work;
	loop->last = &work->next;
	pthread_mutex_unlock(&loop->lock);
	eventfd_write(loop->wakeup, 1);
}

static void loop_run_work(struct loop *loop)
{
	struct libfence_work *work, *next;
	eventfd_t unused;

	eventfd_read(loop->wakeup, &unused);
	pthread_mutex_lock(&loop->lock);
	work = loop->first;
	loop->first = NULL;
	loop->last = &loop->first;
	pthread_mutex_unlock(&loop->lock);
	for (; work; work = next) {
		/* The function may reuse or free the work. */
		next = work->next;
		libfence_work_run(work);
	}
}

/* Runs on the thread of the loop. */
static void job_done(const struct libfence *fence, void *data)
{
	struct loop *loop = data;

	loop->done++;
	loop->failed += libfence_status(fence) < 0;
}

static struct job_fence *fences[JOBS + 1];

static void *worker_thread(void *unused)
{
	int i;

	(void)unused;
	for (i = 0; i <= JOBS; i++)
		job_fence_signal(&fences[i], i % 10 ? 0 : -EIO);
	return NULL;
}

int main(void)
{
	struct libfence_context *ctx =
		libfence_context_create("worker", "jobs", 1, NULL);
	struct loop loop = { .lock = PTHREAD_MUTEX_INITIALIZER,
			     .last = &loop.first };
	struct libfence_work works[JOBS];
	struct libfence_eventfd *finished;
	struct libfence_callback end;
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	pthread_t thread;
	int i, err;

	loop.wakeup = fds[0].fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	fds[1].fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	finished = libfence_eventfd_create(fds[1].fd, &err);
	if (!ctx || !finished)
		return 1;
	for (i = 0; i <= JOBS; i++) {
		struct job_prep *prep = job_prepare(&(struct job){ .id = i });

		if (!prep)
			return 1;
		fences[i] = job_commit(ctx, &prep);
		if (i == JOBS)
			break;
		libfence_work_init(&works[i], job_done, &loop, loop_post, &loop);
		err = libfence_work_register(job_fence_consumer(fences[i]),
					     &works[i]);
		assert(!err);
	}
	err = libfence_eventfd_register(job_fence_consumer(fences[JOBS]), &end,
					finished);
	assert(!err);
	if (pthread_create(&thread, NULL, worker_thread, NULL))
		return 1;

	while (!(fds[1].revents & POLLIN)) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return 1;
		if (fds[0].revents & POLLIN)
			loop_run_work(&loop);
	}
	pthread_join(thread, NULL);
	/* Work may have been posted after the last call. */
	loop_run_work(&loop);
	printf("%d jobs, %d failed\n", loop.done, loop.failed);
	assert(loop.done == JOBS && loop.failed == JOBS / 10);

	libfence_callback_unregister(&end);
	libfence_eventfd_destroy(&finished);
	close(fds[0].fd);
	close(fds[1].fd);
	libfence_context_destroy(&ctx);
	return 0;
}
