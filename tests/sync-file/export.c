// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Exporting a fence as a descriptor, and importing it again. */

#include "pipe.h"

#include <fcntl.h>
#include <stdio.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <linux/file.h>
#include <linux/sync_file.h>

static int export(struct dma_fence *fence)
{
	int fd = libfence_export(plain(fence), NULL);

	assert_true(fd >= 0);
	return fd;
}

/* Importing @fd gives @fence, with one more reference. */
static void assert_is(int fd, struct dma_fence *fence)
{
	unsigned int refs = mock_refs(fence);
	int err = 1;
	struct libfence *got = libfence_import(fd, &err);

	assert_ptr_equal(got, plain(fence));
	assert_int_equal(err, 1);
	assert_int_equal(mock_refs(fence), refs + 1);
	libfence_put(&got);
	assert_ptr_equal(sync_file_get_fence(fd), fence);
	dma_fence_put(fence);
	assert_int_equal(mock_refs(fence), refs);
}

static void assert_nothing(int fd, int expect)
{
	int err = 1;

	assert_null(libfence_import(fd, &err));
	assert_int_equal(err, expect);
	assert_null(libfence_import(fd, NULL));
	assert_null(sync_file_get_fence(fd));
}

static void readable_when_signalled_and_not_before(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = export(fence);

	assert_false(readable(fd));
	assert_int_equal(mock_called(MOCK_ENABLE), 1);
	dma_fence_signal(fence);
	/*
	 * Readable at once: signalling writes the packet before it returns. Soon
	 * afterwards the library closes its end.
	 */
	assert_int_equal(poll_events(fd) & ~POLLHUP, POLLIN);
	assert_true(eventually(poll_events(fd) == (POLLIN | POLLHUP)));
	assert_true(readable(fd));
	assert_true(readable(fd));
	close(fd);
	dma_fence_put(fence);
	settle();
}

static void readable_from_the_start_of_a_signalled_fence(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd;

	dma_fence_set_error(fence, -EIO);
	dma_fence_signal(fence);
	fd = export(fence);
	assert_int_equal(poll_events(fd) & ~POLLHUP, POLLIN);
	assert_is(fd, fence);
	close(fd);
	dma_fence_put(fence);
	settle();
}

static int signal_soon(void *data)
{
	msleep(20);
	dma_fence_signal(data);
	return 0;
}

static void sleeper_in_poll_is_woken(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct pollfd p = { .fd = export(fence), .events = POLLIN };
	struct task_struct *k = mock_run(signal_soon, fence);

	assert_int_equal(poll(&p, 1, PATIENCE_S * 1000), 1);
	mock_join(k);
	close(p.fd);
	dma_fence_put(fence);
	settle();
}

static void import_gives_the_very_same_fence(void **state)
{
	struct dma_fence *fence = mock_fence(), *other = mock_fence();
	int fd = export(fence), again = export(fence), others = export(other);
	int copy = dup(fd);

	assert_is(fd, fence);
	assert_is(copy, fence);
	assert_is(again, fence);
	assert_is(others, other);
	/* A duplicate with another number; and a number that was reused. */
	close(fd);
	assert_is(copy, fence);
	assert_int_equal(dup2(copy, others), others);
	assert_is(others, fence);
	dma_fence_signal(fence);
	assert_true(readable(copy) && readable(others) && readable(again));
	assert_is(copy, fence);
	close(copy);
	close(others);
	close(again);
	dma_fence_put(fence);
	dma_fence_put(other);
	settle();
}

static void import_takes_nothing_else(void **state)
{
	int fds[2], fd;

	assert_nothing(-1, -EBADF);
	assert_nothing(987654, -EBADF);
	assert_int_equal(pipe(fds), 0);
	assert_nothing(fds[0], -EINVAL);
	close(fds[0]);
	close(fds[1]);
	assert_nothing(fds[0], -EBADF);
	fd = eventfd(1, 0);
	assert_nothing(fd, -EINVAL);
	close(fd);
	fd = open("/dev/null", O_RDWR);
	assert_nothing(fd, -EINVAL);
	close(fd);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	assert_nothing(fds[0], -EINVAL);
	close(fds[0]);
	close(fds[1]);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd >= 0)
		assert_nothing(fd, -EINVAL);
	close(fd);
}

static void reused_number_is_not_the_closed_descriptor(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = export(fence), null;

	close(fd);
	assert_nothing(fd, -EBADF);
	null = open("/dev/null", O_RDONLY);
	assert_int_equal(null, fd);
	assert_nothing(fd, -EINVAL);
	close(null);
	settle();
	dma_fence_put(fence);
}

static void close_on_exec(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd, other, i, nr = 0;
	bool was_open[256];

	for (i = 0; i < 256; i++)
		was_open[i] = fcntl(i, F_GETFD) >= 0;
	fd = export(fence);
	/*
	 * All of the library's descriptors are close-on-exec, not only the
	 * exported one.
	 */
	for (i = 0; i < 256; i++) {
		if (was_open[i] || fcntl(i, F_GETFD) < 0)
			continue;
		assert_true(fcntl(i, F_GETFD) & FD_CLOEXEC);
		nr++;
	}
	assert_true(nr >= 2);
	other = get_unused_fd_flags(0);
	assert_true(other >= 0);
	assert_false(fcntl(other, F_GETFD) & FD_CLOEXEC);
	put_unused_fd(other);
	assert_int_equal(fcntl(other, F_GETFD), -1);
	close(fd);
	dma_fence_put(fence);
	settle();
}

static void close_releases(void **state)
{
	struct dma_fence *fence = mock_fence();
	int before, fd, copy;

	warm_up();
	before = count_fds();
	fd = export(fence);
	copy = dup(fd);
	assert_int_equal(mock_refs(fence), 2);
	assert_int_equal(mock_queued(fence), 1);
	close(fd);
	assert_int_equal(libfence_sync_reap(), 0);
	assert_int_equal(mock_refs(fence), 2);
	close(copy);
	settle();
	assert_int_equal(libfence_sync_reap(), 0);
	assert_int_equal(mock_refs(fence), 1);
	assert_int_equal(mock_queued(fence), 0);
	assert_int_equal(count_fds(), before);
	dma_fence_signal(fence);
	dma_fence_put(fence);
}

static void signal_after_close_is_harmless_and_releases(void **state)
{
	struct dma_fence *fence = mock_fence();
	int before;

	warm_up();
	before = count_fds();
	close(export(fence));
	errno = 77;
	dma_fence_signal(fence);
	assert_int_equal(errno, 77);
	assert_true(eventually(mock_refs(fence) == 1));
	assert_true(eventually(count_fds() == before));
	dma_fence_put(fence);
}

static void close_after_signal_is_noticed_without_a_call(void **state)
{
	struct dma_fence *fence = mock_fence();
	int before, fd;

	warm_up();
	before = count_fds();
	fd = export(fence);
	dma_fence_signal(fence);
	assert_true(readable(fd));
	close(fd);
	assert_true(eventually(mock_refs(fence) == 1));
	assert_true(eventually(count_fds() == before));
	dma_fence_put(fence);
}

/* The RCU thread finds the closed descriptors, too, for a second. */
static void reap_and_flush_leave_no_closed_descriptor(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = export(fence), i;

	dma_fence_signal(fence);
	close(fd);
	for (i = 0; i < 5000; i++) {
		libfence_sync_reap();
		flush_delayed_fput();
		assert_int_equal(mock_refs(fence), 1);
		close(export(fence));
		/* With work, the RCU thread looks every 200 us. */
		start_poll_synchronize_rcu();
		udelay(i % 250);
	}
	settle();
	dma_fence_put(fence);
}

static void the_descriptor_may_have_the_last_reference(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = export(fence);

	dma_fence_put(fence);
	assert_int_equal(mock_called(MOCK_RELEASE), 0);
	dma_fence_signal(fence);
	assert_is(fd, fence);
	close(fd);
	settle();
	assert_int_equal(mock_called(MOCK_RELEASE), 1);
}

static void fence_that_fails_to_be_enabled(void **state)
{
	struct mock_fence *mock = to_mock(mock_fence());
	int fd;

	mock->enable_fails = true;
	fd = export(&mock->base);
	assert_true(readable(fd));
	assert_is(fd, &mock->base);
	close(fd);
	dma_fence_put(&mock->base);
	settle();
}

static void fence_that_is_done_when_asked(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd;

	mock_done_at(fence, 1);
	fd = export(fence);
	assert_true(readable(fd));
	close(fd);
	dma_fence_put(fence);
	settle();
}

static void containers_are_fences_too(void **state)
{
	struct dma_fence *a = mock_fence(), *b = mock_fence();
	struct dma_fence *array = mock_array_of(a, b);
	struct dma_fence *chain = mock_link(NULL, array, 1);
	int fd = export(array), fd2 = export(chain);

	assert_is(fd, array);
	dma_fence_signal(a);
	assert_false(readable(fd) || readable(fd2));
	dma_fence_signal(b);
	assert_true(eventually(readable(fd) && readable(fd2)));
	close(fd);
	close(fd2);
	settle();
	dma_fence_put(chain);
	dma_fence_put(array);
	dma_fence_put(a);
	dma_fence_put(b);
}

/* A reserved descriptor without a file, and a file without a descriptor. */

static void files_without_descriptors_and_descriptors_without_files(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct sync_file *s = sync_file_create(fence);
	int before, fd;

	warm_up();
	before = count_fds();
	assert_non_null(s);
	assert_int_equal(mock_refs(fence), 2);
	fput(s->file);
	flush_delayed_fput();
	assert_int_equal(mock_refs(fence), 1);

	fd = get_unused_fd_flags(O_CLOEXEC);
	assert_null(fget(fd));
	assert_nothing(fd, -EINVAL);
	put_unused_fd(fd);
	/* The reserved descriptor is closed instead of put back. */
	fd = get_unused_fd_flags(O_CLOEXEC);
	close(fd);
	settle();
	assert_int_equal(count_fds(), before);
	assert_warns(1, put_unused_fd(fd));
	s = sync_file_create(fence);
	assert_warns(1, fd_install(fd, s->file));
	flush_delayed_fput();
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

static void a_file_outlives_its_descriptors(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = export(fence), before;
	struct file *file = fget(fd);
	struct sync_file *s;

	assert_non_null(file);
	s = sync_file_from_file(file);
	assert_ptr_equal(s->fence, fence);
	before = count_fds();
	close(fd);
	settle();
	assert_int_equal(mock_refs(fence), 2);
	/* Nothing is sent: both endpoints are closed. */
	assert_int_equal(count_fds(), before - 2);
	dma_fence_signal(fence);
	assert_int_equal(count_fds(), before - 2);
	fput(file);
	flush_and_close();
	assert_int_equal(count_fds(), before - 2);
	dma_fence_put(fence);
}

static void name_is_given_or_made(void **state)
{
	struct dma_fence *fence = mock_fence_at(dma_fence_context_alloc(1), 7);
	struct sync_file *s = sync_file_create(fence);
	char buf[100], expect[100];

	snprintf(expect, sizeof(expect), MOCK_DRIVER "-" MOCK_TIMELINE "%llu-7",
		 (unsigned long long)fence->context);
	assert_ptr_equal(sync_file_get_name(s, buf, sizeof(buf)), buf);
	assert_string_equal(buf, expect);
	sync_file_get_name(s, buf, 5);
	assert_string_equal(buf, "mock");
	strcpy(s->user_name, "given");
	sync_file_get_name(s, buf, sizeof(buf));
	assert_string_equal(buf, "given");
	sync_file_get_name(s, buf, 4);
	assert_string_equal(buf, "giv");
	s->user_name[0] = '\0';
	dma_fence_signal(fence);
	snprintf(expect, sizeof(expect),
		 "%s-%s%llu-7", mock_driver_then(), mock_timeline_then(),
		 (unsigned long long)fence->context);
	sync_file_get_name(s, buf, sizeof(buf));
	assert_string_equal(buf, expect);
	fput(s->file);
	flush_delayed_fput();
	dma_fence_put(fence);
}

/* Not with sanitizers: they make system calls of their own. */
#if !LFSHIM_ASAN && !LFSHIM_TSAN
/* The signal of a fence, for which only the call @may is allowed. */
static int signal_in_child(bool exported, int may)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		struct dma_fence *fence = mock_fence();

		/*
		 * Start the library's threads now: they are awake when the
		 * calls are restricted.
		 */
		warm_up();
		if (exported)
			export(fence);
		if (!test_allow_call(may))
			_exit(77);
		dma_fence_signal(fence);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static void signal_has_one_system_call_if_exported_and_else_none(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct wire_record record;
	int fd = export(fence);

	assert_int_equal(signal_in_child(false, SYS_exit_group), 0);
	assert_int_equal(signal_in_child(true, SYS_pwritev2), 0);
	assert_int_equal(signal_in_child(true, SYS_exit_group), 256 + SIGSYS);
	/* Only one packet was written. */
	dma_fence_signal(fence);
	assert_int_equal(pipe_take(fd, &record), sizeof(record));
	assert_true(pipe_is_empty(fd));
	close(fd);
	dma_fence_put(fence);
	settle();
}

/* A host before 6.18 needs more system calls, so that there is no SIGPIPE. */
static bool host_writes_without_sigpipe(void)
{
	struct iovec iov = { "", 1 };
	bool can;
	int p[2];

	assert_int_equal(pipe(p), 0);
	can = syscall(SYS_pwritev2, p[1], &iov, 1, -1L, -1L, 0x100) == 1;
	pipe_close(p);
	return can;
}
#endif

/* Limits */

static void every_allocation_may_fail(void **state)
{
	struct dma_fence *fence = mock_fence();
	int before, fd = -1, n;

	warm_up();
	before = count_fds();
	for (n = 1; fd < 0; n++) {
		libfence_fail_nth(n);
		fd = libfence_export(plain(fence), NULL);
		if (!mock_alloc_failed())
			break;
		/*
		 * An export without names for other processes succeeds; any
		 * other failed allocation makes it fail.
		 */
		if (fd >= 0) {
			close(fd);
			settle();
			fd = -1;
			continue;
		}
		assert_int_equal(fd, -ENOMEM);
		settle();
		assert_int_equal(count_fds(), before);
		assert_int_equal(mock_refs(fence), 1);
	}
	assert_true(n > 3);
	assert_true(fd >= 0);
	close(fd);
	settle();
	assert_int_equal(count_fds(), before);
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

static void running_out_of_descriptors(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct rlimit old, few;
	int before, fds[64], n, room;

	warm_up();
	before = count_fds();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	/* An odd and an even number of free descriptors. */
	for (room = 20; room < 22; room++) {
		few = old;
		few.rlim_cur = limit_for(room);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		for (n = 0; n < 64; n++) {
			fds[n] = libfence_export(plain(fence), NULL);
			if (fds[n] < 0)
				break;
		}
		assert_int_equal(fds[n], -EMFILE);
		assert_int_equal(libfence_export(plain(fence), NULL), -EMFILE);
		assert_int_equal(n, 10);
		assert_int_equal(mock_refs(fence), 1 + n);
		assert_false(dma_fence_is_signaled(fence));
		/* Closing one makes room for another. */
		close(fds[0]);
		assert_true(eventually((fds[0] = libfence_export(plain(fence),
								 NULL)) >= 0));
		while (n--)
			close(fds[n]);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
		settle();
		assert_int_equal(mock_refs(fence), 1);
		assert_int_equal(count_fds(), before);
	}
	dma_fence_signal(fence);
	dma_fence_put(fence);
}

/* Races */

struct race {
	struct dma_fence *fence;
	int fd;
	/* For the import: with ThreadSanitizer, a copy that stays open. */
	int copy;
	atomic_t go;
};

static void await_go(struct race *r)
{
	while (!atomic_read(&r->go))
		cpu_relax();
}

static int close_it(void *data)
{
	struct race *r = data;

	await_go(r);
	close(r->fd);
	return libfence_sync_reap();
}

static int signal_it(void *data)
{
	struct race *r = data;

	await_go(r);
	dma_fence_signal(r->fence);
	return 0;
}

static int import_it(void *data)
{
	struct race *r = data;
	struct libfence *got;
	int err;

	await_go(r);
	got = libfence_import(r->copy, &err);
	if (!got)
		return err != -EBADF && err != -EINVAL;
	if (got != plain(r->fence))
		return 2;
	libfence_put(&got);
	return 0;
}

static void close_against_signal_against_import(void **state)
{
	int i, rounds = 3000 / test_slowness(), before;
	struct race r;

	warm_up();
	before = count_fds();
	for (i = 0; i < rounds; i++) {
		struct task_struct *k[3];

		r.fence = mock_fence();
		r.fd = export(r.fence);
		r.copy = LFSHIM_TSAN ? dup(r.fd) : r.fd;
		atomic_set(&r.go, 0);
		k[0] = mock_run(close_it, &r);
		k[1] = mock_run(signal_it, &r);
		k[2] = mock_run(import_it, &r);
		atomic_set(&r.go, 1);
		mock_join(k[0]);
		mock_join(k[1]);
		assert_int_equal(mock_join(k[2]), 0);
		if (r.copy != r.fd)
			close(r.copy);
		settle();
		dma_fence_put(r.fence);
	}
	assert_true(eventually(atomic_read(&mock_live) == 0));
	assert_true(eventually(count_fds() == before));
}

static int export_it(void *data)
{
	struct race *r = data;

	await_go(r);
	r->fd = libfence_export(plain(r->fence), NULL);
	return r->fd < 0;
}

static void export_against_signal(void **state)
{
	int i, rounds = 3000 / test_slowness();
	struct wire_record record;
	struct race r;

	for (i = 0; i < rounds; i++) {
		struct task_struct *k[2];

		r.fence = mock_fence();
		atomic_set(&r.go, 0);
		k[0] = mock_run(export_it, &r);
		k[1] = mock_run(signal_it, &r);
		atomic_set(&r.go, 1);
		assert_int_equal(mock_join(k[0]), 0);
		mock_join(k[1]);
		assert_true(readable(r.fd));
		/*
		 * One packet: either the export or the signal has written it,
		 * not both.
		 */
		assert_int_equal(pipe_take(r.fd, &record), sizeof(record));
		assert_true(pipe_is_empty(r.fd));
		close(r.fd);
		dma_fence_put(r.fence);
		settle();
	}
	assert_true(eventually(atomic_read(&mock_live) == 0));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(readable_when_signalled_and_not_before),
		MOCK_TEST(readable_from_the_start_of_a_signalled_fence),
		MOCK_TEST(sleeper_in_poll_is_woken),
		MOCK_TEST(import_gives_the_very_same_fence),
		MOCK_TEST(import_takes_nothing_else),
		MOCK_TEST(reused_number_is_not_the_closed_descriptor),
		MOCK_TEST(close_on_exec),
		MOCK_TEST(close_releases),
		MOCK_TEST(signal_after_close_is_harmless_and_releases),
		MOCK_TEST(close_after_signal_is_noticed_without_a_call),
		MOCK_TEST(reap_and_flush_leave_no_closed_descriptor),
		MOCK_TEST(the_descriptor_may_have_the_last_reference),
		MOCK_TEST(fence_that_fails_to_be_enabled),
		MOCK_TEST(fence_that_is_done_when_asked),
		MOCK_TEST(containers_are_fences_too),
		MOCK_TEST(files_without_descriptors_and_descriptors_without_files),
		MOCK_TEST(a_file_outlives_its_descriptors),
		MOCK_TEST(name_is_given_or_made),
		MOCK_TEST(every_allocation_may_fail),
		MOCK_TEST(close_against_signal_against_import),
		MOCK_TEST(export_against_signal),
		MOCK_TEST(running_out_of_descriptors),
#if !LFSHIM_ASAN && !LFSHIM_TSAN
		/* Valgrind makes system calls of its own, too. */
		MOCK_TEST(signal_has_one_system_call_if_exported_and_else_none),
#endif
	};

#if !LFSHIM_ASAN && !LFSHIM_TSAN
	TEST_NEEDS(test_host_refuses_calls(), "seccomp",
		   signal_has_one_system_call_if_exported_and_else_none);
	TEST_NEEDS(host_writes_without_sigpipe(), "RWF_NOSIGNAL",
		   signal_has_one_system_call_if_exported_and_else_none);
#endif
	return TEST_MAIN_BUT("sync-file-export", tests,
			     !LFSHIM_ASAN && !LFSHIM_TSAN);
}
