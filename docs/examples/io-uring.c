// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Fences and io_uring, with liburing. Each fence has a poll request. A write is
 * linked to one of them, so that the kernel writes as soon as the fence is
 * signalled. Another one has a timeout.
 */
#include <assert.h>
#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <libfence/driver-fence.h>
#include <libfence/sync.h>

#define JOBS	4

/* user_data of a request: the number of the job that it polls, or these. */
enum { WRITE = JOBS, TIMEOUT, REQUESTS };

struct job {
	int id;
};
LIBFENCE_PAYLOAD(job, struct job);

static struct job_fence *fences[JOBS];
static int fds[JOBS];

static int start_job(struct libfence_context *ctx, int i)
{
	struct job_prep *prep = job_prepare(&(struct job){ .id = i });

	if (!prep)
		return -ENOMEM;
	fences[i] = job_commit(ctx, &prep);
	fds[i] = libfence_export(job_fence_consumer(fences[i]), "job");
	return fds[i] < 0 ? fds[i] : 0;
}

/* With the flag IOSQE_IO_LINK the next request starts when this one is done. */
static void poll_job(struct io_uring *ring, int i, unsigned int flags)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	io_uring_prep_poll_add(sqe, fds[i], POLLIN);
	sqe->user_data = i;
	sqe->flags |= flags;
}

/* The status of the fence of job @i, as in any other program. */
static int status_of(int i)
{
	struct libfence *fence = libfence_import(fds[i], NULL);
	int status;

	assert(fence);
	status = libfence_status(fence);
	libfence_put(&fence);
	return status;
}

/* Waits for @nr completions. The result of other requests stays 0. */
static void reap_completions(struct io_uring *ring, int results[REQUESTS],
			     int nr)
{
	struct io_uring_cqe *cqe;
	int err;

	while (nr--) {
		do
			err = io_uring_wait_cqe(ring, &cqe);
		while (err == -EINTR);
		assert(!err && cqe->user_data < REQUESTS);
		results[cqe->user_data] = cqe->res;
		io_uring_cqe_seen(ring, cqe);
	}
}

static void run_jobs(struct io_uring *ring, int to)
{
	struct __kernel_timespec ms = { .tv_nsec = 1000000 };
	int results[REQUESTS] = { 0 }, submitted;
	struct io_uring_sqe *sqe;

	poll_job(ring, 1, 0);
	poll_job(ring, 2, 0);
	/* The kernel writes "done" when job 0 is done. No thread wakes up. */
	poll_job(ring, 0, IOSQE_IO_LINK);
	sqe = io_uring_get_sqe(ring);
	io_uring_prep_write(sqe, to, "done", 4, 0);
	sqe->user_data = WRITE;
	submitted = io_uring_submit(ring);
	assert(submitted == 4);

	/* Requests complete when their fences are signalled, on any thread. */
	job_fence_signal(&fences[2], 0);
	reap_completions(ring, results, 1);
	assert(results[2] == POLLIN && status_of(2) == 1);
	job_fence_signal(&fences[0], 0);
	reap_completions(ring, results, 2);
	assert(results[0] == POLLIN && results[WRITE] == 4);
	assert(!results[1]);
	job_fence_signal(&fences[1], -EIO);
	reap_completions(ring, results, 1);
	assert(results[1] == POLLIN && status_of(1) == -EIO);

	/* The request for job 3 has a timeout of 1 ms. */
	poll_job(ring, 3, IOSQE_IO_LINK);
	sqe = io_uring_get_sqe(ring);
	io_uring_prep_link_timeout(sqe, &ms, 0);
	sqe->user_data = TIMEOUT;
	submitted = io_uring_submit(ring);
	assert(submitted == 2);
	reap_completions(ring, results, 2);
	/* The timeout has expired and has cancelled the poll request. */
	assert(results[TIMEOUT] == -ETIME && results[3] == -ECANCELED);
	assert(status_of(3) == 0);
	job_fence_signal(&fences[3], 0);
}

int main(void)
{
	struct libfence_context *ctx =
		libfence_context_create("worker", "jobs", 1, NULL);
	struct io_uring ring;
	int pipes[2], i, err;
	char text[5] = "";

	err = io_uring_queue_init(8, &ring, 0);
	if (err == -ENOSYS || err == -EPERM) {
		fprintf(stderr, "SKIPPED: io_uring is not available: %s\n",
			strerror(-err));
		return 77;
	}
	if (err || !ctx || pipe(pipes))
		return 1;
	for (i = 0; i < JOBS; i++)
		if (start_job(ctx, i))
			return 1;
	run_jobs(&ring, pipes[1]);
	if (read(pipes[0], text, 4) != 4)
		return 1;
	printf("job 0 is %s\n", text);

	for (i = 0; i < JOBS; i++)
		close(fds[i]);
	close(pipes[0]);
	close(pipes[1]);
	io_uring_queue_exit(&ring);
	libfence_context_destroy(&ctx);
	return 0;
}
