// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Fences and io_uring, by liburing: a poll request for each; a write that the
 * host makes by itself as soon as a fence is signalled; and a fence that is
 * waited for with a limit.
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

/* What a completion is of: the poll for the job of that number, or these. */
enum { WRITE = JOBS, LIMIT, REQUESTS };

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

/* With IOSQE_IO_LINK the next request depends on this one. */
static void poll_job(struct io_uring *ring, int i, unsigned int flags)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	io_uring_prep_poll_add(sqe, fds[i], POLLIN);
	sqe->user_data = i;
	sqe->flags |= flags;
}

/* Readable says that it is signalled; how it went is asked as ever. */
static int status_of(int i)
{
	struct libfence *fence = libfence_import(fds[i], NULL);
	int status;

	assert(fence);
	status = libfence_status(fence);
	libfence_put(&fence);
	return status;
}

/* Waits for as many completions. What is not complete has 0 for a result. */
static void complete(struct io_uring *ring, int results[REQUESTS], int nr)
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

static void run(struct io_uring *ring, int to)
{
	struct __kernel_timespec ms = { .tv_nsec = 1000000 };
	int results[REQUESTS] = { 0 }, submitted;
	struct io_uring_sqe *sqe;

	poll_job(ring, 1, 0);
	poll_job(ring, 2, 0);
	/* Once job 0 is done, this is written; nobody has to wake up for it. */
	poll_job(ring, 0, IOSQE_IO_LINK);
	sqe = io_uring_get_sqe(ring);
	io_uring_prep_write(sqe, to, "done", 4, 0);
	sqe->user_data = WRITE;
	submitted = io_uring_submit(ring);
	assert(submitted == 4);

	/* They complete as the fences are signalled, by whatever thread. */
	job_fence_signal(&fences[2], 0);
	complete(ring, results, 1);
	assert(results[2] == POLLIN && status_of(2) == 1);
	job_fence_signal(&fences[0], 0);
	complete(ring, results, 2);
	assert(results[0] == POLLIN && results[WRITE] == 4);
	assert(!results[1]);
	job_fence_signal(&fences[1], -EIO);
	complete(ring, results, 1);
	assert(results[1] == POLLIN && status_of(1) == -EIO);

	/* For job 3 we wait no longer than that. */
	poll_job(ring, 3, IOSQE_IO_LINK);
	sqe = io_uring_get_sqe(ring);
	io_uring_prep_link_timeout(sqe, &ms, 0);
	sqe->user_data = LIMIT;
	submitted = io_uring_submit(ring);
	assert(submitted == 2);
	complete(ring, results, 2);
	/* The limit was reached, and the request that it was for taken back. */
	assert(results[LIMIT] == -ETIME && results[3] == -ECANCELED);
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
		fprintf(stderr, "SKIPPED: the host has no io_uring for us: %s\n",
			strerror(-err));
		return 77;
	}
	if (err || !ctx || pipe(pipes))
		return 1;
	for (i = 0; i < JOBS; i++)
		if (start_job(ctx, i))
			return 1;
	run(&ring, pipes[1]);
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
