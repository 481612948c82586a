/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Pipes, and hosts that refuse a call, for host-fds.c and host-pipes.c. */
#ifndef TESTS_COMPAT_HOST_FDS_H
#define TESTS_COMPAT_HOST_FDS_H

#include "helpers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/fd.h"

/* The value of errno before a call that must not change it. */
#define MARK	77

static inline void make_pipe(int fds[2])
{
	uint64_t unused;

	assert_int_equal(lfhost_fd_pipe(fds, &unused), 0);
}

static inline void close_pipe(int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

static inline int bytes_in(int fd)
{
	int n = -1;

	return ioctl(fd, FIONREAD, &n) ? -errno : n;
}

/* A pipe that has a name, and so is in a file system. */
static inline int open_fifo(void)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "/tmp/libfence-host-fds-%d", getpid());
	assert_int_equal(mkfifo(name, 0600), 0);
	fd = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	unlink(name);
	assert_true(fd >= 0);
	return fd;
}

/* The lowest number that is free. If it has not changed, nothing was opened. */
static inline int next_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/* Call @fn in a child process. It returns 0, or the line that has failed. */
static inline int status_in_child(bool (*prepare)(int nr, int err), int nr,
				  int err, int (*fn)(void))
{
	int status, line;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(PATIENCE_S);
		if (prepare && !prepare(nr, err))
			_exit(98);
		line = fn();
		if (line)
			fprintf(stderr, "# in the child: line %d\n", line);
		_exit(!!line);
	}
	return pid < 0 || waitpid(pid, &status, 0) != pid ? -1 : status;
}

/* The same, in a child whose system call @nr fails with @err. */
static inline int status_with_refused(int nr, int err, int (*fn)(void))
{
	return status_in_child(test_refuse_call, nr, err, fn);
}

#endif
