// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Moments between two system calls of the library. This program has its own
 * seam functions, which do something in such a moment and then call those of
 * compat/host/fd.c. meson.build renames these.
 */

#include "child.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/un.h>
#include "host/fd.h"
#include "host/sys.h"
#include <linux/anon_inodes.h>
#include <linux/poll.h>
#include <uapi/linux/sync_file.h>
#include "kernel/defer.h"
#include "../../lib/sync-file/wire.h"

int real_fd_bind(int fd, const char *name, size_t len);
int real_fd_send(int fd, const void *buf, size_t size);
int real_epoll_create(void);
int real_epoll_add(int set, int fd, unsigned int what, uint64_t id);
int real_thread_start(unsigned long *thread, void *(*fn)(void *), void *arg);
int real_epoll_get(int set, struct lfhost_fd_event events[LFHOST_EPOLL_MAX]);

static struct {
	/* How many names are in use, and how many were tried. */
	int in_use, binds, bind_error;
	void (*at_send)(int fd);
	/* Called once. */
	void (*at_epoll_create)(void);
	void (*after_epoll_get)(int nr);
	/* The call of lfhost_epoll_add() that fails, from 1; 0: none. */
	int add_fails;
	/* How many threads cannot be started. */
	int starts_fail;
	/* Called once. */
	void (*at_thread_start)(void);
} seam;

int lfhost_fd_bind(int fd, const char *name, size_t len)
{
	seam.binds++;
	if (seam.bind_error)
		return seam.bind_error;
	return seam.in_use-- > 0 ? -EADDRINUSE : real_fd_bind(fd, name, len);
}

int lfhost_fd_send(int fd, const void *buf, size_t size)
{
	if (seam.at_send)
		seam.at_send(fd);
	return real_fd_send(fd, buf, size);
}

int lfhost_epoll_create(void)
{
	void (*fn)(void) = seam.at_epoll_create;

	seam.at_epoll_create = NULL;
	if (fn)
		fn();
	return real_epoll_create();
}

int lfhost_epoll_add(int set, int fd, unsigned int what, uint64_t id)
{
	if (seam.add_fails && !--seam.add_fails)
		return -ENOSPC;
	return real_epoll_add(set, fd, what, id);
}

int lfhost_epoll_get(int set, struct lfhost_fd_event events[LFHOST_EPOLL_MAX])
{
	int nr = real_epoll_get(set, events);
	/* Acquire: pairs with the release in the tests. */
	void (*fn)(int nr) = smp_load_acquire(&seam.after_epoll_get);

	if (fn)
		fn(nr);
	return nr;
}

int lfhost_thread_start(unsigned long *thread, void *(*fn)(void *), void *arg)
{
	void (*at_start)(void) = seam.at_thread_start;

	seam.at_thread_start = NULL;
	if (at_start)
		at_start();
	if (seam.starts_fail) {
		seam.starts_fail--;
		return -EAGAIN;
	}
	return real_thread_start(thread, fn, arg);
}

/* The packet is being sent while the descriptor is found closed. */

static struct {
	int fd;
	/* A packet is about to be sent; its sender may go on. */
	bool sending, go;
	unsigned int reaped;
	bool stays_open;
} closed;

/* The sender may not sleep. */
static void stop_at_send(int fd)
{
	seam.at_send = NULL;
	smp_store_release(&closed.sending, true);
	while (!smp_load_acquire(&closed.go))
		cpu_relax();
	/* Another thread might reuse the number. */
	closed.stays_open = fcntl(fd, F_GETFD) >= 0;
}

static int close_and_reap(void *unused)
{
	if (eventually(smp_load_acquire(&closed.sending))) {
		close(closed.fd);
		closed.reaped = libfence_sync_reap();
	}
	smp_store_release(&closed.go, true);
	return 0;
}

static void a_descriptor_that_is_closed_during_the_send(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct task_struct *task;
	int before;

	warm_up();
	before = count_fds();
	memset(&closed, 0, sizeof(closed));
	closed.fd = libfence_export(plain(fence), NULL);
	seam.at_send = stop_at_send;
	task = start(close_and_reap, NULL);
	dma_fence_signal(fence);
	finish(task);
	assert_int_equal(closed.reaped, 1);
	assert_true(closed.stays_open);
	settle();
	assert_int_equal(mock_refs(fence), 1);
	assert_int_equal(count_fds(), before);
	dma_fence_put(fence);
}

/* Names */

static bool has_name(int fd)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);

	return !getsockname(fd, (struct sockaddr *)&addr, &len) &&
	       len > sizeof(addr.sun_family);
}

static int export_with_names(struct dma_fence *fence, int in_use, int error)
{
	seam.in_use = in_use;
	seam.bind_error = error;
	seam.binds = 0;
	return libfence_export(plain(fence), NULL);
}

static unsigned int nr_logged;

static void count_log(int level, const char *message, void *data)
{
	nr_logged += !!strstr(message, "other processes cannot import");
}

static void names_in_use_are_replaced_seven_times(void **state)
{
	static const struct {
		int in_use, error, binds;
		bool named;
	} rows[] = {
		{ 0, 0, 1, true },
		{ 1, 0, 2, true },
		{ 7, 0, 8, true },
		{ 8, 0, 8, false },
		{ 0, -ENOMEM, 1, false },
	};
	struct dma_fence *fence = mock_fence();
	int i, fd;

	libfence_set_log_hook(count_log, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		nr_logged = 0;
		fd = export_with_names(fence, rows[i].in_use, rows[i].error);
		assert_true(fd >= 0);
		assert_int_equal(seam.binds, rows[i].binds);
		assert_int_equal(has_name(fd), rows[i].named);
		assert_int_equal(nr_logged, !rows[i].named);
		close(fd);
		settle();
	}
	libfence_set_log_hook(NULL, NULL);
	seam.in_use = seam.bind_error = 0;
	dma_fence_put(fence);
}

/* Two threads make a set at the same time. */

static int inner_fd;
static struct libfence *inner_fence;

static void reserve_at_epoll_create(void)
{
	inner_fd = get_unused_fd_flags(O_CLOEXEC);
}

static int make_two_hangup_sets(void)
{
	int before = count_fds(), fd;
	struct dma_fence *fence = mock_fence();

	seam.at_epoll_create = reserve_at_epoll_create;
	fd = get_unused_fd_flags(O_CLOEXEC);
	CHECK(fd >= 0 && inner_fd >= 0);
	put_unused_fd(fd);
	put_unused_fd(inner_fd);
	CHECK(count_fds() == before + 1);
	/* The set that is left is the one that is looked at. */
	close(libfence_export(plain(fence), NULL));
	CHECK(libfence_sync_reap() == 1);
	CHECK(count_fds() == before + 1);
	return 0;
}

static void two_threads_make_one_hangup_set(void **state)
{
	in_child(make_two_hangup_sets);
}

static void wrap_at_epoll_create(void)
{
	inner_fence = libfence_wrap_fd(inner_fd, NULL);
}

static int make_two_watch_sets(void)
{
	int before, fd = eventfd(0, EFD_CLOEXEC);
	struct libfence *f;
	uint64_t one = 1;

	inner_fd = eventfd(0, EFD_CLOEXEC);
	before = count_fds();
	seam.at_epoll_create = wrap_at_epoll_create;
	f = libfence_wrap_fd(fd, NULL);
	CHECK(f && inner_fence);
	/* The set, its eventfd, and two copies. */
	CHECK(count_fds() == before + 4);
	CHECK(write(fd, &one, sizeof(one)) == sizeof(one));
	CHECK(!libfence_wait(f, PATIENCE_S * NSEC_PER_SEC));
	CHECK(libfence_wait(inner_fence, 0) == -ETIMEDOUT);
	CHECK(write(inner_fd, &one, sizeof(one)) == sizeof(one));
	CHECK(!libfence_wait(inner_fence, PATIENCE_S * NSEC_PER_SEC));
	libfence_put(&f);
	libfence_put(&inner_fence);
	return 0;
}

static void two_threads_make_one_watch_set(void **state)
{
	in_child(make_two_watch_sets);
}

/* The eventfd of the set, then the descriptor, cannot be watched. */
static int wrap_what_cannot_be_watched(void)
{
	int fd = eventfd(0, EFD_CLOEXEC), before = count_fds(), err = 0;

	seam.add_fails = 1;
	CHECK(!libfence_wrap_fd(fd, &err) && err == -ENOSPC);
	settle();
	CHECK(count_fds() == before);
	seam.add_fails = 2;
	CHECK(!libfence_wrap_fd(fd, &err) && err == -ENOSPC);
	settle();
	CHECK(count_fds() == before + 2);
	return 0;
}

static void what_cannot_be_watched_leaves_nothing(void **state)
{
	in_child(wrap_what_cannot_be_watched);
}

/* The last reference is dropped between the event and its result. */

static struct libfence *dropped;

static void drop_after_epoll_get(int nr)
{
	struct libfence *f = dropped;

	if (!nr || !f)
		return;
	WRITE_ONCE(seam.after_epoll_get, NULL);
	libfence_put(&f);
	/* Release: pairs with the acquire in the test. */
	smp_store_release(&dropped, NULL);
}

static void a_fence_that_is_dropped_after_its_event(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	uint64_t one = 1;

	dropped = libfence_wrap_fd(fd, NULL);
	assert_non_null(dropped);
	smp_store_release(&seam.after_epoll_get, drop_after_epoll_get);
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	assert_true(eventually(!smp_load_acquire(&dropped)));
	settle();
	/* The thread is well. */
	dropped = libfence_wrap_fd(fd, NULL);
	assert_int_equal(libfence_wait(dropped, PATIENCE_S * NSEC_PER_SEC), 0);
	libfence_put(&dropped);
	close(fd);
}

/* The RCU thread has taken an event, and not yet given the file to fput(). */

static struct {
	struct task_struct *test;
	bool taken, go;
} reaper;

static void stop_after_epoll_get(int nr)
{
	if (!nr || current == reaper.test || READ_ONCE(reaper.taken))
		return;
	smp_store_release(&reaper.taken, true);
	while (!smp_load_acquire(&reaper.go))
		usleep_range(100, 200);
}

static int settle_here(void *done)
{
	settle();
	smp_store_release((bool *)done, true);
	return 0;
}

/* Close a descriptor that the RCU thread finds, and stop it there. */
static void stop_the_rcu_thread(struct dma_fence *fence)
{
	int fd = libfence_export(plain(fence), NULL);

	reaper.test = current;
	reaper.taken = reaper.go = false;
	smp_store_release(&seam.after_epoll_get, stop_after_epoll_get);
	/* Now it looks for a second. */
	dma_fence_signal(fence);
	close(fd);
	assert_true(eventually(smp_load_acquire(&reaper.taken)));
	smp_store_release(&seam.after_epoll_get, NULL);
}

static void a_reap_waits_for_that_of_the_rcu_thread(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct task_struct *task;
	bool done = false;

	stop_the_rcu_thread(fence);
	task = start(settle_here, &done);
	msleep(20);
	assert_false(smp_load_acquire(&done));
	assert_int_equal(mock_refs(fence), 2);
	smp_store_release(&reaper.go, true);
	finish(task);
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

static int export_and_reap(void)
{
	struct dma_fence *fence = mock_fence();

	close(libfence_export(plain(fence), NULL));
	CHECK(libfence_sync_reap() == 1);
	return 0;
}

static void a_child_waits_for_no_reap_of_its_parent(void **state)
{
	struct dma_fence *fence = mock_fence();
	int status;

	stop_the_rcu_thread(fence);
	status = status_in_child(export_and_reap);
	smp_store_release(&reaper.go, true);
	assert_int_equal(status, 0);
	settle();
	dma_fence_put(fence);
}

/* A hang-up is reported once. */

static int nr_events;

static void count_events(int nr)
{
	nr_events += nr;
}

static int shut_down_and_reap(void)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL);

	CHECK(fd >= 0 && !shutdown(fd, SHUT_RDWR));
	smp_store_release(&seam.after_epoll_get, count_events);
	/* It is open, so it stays. */
	CHECK(libfence_sync_reap() == 0);
	CHECK(nr_events == 1);
	CHECK(libfence_sync_reap() == 0);
	CHECK(nr_events == 1);
	close(fd);
	CHECK(libfence_sync_reap() == 1);
	CHECK(nr_events == 2);
	return 0;
}

static void a_hangup_is_reported_once(void **state)
{
	in_child(shut_down_and_reap);
}

/* Threads that cannot be started */

static atomic_t nr_deferred;

static void count_deferred(struct callback_head *head)
{
	atomic_inc(&nr_deferred);
}

static void ignore_warning(const struct libfence_warning *w, void *data)
{
}

static int flush_after_a_failed_start(void)
{
	unsigned long before = libfence_warn_count();
	struct callback_head head;

	libfence_set_warn_hook(ignore_warning, NULL);
	seam.starts_fail = 1;
	lfpriv_defer(&head, count_deferred);
	CHECK(!seam.starts_fail && libfence_warn_count() == before + 1);
	msleep(5);
	CHECK(atomic_read(&nr_deferred) == 0);
	lfpriv_defer_flush();
	CHECK(atomic_read(&nr_deferred) == 1);
	return 0;
}

static int defer_after_a_failed_start(void)
{
	struct callback_head heads[2];

	libfence_set_warn_hook(ignore_warning, NULL);
	seam.starts_fail = 1;
	lfpriv_defer(&heads[0], count_deferred);
	lfpriv_defer(&heads[1], count_deferred);
	CHECK(eventually(atomic_read(&nr_deferred) == 2));
	return 0;
}

static void a_thread_that_did_not_start_is_tried_again(void **state)
{
	in_child(flush_after_a_failed_start);
	in_child(defer_after_a_failed_start);
}

static int wrap_after_a_failed_start(void)
{
	int fd = eventfd(0, EFD_CLOEXEC), before = count_fds(), err = 0;
	struct libfence *f;
	uint64_t one = 1;

	libfence_set_warn_hook(ignore_warning, NULL);
	/* That of the watches; then the one that closes its copy. */
	seam.starts_fail = 1;
	CHECK(!libfence_wrap_fd(fd, &err) && err == -EAGAIN);
	settle();
	CHECK(count_fds() == before + 2);
	f = libfence_wrap_fd(fd, &err);
	CHECK(f);
	CHECK(write(fd, &one, sizeof(one)) == sizeof(one));
	CHECK(!libfence_wait(f, PATIENCE_S * NSEC_PER_SEC));
	libfence_put(&f);
	settle();
	/* The thread drops its reference, and then closes the copy. */
	CHECK(eventually(count_fds() == before + 2));
	return 0;
}

static void a_watch_that_could_not_start_is_tried_again(void **state)
{
	in_child(wrap_after_a_failed_start);
}

/* fork() while another thread makes a watch */

static struct {
	int before, status, fd;
	struct libfence *finished;
} midway;

static int use_what_is_inherited(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct libfence *f;
	uint64_t one = 1;

	/* The finished one has a copy, and the set and its eventfd are new. */
	CHECK(count_fds() == midway.before + 3 + 1);
	CHECK(write(midway.fd, &one, sizeof(one)) == sizeof(one));
	CHECK(!libfence_wait(midway.finished, PATIENCE_S * NSEC_PER_SEC));
	CHECK(write(fd, &one, sizeof(one)) == sizeof(one));
	f = libfence_wrap_fd(fd, NULL);
	CHECK(f && !libfence_wait(f, PATIENCE_S * NSEC_PER_SEC));
	libfence_put(&f);
	return 0;
}

static void fork_at_thread_start(void)
{
	/* This one is behind the other, which has no place in the set yet. */
	midway.finished = libfence_wrap_fd(midway.fd, NULL);
	midway.status = midway.finished ? status_in_child(use_what_is_inherited)
					: -1;
}

static int fork_while_a_watch_is_made(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct libfence *f;

	midway.fd = eventfd(0, EFD_CLOEXEC);
	midway.before = count_fds();
	seam.at_thread_start = fork_at_thread_start;
	f = libfence_wrap_fd(fd, NULL);
	CHECK(f && !seam.at_thread_start);
	CHECK(!midway.status);
	return 0;
}

static void a_child_drops_a_watch_that_was_being_made(void **state)
{
	in_child(fork_while_a_watch_is_made);
}

/* A sync_file that has no ioctl for its result, as that of a kernel tree */

static int foreign_status;

static __poll_t foreign_poll(struct file *file, poll_table *table)
{
	return foreign_status ? EPOLLIN : 0;
}

static long foreign_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	struct sync_file_info *info = (void *)arg;

	if (cmd != SYNC_IOC_FILE_INFO || !file->private_data)
		return -ENOTTY;
	info->status = foreign_status;
	strcpy(info->name, "foreign");
	return info->num_fences > 1 ? -EINVAL : 0;
}

static const struct file_operations foreign_fops = {
	.poll = foreign_poll,
	.unlocked_ioctl = foreign_ioctl,
	.lfshim_wire = &lfpriv_sync_file_wire,
};

static const struct file_operations mute_fops = {
	.lfshim_wire = &lfpriv_sync_file_wire,
};

static int packet_of(const struct file_operations *fops, struct sync_file *s,
		     struct lfpriv_record *record)
{
	struct file *file = anon_inode_getfile("test", fops, s, 0);
	int size;

	assert_false(IS_ERR(file));
	memset(record, 0, sizeof(*record));
	size = lfpriv_sync_file_wire.packet(file, record, sizeof(*record));
	__fput_sync(file);
	return size;
}

static void a_file_without_a_result_has_its_status(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct sync_file s = { .fence = fence };
	struct lfpriv_record record;
	s64 begin;

	foreign_status = 0;
	assert_int_equal(packet_of(&foreign_fops, &s, &record), 0);
	assert_int_equal(packet_of(&mute_fops, &s, &record), 0);
	dma_fence_set_error(fence, -EIO);
	dma_fence_signal_timestamp(fence, 12345);
	foreign_status = -EIO;
	assert_int_equal(packet_of(&foreign_fops, &s, &record),
			 sizeof(record));
	assert_int_equal(record.status, -EIO);
	assert_int_equal(record.timestamp, 12345);
	/* Another kind of file is only readable. */
	begin = ktime_get();
	assert_int_equal(packet_of(&foreign_fops, NULL, &record),
			 sizeof(record));
	assert_int_equal(record.status, 1);
	assert_true(record.timestamp >= begin);
	assert_memory_equal(record.magic, "libfence", 8);
	dma_fence_put(fence);
}

static void a_file_that_is_no_sync_file_has_no_name(void **state)
{
	struct file *file = anon_inode_getfile("test", &mute_fops, NULL, 0);
	char name[100] = "?";

	assert_int_equal(lfpriv_sync_file_wire.name(file, name, sizeof(name)),
			 0);
	assert_string_equal(name, "?");
	__fput_sync(file);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(a_descriptor_that_is_closed_during_the_send),
		MOCK_TEST(names_in_use_are_replaced_seven_times),
		MOCK_TEST(two_threads_make_one_hangup_set),
		MOCK_TEST(two_threads_make_one_watch_set),
		MOCK_TEST(what_cannot_be_watched_leaves_nothing),
		MOCK_TEST(a_fence_that_is_dropped_after_its_event),
		MOCK_TEST(a_reap_waits_for_that_of_the_rcu_thread),
		MOCK_TEST(a_child_waits_for_no_reap_of_its_parent),
		MOCK_TEST(a_hangup_is_reported_once),
		MOCK_TEST(a_thread_that_did_not_start_is_tried_again),
		MOCK_TEST(a_watch_that_could_not_start_is_tried_again),
		MOCK_TEST(a_child_drops_a_watch_that_was_being_made),
		MOCK_TEST(a_file_without_a_result_has_its_status),
		MOCK_TEST(a_file_that_is_no_sync_file_has_no_name),
	};
	return TEST_MAIN("sync-file-seam", tests);
}
