// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The functions of the host seam for descriptors of any kind, each by itself;
 * see compat/host/fd.h.
 */

#include <pthread.h>
#include <sys/mman.h>
#include "host-fds.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "host/sys.h"

/* Looking for closed descriptors */

#define NR_ALONE	150

static void ends_without_a_reader_are_alone(void **state)
{
	int fds[NR_ALONE][2], ends[NR_ALONE], i, n;
	struct rlimit limit, low;
	bool closed[NR_ALONE + 1];

	for (i = 0; i < NR_ALONE; i++) {
		make_pipe(fds[i]);
		ends[i] = fds[i][1];
		if (i % 3 == 1)
			assert_int_equal(write(fds[i][1], "x", 1), 1);
		if (i % 5 == 0 || i == 63 || i == 64)
			close(fds[i][0]);
	}
	errno = MARK;
	for (n = NR_ALONE; n >= 0; n -= 43) {
		for (i = 0; i <= NR_ALONE; i++)
			closed[i] = i % 2;
		lfhost_fd_alone(ends, closed, n);
		for (i = 0; i < n; i++)
			assert_int_equal(closed[i],
					 i % 5 == 0 || i == 63 || i == 64);
		for (; i <= NR_ALONE; i++)
			assert_int_equal(closed[i], i % 2);
	}
	/* The limit of descriptors may be lower than before. */
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	low = limit;
	low.rlim_cur = 7;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	lfhost_fd_alone(ends, closed, 8);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(closed[i], i % 5 == 0);
	assert_int_equal(errno, MARK);
	for (i = 0; i < NR_ALONE; i++) {
		if (i % 5 && i != 63 && i != 64)
			close(fds[i][0]);
		close(fds[i][1]);
	}
}

static void an_end_is_alone_without_all_copies(void **state)
{
	int fds[2], copy, hold[2];
	bool closed = true;
	char byte;
	pid_t pid;

	make_pipe(fds);
	make_pipe(hold);
	fcntl(hold[0], F_SETFL, 0);
	copy = dup(fds[0]);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(hold[1]);
		_exit(read(hold[0], &byte, 1));
	}
	assert_true(pid > 0);
	close(fds[0]);
	lfhost_fd_alone(&fds[1], &closed, 1);
	assert_false(closed);
	close(copy);
	closed = true;
	lfhost_fd_alone(&fds[1], &closed, 1);
	/* The other process has two. */
	assert_false(closed);
	close(hold[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	lfhost_fd_alone(&fds[1], &closed, 1);
	assert_true(closed);
	close(fds[1]);
	close(hold[0]);
}

#define NR_PIPES	20
#define NR_COPIES	300

struct found_pipes {
	uint64_t ids[NR_PIPES];
	int times[NR_PIPES];
};

static void found_pipe(uint64_t id, void *data)
{
	struct found_pipes *found = data;
	int i;

	for (i = 0; i < NR_PIPES; i++)
		found->times[i] += found->ids[i] == id;
}

static void all_pipes_of_the_process_are_found(void **state)
{
	int fds[NR_PIPES][2], copies[NR_COPIES], fifo = open_fifo();
	int i, n, before = next_fd();
	struct found_pipes found = { .ids = { 0 } };
	struct stat st;

	/* Many more than fit into one answer of the host. */
	for (i = 0; i < NR_PIPES; i++)
		assert_int_equal(lfhost_fd_pipe(fds[i], &found.ids[i]), 0);
	for (i = 0; i < NR_COPIES; i++) {
		copies[i] = dup(i % 2 ? fds[0][0] : fifo);
		assert_true(copies[i] >= 0);
	}
	/* Its number may be that of a pipe. */
	assert_int_equal(fstat(fifo, &st), 0);
	found.ids[1] = st.st_ino;
	n = next_fd();
	errno = MARK;
	assert_between(lfhost_fd_each_pipe(found_pipe, &found),
		       NR_COPIES + 2 * NR_PIPES, NR_COPIES + 2 * NR_PIPES + 50);
	assert_int_equal(errno, MARK);
	assert_int_equal(next_fd(), n);
	assert_int_equal(found.times[0], 1 + NR_COPIES / 2);
	assert_int_equal(found.times[1], 0);
	for (i = 2; i < NR_PIPES; i++)
		assert_int_equal(found.times[i], 1);
	/* Only the end to read from counts. */
	memset(found.times, 0, sizeof(found.times));
	close(fds[2][0]);
	close(fds[3][1]);
	close_pipe(fds[4]);
	assert_true(lfhost_fd_each_pipe(found_pipe, &found) > 0);
	assert_int_equal(found.times[2], 0);
	assert_int_equal(found.times[3], 1);
	assert_int_equal(found.times[4], 0);
	close(fds[2][1]);
	close(fds[3][0]);
	for (i = 0; i < NR_COPIES; i++)
		close(copies[i]);
	for (i = 0; i < NR_PIPES; i++)
		if (i < 2 || i > 4)
			close_pipe(fds[i]);
	assert_int_equal(next_fd(), before);
	close(fifo);
}

static int refused_err;

static int pipes_are_not_found(void)
{
	int n = next_fd(), err;

	errno = MARK;
	err = lfhost_fd_each_pipe(found_pipe, NULL);
	if (err != -refused_err || errno != MARK)
		return __LINE__;
	return next_fd() == n ? 0 : __LINE__;
}

static void pipes_that_cannot_be_found_are_an_error(void **state)
{
	refused_err = ENOENT;
	assert_int_equal(status_with_refused(SYS_openat, ENOENT,
					     pipes_are_not_found), 0);
	refused_err = EMFILE;
	assert_int_equal(status_with_refused(SYS_openat, EMFILE,
					     pipes_are_not_found), 0);
	refused_err = EIO;
	assert_int_equal(status_with_refused(SYS_getdents64, EIO,
					     pipes_are_not_found), 0);
}

/* ThreadSanitizer does not support threads after fork(). */
#if !LFSHIM_TSAN
static pthread_t first_thread;

static void *find_pipe(void *data)
{
	struct found_pipes found = { .ids = { 0 } };
	int fds[2];

	if (pthread_join(first_thread, NULL) ||
	    lfhost_fd_pipe(fds, &found.ids[0]))
		_exit(2);
	lfhost_fd_each_pipe(found_pipe, &found);
	_exit(found.times[0] != 1);
}

static int end_the_first_thread(void)
{
	pthread_t thread;

	first_thread = pthread_self();
	if (pthread_create(&thread, NULL, find_pipe, NULL))
		return __LINE__;
	pthread_exit(NULL);
}

static void pipes_are_found_after_the_end_of_the_first_thread(void **state)
{
	assert_int_equal(status_in_child(NULL, 0, 0, end_the_first_thread), 0);
}
#endif

/* Descriptors of any kind */

/* May @fd block? It is closed. -1 if it could not be opened. */
static int may_block(int fd)
{
	int next = next_fd(), blocks;

	if (fd < 0)
		return -1;
	errno = MARK;
	blocks = lfhost_fd_may_block(fd);
	assert_int_equal(errno, MARK);
	/* The question leaves nothing. */
	assert_int_equal(next_fd(), next);
	close(fd);
	return blocks;
}

static void *open_own_listing(void *fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/fd",
		 (int)syscall(SYS_gettid));
	*(int *)fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return NULL;
}

/* Recent hosts return an error for its state. */
static int listing_of_a_thread_that_ended(void)
{
	pthread_t thread;
	int fd = -1;

	assert_int_equal(pthread_create(&thread, NULL, open_own_listing, &fd),
			 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(fd >= 0);
	return fd;
}

static void files_that_may_be_another_process_may_block(void **state)
{
	int terminal;

	assert_int_equal(may_block(open("/proc/self/exe", O_RDONLY)), 1);
	assert_int_equal(may_block(open("/tmp", O_RDONLY)), 1);
	assert_int_equal(may_block(epoll_create1(0)), 1);
	assert_int_equal(may_block(listing_of_a_thread_that_ended()), 1);
	/* A container may have no terminal. */
	terminal = posix_openpt(O_RDWR | O_NOCTTY);
	assert_int_equal(may_block(terminal), terminal < 0 ? -EBADF : 1);
	errno = MARK;
	assert_int_equal(lfhost_fd_may_block(-1), -EBADF);
	assert_int_equal(errno, MARK);
}

static void files_of_the_host_do_not_block(void **state)
{
	int p[2];

	assert_int_equal(may_block(eventfd(0, EFD_CLOEXEC)), 0);
	assert_int_equal(may_block(inotify_init1(IN_CLOEXEC)), 0);
	assert_int_equal(may_block(open("/dev/null", O_RDWR)), 0);
	assert_int_equal(may_block(open_fifo()), 0);
	make_pipe(p);
	assert_int_equal(may_block(p[0]), 0);
	assert_int_equal(may_block(p[1]), 0);
}

static void sockets_of_unusual_families_may_block(void **state)
{
	static const int usual[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK,
				     AF_PACKET };
	static const int unusual[] = { AF_VSOCK, AF_ALG, 44 /* AF_XDP */,
				       AF_BLUETOOTH, AF_CAN };
	int i, type;

	assert_int_equal(may_block(socket(AF_UNIX, SOCK_SEQPACKET, 0)), 0);
	/* Not every host has every family. */
	for (i = 0; i < ARRAY_SIZE(usual); i++)
		for (type = 1; type <= SOCK_SEQPACKET; type++)
			assert_true(may_block(socket(usual[i], type, 0)) <= 0);
	for (i = 0; i < ARRAY_SIZE(unusual); i++)
		for (type = 1; type <= SOCK_SEQPACKET; type++)
			assert_true(may_block(socket(unusual[i], type, 0)));
}

static int __maybe_unused socket_may_block(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	errno = MARK;
	return lfhost_fd_may_block(fd) == 1 && errno == MARK ? 0 : __LINE__;
}

static int inotify_cannot_be_asked(void)
{
	int fd = inotify_init1(0);

	errno = MARK;
	return lfhost_fd_may_block(fd) == -EMFILE && errno == MARK ? 0 :
	       __LINE__;
}

static void what_the_host_does_not_tell_is_not_safe(void **state)
{
	/* With SYS_socketcall it cannot be told from the other calls of sockets. */
#ifndef SYS_socketcall
	assert_int_equal(status_with_refused(SYS_getsockopt, ENOPROTOOPT,
					     socket_may_block), 0);
#endif
	assert_int_equal(status_with_refused(SYS_eventfd2, EMFILE,
					     inotify_cannot_be_asked), 0);
}

static int copy_is_no_standard_stream(void)
{
	close(0);
	return lfhost_fd_dup(1) >= 3 ? 0 : __LINE__;
}

static void a_copy_is_no_standard_stream(void **state)
{
	assert_int_equal(status_in_child(NULL, 0, 0,
					 copy_is_no_standard_stream), 0);
}

static bool has_closed;

static void *close_while_cancelled(void *fd)
{
	pthread_cancel(pthread_self());
	lfhost_fd_close(*(int *)fd);
	has_closed = true;
	pthread_testcancel();
	has_closed = false;
	return NULL;
}

static void closing_is_no_cancellation_point(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC), copy, cancel;
	pthread_t thread;
	void *result;

	copy = lfhost_fd_dup(fd);
	assert_true(copy >= 0 && copy != fd);
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
	assert_true(has_closed);
	assert_ptr_equal(result, PTHREAD_CANCELED);
}

static int ioctl_of_an_old_host(void)
{
	int nr;

	return lfhost_fd_ioctl(0, FIONREAD, &nr) == -ENOTTY ? 0 : __LINE__;
}

static void an_ioctl_has_its_own_error(void **state)
{
	int fds[2], nr = -1;

	make_pipe(fds);
	assert_int_equal(write(fds[1], "12345", 5), 5);
	errno = MARK;
	assert_int_equal(lfhost_fd_ioctl(fds[0], FIONREAD, &nr), 0);
	assert_int_equal(nr, 5);
	assert_int_equal(lfhost_fd_ioctl(fds[0], 0x12345678, &nr), -ENOTTY);
	assert_int_equal(lfhost_fd_ioctl(-1, FIONREAD, &nr), -EBADF);
	assert_int_equal(status_with_refused(SYS_ioctl, ENOSYS,
					     ioctl_of_an_old_host), 0);
	assert_int_equal(errno, MARK);
	close_pipe(fds);
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
	int set = lfhost_epoll_create(), fds[2];
	char byte;

	assert_true(set >= 0);
	assert_int_equal(fcntl(set, F_GETFD), FD_CLOEXEC);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				    fds), 0);
	errno = MARK;
	assert_int_equal(lfhost_epoll_add(set, fds[0], LFHOST_FD_IN, id), 0);
	assert_int_equal(lfhost_epoll_add(set, fds[0], LFHOST_FD_IN, id),
			 -EEXIST);
	assert_int_equal(lfhost_epoll_add(set, fds[1], LFHOST_FD_ONCE, 2), 0);
	assert_int_equal(events_of(set, id), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(write(fds[0], "x", 1), 1);
	/* One of them was not asked for that. */
	assert_int_equal(events_of(set, 2), 0);
	assert_int_equal(events_of(set, id), LFHOST_FD_IN);
	assert_int_equal(events_of(set, id), LFHOST_FD_IN);
	/* Unread data would be an error. */
	assert_int_equal(read(fds[1], &byte, 1), 1);
	close(fds[1]);
	assert_int_equal(events_of(set, id), LFHOST_FD_IN | LFHOST_FD_HUP);
	lfhost_epoll_del(set, fds[0]);
	assert_int_equal(events_of(set, id), 0);
	close(fds[0]);
	close(set);
	assert_int_equal(lfhost_epoll_get(set, events), 0);
	assert_int_equal(errno, MARK);
}

static void a_set_reports_errors_and_hangups_always(void **state)
{
	int set = lfhost_epoll_create(), in[2], out[2];

	make_pipe(in);
	make_pipe(out);
	errno = MARK;
	assert_int_equal(lfhost_epoll_add(set, in[0], 0, 1), 0);
	assert_int_equal(lfhost_epoll_add(set, out[1], 0, 2), 0);
	close(in[1]);
	close(out[0]);
	assert_int_equal(events_of(set, 1), LFHOST_FD_HUP);
	assert_int_equal(events_of(set, 2), LFHOST_FD_ERR);
	/* Again and again. */
	assert_int_equal(events_of(set, 2), LFHOST_FD_ERR);
	assert_int_equal(errno, MARK);
	close(in[0]);
	close(out[1]);
	close(set);
}

static void a_set_can_report_the_first_event_only(void **state)
{
	int set = lfhost_epoll_create(), fds[2];

	make_pipe(fds);
	assert_int_equal(lfhost_epoll_add(set, fds[0], LFHOST_FD_IN |
					  LFHOST_FD_ONCE, 1), 0);
	assert_int_equal(events_of(set, 1), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(events_of(set, 1), LFHOST_FD_IN);
	assert_int_equal(events_of(set, 1), 0);
	/* Nor is there one for something new. */
	assert_int_equal(write(fds[1], "x", 1), 1);
	close(fds[1]);
	assert_int_equal(events_of(set, 1), 0);
	close(fds[0]);
	close(set);
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

	make_pipe(fds);
	errno = MARK;
	assert_int_equal(lfhost_fd_wait(fds[0], 0), -ETIME);
	assert_int_equal(lfhost_fd_wait(fds[0], 20), -ETIME);
	assert_true(lfhost_clock() - begin >= 20000000);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(lfhost_fd_wait(fds[0], -1), 0);
	assert_int_equal(pipe(p), 0);
	close(p[0]);
	assert_int_equal(lfhost_fd_wait(p[1], -1), -EINVAL);
	close(p[1]);
	assert_int_equal(lfhost_fd_wait(p[1], -1), -EINVAL);
	assert_int_equal(errno, MARK);
	close_pipe(fds);
}

/* Memory that may not exist */

static char from[] = "0123456", to[8];

static int copy_without_the_host(void)
{
	return lfhost_copy_to(to, from, 8) && !memcmp(to, from, 8) ? 0 :
	       __LINE__;
}

static int peek_without_the_host(void)
{
	if (lfhost_peek(to, from, 8) || !lfhost_copy_from(to, from, 8))
		return __LINE__;
	return memcmp(to, from, 8) ? __LINE__ : 0;
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
	memset(to, 0, 8);
	assert_int_equal(status_with_refused(SYS_process_vm_writev, EPERM,
					     copy_without_the_host), 0);
	assert_int_equal(status_with_refused(SYS_process_vm_writev, ENOSYS,
					     copy_without_the_host), 0);
	assert_int_equal(errno, MARK);
	munmap(p + 8 - page, page);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(ends_without_a_reader_are_alone),
		TEST(an_end_is_alone_without_all_copies),
		TEST(all_pipes_of_the_process_are_found),
		TEST(pipes_that_cannot_be_found_are_an_error),
#if !LFSHIM_TSAN
		TEST(pipes_are_found_after_the_end_of_the_first_thread),
#endif
		TEST(files_that_may_be_another_process_may_block),
		TEST(files_of_the_host_do_not_block),
		TEST(sockets_of_unusual_families_may_block),
		TEST(what_the_host_does_not_tell_is_not_safe),
		TEST(a_copy_is_no_standard_stream),
		TEST(closing_is_no_cancellation_point),
		TEST(an_ioctl_has_its_own_error),
		TEST(a_set_reports_what_it_was_asked_for),
		TEST(a_set_reports_errors_and_hangups_always),
		TEST(a_set_can_report_the_first_event_only),
		TEST(a_sleep_ends_with_an_event),
		TEST(a_wait_has_its_own_error),
		TEST(copies_stop_where_memory_ends),
	};
	const bool refuses = test_host_refuses_calls();

#if !LFSHIM_TSAN
	TEST_NEEDS(TEST_FORKED_THREAD_ENDS, "forked threads that end (musl)",
		   pipes_are_found_after_the_end_of_the_first_thread);
#endif
	TEST_NEEDS(refuses, "seccomp", pipes_that_cannot_be_found_are_an_error);
	TEST_NEEDS(refuses, "seccomp", what_the_host_does_not_tell_is_not_safe);
	TEST_NEEDS(refuses, "seccomp", an_ioctl_has_its_own_error);
	TEST_NEEDS(refuses && test_host_checks_addresses(),
		   "process_vm_readv()", copies_stop_where_memory_ends);
	return TEST_MAIN("host-fds", tests);
}
