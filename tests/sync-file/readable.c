// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Exported fences that are signalled: their resources in the library, in this
 * process and in others.
 */

#include "wire.h"
#include <pthread.h>
#include <signal.h>
#include "pipe.h"
#include "child.h"

#include <linux/userfaultfd.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <linux/file.h>

static int export(struct dma_fence *fence)
{
	int fd = libfence_export(plain(fence), NULL);

	assert_true(fd >= 0);
	return fd;
}

/* Importing @fd gives @fence, with one more reference. */
static void assert_is(int fd, struct dma_fence *fence)
{
	struct libfence *got = libfence_import(fd, NULL);

	assert_ptr_equal(got, plain(fence));
	libfence_put(&got);
}

/*
 * An export without a free descriptor waits for some milliseconds for descriptors to be
 * closed. The threads that close them may be off the CPU for longer.
 */
static int export_when_some_are_closed(struct dma_fence *fence)
{
	ktime_t begin, end = ktime_get() + PATIENCE_S * NSEC_PER_SEC;
	int fd;

	do {
		begin = ktime_get();
		fd = libfence_export(plain(fence), NULL);
	} while (fd == -EMFILE && ktime_get() - begin > 4 * NSEC_PER_MSEC &&
		 begin < end);
	return fd;
}

/* The library's end of a readable file is a descriptor that can be had. */
static void out_of_descriptors_those_of_readable_files_are_closed(void **state)
{
	struct dma_fence *fences[10];
	struct rlimit old, few;
	int fds[11], more[3], nr_more = 0, fd, i;

	warm_up();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = limit_for(2 * ARRAY_SIZE(fences));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	for (i = 0; i < ARRAY_SIZE(fences); i++) {
		fences[i] = mock_fence();
		fds[i] = libfence_export(plain(fences[i]), NULL);
		assert_true(fds[i] >= 0);
	}
	/* A thread of the library may have had one when they were counted. */
	while ((fd = libfence_export(plain(fences[0]), NULL)) >= 0) {
		assert_true(nr_more < ARRAY_SIZE(more));
		more[nr_more++] = fd;
	}
	assert_int_equal(fd, -EMFILE);
	for (i = 1; i < 3; i++)
		dma_fence_signal(fences[i]);
	/* Two descriptors that they do not need any more. */
	fds[10] = export_when_some_are_closed(fences[0]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_true(fds[10] >= 0);
	for (i = 0; i < ARRAY_SIZE(fences); i++)
		assert_is(fds[i], fences[i]);
	assert_is(fds[10], fences[0]);
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	while (nr_more)
		close(more[--nr_more]);
	settle();
	for (i = 0; i < ARRAY_SIZE(fences); i++)
		dma_fence_put(fences[i]);
}

/* After the signal */

static void the_librarys_end_is_closed_soon_after_the_signal(void **state)
{
	struct dma_fence *fence = mock_fence();
	int before, fd;

	warm_up();
	before = count_fds();
	fd = export(fence);
	assert_int_equal(count_fds(), before + 2);
	dma_fence_signal(fence);
	assert_true(eventually(count_fds() == before + 1));
	assert_is(fd, fence);
	close(fd);
	settle();
	assert_int_equal(count_fds(), before);
	/* A fence that is signalled before: the same. */
	fd = export(fence);
	assert_true(eventually(count_fds() == before + 1));
	close(fd);
	settle();
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

static void a_readable_file_is_found_by_any_duplicate(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = export(fence), copy, i;

	dma_fence_signal(fence);
	for (i = 0; i < 20; i++) {
		copy = dup(fd);
		close(fd);
		fd = copy;
		/* As often as its descriptors are looked for. */
		assert_int_equal(libfence_sync_reap(), 0);
		assert_is(fd, fence);
	}
	assert_int_equal(mock_refs(fence), 2);
	close(fd);
	settle();
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

/* A process that has a copy until the caller closes the returned descriptor. */
static int keep_a_copy(int fd, pid_t *pid)
{
	int p[2];
	char byte;

	assert_int_equal(pipe(p), 0);
	fflush(NULL);
	*pid = fork();
	assert_true(*pid >= 0);
	if (!*pid) {
		close(p[1]);
		_exit(read(p[0], &byte, 1) != 0 || !(poll_events(fd) & POLLIN));
	}
	close(p[0]);
	return p[1];
}

static void a_copy_of_another_process_keeps_no_readable_file(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = export(fence), keeper, status;
	pid_t pid;

	keeper = keep_a_copy(fd, &pid);
	dma_fence_signal(fence);
	assert_is(fd, fence);
	close(fd);
	settle();
	assert_int_equal(mock_refs(fence), 1);
	close(keeper);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	dma_fence_put(fence);
}

/* But the other process waits for one that is not readable yet. */
static void a_copy_of_another_process_keeps_a_file_until_the_signal(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = export(fence), keeper, status;
	pid_t pid;

	keeper = keep_a_copy(fd, &pid);
	close(fd);
	assert_int_equal(libfence_sync_reap(), 0);
	assert_int_equal(mock_refs(fence), 2);
	dma_fence_signal(fence);
	close(keeper);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(eventually(mock_refs(fence) == 1));
	dma_fence_put(fence);
}

/* Sent to a socket, closed, found closed, and received again. */
static void a_descriptor_that_comes_back_has_the_same_result(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct libfence *got;
	int fd = export(fence), s[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	dma_fence_set_error(fence, -EIO);
	dma_fence_signal_timestamp(fence, 12345);
	send_fd(s[0], fd);
	close(fd);
	settle();
	assert_int_equal(mock_refs(fence), 1);
	fd = receive_fd(s[1]);
	assert_true(fd >= 0);
	got = libfence_import(fd, NULL);
	assert_non_null(got);
	assert_ptr_not_equal(got, plain(fence));
	assert_int_equal(libfence_status(got), -EIO);
	assert_int_equal(libfence_timestamp(got), 12345);
	libfence_put(&got);
	close(fd);
	close(s[0]);
	close(s[1]);
	settle();
	dma_fence_put(fence);
}

/* One that takes the record out harms importers in other processes only. */
static void a_holder_that_reads_the_record(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct wire_record record;
	int fd = export(fence), copy = dup(fd);

	assert_true(pipe_is_empty(copy));
	dma_fence_signal_timestamp(fence, 12345);
	assert_int_equal(pipe_take(copy, &record), sizeof(record));
	assert_int_equal(record.status, 1);
	assert_int_equal(record.timestamp, 12345);
	assert_string_equal(record.driver, MOCK_DRIVER);
	/* The library's end is closed, so it stays readable. */
	assert_true(eventually(poll_events(fd) & POLLHUP));
	assert_string_equal(pipe_label(fd), "");
	assert_true(select_readable(fd) && epoll_readable(fd));
	assert_int_equal(libfence_sync_wait(fd, 0), 0);
	close(copy);
	settle();
	assert_is(fd, fence);
	close(fd);
	settle();
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

static int nr_sigpipes;

static void count_sigpipe(int sig)
{
	nr_sigpipes++;
}

/* Also if it has a handler, or is blocked. */
static void a_signal_after_the_close_sends_no_sigpipe(void **state)
{
	struct sigaction action = { .sa_handler = count_sigpipe }, old;
	sigset_t blocked, before, pending;
	struct dma_fence *fence;
	int round;

	assert_int_equal(sigaction(SIGPIPE, &action, &old), 0);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGPIPE);
	for (round = 0; round < 2; round++) {
		fence = mock_fence();
		if (round)
			pthread_sigmask(SIG_BLOCK, &blocked, &before);
		close(export(fence));
		dma_fence_signal(fence);
		assert_int_equal(sigpending(&pending), 0);
		assert_false(sigismember(&pending, SIGPIPE));
		if (round)
			pthread_sigmask(SIG_SETMASK, &before, NULL);
		settle();
		dma_fence_put(fence);
	}
	assert_int_equal(nr_sigpipes, 0);
	assert_int_equal(sigaction(SIGPIPE, &old, NULL), 0);
}

/* Above 256, each pipe has room for one page. */
static void many_pipes_are_small(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fds[300], i;

	warm_up();
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = export(fence);
	assert_true(fcntl(fds[0], F_GETPIPE_SZ) > sysconf(_SC_PAGESIZE));
	assert_int_equal(fcntl(fds[299], F_GETPIPE_SZ), sysconf(_SC_PAGESIZE));
	dma_fence_signal(fence);
	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		assert_true(readable(fds[i]));
		close(fds[i]);
	}
	settle();
	/* They do not count any more. */
	fds[0] = libfence_export(plain(fence), NULL);
	assert_true(fcntl(fds[0], F_GETPIPE_SZ) > sysconf(_SC_PAGESIZE));
	close(fds[0]);
	settle();
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

/* A process that reads the record to memory that is never there. */

static int open_userfaultfd(void)
{
	return syscall(SYS_userfaultfd, O_CLOEXEC);
}

static int read_for_ever(int fd, int ready)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	size_t page = sysconf(_SC_PAGESIZE);
	int u = open_userfaultfd();
	char *p = mmap(NULL, page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	range.range.start = (unsigned long)p;
	range.range.len = page;
	CHECK(u >= 0 && p != MAP_FAILED);
	CHECK(!ioctl(u, UFFDIO_API, &api) &&
	      !ioctl(u, UFFDIO_REGISTER, &range));
	CHECK(!fcntl(fd, F_SETFL, 0));
	CHECK(write(ready, "", 1) == 1);
	CHECK(read(fd, p, sizeof(struct wire_record)) > 0);
	return 0;
}

/* Returns once the process is about to read @fd, which has no record yet. */
static pid_t start_reader(int fd)
{
	int p[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(p), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		alarm(PATIENCE_S);
		_exit(read_for_ever(fd, p[1]));
	}
	close(p[1]);
	assert_int_equal(read(p[0], &byte, 1), 1);
	close(p[0]);
	return pid;
}

/* The last descriptor of the library's end is closed while @reader sits there. */
static bool is_held_up(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && !(p.revents & POLLHUP);
}

static int exit_at_once(void)
{
	return 0;
}

/*
 * Export and signal a fence whose descriptor another process reads, with the
 * mutex of the pipe, when the library's end is closed. If the machine is busy,
 * the close may come first; then another one is tried.
 */
static int hold_up_a_close(struct dma_fence **fence, pid_t *reader)
{
	int fd, tries, before = count_fds();

	for (tries = 0; tries < 100; tries++) {
		*fence = mock_fence();
		fd = export(*fence);
		*reader = start_reader(fd);
		msleep(20);
		dma_fence_signal(*fence);
		assert_int_equal(poll_events(fd) & POLLIN, POLLIN);
		assert_is(fd, *fence);
		assert_true(eventually(count_fds() == before + 1));
		msleep(20);
		if (is_held_up(fd))
			return fd;
		assert_int_equal(kill(*reader, SIGKILL), 0);
		assert_int_equal(waitpid(*reader, NULL, 0), *reader);
		close(fd);
		settle();
		dma_fence_put(*fence);
	}
	fail_msg("no close was held up");
	return -1;
}

static void a_reader_that_never_ends_holds_up_nothing_else(void **state)
{
	struct dma_fence *held, *other = mock_fence();
	int fd, other_fd, before;
	pid_t reader;

	warm_up();
	before = count_fds();
	/* A thread is in close(), which does not return. */
	fd = hold_up_a_close(&held, &reader);
	/* Other files, on the RCU thread and by a call. */
	other_fd = export(other);
	dma_fence_signal(other);
	assert_is(other_fd, other);
	assert_true(eventually(poll_events(other_fd) & POLLHUP));
	close(other_fd);
	assert_true(eventually(mock_refs(other) == 1));
	close(export(other));
	settle();
	assert_int_equal(mock_refs(other), 1);
	in_child(exit_at_once);
	/* Its own file as well: the reader has a copy, so this is short. */
	close(fd);
	libfence_sync_reap();
	assert_true(eventually(mock_refs(held) == 1));
	assert_int_equal(kill(reader, SIGKILL), 0);
	assert_int_equal(waitpid(reader, NULL, 0), reader);
	settle();
	assert_true(eventually(count_fds() == before));
	dma_fence_put(held);
	dma_fence_put(other);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(the_librarys_end_is_closed_soon_after_the_signal),
		MOCK_TEST(a_readable_file_is_found_by_any_duplicate),
		MOCK_TEST(a_copy_of_another_process_keeps_no_readable_file),
		MOCK_TEST(a_copy_of_another_process_keeps_a_file_until_the_signal),
		MOCK_TEST(a_descriptor_that_comes_back_has_the_same_result),
		MOCK_TEST(a_holder_that_reads_the_record),
		MOCK_TEST(a_signal_after_the_close_sends_no_sigpipe),
		MOCK_TEST(many_pipes_are_small),
		MOCK_TEST(a_reader_that_never_ends_holds_up_nothing_else),
		MOCK_TEST(out_of_descriptors_those_of_readable_files_are_closed),
	};
	int fd = open_userfaultfd();

	TEST_NEEDS(fd >= 0, "userfaultfd for faults in the host",
		   a_reader_that_never_ends_holds_up_nothing_else);
	close(fd);
	return TEST_MAIN_BUT("sync-file-readable", tests, 1);
}
