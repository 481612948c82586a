// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Imports of a real kernel's sync_files. Runs in a guest: see boot.sh. */

#include "../sync-file/helpers.h"
#include "vgem.h"

#include <libfence/libsync.h>
#include <signal.h>

/* An unsignalled fence of the kernel's, and a sync_file of it. */
struct job {
	struct vgem v;
	u32 fence;
	int fd;
};

static struct job begin(void)
{
	struct job j = { .v = vgem_open() };

	j.fence = vgem_attach(j.v);
	j.fd = vgem_sync_file(j.v);
	return j;
}

static void signal_job(struct job j)
{
	vgem_signal(j.v, j.fence);
}

static void end(struct job j)
{
	close(j.fd);
	vgem_close(j.v);
}

static struct libfence *import(int fd)
{
	int err = 0;
	struct libfence *f = libfence_import(fd, &err);

	if (!f)
		fail_msg("not imported: %s", strerror(-err));
	return f;
}

static int wait_for(const struct libfence *f)
{
	return libfence_wait(f, PATIENCE_S * NSEC_PER_SEC);
}

/* The kernel's own answer about up to two fences. */
struct answer {
	struct sync_file_info info;
	struct sync_fence_info fences[2];
};

static struct answer ask_kernel(int fd)
{
	struct answer a = { 0 };

	a.info.num_fences = 2;
	a.info.sync_fence_info = (uintptr_t)a.fences;
	vgem_ioctl(fd, SYNC_IOC_FILE_INFO, &a.info);
	return a;
}

static s64 kernel_timestamp(int fd)
{
	struct answer a = ask_kernel(fd);

	return max(a.fences[0].timestamp_ns, a.fences[1].timestamp_ns);
}

/*
 * The fence is signalled, with the status and the timestamp that the kernel
 * reports.
 */
static void assert_done(const struct libfence *f, int fd)
{
	assert_int_equal(wait_for(f), 0);
	assert_int_equal(libfence_status(f), 1);
	assert_int_equal(ask_kernel(fd).info.status, 1);
	assert_int_equal(libfence_timestamp(f), kernel_timestamp(fd));
}

static void assert_names(const struct libfence *f, const char *driver,
			 const char *timeline)
{
	char name[64];

	libfence_driver_name(f, name, sizeof(name));
	assert_string_equal(name, driver);
	libfence_timeline_name(f, name, sizeof(name));
	assert_string_equal(name, timeline);
}

static void count(const struct libfence *f, void *data)
{
	atomic_inc(data);
}

/* The number of descriptors, including all that the library keeps. */
static int count_from_here(void)
{
	struct job j = begin();
	struct libfence *f = import(j.fd);

	libfence_put(&f);
	end(j);
	warm_up();
	return count_fds();
}

static void follows_the_kernels(void **state)
{
	struct libfence_callback cb;
	atomic_t ran = ATOMIC_INIT(0);
	struct job j = begin();
	struct libfence *f = import(j.fd);
	s64 before, after;

	assert_names(f, "vgem", "unbound");
	assert_int_equal(libfence_status(f), 0);
	assert_int_equal(libfence_wait(f, 10 * NSEC_PER_MSEC), -ETIMEDOUT);
	assert_false(readable(j.fd));
	libfence_callback_init(&cb, count, &ran);
	assert_int_equal(libfence_callback_register(f, &cb), 0);
	before = ktime_get();
	signal_job(j);
	after = ktime_get();
	assert_done(f, j.fd);
	assert_true(readable(j.fd));
	/* The kernel's timestamps use the clock that we read. */
	assert_between(libfence_timestamp(f), before, after);
	assert_true(libfence_callback_unregister(&cb));
	assert_int_equal(atomic_read(&ran), 1);
	libfence_put(&f);
	end(j);
}

static void signalled_before(void **state)
{
	struct job j = begin();
	struct libfence *f;
	int fds = count_from_here();

	signal_job(j);
	f = import(j.fd);
	assert_true(libfence_is_signaled(f));
	assert_true(eventually(count_fds() == fds));
	assert_done(f, j.fd);
	libfence_put(&f);
	end(j);
}

/*
 * The buffer is idle: the kernel exports a fence that was signalled long ago.
 */
static void idle_buffer(void **state)
{
	struct vgem v = vgem_open();
	int fd = vgem_sync_file(v);
	struct libfence *f = import(fd);

	assert_true(libfence_is_signaled(f));
	assert_done(f, fd);
	libfence_put(&f);
	close(fd);
	vgem_close(v);
}

static void other_descriptors(void **state)
{
	struct job j = begin();
	int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int others[] = { file, j.v.buf, j.v.dev }, i, err;
	int fds = count_from_here();
	struct sync_file_info info = { 0 };

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		assert_null(libfence_import(others[i], &err));
		assert_int_equal(err, -EINVAL);
		assert_int_equal(sync_merge("", j.fd, others[i]), -1);
		assert_int_equal(errno, ENOENT);
		assert_true(libfence_sync_ioctl(others[i], SYNC_IOC_FILE_INFO,
						&info) < 0);
	}
	assert_int_equal(libfence_sync_ioctl(j.v.buf, SYNC_IOC_FILE_INFO, &info),
			 -ENOTTY);
	/* The library closes its copies on a thread. */
	assert_true(eventually(count_fds() == fds));
	close(file);
	end(j);
}

static void same_answer(int fd)
{
	struct answer theirs = ask_kernel(fd), ours = { 0 };

	ours.info.num_fences = 2;
	ours.info.sync_fence_info = (uintptr_t)ours.fences;
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO, &ours.info),
			 0);
	ours.info.sync_fence_info = theirs.info.sync_fence_info;
	assert_memory_equal(&ours, &theirs, sizeof(ours));
}

static void file_info_is_the_kernels(void **state)
{
	struct job a = begin(), b = begin();
	int both = sync_merge("both", a.fd, b.fd);
	struct sync_file_info *info = sync_file_info(both), wrong = { 0 };

	assert_int_equal(info->num_fences, 2);
	assert_string_equal(info->name, "both");
	assert_string_equal(sync_get_fence_info(info)[1].driver_name, "vgem");
	sync_file_info_free(info);
	same_answer(both);
	signal_job(a);
	same_answer(both);
	signal_job(b);
	same_answer(both);

	wrong.num_fences = 1;
	wrong.sync_fence_info = 8;
	assert_int_equal(libfence_sync_ioctl(a.fd, SYNC_IOC_FILE_INFO, &wrong),
			 -EFAULT);
	wrong.flags = 1;
	assert_int_equal(libfence_sync_ioctl(a.fd, SYNC_IOC_FILE_INFO, &wrong),
			 -EINVAL);
	assert_int_equal(libfence_sync_ioctl(a.fd, SYNC_IOC_FILE_INFO, NULL),
			 -EFAULT);
	assert_int_equal(libfence_sync_ioctl(a.fd, VGEM_EXPORT, &wrong), -ENOTTY);
	close(both);
	end(a);
	end(b);
}

/* Signalled in either order, the merge is signalled with the last of them. */
static void merged_by_the_kernel(void **state)
{
	int last, both;
	struct libfence *f;

	for (last = 0; last < 2; last++) {
		struct job j[] = { begin(), begin() };

		both = sync_merge("both", j[0].fd, j[1].fd);
		f = import(both);
		assert_int_equal(ask_kernel(both).info.num_fences, 2);
		assert_names(f, "sync_file", "both");
		signal_job(j[!last]);
		assert_int_equal(libfence_wait(f, 10 * NSEC_PER_MSEC),
				 -ETIMEDOUT);
		signal_job(j[last]);
		assert_done(f, both);
		assert_int_equal(libfence_timestamp(f),
				 kernel_timestamp(j[last].fd));
		libfence_put(&f);
		close(both);
		/*
		 * When both are signalled, the kernel may make any signalled
		 * fence of them.
		 */
		both = sync_merge("", j[0].fd, j[1].fd);
		f = import(both);
		assert_true(libfence_is_signaled(f));
		assert_done(f, both);
		libfence_put(&f);
		close(both);
		end(j[0]);
		end(j[1]);
	}
}

/* The library merges them then, in either order. */
static void merged_with_one_of_ours(void **state)
{
	struct dma_fence *fence = mock_fence();
	int ours = libfence_export(plain(fence), NULL), fds[2], i, k;
	struct job j = begin();
	struct sync_fence_info *table;
	struct sync_file_info *info;

	fds[0] = sync_merge("a", ours, j.fd);
	fds[1] = sync_merge("b", j.fd, ours);
	signal_job(j);
	for (i = 0; i < 2; i++) {
		struct libfence *f = import(fds[i]);

		assert_int_equal(libfence_wait(f, 10 * NSEC_PER_MSEC),
				 -ETIMEDOUT);
		libfence_put(&f);
		info = sync_file_info(fds[i]);
		assert_int_equal(info->num_fences, 2);
		/* The order of the two is not specified. */
		table = sync_get_fence_info(info);
		k = table[0].status ? 0 : 1;
		assert_int_equal(table[k].status, 1);
		assert_int_equal(table[k].timestamp_ns, kernel_timestamp(j.fd));
		assert_int_equal(table[!k].status, 0);
		sync_file_info_free(info);
	}
	dma_fence_signal(fence);
	for (i = 0; i < 2; i++) {
		assert_int_equal(sync_wait(fds[i], PATIENCE_S * 1000), 0);
		close(fds[i]);
	}
	close(ours);
	end(j);
	settle();
	dma_fence_put(fence);
}

/* Kernels before 6.4 do not have this ioctl. */
static void deadline_is_taken(void **state)
{
	struct sync_set_deadline deadline = { ktime_get() + NSEC_PER_SEC };
	struct job j = begin();
	int fds = count_from_here();

	assert_true(!ioctl(j.fd, SYNC_IOC_SET_DEADLINE, &deadline) ||
		    errno == ENOTTY);
	assert_int_equal(libfence_sync_ioctl(j.fd, SYNC_IOC_SET_DEADLINE,
					     &deadline), mock_deadline_ioctl());
	assert_true(eventually(count_fds() == fds));
	end(j);
}

static void imported_twice(void **state)
{
	struct job j = begin();
	struct libfence *f = import(j.fd), *again = import(j.fd);

	assert_ptr_not_equal(f, again);
	signal_job(j);
	assert_done(f, j.fd);
	assert_done(again, j.fd);
	libfence_put(&again);
	libfence_put(&f);
	end(j);
}

/* An import keeps the kernel's fence by itself, and leaks no descriptor. */
static void dropped_and_kept(void **state)
{
	int fds = count_from_here(), copy;
	struct job j = begin();
	struct libfence *dropped = import(j.fd), *kept = import(j.fd);
	int both = count_fds();

	libfence_put(&dropped);
	assert_true(eventually(count_fds() == both - 1));
	copy = dup(j.fd);
	close(j.fd);
	signal_job(j);
	j.fd = copy;
	assert_done(kept, j.fd);
	libfence_put(&kept);
	end(j);
	assert_true(eventually(count_fds() == fds));
}

static int signal_soon(void *data)
{
	usleep_range(1000, 20000);
	signal_job(*(struct job *)data);
	return 0;
}

static void sync_wait_waits(void **state)
{
	struct job j = begin();
	struct task_struct *task;

	assert_int_equal(sync_wait(j.fd, 10), -1);
	assert_int_equal(errno, ETIME);
	task = start(signal_soon, &j);
	assert_int_equal(sync_wait(j.fd, PATIENCE_S * 1000), 0);
	finish(task);
	end(j);
}

/* Wrapped like anything that becomes readable; an idle dma-buf does, too. */
static void wrapped(void **state)
{
	struct job j = begin();
	struct libfence *file = libfence_wrap_fd(j.fd, NULL);
	struct libfence *buffer = libfence_wrap_fd(j.v.buf, NULL);

	assert_int_equal(libfence_wait(file, 10 * NSEC_PER_MSEC), -ETIMEDOUT);
	assert_int_equal(libfence_wait(buffer, 10 * NSEC_PER_MSEC), -ETIMEDOUT);
	signal_job(j);
	assert_int_equal(wait_for(file), 0);
	assert_int_equal(wait_for(buffer), 0);
	assert_int_equal(libfence_status(file), 1);
	assert_int_equal(libfence_status(buffer), 1);
	assert_true(libfence_timestamp(file) >= kernel_timestamp(j.fd));
	libfence_put(&file);
	libfence_put(&buffer);
	end(j);
}

/* An imported fence that is exported again gets a descriptor of ours. */
static void exported_again(void **state)
{
	struct job j = begin();
	struct libfence *f = import(j.fd), *same;
	int fd = libfence_export(f, "again");

	same = import(fd);
	assert_ptr_equal(same, f);
	assert_false(readable(fd));
	signal_job(j);
	assert_int_equal(sync_wait(fd, PATIENCE_S * 1000), 0);
	assert_done(f, j.fd);
	libfence_put(&same);
	libfence_put(&f);
	close(fd);
	end(j);
	settle();
}

/* A fence imported before fork(), and an inherited sync_file. */
static void across_fork(void **state)
{
	struct job j = begin();
	struct libfence *f = import(j.fd), *there;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		alarm(PATIENCE_S);
		/* The child imports only after the wait. */
		if (wait_for(f) ||
		    libfence_timestamp(f) != kernel_timestamp(j.fd))
			_exit(1);
		there = libfence_import(j.fd, NULL);
		_exit(!there || libfence_status(there) != 1);
	}
	usleep_range(10000, 20000);
	signal_job(j);
	assert_done(f, j.fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	libfence_put(&f);
	end(j);
}

/* The kernel signals the fences of a killed process, with success. */
static void owner_is_killed(void **state)
{
	struct libfence *f;
	int s[2], fd, status;
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s),
			 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		send_fd(s[1], begin().fd);
		pause();
		_exit(1);
	}
	close(s[1]);
	fd = receive_fd(s[0]);
	f = import(fd);
	assert_int_equal(libfence_wait(f, 10 * NSEC_PER_MSEC), -ETIMEDOUT);
	kill(pid, SIGKILL);
	assert_done(f, fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	libfence_put(&f);
	close(fd);
	close(s[0]);
}

static void many(void **state)
{
	struct libfence *fences[100];
	struct job jobs[100];
	int i, fds = count_from_here();

	for (i = 0; i < 100; i++) {
		jobs[i] = begin();
		fences[i] = import(jobs[i].fd);
	}
	for (i = 99; i >= 0; i--)
		signal_job(jobs[i]);
	for (i = 0; i < 100; i++) {
		assert_done(fences[i], jobs[i].fd);
		libfence_put(&fences[i]);
		end(jobs[i]);
	}
	assert_true(eventually(count_fds() == fds));
}

struct race {
	struct job j;
	atomic_t go;
};

static int signal_at_once(void *data)
{
	struct race *r = data;

	while (!atomic_read(&r->go))
		cpu_relax();
	signal_job(r->j);
	return 0;
}

/* The fence is signalled while it is being imported. */
static void signalled_meanwhile(void **state)
{
	struct race r = { .j.v = vgem_open() };
	struct task_struct *task;
	struct libfence *f;
	int i;

	for (i = 0; i < 200; i++) {
		r.j.fence = vgem_attach(r.j.v);
		r.j.fd = vgem_sync_file(r.j.v);
		atomic_set(&r.go, 0);
		task = start(signal_at_once, &r);
		atomic_set(&r.go, 1);
		f = import(r.j.fd);
		assert_done(f, r.j.fd);
		finish(task);
		libfence_put(&f);
		close(r.j.fd);
	}
	vgem_close(r.j.v);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(follows_the_kernels),
		MOCK_TEST(signalled_before),
		MOCK_TEST(idle_buffer),
		MOCK_TEST(other_descriptors),
		MOCK_TEST(file_info_is_the_kernels),
		MOCK_TEST(merged_by_the_kernel),
		MOCK_TEST(merged_with_one_of_ours),
		MOCK_TEST(deadline_is_taken),
		MOCK_TEST(imported_twice),
		MOCK_TEST(dropped_and_kept),
		MOCK_TEST(sync_wait_waits),
		MOCK_TEST(wrapped),
		MOCK_TEST(exported_again),
		MOCK_TEST(across_fork),
		MOCK_TEST(owner_is_killed),
		MOCK_TEST(many),
		MOCK_TEST(signalled_meanwhile),
	};
	return TEST_MAIN("real-kernel-sync-file", tests);
}
