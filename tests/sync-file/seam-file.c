// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Moments between two system calls of an export. This program has its own seam
 * functions, which do something in such a moment and then call those of
 * compat/host/fd.c. meson.build renames these.
 */

#include "pipe.h"
#include "child.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include "host/fd.h"
#include <linux/anon_inodes.h>
#include <linux/poll.h>
#include <uapi/linux/sync_file.h>
#include "kernel/defer.h"
#include "../../lib/sync-file/wire.h"

int real_fd_pipe(int fds[2], uint64_t *id);
int real_fd_write(int fd, const void *buf, size_t size);
void real_fd_close(int fd);
void real_fd_alone(const int *fds, bool *closed, int n);
int real_fd_each_pipe(void (*fn)(uint64_t id, void *data), void *data);
int real_fd_set_label(int fd, const char *label);

static struct {
	/* How many pipes cannot be made, and why; how many were tried. */
	int pipes_fail, pipe_error, pipes;
	/* The last pipe. */
	int pipe[2];
	/* Called before a packet is written, or a descriptor is closed. */
	void (*at_write)(int fd);
	void (*at_close)(int fd);
	/* Called before @n pipes are asked. */
	void (*at_alone)(int n);
	/* For each pipe that is found; and after that. */
	void (*at_pipe)(uint64_t id);
	void (*after_each_pipe)(void);
	int each_pipe_error, label_error;
	/* If it is set, the scans of all other threads fail. */
	struct task_struct *only_scanner;
} seam;

int lfhost_fd_pipe(int fds[2], uint64_t *id)
{
	int err;

	seam.pipes++;
	if (seam.pipes_fail && seam.pipes_fail--)
		return seam.pipe_error;
	err = real_fd_pipe(fds, id);
	if (!err)
		memcpy(seam.pipe, fds, sizeof(seam.pipe));
	return err;
}

int lfhost_fd_write(int fd, const void *buf, size_t size)
{
	void (*at_write)(int fd) = READ_ONCE(seam.at_write);

	if (at_write)
		at_write(fd);
	return real_fd_write(fd, buf, size);
}

void lfhost_fd_close(int fd)
{
	void (*at_close)(int fd) = READ_ONCE(seam.at_close);

	if (at_close)
		at_close(fd);
	real_fd_close(fd);
}

void lfhost_fd_alone(const int *fds, bool *closed, int n)
{
	void (*at_alone)(int n) = READ_ONCE(seam.at_alone);

	if (at_alone)
		at_alone(n);
	real_fd_alone(fds, closed, n);
}

struct each_pipe {
	void (*fn)(uint64_t id, void *data);
	void *data;
};

static void each_pipe(uint64_t id, void *data)
{
	void (*at_pipe)(uint64_t id) = READ_ONCE(seam.at_pipe);
	struct each_pipe *e = data;

	if (at_pipe)
		at_pipe(id);
	e->fn(id, e->data);
}

int lfhost_fd_each_pipe(void (*fn)(uint64_t id, void *data), void *data)
{
	struct task_struct *only = READ_ONCE(seam.only_scanner);
	struct each_pipe e = { fn, data };
	/* Acquire: pairs with the release in the tests. */
	void (*after)(void) = smp_load_acquire(&seam.after_each_pipe);
	int ret = READ_ONCE(seam.each_pipe_error);

	if (!ret && only && only != current)
		ret = -EMFILE;
	if (!ret)
		ret = real_fd_each_pipe(each_pipe, &e);
	if (after)
		after();
	return ret;
}

int lfhost_fd_set_label(int fd, const char *label)
{
	return seam.label_error ?: real_fd_set_label(fd, label);
}

/* The packet is being written while the descriptor is found closed. */

static struct {
	int fd;
	/* A packet is about to be written; its writer may go on. */
	bool writing, go;
	unsigned int reaped;
	bool stays_open;
} closed;

/* The writer may not sleep. */
static void stop_at_write(int fd)
{
	WRITE_ONCE(seam.at_write, NULL);
	smp_store_release(&closed.writing, true);
	while (!smp_load_acquire(&closed.go))
		cpu_relax();
	/* Another thread might reuse the number. */
	closed.stays_open = fcntl(fd, F_GETFD) >= 0;
}

static int close_and_reap(void *unused)
{
	if (eventually(smp_load_acquire(&closed.writing))) {
		close(closed.fd);
		closed.reaped = libfence_sync_reap();
	}
	smp_store_release(&closed.go, true);
	return 0;
}

static void a_descriptor_that_is_closed_during_the_write(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct task_struct *task;
	int before;

	warm_up();
	before = count_fds();
	memset(&closed, 0, sizeof(closed));
	closed.fd = libfence_export(plain(fence), NULL);
	WRITE_ONCE(seam.at_write, stop_at_write);
	task = start(close_and_reap, NULL);
	dma_fence_signal(fence);
	finish(task);
	/* The RCU thread may have found it before. */
	assert_true(closed.reaped <= 1);
	assert_true(closed.stays_open);
	settle();
	assert_int_equal(mock_refs(fence), 1);
	assert_int_equal(count_fds(), before);
	dma_fence_put(fence);
}

/* The fence is signalled while its descriptor is looked for. */

static struct {
	struct dma_fence *fence;
	bool looking, signalled;
} meanwhile;

/* The lock of the files is held here. */
static void wait_for_the_signal(int n)
{
	if (n)
		return;
	WRITE_ONCE(seam.at_alone, NULL);
	smp_store_release(&meanwhile.looking, true);
	while (!smp_load_acquire(&meanwhile.signalled))
		cpu_relax();
}

static int signal_meanwhile(void *unused)
{
	bool looking = eventually(smp_load_acquire(&meanwhile.looking));

	dma_fence_signal(meanwhile.fence);
	smp_store_release(&meanwhile.signalled, true);
	return !looking;
}

/* Closed, but not signalled, when the thread begins to look. */
static void signal_while_it_is_reaped(void)
{
	struct task_struct *task;
	int fd;

	meanwhile.fence = mock_fence();
	meanwhile.looking = meanwhile.signalled = false;
	fd = libfence_export(plain(meanwhile.fence), NULL);
	task = start(signal_meanwhile, NULL);
	close(fd);
	WRITE_ONCE(seam.at_alone, wait_for_the_signal);
	libfence_sync_reap();
	assert_int_equal(finish(task), 0);
	settle();
	assert_int_equal(mock_refs(meanwhile.fence), 1);
	dma_fence_put(meanwhile.fence);
}

static void a_signal_while_a_closed_descriptor_is_found(void **state)
{
	struct memory memory;
	int before, i;

	warm_up();
	for (i = 0; i < 100; i++)
		signal_while_it_is_reaped();
	before = count_fds();
	memory = memory_now();
	for (i = 0; i < 500; i++)
		signal_while_it_is_reaped();
	assert_int_equal(count_fds(), before);
	/* No endpoint is left. */
	assert_true(memory_came_back(&memory, 500 * 64));
}

/* Scans for the descriptors of readable files */

static struct {
	uint64_t sentinel;
	int from, to;
} unlucky;

/* The scan is behind ->to, and not yet at ->from. */
static void move_the_descriptor(uint64_t id)
{
	if (id != unlucky.sentinel || unlucky.from < 0)
		return;
	if (fcntl(unlucky.from, F_DUPFD_CLOEXEC, unlucky.to) == unlucky.to)
		close(unlucky.from);
	unlucky.from = -1;
}

static void assert_is(int fd, struct dma_fence *fence)
{
	struct libfence *got = libfence_import(fd, NULL);

	assert_ptr_equal(got, plain(fence));
	libfence_put(&got);
}

static void a_descriptor_that_moves_during_a_scan(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL), p[2], i;

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(fcntl(p[0], F_DUPFD_CLOEXEC, 201), 201);
	assert_int_equal(real_fd_pipe(seam.pipe, &unlucky.sentinel), 0);
	assert_int_equal(fcntl(seam.pipe[0], F_DUPFD_CLOEXEC, 202), 202);
	pipe_close(seam.pipe);
	pipe_close(p);
	assert_int_equal(fcntl(fd, F_DUPFD_CLOEXEC, 210), 210);
	close(fd);
	dma_fence_signal(fence);
	/* Each time, another scan finds it. */
	for (i = 0; i < 3; i++) {
		unlucky.to = 200;
		unlucky.from = 210;
		WRITE_ONCE(seam.at_pipe, move_the_descriptor);
		assert_int_equal(libfence_sync_reap(), 0);
		WRITE_ONCE(seam.at_pipe, NULL);
		assert_int_equal(unlucky.from, -1);
		assert_is(200, fence);
		assert_int_equal(fcntl(200, F_DUPFD_CLOEXEC, 210), 210);
		close(200);
	}
	close(210);
	close(201);
	close(202);
	assert_int_equal(libfence_sync_reap(), 1);
	settle();
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

/* The scans of the RCU thread count as well, so they all fail. */
static void one_call_gives_up_a_readable_file(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL);

	WRITE_ONCE(seam.only_scanner, current);
	dma_fence_signal(fence);
	assert_int_equal(libfence_sync_reap(), 0);
	close(fd);
	assert_int_equal(libfence_sync_reap(), 1);
	WRITE_ONCE(seam.only_scanner, NULL);
	settle();
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

static void without_proc_readable_files_are_given_up(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct libfence *got;
	int fd, before;

	warm_up();
	before = count_fds();
	fd = libfence_export(plain(fence), NULL);
	WRITE_ONCE(seam.each_pipe_error, -ENOENT);
	dma_fence_set_error(fence, -EIO);
	dma_fence_signal_timestamp(fence, 12345);
	libfence_sync_reap();
	WRITE_ONCE(seam.each_pipe_error, 0);
	assert_true(eventually(mock_refs(fence) == 1));
	assert_true(readable(fd));
	got = libfence_import(fd, NULL);
	assert_non_null(got);
	assert_ptr_not_equal(got, plain(fence));
	assert_int_equal(libfence_status(got), -EIO);
	assert_int_equal(libfence_timestamp(got), 12345);
	libfence_put(&got);
	close(fd);
	settle();
	assert_int_equal(count_fds(), before);
	dma_fence_put(fence);
}

static void without_a_descriptor_readable_files_are_kept(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL), i;

	WRITE_ONCE(seam.each_pipe_error, -EMFILE);
	dma_fence_signal(fence);
	for (i = 0; i < 5; i++)
		assert_int_equal(libfence_sync_reap(), 0);
	assert_is(fd, fence);
	WRITE_ONCE(seam.each_pipe_error, 0);
	/* Those did not count. */
	assert_int_equal(libfence_sync_reap(), 0);
	assert_is(fd, fence);
	close(fd);
	settle();
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

/* Labels */

static unsigned int nr_logged;

static void count_log(int level, const char *message, void *data)
{
	nr_logged += !!strstr(message, "other processes cannot import");
}

static int fd_to_import;

static int import_unlabelled(void)
{
	int err = 0;

	CHECK(!libfence_import(fd_to_import, &err) && err == -EINVAL);
	return 0;
}

static void an_export_without_a_label(void **state)
{
	struct dma_fence *fence = mock_fence();
	int i;

	libfence_set_log_hook(count_log, NULL);
	for (i = 0; i < 3; i++) {
		nr_logged = 0;
		seam.label_error = i == 1 ? -EPERM : 0;
		fd_to_import = libfence_export(plain(fence), NULL);
		assert_true(fd_to_import >= 0);
		assert_int_equal(nr_logged, i == 1);
		assert_is(fd_to_import, fence);
		if (i == 1)
			in_child(import_unlabelled);
		close(fd_to_import);
		settle();
	}
	libfence_set_log_hook(NULL, NULL);
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

/* The thread that tests, and the RCU thread, which stops after a scan. */
static struct {
	struct task_struct *test;
	bool taken, go;
} reaper;

/* Reservations */

static unsigned int nr_scans;

static void count_own_scans(void)
{
	nr_scans += current == reaper.test;
}

static void reserve_often(int nr)
{
	nr_scans = 0;
	reaper.test = current;
	smp_store_release(&seam.after_each_pipe, count_own_scans);
	while (nr--)
		put_unused_fd(get_unused_fd_flags(O_CLOEXEC));
	smp_store_release(&seam.after_each_pipe, NULL);
}

static void a_scan_is_for_many_reservations(void **state)
{
	struct dma_fence *fence = mock_fence(), *open = mock_fence();
	int fd = libfence_export(plain(fence), NULL), fds[300], i;

	dma_fence_signal(fence);
	libfence_sync_reap();
	/*
	 * The RCU thread looks for a second, or longer on a busy machine. The count
	 * begins again each time.
	 */
	for (i = nr_scans = 0; i < 4 && nr_scans < 3; i++) {
		msleep(1500);
		reserve_often(3000);
	}
	assert_between(nr_scans, 3, 7);
	/* The more files, the more seldom. */
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = libfence_export(plain(open), NULL);
	libfence_sync_reap();
	reserve_often(3000);
	assert_between(nr_scans, 1, 3);
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	close(fd);
	settle();
	dma_fence_put(fence);
	dma_fence_put(open);
}

static void count_own_looks(int n)
{
	nr_scans += !n && current == reaper.test;
}

static void a_descriptor_is_tried_again_while_others_are_closed(void **state)
{
	static const struct {
		int fail, error, result, least, most;
	} rows[] = {
		{ 1, -EMFILE, 0, 2, 2 },
		{ 5, -ENFILE, 0, 6, 6 },
		{ 10000, -EMFILE, -EMFILE, 20, 200 },
		{ 1, -ENOMEM, -ENOMEM, 1, 1 },
	};
	int i, fd;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		libfence_sync_reap();
		seam.pipes = nr_scans = 0;
		reaper.test = current;
		WRITE_ONCE(seam.at_alone, count_own_looks);
		seam.pipes_fail = rows[i].fail;
		seam.pipe_error = rows[i].error;
		fd = get_unused_fd_flags(O_CLOEXEC);
		seam.pipes_fail = 0;
		WRITE_ONCE(seam.at_alone, NULL);
		assert_int_equal(min(fd, 0), rows[i].result);
		/* The first time, those that are closed are found. */
		assert_int_equal(nr_scans, rows[i].error != -ENOMEM);
		assert_between(seam.pipes, rows[i].least, rows[i].most);
		if (fd >= 0)
			put_unused_fd(fd);
	}
}

/* The RCU thread looks for closed descriptors, and stops there. */

static void stop_after_each_pipe(void)
{
	if (current == reaper.test || READ_ONCE(reaper.taken))
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
	smp_store_release(&seam.after_each_pipe, stop_after_each_pipe);
	/* Now it looks for a second. */
	dma_fence_signal(fence);
	close(fd);
	assert_true(eventually(smp_load_acquire(&reaper.taken)));
	smp_store_release(&seam.after_each_pipe, NULL);
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

static void take_long(void)
{
	if (current != reaper.test)
		msleep(100);
}

/* Otherwise the next look would come when it does not look any more. */
static void the_rcu_thread_looks_again_after_a_long_scan(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL);

	reaper.test = current;
	smp_store_release(&seam.after_each_pipe, take_long);
	dma_fence_signal(fence);
	close(fd);
	assert_true(eventually(mock_refs(fence) == 1));
	smp_store_release(&seam.after_each_pipe, NULL);
	settle();
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

/* A file that is woken again before the library's end is closed */

static DECLARE_WAIT_QUEUE_HEAD(queue);
static bool queue_is_ready;

static __poll_t poll_queue(struct file *file, poll_table *table)
{
	poll_wait(file, &queue, table);
	return READ_ONCE(queue_is_ready) ? EPOLLIN : 0;
}

static const struct file_operations queue_fops = { .poll = poll_queue };

static void a_file_is_written_to_once(void **state)
{
	int fd = get_unused_fd_flags(O_CLOEXEC), i;
	struct dma_fence *fence = mock_fence();
	char packet[8];
	int size;

	/* The core of a kernel tree sets one. */
	lfshim_file_set_default_wire(NULL);
	fd_install(fd, anon_inode_getfile("test", &queue_fops, NULL, 0));
	stop_the_rcu_thread(fence);
	queue_is_ready = true;
	/* The queue's lock, taken with interrupts off, defers nothing. */
	for (i = 0; i < 5; i++) {
		local_irq_disable();
		wake_up_all(&queue);
		local_irq_enable();
	}
	size = read(fd, packet, sizeof(packet));
	smp_store_release(&reaper.go, true);
	assert_int_equal(size, 1);
	close(fd);
	settle();
	dma_fence_put(fence);
}

/* ThreadSanitizer does not support threads after fork(). */
#if !LFSHIM_TSAN
/* fork() after the packet is written, and before the library's end is closed */

static struct {
	int end;
	pid_t pid;
	/* The thread that has closed it. */
	int tid;
} between;

static void note_the_closer(int fd)
{
	if (fd == between.end)
		smp_store_release(&between.tid, gettid());
}

static int see_the_end_closed(void)
{
	/* The close may block: the parent may have closed its own. */
	CHECK(eventually(smp_load_acquire(&between.tid)));
	CHECK(between.tid != getpid());
	CHECK(eventually(fcntl(between.end, F_GETFD) < 0));
	return 0;
}

static void a_child_closes_an_end_whose_packet_is_written(void **state)
{
	struct dma_fence *first = mock_fence(), *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL), status;

	between.end = seam.pipe[1];
	between.tid = 0;
	/* Then nobody closes the end of this process. */
	stop_the_rcu_thread(first);
	dma_fence_signal(fence);
	WRITE_ONCE(seam.at_close, note_the_closer);
	status = status_in_child(see_the_end_closed);
	WRITE_ONCE(seam.at_close, NULL);
	assert_int_equal(between.tid, 0);
	smp_store_release(&reaper.go, true);
	assert_int_equal(status, 0);
	assert_true(eventually(poll_events(fd) == (POLLIN | POLLHUP)));
	close(fd);
	settle();
	dma_fence_put(first);
	dma_fence_put(fence);
}
#endif

/* Descriptors that are closed by another thread */

static struct {
	int fd;
	bool go;
} slow;

static atomic_t nr_slept;

static void close_slowly(int fd)
{
	while (fd == slow.fd && !smp_load_acquire(&slow.go))
		usleep_range(100, 200);
}

static int open_the_gate(void *unused)
{
	msleep(30);
	smp_store_release(&slow.go, true);
	return 0;
}

static void sleep_a_while(struct callback_head *head)
{
	msleep(30);
	atomic_inc(&nr_slept);
}

static void close_it_slowly(void)
{
	struct lfpriv_closer *closer = kmalloc_obj(*closer);

	assert_non_null(closer);
	slow.fd = eventfd(0, EFD_CLOEXEC);
	slow.go = false;
	WRITE_ONCE(seam.at_close, close_slowly);
	lfpriv_close_later(closer, slow.fd);
}

static void a_flush_waits_for_a_close_but_not_for_ever(void **state)
{
	struct callback_head head;
	struct task_struct *task;

	close_it_slowly();
	task = start(open_the_gate, NULL);
	lfpriv_defer_flush();
	assert_true(fcntl(slow.fd, F_GETFD) < 0);
	finish(task);
	/* And work that is deferred after a blocked close has returned. */
	close_it_slowly();
	atomic_set(&nr_slept, 0);
	lfpriv_defer(&head, sleep_a_while);
	lfpriv_defer_flush();
	assert_int_equal(atomic_read(&nr_slept), 1);
	assert_true(fcntl(slow.fd, F_GETFD) >= 0);
	smp_store_release(&slow.go, true);
	lfpriv_defer_flush();
	assert_true(fcntl(slow.fd, F_GETFD) < 0);
	WRITE_ONCE(seam.at_close, NULL);
}

#if !LFSHIM_TSAN
/* @reuse: the number is used again at once, for the user's end. */
static int user_fd, reuse, is_inside;

static void close_after_the_fork(int fd)
{
	if (fd != slow.fd)
		return;
	if (reuse) {
		real_fd_close(fd);
		dup2(user_fd, fd);
	}
	smp_store_release(&is_inside, true);
	close_slowly(fd);
}

static int look_at_the_end(void)
{
	slow.go = true;
	lfpriv_defer_flush();
	return !eventually(reuse == (fcntl(slow.fd, F_GETFD) >= 0));
}

static void a_child_closes_what_a_thread_was_about_to_close(void **state)
{
	struct dma_fence *fence;
	int round, status;

	for (round = 0; round < 2; round++) {
		fence = mock_fence();
		user_fd = libfence_export(plain(fence), NULL);
		slow.fd = seam.pipe[1];
		is_inside = slow.go = false;
		reuse = round;
		WRITE_ONCE(seam.at_close, close_after_the_fork);
		dma_fence_signal(fence);
		assert_true(eventually(smp_load_acquire(&is_inside)));
		status = status_in_child(look_at_the_end);
		smp_store_release(&slow.go, true);
		lfpriv_defer_flush();
		WRITE_ONCE(seam.at_close, NULL);
		assert_int_equal(status, 0);
		close(user_fd);
		settle();
		dma_fence_put(fence);
	}
}
#endif

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
	size = lfpriv_sync_file_wire.packet(file, record);
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
	dma_fence_put(fence);
}

static void a_file_that_is_no_sync_file_has_no_name(void **state)
{
	struct file *file = anon_inode_getfile("test", &mute_fops, NULL, 0);
	char label[LFSHIM_FILE_LABEL_MAX] = "?";
	struct lfpriv_record record = { .driver = "?" };

	assert_false(lfpriv_sync_file_wire.label(file, label, &record));
	assert_string_equal(label, "?");
	assert_string_equal(record.driver, "?");
	__fput_sync(file);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(a_descriptor_that_is_closed_during_the_write),
		MOCK_TEST(a_signal_while_a_closed_descriptor_is_found),
		MOCK_TEST(a_descriptor_that_moves_during_a_scan),
		MOCK_TEST(one_call_gives_up_a_readable_file),
		MOCK_TEST(without_proc_readable_files_are_given_up),
		MOCK_TEST(without_a_descriptor_readable_files_are_kept),
		MOCK_TEST(an_export_without_a_label),
		MOCK_TEST(a_scan_is_for_many_reservations),
		MOCK_TEST(a_descriptor_is_tried_again_while_others_are_closed),
		MOCK_TEST(a_reap_waits_for_that_of_the_rcu_thread),
		MOCK_TEST(the_rcu_thread_looks_again_after_a_long_scan),
		MOCK_TEST(a_child_waits_for_no_reap_of_its_parent),
		MOCK_TEST(a_file_is_written_to_once),
#if !LFSHIM_TSAN
		MOCK_TEST(a_child_closes_an_end_whose_packet_is_written),
#endif
		MOCK_TEST(a_flush_waits_for_a_close_but_not_for_ever),
#if !LFSHIM_TSAN
		MOCK_TEST(a_child_closes_what_a_thread_was_about_to_close),
#endif
		MOCK_TEST(a_file_without_a_result_has_its_status),
		MOCK_TEST(a_file_that_is_no_sync_file_has_no_name),
	};
	return TEST_MAIN("sync-file-seam-file", tests);
}
