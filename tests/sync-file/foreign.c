// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Descriptors of other processes, which run, exit and are killed. */

#include "helpers.h"
#include "versions.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <linux/sync_file.h>
#include <libfence/libsync.h>
#include <libfence/timeline.h>

/* Another process, connected by a socket. */
struct peer {
	pid_t pid;
	int s;
};

static struct peer start_peer(int (*fn)(int s, int arg), int arg)
{
	struct peer p;
	int s[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s),
			 0);
	fflush(NULL);
	p.pid = fork();
	assert_true(p.pid >= 0);
	if (!p.pid) {
		close(s[0]);
		alarm(PATIENCE_S);
		_exit(fn(s[1], arg));
	}
	close(s[1]);
	p.s = s[0];
	return p;
}

/* Its exit status, or 256 plus the signal that killed it. */
static int end_peer(struct peer p)
{
	int status;

	close(p.s);
	assert_int_equal(waitpid(p.pid, &status, 0), p.pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

/* The time at which an exporter says that it signalled its fence. */
static s64 timestamp_from(struct peer p)
{
	s64 timestamp = 0;

	assert_int_equal(read(p.s, &timestamp, sizeof(timestamp)),
			 sizeof(timestamp));
	return timestamp;
}

static void send_go(int s)
{
	if (write(s, "", 1) != 1)
		abort();
}

static bool await_go(int s)
{
	char byte;

	return read(s, &byte, 1) == 1;
}

/*
 * The peer exports a fence, sends the descriptor, and does one of these when
 * asked.
 */
enum { SIGNAL, FAIL, WAIT, DROP_AND_SIGNAL };

static struct dma_fence *new_fence(void)
{
	struct mock_fence *m = kzalloc_obj(*m);

	dma_fence_init(&m->base, &mock_full_ops, MOCK_LOCK(&m->lock),
		       dma_fence_context_alloc(1), 5);
	return &m->base;
}

static int export_one(int s, int what)
{
	struct dma_fence *fence = new_fence();
	int fd = libfence_export(plain(fence), "theirs");
	s64 timestamp;

	if (fd < 0)
		return 1;
	send_fd(s, fd);
	if (what == DROP_AND_SIGNAL)
		close(fd);
	if (!await_go(s))
		return 2;
	if (what == FAIL)
		dma_fence_set_error(fence, -ENODATA);
	if (what != WAIT)
		dma_fence_signal(fence);
	timestamp = what == WAIT ? 0 : dma_fence_timestamp(fence);
	if (write(s, &timestamp, sizeof(timestamp)) != sizeof(timestamp))
		return 3;
	/* Wait until the test closes the socket. */
	await_go(s);
	return 0;
}

static struct libfence *import(int fd)
{
	int err = 0;
	struct libfence *fence = libfence_import(fd, &err);

	if (!fence)
		fail_msg("import: error %d", err);
	return fence;
}

static bool done_soon(const struct libfence *fence)
{
	return libfence_wait(fence, PATIENCE_S * NSEC_PER_SEC) == 0;
}

/*
 * This test runs first: there is no thread until something foreign is imported.
 */
static void no_thread_before_it_is_needed(void **state)
{
	struct peer p = start_peer(export_one, SIGNAL);
	struct libfence *f;
	s64 timestamp;
	int fd;

	warm_up();
	fd = receive_fd(p.s);
	send_go(p.s);
	timestamp = timestamp_from(p);
	/* A fence that is signalled already is imported as signalled. */
	f = import(fd);
	assert_int_equal(libfence_status(f), 1);
	assert_true(libfence_timestamp(f) == timestamp);
	libfence_put(&f);
	close(fd);
	assert_int_equal(watch_threads(), 0);
	assert_int_equal(end_peer(p), 0);

	p = start_peer(export_one, SIGNAL);
	fd = receive_fd(p.s);
	f = import(fd);
	/* It names itself. */
	assert_true(eventually(watch_threads() == 1));
	send_go(p.s);
	assert_true(done_soon(f));
	timestamp_from(p);
	libfence_put(&f);
	f = import(fd);
	libfence_put(&f);
	/* The one that has looked at the pipe has a follower. */
	assert_true(eventually(watch_threads() == 2));
	msleep(5);
	assert_int_equal(watch_threads(), 2);
	close(fd);
	assert_int_equal(end_peer(p), 0);
}

static void same_error_timestamp_and_names(void **state)
{
	struct peer p = start_peer(export_one, FAIL);
	int fd = receive_fd(p.s), before;
	struct sync_file_info *info;
	struct libfence *f, *again;
	s64 timestamp;
	char name[64];

	f = import(fd);
	/* Each thread has its name. */
	assert_true(threads_are_idle());
	before = count_fds_but_scratch();
	assert_int_equal(libfence_status(f), 0);
	assert_false(readable(fd));
	libfence_driver_name(f, name, sizeof(name));
	assert_string_equal(name, MOCK_DRIVER);
	libfence_timeline_name(f, name, sizeof(name));
	assert_string_equal(name, MOCK_TIMELINE);

	info = sync_file_info(fd);
	assert_non_null(info);
	assert_int_equal(info->num_fences, 1);
	assert_int_equal(info->status, 0);
	assert_string_equal(sync_get_fence_info(info)->driver_name,
			    MOCK_DRIVER);
	sync_file_info_free(info);
	assert_int_equal(libfence_sync_ioctl(
		fd, SYNC_IOC_SET_DEADLINE, &(struct sync_set_deadline){ 1 }),
		mock_deadline_ioctl());
	assert_true(eventually(count_fds_but_scratch() <= before));

	send_go(p.s);
	timestamp = timestamp_from(p);
	assert_true(done_soon(f));
	assert_int_equal(libfence_status(f), -ENODATA);
	assert_true(libfence_timestamp(f) == timestamp);
	assert_true(readable(fd));
	/*
	 * The library's own descriptor is closed while the fence still exists.
	 */
	assert_true(eventually(count_fds_but_scratch() <= before - 1));
	/* A later import gives the same result. */
	again = import(fd);
	assert_int_equal(libfence_status(again), -ENODATA);
	assert_true(libfence_timestamp(again) == timestamp);
	libfence_put(&again);
	info = sync_file_info(fd);
	assert_int_equal(info->status, -ENODATA);
	assert_true(sync_get_fence_info(info)->timestamp_ns == (u64)timestamp);
	sync_file_info_free(info);
	assert_int_equal(end_peer(p), 0);
	/* The result does not change when the exporting process has ended. */
	again = import(fd);
	assert_int_equal(libfence_status(again), -ENODATA);
	libfence_put(&again);
	libfence_put(&f);
	close(fd);
}

static void exporter_need_not_keep_its_descriptor(void **state)
{
	struct peer p = start_peer(export_one, DROP_AND_SIGNAL);
	int fd = receive_fd(p.s);
	struct libfence *f = import(fd);

	/* Nor does the importer need to keep the descriptor. */
	close(fd);
	send_go(p.s);
	assert_true(done_soon(f));
	assert_int_equal(libfence_status(f), 1);
	assert_true(libfence_timestamp(f) == timestamp_from(p));
	libfence_put(&f);
	assert_int_equal(end_peer(p), 0);
}

static void exporter_that_is_killed(void **state)
{
	struct peer p = start_peer(export_one, WAIT);
	int fd = receive_fd(p.s), i;
	struct libfence *f = import(fd), *others[20];
	struct mock_cb cb;
	s64 start;

	for (i = 0; i < 20; i++)
		others[i] = import(fd);
	assert_int_equal(mock_add(libfence_to_dma_fence(f), &cb), 0);
	assert_int_equal(libfence_wait(f, 20 * NSEC_PER_MSEC), -ETIMEDOUT);
	start = ktime_get();
	kill(p.pid, SIGKILL);
	assert_true(done_soon(f));
	/* This usually takes a fraction of a millisecond. */
	assert_true(ktime_get() - start < 20 * NSEC_PER_SEC);
	assert_int_equal(libfence_status(f), -EOWNERDEAD);
	assert_true(libfence_timestamp(f) >= start);
	assert_int_equal(cb.ran, 1);
	assert_int_equal(cb.error, -EOWNERDEAD);
	for (i = 0; i < 20; i++) {
		assert_true(done_soon(others[i]));
		assert_int_equal(libfence_status(others[i]), -EOWNERDEAD);
		libfence_put(&others[i]);
	}
	libfence_put(&f);
	/* An import after the exporter's death gives the same result. */
	f = import(fd);
	assert_int_equal(libfence_status(f), -EOWNERDEAD);
	libfence_put(&f);
	assert_true(poll_events(fd) & POLLHUP);
	close(fd);
	assert_int_equal(end_peer(p), 256 + SIGKILL);
}

static int export_and_exit(int s, int how)
{
	int fd = libfence_export(plain(new_fence()), NULL);

	send_fd(s, fd);
	if (!await_go(s))
		return 1;
	if (how == 1)
		abort();
	if (how == 2)
		execlp("sleep", "sleep", "0.2", NULL);
	return 0;
}

static void exporter_that_ends_in_other_ways(void **state)
{
	static const int ends[] = { 0, 256 + SIGABRT, 0 };
	int how;

	for (how = 0; how < 3; how++) {
		struct peer p = start_peer(export_and_exit, how);
		int fd = receive_fd(p.s);
		struct libfence *f = import(fd);

		send_go(p.s);
		assert_true(done_soon(f));
		assert_int_equal(libfence_status(f), -EOWNERDEAD);
		libfence_put(&f);
		close(fd);
		/* Sanitizers may handle the second themselves. */
		if (how != 1)
			assert_int_equal(end_peer(p), ends[how]);
		else
			end_peer(p);
	}
}

/* One that signalled before, and one that did not. */
static void exporters_that_are_killed_late_and_early(void **state)
{
	struct peer p = start_peer(export_one, SIGNAL), q;
	int fd = receive_fd(p.s), fd2;
	struct libfence *f, *g;

	q = start_peer(export_one, WAIT);
	fd2 = receive_fd(q.s);
	g = import(fd2);
	send_go(p.s);
	assert_true(eventually(readable(fd)));
	kill(p.pid, SIGKILL);
	kill(q.pid, SIGKILL);
	end_peer(p);
	end_peer(q);
	f = import(fd);
	assert_int_equal(libfence_status(f), 1);
	assert_true(done_soon(g));
	assert_int_equal(libfence_status(g), -EOWNERDEAD);
	libfence_put(&f);
	libfence_put(&g);
	close(fd);
	close(fd2);
}

static void importer_that_does_not_wait(void **state)
{
	struct peer p = start_peer(export_one, SIGNAL);
	int fd = receive_fd(p.s), before = count_fds(), i;
	struct libfence *f;

	for (i = 0; i < 100; i++) {
		f = import(fd);
		assert_true(eventually(count_fds() <= before + 1));
		libfence_put(&f);
		assert_true(eventually(count_fds() <= before));
	}
	close(fd);
	/* Nobody holds the descriptor any more; signalling must still work. */
	send_go(p.s);
	timestamp_from(p);
	assert_int_equal(end_peer(p), 0);
}

/* fork(): the parent's descriptor in the child */

static int import_in_child(int s, int fd)
{
	struct libfence *f = libfence_import(fd, NULL), *again;
	s64 answer[2];

	if (!f || libfence_status(f))
		return 1;
	send_go(s);
	if (libfence_wait(f, PATIENCE_S * NSEC_PER_SEC))
		return 2;
	answer[0] = libfence_status(f);
	answer[1] = libfence_timestamp(f);
	again = libfence_import(fd, NULL);
	if (!again || libfence_status(again) != answer[0])
		return 3;
	libfence_put(&again);
	libfence_put(&f);
	if (write(s, answer, sizeof(answer)) != sizeof(answer))
		return 4;
	return 0;
}

static void child_imports_what_it_has_inherited(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL), i;
	struct peer p[5];
	s64 answer[2];

	for (i = 0; i < 5; i++)
		p[i] = start_peer(import_in_child, fd);
	for (i = 0; i < 5; i++)
		assert_true(await_go(p[i].s));
	dma_fence_set_error(fence, -EL2HLT);
	dma_fence_signal(fence);
	for (i = 0; i < 5; i++) {
		assert_int_equal(read(p[i].s, answer, sizeof(answer)), 16);
		assert_int_equal(answer[0], -EL2HLT);
		assert_true(answer[1] == dma_fence_timestamp(fence));
		assert_int_equal(end_peer(p[i]), 0);
	}
	close(fd);
	dma_fence_put(fence);
	settle();
}

/* A grandchild imports a fence of its parent, which is killed. */
static int parent_of_importer(int s, int unused)
{
	int fd = libfence_export(plain(new_fence()), NULL);
	struct libfence *f;
	char status;

	if (fork()) {
		pause();
		return 0;
	}
	/* See end_with_parent() in support.c. */
	prctl(PR_SET_PDEATHSIG, 0);
	f = libfence_import(fd, NULL);
	if (!f)
		return 1;
	send_go(s);
	if (libfence_wait(f, PATIENCE_S * NSEC_PER_SEC))
		return 2;
	status = libfence_status(f) == -EOWNERDEAD;
	return write(s, &status, 1) != 1;
}

static void parent_that_is_killed(void **state)
{
	struct peer p = start_peer(parent_of_importer, 0);
	char status = 0;

	assert_true(await_go(p.s));
	kill(p.pid, SIGKILL);
	assert_int_equal(read(p.s, &status, 1), 1);
	assert_int_equal(status, 1);
	end_peer(p);
}

static int use_in_child(int s, int unused)
{
	struct dma_fence *fence = new_fence();
	int fd = libfence_export(plain(fence), NULL);
	struct libfence *got = libfence_import(fd, NULL);

	if (!got || libfence_fence_context(got) != fence->context)
		return 1;
	libfence_put(&got);
	dma_fence_signal(fence);
	if (!(poll_events(fd) & POLLIN))
		return 2;
	close(fd);
	settle();
	return kref_read(&fence->refcount) != 1;
}

static void child_exports_for_itself(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL);
	struct libfence *got;

	assert_int_equal(end_peer(start_peer(use_in_child, 0)), 0);
	/* The parent's descriptors still work. */
	got = import(fd);
	assert_ptr_equal(got, plain(fence));
	libfence_put(&got);
	assert_false(readable(fd));
	close(fd);
	settle();
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

/* A fence imported before the fork is signalled in both processes. */
static struct libfence *imported;

static int wait_in_child(int s, int unused)
{
	send_go(s);
	return libfence_wait(imported, PATIENCE_S * NSEC_PER_SEC) ? 1 :
	       libfence_status(imported) == -ENODATA ? 0 : 2;
}

static void child_waits_for_what_was_imported_before(void **state)
{
	struct peer p = start_peer(export_one, FAIL), child;
	int fd = receive_fd(p.s);

	imported = import(fd);
	child = start_peer(wait_in_child, 0);
	assert_true(await_go(child.s));
	send_go(p.s);
	assert_true(done_soon(imported));
	assert_int_equal(libfence_status(imported), -ENODATA);
	assert_int_equal(end_peer(child), 0);
	timestamp_from(p);
	assert_int_equal(end_peer(p), 0);
	libfence_put(&imported);
	close(fd);
}

/*
 * A descriptor that is sent to another process and back gives the same fence.
 */
static int send_back(int s, int unused)
{
	int fd = receive_fd(s);

	if (fd < 0)
		return 1;
	send_fd(s, fd);
	return 0;
}

static void descriptor_that_comes_back(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL), back;
	struct peer p = start_peer(send_back, 0);
	struct libfence *got;

	send_fd(p.s, fd);
	close(fd);
	back = receive_fd(p.s);
	got = import(back);
	assert_ptr_equal(got, plain(fence));
	libfence_put(&got);
	close(back);
	assert_int_equal(end_peer(p), 0);
	settle();
	dma_fence_put(fence);
}

static void merge_of_here_and_there(void **state)
{
	struct peer p = start_peer(export_one, FAIL), q;
	struct dma_fence *fence = mock_fence();
	int ours = libfence_export(plain(fence), "ours"), before;
	int theirs = receive_fd(p.s), fd, i;

	q = start_peer(export_one, WAIT);
	i = receive_fd(q.s);
	before = count_fds_but_scratch();
	fd = sync_merge("one", ours, theirs);
	assert_true(fd >= 0);
	close(fd);
	fd = sync_merge("two", theirs, ours);
	assert_true(fd >= 0);
	close(fd);
	fd = sync_merge("three", theirs, i);
	assert_true(fd >= 0);
	assert_false(readable(fd));
	send_go(p.s);
	kill(q.pid, SIGKILL);
	assert_int_equal(sync_wait(fd, PATIENCE_S * 1000), 0);
	close(fd);
	dma_fence_signal(fence);
	settle();
	/* A set and an eventfd. */
	assert_true(eventually(count_fds_but_scratch() <= before + 2));
	timestamp_from(p);
	assert_int_equal(end_peer(p), 0);
	end_peer(q);
	close(i);
	close(ours);
	close(theirs);
	settle();
	dma_fence_put(fence);
}

/* Names */

/* Timelines need fences that have a lock of their own. */
#if CORE_HAS(inline_lock)
static int export_slashes(int s, int unused)
{
	struct libfence_timeline *t = libfence_timeline_create("gfx/ring/0");
	struct libfence *f = libfence_timeline_fence(t, 1);

	send_fd(s, libfence_export(f, NULL));
	await_go(s);
	return 0;
}

static void a_name_may_have_slashes(void **state)
{
	struct peer p = start_peer(export_slashes, 0);
	int fd = receive_fd(p.s);
	struct libfence *f = import(fd);
	char name[64];

	libfence_timeline_name(f, name, sizeof(name));
	assert_string_equal(name, "gfx/ring/0");
	libfence_driver_name(f, name, sizeof(name));
	assert_string_equal(name, "sw_sync");
	send_go(p.s);
	close(fd);
	assert_int_equal(end_peer(p), 0);
	libfence_put(&f);
}
#endif

/* Names that do not fit, cut as the label can have them. */

static const char *const long_names[][4] = {
	/* Driver, timeline, and the two names that an importer sees. */
	{ "drv", "tl", "drv", "tl" },
	{ "", "", "", "" },
	{ "a/b/c", "d/e", "a/b/c", "d/e" },
	{ "1234567890123", "123456789012", "1234567890123", "123456789012" },
	{ "1234567890123", "1234567890123", "12345678901~", "1234567890123" },
	{ "12345678", "12345678901234567", "12345678", "12345678901234567" },
	{ "12345678", "123456789012345678", "12345678", "1234567890123456~" },
	{ "123456789", "12345678901234567890", "1234567~",
	  "1234567890123456~" },
	{ "123", "1234567890123456789012", "123", "1234567890123456789012" },
	{ "123", "12345678901234567890123", "123", "123456789012345678901~" },
	{ "", "12345678901234567890123456", "", "123456789012345678901234~" },
	{ "12345678901234567890123456", "",
	  "123456789012345678901234~", "" },
	{ "12345678901234567890123456", "t",
	  "12345678901234567890123~", "t" },
	{ "tab\there", "bell\a\x80", "tab?here", "bell??" },
};

struct named_fence {
	struct mock_fence m;
	const char *const *names;
};

static const char *named_driver(struct dma_fence *fence)
{
	return container_of(fence, struct named_fence, m.base)->names[0];
}

static const char *named_timeline(struct dma_fence *fence)
{
	return container_of(fence, struct named_fence, m.base)->names[1];
}

static const struct dma_fence_ops named_ops = {
	.get_driver_name = named_driver,
	.get_timeline_name = named_timeline,
};

static int export_named(int s, int nr)
{
	struct named_fence *n = kzalloc_obj(*n);

	n->names = long_names[nr];
	dma_fence_init(&n->m.base, &named_ops, MOCK_LOCK(&n->m.lock),
		       dma_fence_context_alloc(1), 1);
	send_fd(s, libfence_export(plain(&n->m.base), NULL));
	await_go(s);
	dma_fence_signal(&n->m.base);
	await_go(s);
	return 0;
}

static void names_that_do_not_fit_are_cut(void **state)
{
	char driver[64], timeline[64];
	int i;

	for (i = 0; i < ARRAY_SIZE(long_names); i++) {
		struct peer p = start_peer(export_named, i);
		int fd = receive_fd(p.s);
		struct libfence *f = import(fd);

		libfence_driver_name(f, driver, sizeof(driver));
		libfence_timeline_name(f, timeline, sizeof(timeline));
		assert_string_equal(driver, long_names[i][2]);
		assert_string_equal(timeline, long_names[i][3]);
		send_go(p.s);
		assert_true(done_soon(f));
		libfence_put(&f);
		close(fd);
		assert_int_equal(end_peer(p), 0);
	}
}

/* Other holders of our descriptors */

static int keep_all(int s, int unused)
{
	struct rlimit limit = { 4096, 4096 };

	setrlimit(RLIMIT_NOFILE, &limit);
	while (receive_fd(s) >= 0)
		;
	return 0;
}

static void a_peer_that_keeps_copies_uses_none_of_our_descriptors(void **state)
{
	struct peer p = start_peer(keep_all, 0);
	struct rlimit old, low;
	int i, fd = -1, err = 0;

	warm_up();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	for (i = 0; i < 300; i++) {
		struct dma_fence *fence = mock_fence();
		struct libfence *f;

		/* Other threads close those of the library, maybe late. */
		if (!eventually((fd = libfence_export(plain(fence), NULL)) >= 0)) {
			err = fd;
			dma_fence_put(fence);
			break;
		}
		send_fd(p.s, fd);
		dma_fence_set_error(fence, -EIO);
		dma_fence_signal(fence);
		dma_fence_put(fence);
		/* It is readable, and has its result, whatever happens. */
		assert_int_equal(libfence_sync_wait(fd, 0), 0);
		if (i % 100 == 99) {
			f = import(fd);
			assert_int_equal(libfence_status(f), -EIO);
			libfence_put(&f);
		}
		close(fd);
	}
	setrlimit(RLIMIT_NOFILE, &old);
	assert_int_equal(err, 0);
	shutdown(p.s, SHUT_RDWR);
	end_peer(p);
	settle();
}

/* It takes the record, and changes the descriptor in all ways that it can. */
static int interfere(int fd)
{
	char bytes[200];

	shutdown(fd, SHUT_RDWR);
	fcntl(fd, F_SETPIPE_SZ, 1);
	return read(fd, bytes, sizeof(bytes)) <= 0;
}

static void a_holder_does_not_change_what_the_exporter_sees(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL), status, signalled;
	struct libfence *f;
	pid_t pid;

	for (signalled = 0; signalled < 2; signalled++) {
		if (signalled)
			dma_fence_signal(fence);
		fflush(NULL);
		pid = fork();
		if (!pid)
			_exit(interfere(fd));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), !signalled);
		libfence_sync_reap();
		f = libfence_import(fd, NULL);
		assert_ptr_equal(f, plain(fence));
		libfence_put(&f);
		/* The library closes its end soon, and that is readable. */
		if (signalled)
			assert_true(eventually(poll_events(fd)));
		else
			assert_int_equal(poll_events(fd), 0);
	}
	close(fd);
	assert_true(eventually((settle(), mock_refs(fence) == 1)));
	dma_fence_put(fence);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(no_thread_before_it_is_needed),
		MOCK_TEST(same_error_timestamp_and_names),
		MOCK_TEST(exporter_need_not_keep_its_descriptor),
		MOCK_TEST(exporter_that_is_killed),
		MOCK_TEST(exporter_that_ends_in_other_ways),
		MOCK_TEST(exporters_that_are_killed_late_and_early),
		MOCK_TEST(importer_that_does_not_wait),
		MOCK_TEST(child_imports_what_it_has_inherited),
		MOCK_TEST(parent_that_is_killed),
		MOCK_TEST(child_exports_for_itself),
		MOCK_TEST(child_waits_for_what_was_imported_before),
		MOCK_TEST(descriptor_that_comes_back),
		MOCK_TEST(merge_of_here_and_there),
#if CORE_HAS(inline_lock)
		MOCK_TEST(a_name_may_have_slashes),
#endif
		MOCK_TEST(names_that_do_not_fit_are_cut),
		MOCK_TEST(a_peer_that_keeps_copies_uses_none_of_our_descriptors),
		MOCK_TEST(a_holder_does_not_change_what_the_exporter_sees),
	};
	/* It creates descriptors above the limit, and then refuses them. */
	TEST_NEEDS(!test_on_valgrind(), "a limit of descriptors (Valgrind)",
		   a_peer_that_keeps_copies_uses_none_of_our_descriptors);
	return TEST_MAIN("sync-file-foreign", tests);
}
