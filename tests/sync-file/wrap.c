// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Descriptors of other types, wrapped as fences on request. */

#include "helpers.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

static struct libfence *wrap(int fd)
{
	int err = 0;
	struct libfence *f = libfence_wrap_fd(fd, &err);

	if (!f)
		fail_msg("wrap: error %d", err);
	assert_false(libfence_is_signaled_racy(f) && libfence_status(f) != 1);
	return f;
}

/* The fence ends with @status. Closes @fd. */
static void assert_ends(struct libfence *f, int fd, int status)
{
	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	assert_int_equal(libfence_status(f), status);
	assert_true(libfence_timestamp(f) <= ktime_get());
	libfence_put(&f);
	close(fd);
}

static void assert_waits(const struct libfence *f)
{
	assert_int_equal(libfence_wait(f, 10 * NSEC_PER_MSEC), -ETIMEDOUT);
}

static void an_eventfd(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC), err;
	struct libfence *f = wrap(fd), *g = wrap(fd);
	uint64_t value = 3;

	/* Importing refuses it, so nobody wraps by accident. */
	assert_null(libfence_import(fd, &err));
	assert_int_equal(err, -EINVAL);
	assert_waits(f);
	assert_int_equal(write(fd, &value, 8), 8);
	assert_int_equal(libfence_wait(g, PATIENCE_S * NSEC_PER_SEC), 0);
	libfence_put(&g);
	/* Waiting consumes nothing: the value can still be read. */
	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	assert_int_equal(read(fd, &value, 8), 8);
	assert_int_equal(value, 3);
	assert_ends(f, fd, 1);
}

static void one_that_is_readable_already(void **state)
{
	int fd = eventfd(1, EFD_CLOEXEC);

	assert_ends(wrap(fd), fd, 1);
}

static void a_timerfd(void **state)
{
	struct itimerspec soon = { .it_value.tv_nsec = 20 * NSEC_PER_MSEC };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct libfence *f = wrap(fd);
	s64 begin = ktime_get();

	timerfd_settime(fd, 0, &soon, NULL);
	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	assert_true(libfence_timestamp(f) - begin >= 20 * NSEC_PER_MSEC);
	assert_ends(f, fd, 1);
}

static void a_process(void **state)
{
	struct libfence *f;
	pid_t pid;
	int fd;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	fd = syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return;
	}
	f = wrap(fd);
	assert_waits(f);
	kill(pid, SIGKILL);
	assert_ends(f, fd, 1);
	waitpid(pid, NULL, 0);
}

static void a_pipe(void **state)
{
	struct libfence *f;
	int p[2];

	assert_int_equal(pipe(p), 0);
	f = wrap(p[0]);
	assert_waits(f);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_ends(f, p[0], 1);
	close(p[1]);

	/* Nothing is written, and never will be. */
	assert_int_equal(pipe(p), 0);
	f = wrap(p[0]);
	close(p[1]);
	assert_ends(f, p[0], -EOWNERDEAD);

	/* The write end: reports an error when there is no reader. */
	assert_int_equal(pipe(p), 0);
	f = wrap(p[1]);
	assert_waits(f);
	close(p[0]);
	assert_ends(f, p[1], -EIO);
}

static void a_socket(void **state)
{
	struct libfence *f;
	int s[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	f = wrap(s[0]);
	assert_waits(f);
	assert_int_equal(write(s[1], "x", 1), 1);
	assert_ends(f, s[0], 1);
	close(s[1]);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	f = wrap(s[0]);
	close(s[1]);
	assert_ends(f, s[0], 1);
}

/* The peer has reset the connection: there is an error, and something to read. */
static void a_connection_that_is_reset(void **state)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct linger at_once = { .l_onoff = 1 };
	struct pollfd p = { .events = POLLIN };
	socklen_t len = sizeof(addr);
	int listener, peer;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	getsockname(listener, (struct sockaddr *)&addr, &len);
	p.fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(p.fd, (struct sockaddr *)&addr, len), 0);
	peer = accept(listener, NULL, NULL);
	assert_int_equal(setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once,
				    sizeof(at_once)), 0);
	close(peer);
	do
		assert_int_equal(poll(&p, 1, 1000 * PATIENCE_S), 1);
	while (!(p.revents & POLLERR));
	assert_true(p.revents & POLLIN);
	assert_ends(wrap(p.fd), p.fd, 1);
	close(listener);
}

static void a_fence(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL);
	struct libfence *f = wrap(fd);

	assert_waits(f);
	dma_fence_set_error(fence, -EIO);
	dma_fence_signal(fence);
	/* All that is known is that it became readable. */
	assert_ends(f, fd, 1);
	/* The thread closes its copy a little later. */
	assert_true(eventually((settle(), mock_refs(fence) == 1)));
	dma_fence_put(fence);
}

static void not_these(void **state)
{
	int err = 0, fd = open("/proc/self/exe", O_RDONLY);

	assert_null(libfence_wrap_fd(fd, &err));
	assert_int_equal(err, -EPERM);
	close(fd);
	/* This one could be polled. A file system may be a hostile program. */
	fd = open("/proc/self/mounts", O_RDONLY);
	assert_null(libfence_wrap_fd(fd, &err));
	assert_int_equal(err, -EPERM);
	assert_null(libfence_import(fd, &err));
	assert_int_equal(err, -EINVAL);
	close(fd);
	assert_null(libfence_wrap_fd(fd, &err));
	assert_int_equal(err, -EBADF);
	assert_null(libfence_wrap_fd(-1, NULL));
}

/* A socket with unsent data, whose close() blocks for 20 seconds. */
static int lingering_socket(int *other)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct linger linger = { 1, 20 };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int size = 2048, s;
	socklen_t len = sizeof(addr);
	char buf[4096] = "";

	if (bind(listener, (struct sockaddr *)&addr, len) ||
	    listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&addr, &len))
		fail_msg("no socket");
	*other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(*other, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	assert_int_equal(connect(*other, (struct sockaddr *)&addr, len), 0);
	s = accept(listener, NULL, NULL);
	setsockopt(s, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	while (send(s, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	close(listener);
	return s;
}

static void a_socket_that_lingers_holds_up_no_other(void **state)
{
	int other, fd, event = eventfd(0, EFD_CLOEXEC);
	struct libfence *f, *g = wrap(event);
	ktime_t begin;

	fd = lingering_socket(&other);
	f = wrap(fd);
	close(fd);
	/* It becomes readable, and the library has the last descriptor. */
	shutdown(other, SHUT_WR);
	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	usleep(50000);
	begin = ktime_get();
	assert_int_equal(eventfd_write(event, 1), 0);
	assert_int_equal(libfence_wait(g, PATIENCE_S * NSEC_PER_SEC), 0);
	libfence_put(&f);
	libfence_put(&g);
	assert_true(ktime_get() - begin < 10 * NSEC_PER_SEC);
	/* The socket has nothing to send any more. */
	close(other);
	close(event);
	flush_delayed_fput();
}

static void nobody_waits(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC), before = count_fds(), i;

	for (i = 0; i < 1000; i++) {
		struct libfence *f = wrap(fd);

		libfence_put(&f);
	}
	assert_true(eventually(count_fds() <= before));
	close(fd);
}

/* Drop the fence at the moment it becomes readable. */
static int drop(void *data)
{
	struct libfence *f = data;

	libfence_put(&f);
	return 0;
}

static void dropped_against_readable(void **state)
{
	int i, before = count_fds();
	uint64_t one = 1;

	for (i = 0; i < 1000 / test_slowness(); i++) {
		int fd = eventfd(0, EFD_CLOEXEC);
		struct task_struct *k = mock_run(drop, wrap(fd));

		assert_int_equal(write(fd, &one, 8), 8);
		close(fd);
		mock_join(k);
	}
	assert_true(eventually(count_fds() <= before));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(an_eventfd),
		MOCK_TEST(one_that_is_readable_already),
		MOCK_TEST(a_timerfd),
		MOCK_TEST(a_process),
		MOCK_TEST(a_pipe),
		MOCK_TEST(a_socket),
		MOCK_TEST(a_connection_that_is_reset),
		MOCK_TEST(a_fence),
		MOCK_TEST(not_these),
		MOCK_TEST(a_socket_that_lingers_holds_up_no_other),
		MOCK_TEST(nobody_waits),
		MOCK_TEST(dropped_against_readable),
	};
	return TEST_MAIN("sync-file-wrap", tests);
}
