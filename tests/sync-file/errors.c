// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Error paths: no memory, no descriptors, and a host that refuses a call. A
 * call that fails has the right error and leaves nothing, and other calls work.
 */

#include "wire.h"
#include <pthread.h>
#include <signal.h>
#include "pipe.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <linux/file.h>
#include <linux/sync_file.h>
#include <linux/uaccess.h>
#include <libfence/libsync.h>

/* In a child process, which cannot use assertions. */
#define CHECK(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "line %d: %s\n", __LINE__, #cond); \
			return 1;					\
		}							\
	} while (0)

static int parent_socket;

/* A process without the library's threads and descriptors. */
static pid_t start_child(int (*fn)(void), int *s)
{
	int pair[2];
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				    pair), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(pair[0]);
		parent_socket = pair[1];
		alarm(PATIENCE_S);
		_exit(fn());
	}
	close(pair[1]);
	*s = pair[0];
	return pid;
}

static void end_child(pid_t pid, int s)
{
	int status;

	close(s);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void in_child(int (*fn)(void))
{
	pid_t pid;
	int s;

	/* A child inherits what threads have not finished. */
	assert_true(threads_are_idle());
	pid = start_child(fn, &s);
	end_child(pid, s);
}

static void ignore_warning(const struct libfence_warning *w, void *data)
{
}

/* The error of wrapping @fd; 0 if it can be wrapped. */
static int wrap_error(int fd)
{
	int err = 1;
	struct libfence *f = libfence_wrap_fd(fd, &err);

	if (!f)
		return err;
	libfence_put(&f);
	return 0;
}

static int wrap_without_memory(void)
{
	int fd = eventfd(0, EFD_CLOEXEC), before = count_fds();

	libfence_fail_nth(1);
	CHECK(wrap_error(fd) == -ENOMEM);
	CHECK(!libfence_fail_nth_left());
	CHECK(count_fds() == before);
	CHECK(!wrap_error(fd));
	settle();
	/* The set, its eventfd, and the thread's pipe. */
	CHECK(count_fds() == before + 4);
	return 0;
}

static void wrapping_without_memory_leaves_nothing(void **state)
{
	in_child(wrap_without_memory);
}

static int limit_descriptors(int room)
{
	struct rlimit limit;
	int nr = 0;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -1;
	/* Up to the free descriptor after those. */
	while (fcntl(nr, F_GETFD) >= 0 || room--)
		nr++;
	limit.rlim_cur = nr;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

static int wrap_without_descriptors(void)
{
	int fd = eventfd(0, EFD_CLOEXEC), before = count_fds(), room, err;
	struct rlimit old;

	CHECK(!getrlimit(RLIMIT_NOFILE, &old));
	/* A copy, which is looked at with an eventfd; the set and its eventfd. */
	for (room = 0; room < 3; room++) {
		CHECK(!limit_descriptors(room));
		err = wrap_error(fd);
		CHECK(!setrlimit(RLIMIT_NOFILE, &old));
		CHECK(err == -EMFILE);
		settle();
		CHECK(count_fds() == before);
	}
	/* Now the set stays, and the thread needs a pipe. */
	for (room = 3; room > 1; room--) {
		CHECK(!limit_descriptors(room));
		err = wrap_error(fd);
		CHECK(!setrlimit(RLIMIT_NOFILE, &old));
		CHECK(err == -EMFILE);
		settle();
		CHECK(count_fds() == before + 2);
	}
	CHECK(!limit_descriptors(3));
	CHECK(!wrap_error(fd));
	return 0;
}

static void wrapping_without_descriptors_leaves_nothing(void **state)
{
	in_child(wrap_without_descriptors);
}

/* Two descriptors that no list of watches may keep. */
static int fork_after_errors(void)
{
	int status;
	pid_t pid;

	CHECK(wrap_error(-1) == -EBADF);
	CHECK(wrap_error(open("/proc/self/exe", O_RDONLY)) == -EPERM);
	settle();
	pid = fork();
	if (!pid)
		_exit(wrap_error(eventfd(0, 0)) != 0);
	CHECK(waitpid(pid, &status, 0) == pid && !status);
	return 0;
}

static void a_refused_descriptor_is_not_inherited(void **state)
{
	in_child(fork_after_errors);
}

/* @fds: without the pipes of threads. The thread closes and frees a little later. */
static bool nothing_is_left(int fds, const struct memory *memory)
{
	return eventually((settle(), count_fds_but_scratch() <= fds)) &&
	       memory_came_back(memory, 12000);
}

/* Each of these leaves a proxy fence if an error path is wrong. */
static void refuse_and_drop(int s[2], int file, int event)
{
	struct libfence *f;

	assert_int_equal(wrap_error(file), -EPERM);
	assert_int_equal(wrap_error(event), 0);
	assert_int_equal(wrap_error(-1), -EBADF);
	assert_null(libfence_import(event, NULL));
	f = libfence_import(s[0], NULL);
	assert_non_null(f);
	libfence_put(&f);
	assert_int_equal(libfence_sync_ioctl(event, SYNC_IOC_FILE_INFO,
			 &(struct sync_file_info){ 0 }), -ENOTTY);
	assert_int_equal(libfence_sync_ioctl(s[0], SYNC_IOC_FILE_INFO,
			 &(struct sync_file_info){ 0 }), 0);
}

static void imports_leave_no_memory_and_no_descriptors(void **state)
{
	int file = open("/proc/self/exe", O_RDONLY), event = eventfd(0, 0);
	int s[2], before, i;
	struct memory memory;

	assert_int_equal(pipe_export(s, "drv/tl"), 0);
	refuse_and_drop(s, file, event);
	settle();
	before = count_fds_but_scratch();
	memory = memory_now();
	for (i = 0; i < 200; i++)
		refuse_and_drop(s, file, event);
	assert_true(nothing_is_left(before, &memory));
	close(file);
	close(event);
	pipe_close(s);
}

static void import_and_signal(void)
{
	struct libfence *f;
	int s[2];

	assert_int_equal(pipe_export(s, "drv/tl"), 0);
	f = libfence_import(s[0], NULL);
	assert_true(pipe_signal(s, &good_record));
	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	libfence_put(&f);
	/* And one with a result. */
	f = libfence_import(s[0], NULL);
	assert_int_equal(libfence_status(f), 1);
	libfence_put(&f);
	pipe_close(s);
}

static void signalled_imports_leave_no_memory_and_no_descriptors(void **state)
{
	int before, i;
	struct memory memory;

	import_and_signal();
	settle();
	before = count_fds_but_scratch();
	memory = memory_now();
	for (i = 0; i < 200; i++)
		import_and_signal();
	assert_true(nothing_is_left(before, &memory));
}

static void exports_leave_no_memory_and_no_descriptors(void **state)
{
	struct dma_fence *fence = mock_fence();
	int before, i;
	struct memory memory;

	warm_up();
	before = count_fds_but_scratch();
	memory = memory_now();
	for (i = 0; i < 1000; i++)
		close(libfence_export(plain(fence), NULL));
	assert_true(nothing_is_left(before, &memory));
	dma_fence_put(fence);
}

static void an_ioctl_without_memory_leaves_nothing(void **state)
{
	struct sync_file_info info;
	int s[2], before, n, ret;

	assert_int_equal(pipe_export(s, "drv/tl"), 0);
	warm_up();
	assert_int_equal(wrap_error(s[0]), 0);
	settle();
	before = count_fds();
	for (n = 1; ; n++) {
		memset(&info, 0, sizeof(info));
		libfence_fail_nth(n);
		ret = libfence_sync_ioctl(s[0], SYNC_IOC_FILE_INFO, &info);
		if (!mock_alloc_failed())
			break;
		assert_int_equal(ret, -ENOMEM);
		settle();
		assert_true(eventually(count_fds() <= before));
	}
	assert_true(n > 2);
	assert_int_equal(ret, 0);
	pipe_close(s);
	settle();
}

/* A host that refuses calls */

static int export_with_refused_write(void)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL);
	char packet[100];

	CHECK(fd >= 0);
	CHECK(test_refuse_call(SYS_pwritev2, ENOMEM));
	dma_fence_signal(fence);
	CHECK(eventually(poll_events(fd) == POLLHUP));
	CHECK(select_readable(fd) && epoll_readable(fd));
	/* The end of the pipe: importers see -EOWNERDEAD. */
	CHECK(read(fd, packet, sizeof(packet)) == 0);
	CHECK(!strcmp(pipe_label(fd), MOCK_DRIVER "/" MOCK_TIMELINE));
	return 0;
}

static void a_packet_without_memory_still_wakes(void **state)
{
	in_child(export_with_refused_write);
}

/* A pipe; its page, for which it is written to and read; its number. */
static int export_with_refused_pipe(void)
{
	struct dma_fence *fence = mock_fence();
	struct memory memory;
	int before, i;

	warm_up();
	before = count_fds();
	CHECK(test_refuse_call(SYS_pipe2, EPERM));
	CHECK(libfence_export(plain(fence), NULL) == -EPERM);
	memory = memory_now();
	for (i = 0; i < 500; i++)
		CHECK(libfence_export(plain(fence), NULL) == -EPERM);
	CHECK(count_fds() == before);
	CHECK(memory_came_back(&memory, 8192));
	CHECK(mock_refs(fence) == 1);
	return 0;
}

static void an_export_without_a_pipe_leaves_nothing(void **state)
{
	in_child(export_with_refused_pipe);
}

/* The calling thread, and those that it creates, cannot create threads. */
static bool refuse_threads(void)
{
#ifdef SYS_clone3
	if (!test_refuse_call(SYS_clone3, ENOSYS))
		return false;
#endif
	return test_refuse_call(SYS_clone, EAGAIN);
}

static int wrap_with_refused_thread(void)
{
	int fd = eventfd(0, EFD_CLOEXEC), before, i;
	struct memory memory;

	libfence_set_warn_hook(ignore_warning, NULL);
	/* All threads but the one that is to fail: they free and close. */
	warm_up();
	CHECK(refuse_threads());
	/* malloc() keeps some freed memory for each thread. */
	for (i = 0; i < 20; i++)
		CHECK(wrap_error(fd) == -EAGAIN);
	settle();
	/* The set, its eventfd and the thread's pipe stay for the next attempt. */
	before = count_fds();
	memory = memory_now();
	for (i = 0; i < 200; i++)
		CHECK(wrap_error(fd) == -EAGAIN);
	settle();
	CHECK(count_fds() == before);
	CHECK(memory_came_back(&memory, 12000));
	return 0;
}

static void wrapping_without_a_thread_leaves_nothing(void **state)
{
	in_child(wrap_with_refused_thread);
}

static bool may_flush;

static int flush_when_told(void *unused)
{
	while (!READ_ONCE(may_flush))
		usleep_range(100, 200);
	flush_delayed_fput();
	return 0;
}

static int put_with_refused_thread(void)
{
	struct task_struct *flusher = start(flush_when_told, NULL);
	struct dma_fence *fence = mock_fence();
	struct sync_file *s = sync_file_create(fence);

	libfence_set_warn_hook(ignore_warning, NULL);
	CHECK(refuse_threads());
	fput(s->file);
	CHECK(mock_refs(fence) == 2);
	WRITE_ONCE(may_flush, true);
	finish(flusher);
	CHECK(mock_refs(fence) == 1);
	return 0;
}

static void flush_creates_the_thread_that_fput_could_not(void **state)
{
	in_child(put_with_refused_thread);
}

static void copies_stop_at_a_bad_page(void **state)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), buf[8] = "";

	assert_true(p != MAP_FAILED);
	munmap(p + page, page);
	assert_int_equal(copy_from_user(buf, p + page - 8, 8), 0);
	assert_int_equal(copy_to_user(p + page - 8, buf, 8), 0);
	assert_int_not_equal(copy_from_user(buf, p + page - 4, 8), 0);
	assert_int_not_equal(copy_to_user(p + page - 4, buf, 8), 0);
	munmap(p, page);
}

static int copy_with_refused_call(void)
{
	char from[] = "text", to[8] = "";

	CHECK(test_refuse_call(SYS_process_vm_readv, ENOSYS));
	CHECK(test_refuse_call(SYS_process_vm_writev, EPERM));
	CHECK(!copy_from_user(to, from, 5) && !strcmp(to, "text"));
	from[0] = 'n';
	CHECK(!copy_to_user(to, from, 5) && !strcmp(to, "next"));
	return 0;
}

static void copies_work_without_the_hosts_calls(void **state)
{
	in_child(copy_with_refused_call);
}

static void an_export_has_the_name_it_is_given(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), "given");
	struct sync_file_info info = { 0 };

	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO, &info), 0);
	assert_string_equal(info.name, "given");
	close(fd);
	settle();
	dma_fence_put(fence);
}

static struct dma_fence *fence_to_signal;
static pthread_t waiter;

static void do_nothing(int sig)
{
}

static int interrupt_and_signal(void *unused)
{
	msleep(10);
	pthread_kill(waiter, SIGUSR1);
	msleep(30);
	dma_fence_signal(fence_to_signal);
	return 0;
}

static void a_signal_handler_does_not_end_an_endless_wait(void **state)
{
	struct sigaction action = { .sa_handler = do_nothing }, old;
	struct dma_fence *fence = fence_to_signal = mock_fence();
	int fd = libfence_export(plain(fence), NULL);
	struct task_struct *task;

	sigaction(SIGUSR1, &action, &old);
	waiter = pthread_self();
	task = start(interrupt_and_signal, NULL);
	assert_int_equal(libfence_sync_wait(fd, -1), 0);
	finish(task);
	sigaction(SIGUSR1, &old, NULL);
	close(fd);
	settle();
	dma_fence_put(fence);
}

static void signals_do_not_lengthen_a_wait(void **state)
{
	struct sigaction action = { .sa_handler = do_nothing }, old;
	struct itimerval often = { { 0, 10000 }, { 0, 10000 } }, never = { 0 };
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL);
	ktime_t begin = ktime_get();

	sigaction(SIGALRM, &action, &old);
	setitimer(ITIMER_REAL, &often, NULL);
	assert_int_equal(libfence_sync_wait(fd, 200), -ETIME);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &old, NULL);
	assert_true(ktime_get() - begin >= 200 * NSEC_PER_MSEC);
	close(fd);
	settle();
	dma_fence_put(fence);
}

/* Processes */

static const char *driver_name, *timeline_name;

static const char *get_driver(struct dma_fence *fence)
{
	return driver_name;
}

static const char *get_timeline(struct dma_fence *fence)
{
	return timeline_name;
}

static const struct dma_fence_ops named_ops = {
	.get_driver_name = get_driver,
	.get_timeline_name = get_timeline,
};

static struct dma_fence *named_fence(const char *driver, const char *timeline)
{
	struct dma_fence *fence = kzalloc_obj(*fence);

	driver_name = driver;
	timeline_name = timeline;
	dma_fence_init(fence, &named_ops, MOCK_LOCK(&mock_lock),
		       dma_fence_context_alloc(1), 1);
	return fence;
}

static void assert_labelled(struct dma_fence *fence, const char *name,
			    const char *label)
{
	int fd = libfence_export(plain(fence), name);

	assert_string_equal(pipe_label(fd), label);
	close(fd);
	settle();
}

static void other_processes_see_the_names(void **state)
{
	struct dma_fence *a = mock_fence(), *b = mock_fence();
	struct dma_fence *array = mock_array_of(a, b);

	assert_labelled(a, NULL, MOCK_DRIVER "/" MOCK_TIMELINE);
	/* Several fences: the name of the file. */
	assert_labelled(array, "both", "sync_file/both");
	dma_fence_signal(a);
	dma_fence_signal(b);
	dma_fence_put(array);
	dma_fence_put(a);
	dma_fence_put(b);
}

static void a_label_has_room_for_26_characters(void **state)
{
	static const struct {
		const char *driver, *timeline, *label;
	} rows[] = {
		/* A slash would divide it; importers put it back. */
		{ "a/b/d", "c/e", "a\x1f" "b\x1f" "d/c/e" },
		{ "d\x01r\x7f", "t\xc3l", "d?r?/t?l" },
		{ "d~", " t", "d~/ t" },
		{ "", "t", "/t" },
		{ "d", "", "d/" },
		/* Names that fit are not cut. */
		{ "driver-of-12", "timeline-of13", "driver-of-12/timeline-of13" },
		{ "driver-of-12", "timeline-of-14", "driver-of-~/timeline-of-14" },
		/* At least eight characters of the driver's name are left. */
		{ "long-driver", "timeline-of-seventeen",
		  "long-dr~/timeline-of-seve~" },
		{ "short", "timeline-that-is-too-long",
		  "short/timeline-that-is-to~" },
		{ "a-driver-whose-name-is-too-long", "t",
		  "a-driver-whose-name-is-~/t" },
	};
	struct dma_fence *fence;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fence = named_fence(rows[i].driver, rows[i].timeline);
		assert_labelled(fence, NULL, rows[i].label);
		dma_fence_put(fence);
	}
}

/* The record has more of them. */
static void a_record_has_the_names(void **state)
{
	struct dma_fence *fence =
		named_fence("long-driver/of-a-machine",
			    "a/timeline-that-is-longer-than-a-record");
	struct wire_record record;
	int fd = libfence_export(plain(fence), NULL);

	dma_fence_set_error(fence, -EIO);
	dma_fence_signal_timestamp(fence, 12345);
	assert_int_equal(pipe_take(fd, &record), sizeof(record));
	assert_memory_equal(record.magic, "libfence", 8);
	assert_int_equal(record.version, WIRE_VERSION);
	assert_int_equal(record.status, -EIO);
	assert_int_equal(record.timestamp, 12345);
	assert_string_equal(record.driver, "long-driver/of-a-machine");
	assert_string_equal(record.timeline, "a/timeline-that-is-longer-than-");
	close(fd);
	settle();
	dma_fence_put(fence);
}

static struct dma_fence *fence_of_parent;
static int fd_of_parent;

/* The number of the library's end is reused: nothing is written to that. */
static int signal_what_is_inherited(void)
{
	struct libfence *f;
	int s[16][2], i;
	char byte;

	for (i = 0; i < 16; i++)
		CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s[i]));
	dma_fence_signal(fence_of_parent);
	for (i = 0; i < 16; i++)
		CHECK(read(s[i][0], &byte, 1) < 0 &&
		      read(s[i][1], &byte, 1) < 0);
	/* The parent's fence is not the child's. */
	f = libfence_import(fd_of_parent, NULL);
	CHECK(f && f != plain(fence_of_parent));
	libfence_put(&f);
	return 0;
}

static void a_child_sends_nothing_for_its_parent(void **state)
{
	struct dma_fence *fence = fence_of_parent = mock_fence();
	int fd = fd_of_parent = libfence_export(plain(fence), NULL);

	in_child(signal_what_is_inherited);
	assert_false(readable(fd));
	close(fd);
	settle();
	dma_fence_put(fence);
}

/* Without the RCU thread, which reaps, too. */
static int close_many(void)
{
	struct dma_fence *fence = mock_fence();
	int fds[100], before = count_fds(), i;

	for (i = 0; i < 100; i++)
		CHECK((fds[i] = libfence_export(plain(fence), NULL)) >= 0);
	CHECK(mock_refs(fence) == 101);
	for (i = 0; i < 100; i++)
		close(fds[i]);
	CHECK(libfence_sync_reap() == 100);
	CHECK(mock_refs(fence) == 1);
	CHECK(libfence_sync_reap() == 0);
	CHECK(count_fds() == before);
	return 0;
}

static void one_call_reaps_all(void **state)
{
	in_child(close_many);
}

/* The user's descriptors are one end each; the library's pipes have two. */
static int look_for_the_librarys(void)
{
	static char links[256][32];
	char path[32];
	int i, k;

	for (i = 3; i < 256; i++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", i);
		if (readlink(path, links[i], sizeof(links[i]) - 1) < 0)
			continue;
		CHECK(strcmp(links[i], "anon_inode:[eventpoll]"));
		CHECK(strcmp(links[i], "anon_inode:[eventfd]"));
		for (k = 3; k < i; k++)
			CHECK(strncmp(links[i], "pipe:", 5) ||
			      strcmp(links[i], links[k]));
	}
	return 0;
}

static void a_child_closes_the_descriptors_of_the_library(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fds[3], i;

	warm_up();
	assert_int_equal(wrap_error(fds[0] = eventfd(0, 0)), 0);
	close(fds[0]);
	settle();
	for (i = 0; i < 3; i++)
		fds[i] = libfence_export(plain(fence), NULL);
	/* The set, its eventfd, a thread's pipe, and three ends are open. */
	assert_int_not_equal(look_for_the_librarys(), 0);
	in_child(look_for_the_librarys);
	for (i = 0; i < 3; i++)
		close(fds[i]);
	settle();
	dma_fence_put(fence);
}

static int count_fds_that_survive_exec(void)
{
	int nr = 0, i;

	for (i = 0; i < 1024; i++)
		nr += fcntl(i, F_GETFD) == 0;
	return nr;
}

/* The numbers 0 to 2 are for the standard streams. */
static int wrap_without_a_standard_input(void)
{
	int fd = eventfd(0, EFD_CLOEXEC), survivors;
	struct libfence *f;

	close(0);
	CHECK(open("/dev/null", O_RDONLY | O_CLOEXEC) == 0);
	survivors = count_fds_that_survive_exec();
	CHECK(!wrap_error(fd));
	close(0);
	f = libfence_wrap_fd(fd, NULL);
	CHECK(f && fcntl(0, F_GETFD) < 0);
	CHECK(count_fds_that_survive_exec() == survivors);
	return 0;
}

static void descriptors_of_the_library_end_with_exec(void **state)
{
	in_child(wrap_without_a_standard_input);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(wrapping_without_memory_leaves_nothing),
		MOCK_TEST(wrapping_without_descriptors_leaves_nothing),
		MOCK_TEST(a_refused_descriptor_is_not_inherited),
		MOCK_TEST(imports_leave_no_memory_and_no_descriptors),
		MOCK_TEST(signalled_imports_leave_no_memory_and_no_descriptors),
		MOCK_TEST(exports_leave_no_memory_and_no_descriptors),
		MOCK_TEST(an_ioctl_without_memory_leaves_nothing),
		MOCK_TEST(a_packet_without_memory_still_wakes),
		MOCK_TEST(an_export_without_a_pipe_leaves_nothing),
		MOCK_TEST(wrapping_without_a_thread_leaves_nothing),
		MOCK_TEST(flush_creates_the_thread_that_fput_could_not),
		MOCK_TEST(copies_stop_at_a_bad_page),
		MOCK_TEST(copies_work_without_the_hosts_calls),
		MOCK_TEST(an_export_has_the_name_it_is_given),
		MOCK_TEST(a_signal_handler_does_not_end_an_endless_wait),
		MOCK_TEST(signals_do_not_lengthen_a_wait),
		MOCK_TEST(other_processes_see_the_names),
		MOCK_TEST(a_label_has_room_for_26_characters),
		MOCK_TEST(a_record_has_the_names),
		MOCK_TEST(a_child_sends_nothing_for_its_parent),
		MOCK_TEST(one_call_reaps_all),
		MOCK_TEST(a_child_closes_the_descriptors_of_the_library),
		MOCK_TEST(descriptors_of_the_library_end_with_exec),
	};
	const bool refuses = test_host_refuses_calls();

	TEST_NEEDS(refuses, "seccomp", a_packet_without_memory_still_wakes);
	TEST_NEEDS(refuses, "seccomp",
		   an_export_without_a_pipe_leaves_nothing);
	TEST_NEEDS(refuses, "seccomp",
		   wrapping_without_a_thread_leaves_nothing);
	/* ThreadSanitizer does not support threads after fork(). */
	TEST_NEEDS(refuses && !LFSHIM_TSAN, "seccomp with threads",
		   flush_creates_the_thread_that_fput_could_not);
	TEST_NEEDS(test_host_checks_addresses(), "process_vm_readv()",
		   copies_stop_at_a_bad_page);
	TEST_NEEDS(refuses, "seccomp", copies_work_without_the_hosts_calls);
	return TEST_MAIN("sync-file-errors", tests);
}
