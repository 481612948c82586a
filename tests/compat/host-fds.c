// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The functions of the host seam for descriptors, each by itself; see
 * compat/host/fd.h.
 */

/* LIBFENCE_HOST_UAPI: the host's <linux/filter.h> and <linux/seccomp.h>. */
#define LIBFENCE_HOST_UAPI
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "helpers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/fd.h"
#include "host/sys.h"

#define MARK	77

static void make_pair(int fds[2])
{
	assert_int_equal(lfhost_fd_pair(fds), 0);
}

/* As lfhost_fd_pair(), but each call would block. */
static void make_blocking_pair(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				    fds), 0);
}

static void close_pair(int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

/* A name that no other process uses. */
static void give_name(int fd)
{
	static unsigned int nr;
	char name[64];
	int len = snprintf(name, sizeof(name), "host-fds-%d-%u", getpid(),
			   nr++);

	assert_int_equal(lfhost_fd_bind(fd, name, len), 0);
}

/* Another process that runs this test may have it for a moment. */
static void give_empty_name(int fd)
{
	assert_true(eventually(!lfhost_fd_bind(fd, "", 0)));
}

/* In a child whose system call @nr fails with @err. */
static int status_with_refused(int nr, int err, int (*fn)(void))
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_SIZE(code), code };
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(PATIENCE_S);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
			_exit(98);
		_exit(fn());
	}
	return pid < 0 || waitpid(pid, &status, 0) != pid ? -1 : status;
}

/* Sockets */

static void a_pair_has_its_flags(void **state)
{
	int fds[2], i, type;
	socklen_t len = sizeof(type);

	make_pair(fds);
	for (i = 0; i < 2; i++) {
		assert_int_equal(getsockopt(fds[i], SOL_SOCKET, SO_TYPE, &type,
					    &len), 0);
		assert_int_equal(type, SOCK_SEQPACKET);
		assert_int_equal(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
		assert_true(fcntl(fds[i], F_GETFL) & O_NONBLOCK);
	}
	lfhost_fd_clear_cloexec(fds[0]);
	assert_int_equal(fcntl(fds[0], F_GETFD), 0);
	close_pair(fds);
}

static int cookies_are_sound(void)
{
	uint64_t one = 0, two = 0, again = 0;
	int fds[2], copy, event = eventfd(0, EFD_CLOEXEC);

	errno = MARK;
	if (lfhost_fd_pair(fds) || (copy = lfhost_fd_dup(fds[0])) < 0)
		return __LINE__;
	if (lfhost_fd_cookie(fds[0], &one) || lfhost_fd_cookie(fds[1], &two) ||
	    lfhost_fd_cookie(copy, &again))
		return __LINE__;
	if (!one || one == two || one != again)
		return __LINE__;
	if (lfhost_fd_cookie(-1, &one) != -EBADF ||
	    lfhost_fd_cookie(event, &one) != -ENOTSOCK)
		return __LINE__;
	return errno == MARK ? 0 : __LINE__;
}

static void a_cookie_identifies_a_socket(void **state)
{
	uint64_t cookie, theirs;
	socklen_t len = sizeof(theirs);
	int fds[2];

	assert_int_equal(cookies_are_sound(), 0);
	make_pair(fds);
	assert_int_equal(lfhost_fd_cookie(fds[0], &cookie), 0);
	if (!getsockopt(fds[0], SOL_SOCKET, SO_COOKIE, &theirs, &len))
		assert_int_equal(cookie, theirs);
	close_pair(fds);
	/* A host that has no cookies. */
	assert_int_equal(status_with_refused(SYS_getsockopt, ENOPROTOOPT,
					     cookies_are_sound), 0);
}

static void names_have_at_most_107_bytes(void **state)
{
	char name[LFHOST_FD_NAME + 1], got[LFHOST_FD_NAME];
	int fds[2], len, used;

	for (len = 105; len <= 108; len++) {
		make_pair(fds);
		used = snprintf(name, sizeof(name), "%d", getpid());
		memset(name + used, 'a' + len % 26, len - used);
		errno = MARK;
		if (len == 108) {
			assert_int_equal(lfhost_fd_bind(fds[0], name, len),
					 -ENAMETOOLONG);
		} else {
			assert_int_equal(lfhost_fd_bind(fds[0], name, len), 0);
			assert_int_equal(lfhost_fd_name(fds[0], got), len);
			assert_memory_equal(got, name, len);
		}
		assert_int_equal(errno, MARK);
		close_pair(fds);
	}
}

static void a_name_is_that_of_a_connected_packet_socket(void **state)
{
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	char got[LFHOST_FD_NAME];
	int fds[2], fd, event = eventfd(0, EFD_CLOEXEC);

	errno = MARK;
	make_pair(fds);
	assert_int_equal(lfhost_fd_name(fds[0], got), -EINVAL);
	give_name(fds[0]);
	assert_true(lfhost_fd_name(fds[0], got) > 0);
	assert_memory_equal(got, "host-fds-", 9);
	/* The other endpoint has none. */
	assert_int_equal(lfhost_fd_name(fds[1], got), -EINVAL);
	/* An empty name is none. */
	close_pair(fds);
	make_pair(fds);
	give_empty_name(fds[0]);
	assert_int_equal(lfhost_fd_name(fds[0], got), -EINVAL);
	close_pair(fds);
	/* The name of a file. */
	make_pair(fds);
	snprintf(path.sun_path, sizeof(path.sun_path),
		 "/tmp/libfence-host-fds-%d", getpid());
	assert_int_equal(bind(fds[0], (struct sockaddr *)&path, sizeof(path)),
			 0);
	assert_int_equal(lfhost_fd_name(fds[0], got), -EINVAL);
	unlink(path.sun_path);
	close_pair(fds);
	/* Another type, not connected, another family, no socket. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	give_name(fds[0]);
	assert_int_equal(lfhost_fd_name(fds[0], got), -EINVAL);
	close_pair(fds);
	fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	give_name(fd);
	assert_int_equal(lfhost_fd_name(fd, got), -EINVAL);
	close(fd);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(lfhost_fd_name(fd, got), -EINVAL);
	close(fd);
	assert_int_equal(lfhost_fd_name(event, got), -EINVAL);
	assert_int_equal(lfhost_fd_name(-1, got), -EBADF);
	assert_int_equal(errno, MARK);
	close(event);
}

static int peer_fd;

static int look_at_the_peer(void)
{
	return lfhost_fd_peer_is_open(peer_fd);
}

static void a_peer_is_open_until_it_is_closed(void **state)
{
	int fds[4], copy;

	errno = MARK;
	make_pair(fds);
	/* Without a name nobody knows. */
	assert_false(lfhost_fd_peer_is_open(fds[1]));
	give_name(fds[0]);
	assert_true(lfhost_fd_peer_is_open(fds[1]));
	assert_false(lfhost_fd_peer_is_open(fds[0]));
	shutdown(fds[0], SHUT_RDWR);
	assert_true(lfhost_fd_peer_is_open(fds[1]));
	/* No memory or descriptor for the question. */
	peer_fd = fds[1];
	assert_int_equal(status_with_refused(SYS_socket, EMFILE,
					     look_at_the_peer), 0);
	copy = dup(fds[0]);
	close(fds[0]);
	assert_true(lfhost_fd_peer_is_open(fds[1]));
	close(copy);
	assert_false(lfhost_fd_peer_is_open(fds[1]));
	assert_false(lfhost_fd_peer_is_open(-1));
	/* An empty name is none. */
	make_pair(fds + 2);
	give_empty_name(fds[2]);
	assert_false(lfhost_fd_peer_is_open(fds[3]));
	close_pair(fds + 2);
	/* The question leaves nothing. */
	copy = dup(fds[1]);
	assert_int_equal(copy, fds[0]);
	close(copy);
	close(fds[1]);
	assert_int_equal(errno, MARK);
}

static void a_send_neither_blocks_nor_kills(void **state)
{
	char buf[64] = "packet";
	int fds[2], i, ret;

	make_blocking_pair(fds);
	errno = MARK;
	for (i = 0; i < 100000; i++) {
		ret = lfhost_fd_send(fds[0], buf, sizeof(buf));
		if (ret < 0)
			break;
		assert_int_equal(ret, sizeof(buf));
	}
	assert_int_equal(ret, -EAGAIN);
	close(fds[1]);
	ret = lfhost_fd_send(fds[0], buf, sizeof(buf));
	assert_true(ret == -EPIPE || ret == -ECONNRESET);
	/* A second time, without the reset. */
	assert_int_equal(lfhost_fd_send(fds[0], buf, sizeof(buf)), -EPIPE);
	assert_int_equal(errno, MARK);
	close(fds[0]);
}

static void a_peek_leaves_the_packet(void **state)
{
	char buf[8] = "";
	int fds[2], i;

	make_blocking_pair(fds);
	errno = MARK;
	assert_int_equal(lfhost_fd_peek(fds[0], buf, sizeof(buf)), -EAGAIN);
	assert_int_equal(lfhost_fd_send(fds[1], "0123456789", 10), 10);
	assert_int_equal(lfhost_fd_send(fds[1], "other", 5), 5);
	for (i = 0; i < 3; i++) {
		assert_int_equal(lfhost_fd_peek(fds[0], buf, sizeof(buf)), 10);
		assert_memory_equal(buf, "01234567", 8);
	}
	assert_int_equal(recv(fds[0], buf, 8, 0), 8);
	assert_int_equal(lfhost_fd_peek(fds[0], buf, sizeof(buf)), 5);
	assert_int_equal(recv(fds[0], buf, 8, 0), 5);
	lfhost_fd_shutdown(fds[1]);
	assert_int_equal(lfhost_fd_peek(fds[0], buf, sizeof(buf)), 0);
	/* Only the one direction is shut down. */
	assert_int_equal(lfhost_fd_send(fds[0], "x", 1), 1);
	assert_int_equal(lfhost_fd_peek(-1, buf, 1), -EBADF);
	assert_int_equal(errno, MARK);
	close_pair(fds);
}

/* Descriptors of any kind */

static void a_file_of_a_file_system_is_one(void **state)
{
	int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int dir = open("/tmp", O_RDONLY | O_CLOEXEC), fds[2];

	make_pair(fds);
	errno = MARK;
	assert_true(lfhost_fd_is_file(file));
	assert_true(lfhost_fd_is_file(dir));
	assert_false(lfhost_fd_is_file(fds[0]));
	assert_false(lfhost_fd_is_file(-1));
	assert_int_equal(errno, MARK);
	close_pair(fds);
	close(file);
	close(dir);
}

static bool closed;

static void *close_while_cancelled(void *fd)
{
	pthread_cancel(pthread_self());
	lfhost_fd_close(*(int *)fd);
	closed = true;
	pthread_testcancel();
	closed = false;
	return NULL;
}

static void closing_is_no_cancellation_point(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC), copy, cancel;
	pthread_t thread;
	void *result;

	copy = lfhost_fd_dup(fd);
	assert_true(copy >= 3 && copy != fd);
	assert_int_equal(fcntl(copy, F_GETFD), FD_CLOEXEC);
	errno = MARK;
	assert_int_equal(lfhost_fd_dup(-1), -EBADF);
	lfhost_fd_close(copy);
	assert_true(fcntl(copy, F_GETFD) < 0);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &cancel);
	assert_int_equal(cancel, PTHREAD_CANCEL_ENABLE);
	errno = MARK;
	lfhost_fd_close(-1);
	assert_int_equal(errno, MARK);
	assert_int_equal(pthread_create(&thread, NULL, close_while_cancelled,
					&fd), 0);
	pthread_join(thread, &result);
	assert_true(closed);
	assert_ptr_equal(result, PTHREAD_CANCELED);
}

static int ioctl_of_an_old_host(void)
{
	int nr;

	return lfhost_fd_ioctl(0, FIONREAD, &nr) != -ENOTTY;
}

static void an_ioctl_has_its_own_error(void **state)
{
	int fds[2], nr = -1;

	make_pair(fds);
	errno = MARK;
	assert_int_equal(lfhost_fd_send(fds[1], "12345", 5), 5);
	assert_int_equal(lfhost_fd_ioctl(fds[0], FIONREAD, &nr), 0);
	assert_int_equal(nr, 5);
	assert_int_equal(lfhost_fd_ioctl(fds[0], 0x12345678, &nr), -ENOTTY);
	assert_int_equal(lfhost_fd_ioctl(-1, FIONREAD, &nr), -EBADF);
	assert_int_equal(status_with_refused(SYS_ioctl, ENOSYS,
					     ioctl_of_an_old_host), 0);
	assert_int_equal(errno, MARK);
	close_pair(fds);
}

/* Sets */

static unsigned int events_of(int set, uint64_t id)
{
	struct lfhost_fd_event events[LFHOST_EPOLL_MAX];
	int n = lfhost_epoll_get(set, events), i;

	for (i = 0; i < n; i++)
		if (events[i].id == id)
			return events[i].what;
	return 0;
}

static void a_set_reports_what_it_was_asked_for(void **state)
{
	const uint64_t id = 0x123456789abcdefull;
	struct lfhost_fd_event events[LFHOST_EPOLL_MAX];
	int set = lfhost_epoll_create(), fds[2], p[2];
	char byte;

	errno = MARK;
	assert_true(set >= 0);
	assert_int_equal(fcntl(set, F_GETFD), FD_CLOEXEC);
	make_pair(fds);
	assert_int_equal(lfhost_epoll_add(set, fds[0], LFHOST_FD_IN, id), 0);
	assert_int_equal(lfhost_epoll_add(set, fds[0], LFHOST_FD_IN, id),
			 -EEXIST);
	assert_int_equal(lfhost_epoll_add(set, fds[1], LFHOST_FD_EDGE, 2), 0);
	assert_int_equal(events_of(set, id), 0);
	assert_int_equal(lfhost_fd_send(fds[1], "x", 1), 1);
	assert_int_equal(lfhost_fd_send(fds[0], "x", 1), 1);
	/* One of them was not asked for that. */
	assert_int_equal(events_of(set, 2), 0);
	assert_int_equal(events_of(set, id), LFHOST_FD_IN);
	assert_int_equal(events_of(set, id), LFHOST_FD_IN);
	/* Unread data would be an error. */
	assert_int_equal(recv(fds[1], &byte, 1, 0), 1);
	close(fds[1]);
	assert_int_equal(events_of(set, id), LFHOST_FD_IN | LFHOST_FD_HUP);
	lfhost_epoll_del(set, fds[0]);
	assert_int_equal(events_of(set, id), 0);
	close(fds[0]);
	/* Errors are always reported. */
	assert_int_equal(pipe(p), 0);
	assert_int_equal(lfhost_epoll_add(set, p[1], LFHOST_FD_EDGE, 3), 0);
	close(p[0]);
	assert_int_equal(events_of(set, 3), LFHOST_FD_ERR);
	assert_int_equal(events_of(set, 3), 0);
	close(p[1]);
	close(set);
	assert_int_equal(lfhost_epoll_get(set, events), 0);
	assert_int_equal(errno, MARK);
}

static int event;

static void *signal_later(void *unused)
{
	usleep(20000);
	lfhost_eventfd_signal(event);
	return NULL;
}

static void a_sleep_ends_with_an_event(void **state)
{
	int set = lfhost_epoll_create();
	int64_t begin = lfhost_clock();
	pthread_t thread;
	uint64_t nr;

	event = lfhost_eventfd_create();
	assert_true(event >= 0);
	assert_int_equal(fcntl(event, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(event, F_GETFL) & O_NONBLOCK);
	assert_int_equal(lfhost_epoll_add(set, event, LFHOST_FD_IN, 1), 0);
	assert_int_equal(pthread_create(&thread, NULL, signal_later, NULL), 0);
	lfhost_epoll_sleep(set);
	assert_true(lfhost_clock() - begin >= 20000000);
	pthread_join(thread, NULL);
	assert_int_equal(events_of(set, 1), LFHOST_FD_IN);
	lfhost_eventfd_signal(event);
	assert_int_equal(read(event, &nr, sizeof(nr)), sizeof(nr));
	assert_int_equal(nr, 2);
	close(event);
	close(set);
}

static void a_wait_has_its_own_error(void **state)
{
	int64_t begin = lfhost_clock();
	int fds[2], p[2];

	make_pair(fds);
	errno = MARK;
	assert_int_equal(lfhost_fd_wait(fds[0], 0), -ETIME);
	assert_int_equal(lfhost_fd_wait(fds[0], 20), -ETIME);
	assert_true(lfhost_clock() - begin >= 20000000);
	assert_int_equal(lfhost_fd_send(fds[1], "x", 1), 1);
	assert_int_equal(lfhost_fd_wait(fds[0], -1), 0);
	assert_int_equal(pipe(p), 0);
	close(p[0]);
	assert_int_equal(lfhost_fd_wait(p[1], -1), -EINVAL);
	close(p[1]);
	assert_int_equal(lfhost_fd_wait(p[1], -1), -EINVAL);
	assert_int_equal(errno, MARK);
	close_pair(fds);
}

/* Memory that may not exist */

static char from[] = "0123456", to[8];

static int peek_without_the_host(void)
{
	return lfhost_peek(to, from, 8) || !lfhost_copy_from(to, from, 8) ||
	       memcmp(to, from, 8);
}

static void copies_stop_where_memory_ends(void **state)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	munmap(p + page, page);
	p += page - 8;
	errno = MARK;
	assert_true(lfhost_copy_to(p, from, 8));
	assert_memory_equal(p, from, 8);
	assert_true(lfhost_copy_from(to, p, 8));
	assert_memory_equal(to, from, 8);
	memset(to, 0, 8);
	assert_true(lfhost_peek(to, p, 8));
	assert_memory_equal(to, from, 8);
	assert_false(lfhost_copy_to(p + 1, from, 8));
	assert_false(lfhost_copy_from(to, p + 1, 8));
	assert_false(lfhost_peek(to, p + 1, 8));
	assert_false(lfhost_peek(to, NULL, 1));
	assert_int_equal(status_with_refused(SYS_process_vm_readv, EPERM,
					     peek_without_the_host), 0);
	assert_int_equal(status_with_refused(SYS_process_vm_readv, ENOSYS,
					     peek_without_the_host), 0);
	assert_int_equal(errno, MARK);
	munmap(p + 8 - page, page);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_pair_has_its_flags),
		TEST(a_cookie_identifies_a_socket),
		TEST(names_have_at_most_107_bytes),
		TEST(a_name_is_that_of_a_connected_packet_socket),
		TEST(a_peer_is_open_until_it_is_closed),
		TEST(a_send_neither_blocks_nor_kills),
		TEST(a_peek_leaves_the_packet),
		TEST(a_file_of_a_file_system_is_one),
		TEST(closing_is_no_cancellation_point),
		TEST(an_ioctl_has_its_own_error),
		TEST(a_set_reports_what_it_was_asked_for),
		TEST(a_sleep_ends_with_an_event),
		TEST(a_wait_has_its_own_error),
		TEST(copies_stop_where_memory_ends),
	};
	const bool refuses = prctl(PR_GET_SECCOMP) >= 0;

	TEST_NEEDS(refuses, "seccomp", a_cookie_identifies_a_socket);
	TEST_NEEDS(refuses, "seccomp", a_peer_is_open_until_it_is_closed);
	TEST_NEEDS(refuses, "seccomp", an_ioctl_has_its_own_error);
	TEST_NEEDS(refuses && test_host_checks_addresses(),
		   "process_vm_readv()", copies_stop_where_memory_ends);
	return TEST_MAIN("host-fds", tests);
}
