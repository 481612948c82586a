// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Two processes share fences over a Unix socket. The producer exports fences
 * and sends the descriptors. The consumer imports them and waits. The producer
 * is killed when it has signalled half of the fences. These keep their results.
 * The other fences are then signalled with -EOWNERDEAD.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <libfence/driver-fence.h>
#include <libfence/sync.h>

#define JOBS	8

struct job {
	int id;
};
LIBFENCE_PAYLOAD(job, struct job);

static int send_fd(int to, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return sendmsg(to, &msg, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

static int receive_fd(int from)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	int fd = -1;

	if (recvmsg(from, &msg, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

/* Returns only if something goes wrong. */
static int produce(int to)
{
	struct libfence_context *ctx =
		libfence_context_create("worker", "jobs", 1, NULL);
	struct job_fence *fences[JOBS];
	int i, fd;

	for (i = 0; i < JOBS; i++) {
		struct job_prep *prep = job_prepare(&(struct job){ .id = i });

		if (!ctx || !prep)
			return 1;
		fences[i] = job_commit(ctx, &prep);
		fd = libfence_export(job_fence_consumer(fences[i]), "job");
		if (fd < 0 || send_fd(to, fd))
			return 1;
		/* The consumer gets a copy of the descriptor. */
		close(fd);
	}
	for (i = 0; i < JOBS / 2; i++)
		job_fence_signal(&fences[i], i % 2 ? -EIO : 0);
	/* The other jobs take longer than this process lives. */
	for (;;)
		pause();
}

struct pending {
	struct libfence *fence;
	struct libfence_callback cb;
	/* Result of the fence, from the callback; 0 until it has run. */
	int status;
};

/* Runs on a thread of the library. It must be short. */
static void job_done(const struct libfence *fence, void *data)
{
	struct pending *p = data;

	p->status = libfence_status_racy(fence);
}

int main(void)
{
	struct pending jobs[JOBS] = { 0 };
	int s[2], i, err, status;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s))
		return 1;
	pid = fork();
	if (pid < 0)
		return 1;
	if (!pid) {
		close(s[0]);
		_exit(produce(s[1]));
	}
	close(s[1]);

	for (i = 0; i < JOBS; i++) {
		int fd = receive_fd(s[0]);

		assert(fd >= 0);
		jobs[i].fence = libfence_import(fd, &err);
		if (!jobs[i].fence) {
			fprintf(stderr, "job %d: error %d\n", i, err);
			return 1;
		}
		close(fd);
		libfence_callback_init(&jobs[i].cb, job_done, &jobs[i]);
		/* If the fence is already signalled, no callback will run. */
		if (libfence_callback_register(jobs[i].fence, &jobs[i].cb))
			jobs[i].status = libfence_status(jobs[i].fence);
	}

	for (i = 0; i < JOBS; i++) {
		/* The first half is signalled, and the second half is not. */
		if (i == JOBS / 2) {
			assert(!libfence_is_signaled(jobs[i].fence));
			kill(pid, SIGKILL);
		}
		/* No limit is needed: this ends when the producer ends. */
		err = libfence_wait(jobs[i].fence, LIBFENCE_FOREVER);
		assert(!err);
		printf("job %d: status %d\n", i, libfence_status(jobs[i].fence));
		if (i < JOBS / 2)
			assert(jobs[i].status == (i % 2 ? -EIO : 1));
		else
			assert(jobs[i].status == -EOWNERDEAD);
		libfence_callback_unregister(&jobs[i].cb);
		libfence_put(&jobs[i].fence);
	}
	if (waitpid(pid, &status, 0) != pid)
		return 1;
	assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(s[0]);
	return 0;
}
