// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Files and watches that have ended leave nothing in this process and in a
 * child: no memory, no descriptor, and no entry of a list.
 */

#include "pipe.h"
#include "child.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <linux/anon_inodes.h>
#include <uapi/linux/sync_file.h>

static unsigned long nr_warnings;

static int wrap_error(int fd)
{
	int err = 1;
	struct libfence *f = libfence_wrap_fd(fd, &err);

	if (!f)
		return err;
	libfence_put(&f);
	return 0;
}

static void reserve_and_give_back(void)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);

	assert_true(fd >= 0);
	put_unused_fd(fd);
	assert_true(fcntl(fd, F_GETFD) < 0);
	/* Closed, as a program that does not know the library does it. */
	fd = get_unused_fd_flags(O_CLOEXEC);
	assert_true(fd >= 0);
	close(fd);
}

static void reservations_leave_no_memory_and_no_descriptors(void **state)
{
	struct memory memory;
	int before, i;

	warm_up();
	reserve_and_give_back();
	settle();
	before = count_fds();
	memory = memory_now();
	for (i = 0; i < 500; i++)
		reserve_and_give_back();
	settle();
	assert_int_equal(count_fds(), before);
	assert_true(memory_came_back(&memory, 12000));
}

/* The endpoint, and the memory that is needed to close its end later. */
static void a_reservation_without_memory_leaves_none(void **state)
{
	struct memory memory = memory_now();
	int i, nth;

	for (i = 0; i < 500; i++)
		for (nth = 1; nth <= 2; nth++) {
			libfence_fail_nth(nth);
			assert_int_equal(get_unused_fd_flags(O_CLOEXEC),
					 -ENOMEM);
			assert_int_equal(libfence_fail_nth_left(), 0);
		}
	assert_true(memory_came_back(&memory, 12000));
}

static void create_without_memory(struct dma_fence *fence, int nth)
{
	libfence_fail_nth(nth);
	assert_null(sync_file_create(fence));
	assert_int_equal(libfence_fail_nth_left(), 0);
}

static void a_sync_file_without_memory_leaves_none(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct memory memory;
	int i, nth;

	create_without_memory(fence, 2);
	memory = memory_now();
	for (i = 0; i < 500; i++)
		for (nth = 1; nth <= 2; nth++)
			create_without_memory(fence, nth);
	assert_true(memory_came_back(&memory, 12000));
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

static void another_ioctl_of_the_file_is_none(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL);
	struct file *file = fget(fd);

	assert_non_null(file);
	assert_int_equal(file->f_op->unlocked_ioctl(file, 0x1234, 0), -ENOTTY);
	fput(file);
	close(fd);
	settle();
	dma_fence_put(fence);
}

static void infos_leave_no_memory(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL), i;
	struct sync_fence_info table = { .timestamp_ns = 1 };
	struct memory memory = { 0 };

	for (i = 0; i < 600; i++) {
		struct sync_file_info info = {
			.num_fences = 1,
			.sync_fence_info = (uintptr_t)&table,
		};

		assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO,
						     &info), 0);
		if (i == 100)
			memory = memory_now();
	}
	assert_true(memory_came_back(&memory, 12000));
	/* It is not signalled. */
	assert_int_equal(table.timestamp_ns, 0);
	close(fd);
	settle();
	dma_fence_put(fence);
}

/* Its label takes no memory. */
static void an_export_that_succeeds_has_a_label(void **state)
{
	struct dma_fence *fence = mock_fence();
	int n, fd;

	for (n = 1; ; n++) {
		libfence_fail_nth(n);
		fd = libfence_export(plain(fence), NULL);
		if (fd >= 0) {
			/* That of a kernel tree allocates a table of fences. */
			if (strncmp(pipe_label(fd), "sync_file", 7) ||
			    CORE_TREE == CORE_OWN)
				assert_string_equal(pipe_label(fd), MOCK_DRIVER
						    "/" MOCK_TIMELINE);
			close(fd);
		}
		if (!mock_alloc_failed())
			break;
	}
	assert_true(n > 3);
	settle();
	dma_fence_put(fence);
}

static const struct file_operations other_fops;

static void a_file_of_another_type_has_no_fence(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct sync_file like = { .fence = fence };
	int fd = get_unused_fd_flags(O_CLOEXEC);

	fd_install(fd, anon_inode_getfile("other", &other_fops, &like, 0));
	assert_null(sync_file_get_fence(fd));
	assert_int_equal(mock_refs(fence), 1);
	close(fd);
	settle();
	dma_fence_put(fence);
}

static void a_file_that_is_polled_often_has_one_callback(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct sync_file *s = sync_file_create(fence);
	int i;

	assert_non_null(s);
	for (i = 0; i < 3; i++)
		assert_int_equal(s->file->f_op->poll(s->file, NULL), 0);
	dma_fence_signal(fence);
	for (i = 0; i < 3; i++)
		assert_int_equal(s->file->f_op->poll(s->file, NULL), EPOLLIN);
	__fput_sync(s->file);
	dma_fence_put(fence);
}

/* Without the RCU thread, which would find some of them earlier. */
static int close_behind_those_that_are_open(void)
{
	struct dma_fence *fence = mock_fence();
	int fds[100], i;

	for (i = 0; i < 100; i++)
		CHECK((fds[i] = libfence_export(plain(fence), NULL)) >= 0);
	for (i = 0; i < 100; i += 3)
		close(fds[i]);
	CHECK(libfence_sync_reap() == 34);
	for (i = 1; i < 100; i += 3)
		close(fds[i]);
	CHECK(libfence_sync_reap() == 33);
	CHECK(mock_refs(fence) == 1 + 33);
	/* Those that are readable are found as well. */
	dma_fence_signal(fence);
	CHECK(libfence_sync_reap() == 0);
	for (i = 2; i < 100; i += 3)
		close(fds[i]);
	CHECK(libfence_sync_reap() == 33);
	CHECK(mock_refs(fence) == 1);
	return 0;
}

static void open_descriptors_hide_no_closed_ones(void **state)
{
	in_child(close_behind_those_that_are_open);
}

static int import_foreign_zero(void)
{
	return libfence_import(0, NULL) == NULL;
}

/* Then the descriptor has the number 0. */
static int export_without_a_standard_input(void)
{
	struct dma_fence *fence = mock_fence();
	struct libfence *got;

	close(0);
	CHECK(libfence_export(plain(fence), NULL) == 0);
	got = libfence_import(0, NULL);
	CHECK(got == plain(fence));
	CHECK(!status_in_child(import_foreign_zero));
	close(0);
	CHECK(libfence_sync_reap() == 1);
	/* Ours, and that of the import. */
	CHECK(mock_refs(fence) == 2);
	libfence_put(&got);
	return 0;
}

static void the_descriptor_may_have_the_number_zero(void **state)
{
	in_child(export_without_a_standard_input);
}

static int reserve_without_a_standard_input(void)
{
	int before;

	close(0);
	before = count_fds();
	CHECK(get_unused_fd_flags(O_CLOEXEC) == 0);
	put_unused_fd(0);
	CHECK(count_fds() == before);
	return 0;
}

static void a_reservation_may_have_the_number_zero(void **state)
{
	in_child(reserve_without_a_standard_input);
}

static int ends_of_parent;

/* A pipe of which it has the end to write to, and which it does not know. */
static int count_the_ends(void)
{
	CHECK(eventually(count_fds() <= ends_of_parent));
	return 0;
}

/* At some moment between the packet and the close. */
static void ends_that_are_closed_are_not_inherited(void **state)
{
	struct dma_fence *fence;
	int i, fd;

	warm_up();
	for (i = 0; i < 30; i++) {
		fence = mock_fence();
		ends_of_parent = count_fds() + 1;
		fd = libfence_export(plain(fence), NULL);
		dma_fence_signal(fence);
		udelay(100 * i);
		in_child(count_the_ends);
		close(fd);
		settle();
		dma_fence_put(fence);
	}
}

/* Epoll refuses it: it has no poll function. */
static void a_device_that_cannot_be_polled_leaves_nothing(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), before;

	assert_true(fd >= 0);
	assert_int_equal(wrap_error(fd), -EPERM);
	settle();
	before = count_fds();
	assert_int_equal(wrap_error(fd), -EPERM);
	settle();
	assert_int_equal(count_fds(), before);
	close(fd);
}

static void refused_descriptors_leave_no_memory(void **state)
{
	struct memory memory;
	int i;

	assert_int_equal(wrap_error(-1), -EBADF);
	settle();
	memory = memory_now();
	for (i = 0; i < 1000; i++)
		assert_int_equal(wrap_error(-1), -EBADF);
	settle();
	assert_true(memory_came_back(&memory, 12000));
}

static void a_known_result_needs_no_descriptor(void **state)
{
	struct libfence *f;
	int s[2], before;

	pipe_export(s, "drv/tl");
	assert_true(pipe_signal(s, &good_record));
	before = count_fds();
	f = libfence_import(s[0], NULL);
	assert_non_null(f);
	assert_int_equal(libfence_status(f), 1);
	assert_true(eventually(count_fds() == before));
	libfence_put(&f);
	close(s[0]);
	close(s[1]);
}

static void the_error_of_an_ioctl_on_a_foreign_descriptor(void **state)
{
	struct sync_file_info info = { .flags = 1 };
	struct sync_set_deadline deadline = { .pad = 1 };
	int s[2];

	pipe_export(s, "drv/tl");
	assert_int_equal(libfence_sync_ioctl(s[0], SYNC_IOC_FILE_INFO, &info),
			 -EINVAL);
	if (mock_deadline_ioctl() == 0)
		assert_int_equal(libfence_sync_ioctl(s[0],
						     SYNC_IOC_SET_DEADLINE,
						     &deadline), -EINVAL);
	info.flags = 0;
	assert_int_equal(libfence_sync_ioctl(s[0], SYNC_IOC_FILE_INFO, &info),
			 0);
	close(s[0]);
	close(s[1]);
}

static void assert_names(struct libfence *f, const char *driver,
			 const char *timeline)
{
	char name[32];

	libfence_driver_name(f, name, sizeof(name));
	assert_string_equal(name, driver);
	libfence_timeline_name(f, name, sizeof(name));
	assert_string_equal(name, timeline);
	libfence_put(&f);
}

static void names_have_printable_characters(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC), s[2];

	assert_names(libfence_wrap_fd(fd, NULL), "libfence", "descriptor");
	pipe_export(s, "a ~\x1e\x7f/~ b");
	assert_names(libfence_import(s[0], NULL), "a ~??", "~ b");
	close(s[0]);
	close(s[1]);
	/* A slash of the driver's name is sent as another character. */
	pipe_export(s, "a\x1f" "b/c/d");
	assert_names(libfence_import(s[0], NULL), "a/b", "c/d");
	close(s[0]);
	close(s[1]);
	close(fd);
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

static void dropping_a_fence_does_not_wait_for_a_close(void **state)
{
	int other, fd = lingering_socket(&other);
	struct libfence *f = libfence_wrap_fd(fd, NULL);
	s64 begin;

	assert_non_null(f);
	/* Now the library has the last descriptor. */
	close(fd);
	begin = ktime_get();
	libfence_put(&f);
	/* Not even if it waits for deferred work. */
	flush_delayed_fput();
	assert_true(ktime_get() - begin < 10 * NSEC_PER_SEC);
	/* The socket has nothing to send any more. */
	close(other);
	flush_delayed_fput();
}

/* Processes */

#if !LFSHIM_TSAN
static struct {
	struct dma_fence_cb cb;
	pid_t pid;
} forked;

/* The result comes again, to the child's own thread. */
static void fork_in_callback(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	forked.pid = fork();
	if (!forked.pid) {
		usleep(50000);
		_exit(libfence_warn_count() != nr_warnings);
	}
}

static void a_result_that_comes_twice_is_signalled_once(void **state)
{
	struct wire_record bad_result = good_record;
	struct libfence *f;
	int s[2], status;

	pipe_export(s, "drv/tl");
	f = libfence_import(s[0], NULL);
	assert_non_null(f);
	nr_warnings = libfence_warn_count();
	forked.pid = -1;
	assert_int_equal(dma_fence_add_callback(libfence_to_dma_fence(f),
						&forked.cb, fork_in_callback),
			 0);
	bad_result.status = -EIO;
	assert_true(pipe_signal(s, &bad_result));
	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	assert_int_equal(libfence_status(f), -EIO);
	assert_true(forked.pid > 0);
	assert_int_equal(waitpid(forked.pid, &status, 0), forked.pid);
	assert_int_equal(status, 0);
	libfence_put(&f);
	close(s[0]);
	close(s[1]);
}
#endif

static int wrap_and_wait(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct libfence *f = libfence_wrap_fd(fd, NULL);
	uint64_t one = 1;

	CHECK(f);
	CHECK(write(fd, &one, sizeof(one)) == sizeof(one));
	CHECK(!libfence_wait(f, PATIENCE_S * NSEC_PER_SEC));
	libfence_put(&f);
	return 0;
}

static void a_child_makes_a_set_of_its_own(void **state)
{
	/* The parent has a set, and nothing in it. */
	assert_int_equal(wrap_and_wait(), 0);
	settle();
	in_child(wrap_and_wait);
}

static int wait_in_child_fd;
static struct libfence *wait_in_child_fence;

static int wait_in_child(void)
{
	uint64_t one = 1;

	CHECK(write(wait_in_child_fd, &one, sizeof(one)) == sizeof(one));
	CHECK(!libfence_wait(wait_in_child_fence, PATIENCE_S * NSEC_PER_SEC));
	CHECK(libfence_warn_count() == nr_warnings);
	return 0;
}

/* True if the thread that polls the set sleeps. */
static bool set_is_polled(void)
{
	DIR *dir = opendir("/proc/self/task");
	char path[300], line[300];
	struct dirent *entry;
	bool polled = false;
	FILE *f;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/stat",
			 entry->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fgets(line, sizeof(line), f))
			polled |= strstr(line, "(lfshim-watch) S") != NULL;
		fclose(f);
	}
	if (dir)
		closedir(dir);
	return polled;
}

/*
 * Then the set of the watches has the number 0, in both processes. The thread
 * that polls it allocates when it starts. After a fork() at that moment, the
 * allocator of ASan would stay locked in the child.
 */
static int wrap_without_a_standard_input(void)
{
	wait_in_child_fd = eventfd(0, EFD_CLOEXEC);
	close(0);
	wait_in_child_fence = libfence_wrap_fd(wait_in_child_fd, NULL);
	CHECK(wait_in_child_fence && fcntl(0, F_GETFD) >= 0);
	nr_warnings = libfence_warn_count();
	CHECK(eventually(set_is_polled()));
	CHECK(!status_in_child(wait_in_child));
	return wait_in_child();
}

static void the_set_of_the_watches_may_be_descriptor_zero(void **state)
{
	in_child(wrap_without_a_standard_input);
}

/* ThreadSanitizer does not support threads after fork(). */
#if !LFSHIM_TSAN
static int wrap_and_exit(void)
{
	CHECK(libfence_wrap_fd(eventfd(0, EFD_CLOEXEC), NULL));
	/* The thread sleeps in the host. */
	msleep(20);
	exit(0);
}

static int exit_later(void)
{
	msleep(20);
	exit(0);
}

static int wrap_and_fork(void)
{
	CHECK(libfence_wrap_fd(eventfd(0, EFD_CLOEXEC), NULL));
	CHECK(!status_in_child(exit_later));
	return 0;
}

static void the_watches_do_not_hold_up_the_exit(void **state)
{
	/* The library waits for a second, if it has to. */
	assert_true(takes_less(900 * NSEC_PER_MSEC, ktime_get,
			       in_child(wrap_and_exit)));
	/*
	 * The same for the set that a child makes for inherited watches. The locks
	 * of AddressSanitizer's allocator stay locked over fork().
	 */
	if (!LFSHIM_ASAN)
		assert_true(takes_less(900 * NSEC_PER_MSEC, ktime_get,
				       in_child(wrap_and_fork)));
}
#endif

#define NR_STOPPED	64

/* Use the memory of freed objects again, of any size. */
static void spoil_free_memory(void)
{
	static void *p[64][2 * NR_STOPPED];
	size_t size;
	int i;

	for (size = 0; size < 64; size++)
		for (i = 0; i < 2 * NR_STOPPED; i++) {
			p[size][i] = malloc(size * 16 + 8);
			memset(p[size][i], 0xa5, size * 16 + 8);
		}
	for (size = 0; size < 64; size++)
		for (i = 0; i < 2 * NR_STOPPED; i++)
			free(p[size][i]);
}

static void stopped_watches_are_not_inherited(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC), i;
	struct libfence *f[NR_STOPPED];

	for (i = 0; i < NR_STOPPED; i++)
		f[i] = libfence_wrap_fd(fd, NULL);
	for (i = 0; i < NR_STOPPED; i++)
		libfence_put(&f[i]);
	settle();
	spoil_free_memory();
	in_child(wrap_and_wait);
	close(fd);
}

static void refused_descriptors_are_not_inherited(void **state)
{
	int i;

	for (i = 0; i < NR_STOPPED; i++)
		assert_int_equal(wrap_error(-1), -EBADF);
	settle();
	spoil_free_memory();
	in_child(wrap_and_wait);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(reservations_leave_no_memory_and_no_descriptors),
		MOCK_TEST(a_reservation_without_memory_leaves_none),
		MOCK_TEST(a_sync_file_without_memory_leaves_none),
		MOCK_TEST(another_ioctl_of_the_file_is_none),
		MOCK_TEST(infos_leave_no_memory),
		MOCK_TEST(an_export_that_succeeds_has_a_label),
		MOCK_TEST(a_file_of_another_type_has_no_fence),
		MOCK_TEST(a_file_that_is_polled_often_has_one_callback),
		MOCK_TEST(open_descriptors_hide_no_closed_ones),
		MOCK_TEST(the_descriptor_may_have_the_number_zero),
		MOCK_TEST(a_reservation_may_have_the_number_zero),
		MOCK_TEST(ends_that_are_closed_are_not_inherited),
		MOCK_TEST(a_device_that_cannot_be_polled_leaves_nothing),
		MOCK_TEST(refused_descriptors_leave_no_memory),
		MOCK_TEST(a_known_result_needs_no_descriptor),
		MOCK_TEST(the_error_of_an_ioctl_on_a_foreign_descriptor),
		MOCK_TEST(names_have_printable_characters),
		MOCK_TEST(dropping_a_fence_does_not_wait_for_a_close),
#if !LFSHIM_TSAN
		MOCK_TEST(a_result_that_comes_twice_is_signalled_once),
#endif
		MOCK_TEST(a_child_makes_a_set_of_its_own),
		MOCK_TEST(the_set_of_the_watches_may_be_descriptor_zero),
#if !LFSHIM_TSAN
		MOCK_TEST(the_watches_do_not_hold_up_the_exit),
#endif
		MOCK_TEST(stopped_watches_are_not_inherited),
		MOCK_TEST(refused_descriptors_are_not_inherited),
	};
	/* It runs no other thread while one is in close(). */
	TEST_NEEDS(!test_on_valgrind(),
		   "a close() that blocks one thread (Valgrind)",
		   dropping_a_fence_does_not_wait_for_a_close);
	return TEST_MAIN("sync-file-left", tests);
}
