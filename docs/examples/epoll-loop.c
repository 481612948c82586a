// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * An event loop that serves a thousand fences. Each fence is a descriptor in
 * one epoll set, beside any other descriptors that epoll can wait for. Another
 * thread signals the fences, in any order. Each is served once.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>
#include <libfence/driver-fence.h>
#include <libfence/sync.h>

#define JOBS	1000
/* The number of one more event: the worker has finished. */
#define FINISHED	JOBS

struct job {
	int id;
};
LIBFENCE_PAYLOAD(job, struct job);

static struct job_fence *fences[JOBS];
static int fds[JOBS], finished;

/* A fence uses two descriptors. Most processes are limited to 1024. */
static int raise_descriptor_limit(void)
{
	const rlim_t need = 2 * JOBS + 100;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	if (limit.rlim_cur >= need)
		return 0;
	limit.rlim_cur = need;
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

static int start_job(struct libfence_context *ctx, int i)
{
	struct job_prep *prep = job_prepare(&(struct job){ .id = i });

	if (!prep)
		return -ENOMEM;
	fences[i] = job_commit(ctx, &prep);
	fds[i] = libfence_export(job_fence_consumer(fences[i]), "job");
	return fds[i] < 0 ? fds[i] : 0;
}

static int add_to_epoll(int set, int fd, int id)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = id };

	return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/*
 * Signals each fence once. The multiples of a prime number give an order that
 * looks random. Every tenth job fails.
 */
static void *worker_thread(void *unused)
{
	int i, id;

	(void)unused;
	for (i = 0; i < JOBS; i++) {
		id = i * 7919 % JOBS;
		job_fence_signal(&fences[id], id % 10 ? 0 : -EIO);
	}
	if (eventfd_write(finished, 1))
		perror("eventfd_write");
	return NULL;
}

/* Called when the descriptor is readable, so the fence is signalled. */
static int serve_job(int id)
{
	struct libfence *fence = libfence_import(fds[id], NULL);
	int status;

	assert(fence);
	status = libfence_status(fence);
	libfence_put(&fence);
	/* Removes it from the epoll set: it would stay readable forever. */
	close(fds[id]);
	return status;
}

int main(void)
{
	struct libfence_context *ctx =
		libfence_context_create("worker", "jobs", 1, NULL);
	int set = epoll_create1(EPOLL_CLOEXEC), left = JOBS + 1;
	int served[JOBS] = { 0 }, failed = 0, i, n, err;
	struct epoll_event events[64];
	pthread_t thread;

	finished = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!ctx || set < 0 || finished < 0 ||
	    add_to_epoll(set, finished, FINISHED))
		return 1;
	err = raise_descriptor_limit();
	if (err) {
		fprintf(stderr, "the limit on descriptors is too low: %s\n",
			strerror(-err));
		return 1;
	}
	for (i = 0; i < JOBS; i++)
		if (start_job(ctx, i) || add_to_epoll(set, fds[i], i))
			return 1;
	if (pthread_create(&thread, NULL, worker_thread, NULL))
		return 1;

	while (left) {
		n = epoll_wait(set, events, 64, -1);
		if (n < 0 && errno != EINTR)
			return 1;
		for (i = 0; i < n; i++, left--) {
			int id = events[i].data.u32;

			if (id == FINISHED) {
				epoll_ctl(set, EPOLL_CTL_DEL, finished, NULL);
				continue;
			}
			served[id]++;
			failed += serve_job(id) == -EIO;
		}
	}
	pthread_join(thread, NULL);
	assert(epoll_wait(set, events, 64, 0) == 0);
	for (i = 0; i < JOBS; i++)
		assert(served[i] == 1);
	printf("%d jobs, %d failed\n", JOBS, failed);
	assert(failed == JOBS / 10);
	close(finished);
	close(set);
	libfence_context_destroy(&ctx);
	return 0;
}
