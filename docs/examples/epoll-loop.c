// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Fences in an event loop: a producer in another process exports its fences
 * and sends the descriptors; the loop waits for them with everything else that
 * epoll can wait for. The last job is never finished: its process ends before.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <libfence/driver-fence.h>
#include <libfence/sync.h>

#define JOBS	4

struct job {
	int id;
};
LIBFENCE_PAYLOAD(job, struct job);

static void send_fd(int to, int fd)
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
	if (sendmsg(to, &msg, 0) != 1)
		perror("sendmsg");
}

static int receive_fd(int from)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(from, &msg, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return fd;
}

/* The other process: JOBS fences, of which it signals all but one. */
static void produce(int to)
{
	struct libfence_context *ctx =
		libfence_context_create("worker", "jobs", 1, NULL);
	struct job_fence *fences[JOBS];
	int i, fd;

	for (i = 0; i < JOBS; i++) {
		struct job_prep *prep = job_prepare(&(struct job){ .id = i });
		struct libfence *fence;

		fences[i] = job_commit(ctx, &prep);
		fence = job_fence_get(fences[i]);
		fd = libfence_export(fence, "job");
		send_fd(to, fd);
		/* The receiver has its own by now. */
		close(fd);
		libfence_put(&fence);
	}
	job_fence_signal(&fences[2], 0);
	job_fence_signal(&fences[0], -EIO);
	job_fence_signal(&fences[1], 0);
	raise(SIGKILL);
}

int main(void)
{
	static const int expected[JOBS] = { -EIO, 1, 1, -EOWNERDEAD };
	int set = epoll_create1(EPOLL_CLOEXEC), fds[JOBS], s[2], i, left = JOBS;
	pid_t pid;

	if (set < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		return 1;
	pid = fork();
	if (!pid)
		produce(s[1]);
	close(s[1]);

	for (i = 0; i < JOBS; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };

		fds[i] = receive_fd(s[0]);
		assert(fds[i] >= 0);
		if (epoll_ctl(set, EPOLL_CTL_ADD, fds[i], &event))
			return 1;
	}
	while (left) {
		struct epoll_event event;
		struct libfence *fence;
		int err = 0;

		if (epoll_wait(set, &event, 1, -1) != 1)
			continue;
		i = event.data.u32;
		/* It is readable: so the fence is signalled from the start. */
		fence = libfence_import(fds[i], &err);
		if (!fence)
			return 1;
		printf("job %d: status %d\n", i, libfence_status(fence));
		assert(libfence_status(fence) == expected[i]);
		libfence_put(&fence);
		close(fds[i]);
		left--;
	}
	waitpid(pid, NULL, 0);
	return 0;
}
