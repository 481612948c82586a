/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Helpers for descriptors: counting them, and asking whether one is readable.
 */
#ifndef TESTS_SYNC_FILE_HELPERS_H
#define TESTS_SYNC_FILE_HELPERS_H

/* <sys/wait.h> comes first: it breaks with the kernel header's macros. */
#include <sys/wait.h>
#include "mock.h"
#include "../compat/helpers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/file.h>
#include <linux/sync_file.h>
#include <libfence/dma-fence.h>
#include <libfence/sync.h>

static inline const struct libfence *plain(struct dma_fence *fence)
{
	return libfence_borrow_dma_fence(fence);
}

/*
 * True for a directory of descriptors. A thread of the library may have one open
 * for a moment.
 */
static inline bool is_listing(int fd)
{
	char path[64], link[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link));
	return n > 9 && !memcmp(link, "/proc/", 6) &&
	       !memcmp(link + n - 3, "/fd", 3);
}

/*
 * The process's open descriptors, without those that counting needs. Valgrind's
 * own are above the limit, and a child has another number of them.
 */
static inline int count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct rlimit limit;
	struct dirent *d;
	unsigned long fd;
	int n = 0;

	assert_non_null(dir);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	while ((d = readdir(dir))) {
		fd = strtoul(d->d_name, NULL, 10);
		n += d->d_name[0] != '.' && fd < limit.rlim_cur &&
		     !is_listing(fd);
	}
	closedir(dir);
	return n;
}

/* The descriptor limit that leaves @room numbers free. */
static inline rlim_t limit_for(int room)
{
	int limit = 0;

	while (room) {
		room -= fcntl(limit, F_GETFD) < 0 || is_listing(limit);
		limit++;
	}
	return limit;
}

/* The threads that wait for imported descriptors. They name themselves. */
static inline int watch_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	char path[300], name[32];
	struct dirent *d;
	int n = 0;
	FILE *f;

	assert_non_null(dir);
	while ((d = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm",
			 d->d_name);
		f = d->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (!f)
			continue;
		n += fgets(name, sizeof(name), f) &&
		     !strcmp(name, "lfshim-watch\n");
		fclose(f);
	}
	closedir(dir);
	return n;
}

/*
 * The open descriptors without the pipes of the threads above, each of which has one.
 * How many threads there are depends on the load: one more starts if all of them are off
 * the CPU after a result.
 */
static inline int count_fds_but_scratch(void)
{
	return count_fds() - 2 * watch_threads();
}

/*
 * The library's threads do what is left to do after a fence is signalled, and then sleep.
 * Twice, since a thread sleeps for a moment while it waits for a page.
 */
static inline bool threads_are_idle(void)
{
	return eventually(test_others_sleep() &&
			  (usleep_range(1000, 1100), test_others_sleep()));
}

/* The events that poll() reports for @fd. */
static inline int poll_events(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0 ? p.revents : 0;
}

static inline bool epoll_readable(int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	int set = epoll_create1(0);
	bool readable;

	assert_true(set >= 0);
	assert_int_equal(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event), 0);
	readable = epoll_wait(set, &event, 1, 0) == 1;
	close(set);
	return readable;
}

static inline bool select_readable(int fd)
{
	struct timeval now = { 0 };
	fd_set fds;

	FD_ZERO(&fds);
	FD_SET(fd, &fds);
	return select(fd + 1, &fds, NULL, NULL, &now) == 1;
}

/*
 * poll(), select() and epoll agree. Another thread or process may make the
 * descriptor readable between the calls; then the later calls report it.
 */
static inline bool readable(int fd)
{
	bool epolled = epoll_readable(fd);
	bool selected = fd < FD_SETSIZE ? select_readable(fd) : epolled;
	bool polled = poll_events(fd) & POLLIN;

	assert_true(selected >= epolled);
	assert_true(polled >= selected);
	if (polled && !epolled) {
		assert_true(epoll_readable(fd));
		assert_true(fd >= FD_SETSIZE || select_readable(fd));
	}
	return polled;
}

/*
 * A flush waits for a tenth of a second for descriptors to be closed. The thread that
 * closes them may be off the CPU for longer.
 */
static inline void flush_and_close(void)
{
	ktime_t begin;
	int tries = 6;

	do {
		begin = ktime_get();
		flush_delayed_fput();
	} while (ktime_get() - begin > 90 * NSEC_PER_MSEC && --tries);
}

/*
 * Release the files of closed descriptors, and the fences that those release.
 * The flushes are needed as well: the library's copies of imported descriptors
 * are closed by other threads, and the RCU thread may have found some of the files
 * just before.
 */
static inline void settle(void)
{
	flush_and_close();
	libfence_sync_reap();
	flush_and_close();
	rcu_barrier();
}

/* Send a descriptor over a socket, as programs do. */
static inline void send_fd(int to, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = "";
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
	assert_int_equal(sendmsg(to, &msg, 0), 1);
}

static inline int receive_fd(int from)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
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

/*
 * Make the library open the descriptors and start the threads that it keeps, so
 * that counts are stable.
 */
static inline void warm_up(void)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL);
	struct sync_file *s = sync_file_create(fence);

	assert_non_null(s);
	fput(s->file);

	assert_true(fd >= 0);
	close(fd);
	dma_fence_signal(fence);
	dma_fence_put(fence);
	settle();
}

#endif
