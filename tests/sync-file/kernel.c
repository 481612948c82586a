// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A sync_file of the kernel, imitated without one: a socket whose ioctls are
 * answered here. tests/real-kernel has real ones, but those have no errors and
 * give no invalid answers.
 */

#include "helpers.h"

#include <stdio.h>
#include <sys/stat.h>
#include <libfence/libsync.h>

int lfhost_fd_ioctl(int fd, unsigned int cmd, void *arg);
/* The function of compat/host/fd.c, which meson.build renames. */
int real_fd_ioctl(int fd, unsigned int cmd, void *arg);

static struct {
	ino_t inode;
	int nr;
	int status;
	/*
	 * The ordinal of the ioctl at which it is signalled, from 1; 0: none.
	 */
	int signals_at;
	u64 timestamps[3];
	u64 deadline;
	/* Not terminated, if it fills the field. */
	char name[32];
} fake;

int lfhost_fd_ioctl(int fd, unsigned int cmd, void *arg)
{
	struct sync_fence_info *table;
	struct sync_file_info *info = arg;
	/* Acquire: pairs with the release in signal_fake(). */
	int status = smp_load_acquire(&fake.status), i;
	struct stat st;

	if (fstat(fd, &st) || st.st_ino != fake.inode)
		return real_fd_ioctl(fd, cmd, arg);
	if (fake.signals_at && !--fake.signals_at) {
		fake.timestamps[0] = ktime_get();
		fake.status = status = 1;
	}
	if (cmd == SYNC_IOC_SET_DEADLINE) {
		fake.deadline = ((struct sync_set_deadline *)arg)->deadline_ns;
		return 0;
	}
	if (cmd == SYNC_IOC_MERGE)
		return -ENOENT;
	if (cmd != SYNC_IOC_FILE_INFO)
		return -ENOTTY;
	if (info->num_fences && info->num_fences < fake.nr)
		return -EINVAL;
	table = (void *)(uintptr_t)info->sync_fence_info;
	for (i = 0; info->num_fences && i < fake.nr; i++) {
		strcpy(table[i].driver_name, "gpu");
		strcpy(table[i].obj_name, "ring0");
		table[i].status = status;
		table[i].timestamp_ns = status ? fake.timestamps[i] : 0;
	}
	memcpy(info->name, fake.name, sizeof(fake.name));
	info->status = status;
	info->num_fences = fake.nr;
	return 0;
}

static void make_fake(int p[2], int nr)
{
	struct stat st;

	memset(&fake, 0, sizeof(fake));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, p), 0);
	assert_int_equal(fstat(p[0], &st), 0);
	fake.inode = st.st_ino;
	strcpy(fake.name, "theirs");
	fake.nr = nr;
}

static void signal_fake(int p[2], int status)
{
	/* Release: pairs with the acquire in lfhost_fd_ioctl(). */
	smp_store_release(&fake.status, status);
	assert_int_equal(write(p[1], "x", 1), 1);
}

static void one_fence(void **state)
{
	struct libfence *f, *again;
	char name[32];
	int p[2];

	make_fake(p, 1);
	f = libfence_import(p[0], NULL);
	assert_non_null(f);
	libfence_driver_name(f, name, sizeof(name));
	assert_string_equal(name, "gpu");
	libfence_timeline_name(f, name, sizeof(name));
	assert_string_equal(name, "ring0");
	assert_int_equal(libfence_wait(f, 10 * NSEC_PER_MSEC), -ETIMEDOUT);
	fake.timestamps[0] = 12345;
	signal_fake(p, -EIO);
	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	assert_int_equal(libfence_status(f), -EIO);
	assert_int_equal(libfence_timestamp(f), 12345);
	again = libfence_import(p[0], NULL);
	assert_int_equal(libfence_status(again), -EIO);
	assert_int_equal(libfence_timestamp(again), 12345);
	libfence_put(&again);
	libfence_put(&f);
	close(p[0]);
	close(p[1]);
}

/* Signalled while the importer opens it, queries it, or begins to wait. */
static void signalled_meanwhile(void **state)
{
	struct libfence *f;
	int p[2], i;

	for (i = 1; i <= 4; i++) {
		make_fake(p, 1);
		fake.signals_at = i;
		f = libfence_import(p[0], NULL);
		assert_int_equal(write(p[1], "x", 1), 1);
		assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
		assert_int_equal(libfence_status(f), 1);
		assert_int_equal(libfence_timestamp(f), fake.timestamps[0]);
		libfence_put(&f);
		close(p[0]);
		close(p[1]);
	}
}

static void several_fences(void **state)
{
	struct sync_set_deadline deadline = { 77 };
	struct sync_file_info *info;
	struct libfence *f;
	char name[32];
	int p[2];

	make_fake(p, 3);
	f = libfence_import(p[0], NULL);
	info = sync_file_info(p[0]);
	/* The kernel's answer, not one made from the single fence here. */
	assert_int_equal(info->num_fences, 3);
	assert_string_equal(info->name, "theirs");
	sync_file_info_free(info);
	libfence_driver_name(f, name, sizeof(name));
	assert_string_equal(name, "sync_file");
	libfence_timeline_name(f, name, sizeof(name));
	assert_string_equal(name, "theirs");
	assert_int_equal(libfence_sync_ioctl(p[0], SYNC_IOC_SET_DEADLINE,
					     &deadline), 0);
	assert_int_equal(fake.deadline, 77);
	fake.timestamps[0] = 5;
	fake.timestamps[1] = 9;
	fake.timestamps[2] = 7;
	signal_fake(p, 1);
	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	assert_int_equal(libfence_status(f), 1);
	assert_int_equal(libfence_timestamp(f), 9);
	libfence_put(&f);
	close(p[0]);
	close(p[1]);
}

static void a_name_that_fills_its_field(void **state)
{
	struct libfence *f;
	char name[64];
	int p[2];

	make_fake(p, 3);
	memset(fake.name, 'n', sizeof(fake.name));
	f = libfence_import(p[0], NULL);
	assert_int_equal(libfence_timeline_name(f, name, sizeof(name)), 31);
	assert_string_equal(name, "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn");
	libfence_put(&f);
	close(p[0]);
	close(p[1]);
}

static void merged_with_one_of_ours(void **state)
{
	struct dma_fence *fence = mock_fence();
	int ours = libfence_export(plain(fence), NULL), p[2], fd, fd2;

	make_fake(p, 1);
	fd = sync_merge("a", ours, p[0]);
	fd2 = sync_merge("b", p[0], ours);
	assert_true(fd >= 0 && fd2 >= 0);
	dma_fence_signal(fence);
	assert_false(readable(fd) || readable(fd2));
	signal_fake(p, 1);
	assert_int_equal(sync_wait(fd, PATIENCE_S * 1000), 0);
	assert_int_equal(sync_wait(fd2, PATIENCE_S * 1000), 0);
	close(fd);
	close(fd2);
	close(ours);
	close(p[0]);
	close(p[1]);
	settle();
	dma_fence_put(fence);
}

/* It is readable and reports an unsignalled or an invalid status. */
static void strange_answers(void **state)
{
	static const int answers[] = { 0, -5000, 7 };
	struct libfence *f;
	int p[2], i;

	for (i = 0; i < 3; i++) {
		make_fake(p, 1);
		f = libfence_import(p[0], NULL);
		signal_fake(p, answers[i]);
		assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
		assert_int_equal(libfence_status(f), -EBADMSG);
		libfence_put(&f);
		close(p[0]);
		close(p[1]);
	}
}

static void the_largest_error_is_an_error(void **state)
{
	struct libfence *f;
	int p[2], i;

	for (i = 0; i < 2; i++) {
		make_fake(p, 1);
		signal_fake(p, -MAX_ERRNO - i);
		f = libfence_import(p[0], NULL);
		assert_int_equal(libfence_status(f),
				 i ? -EBADMSG : -MAX_ERRNO);
		libfence_put(&f);
		close(p[0]);
		close(p[1]);
	}
}

static void a_result_without_a_timestamp_came_now(void **state)
{
	struct libfence *f;
	s64 start;
	int p[2];

	make_fake(p, 2);
	signal_fake(p, 1);
	start = ktime_get();
	f = libfence_import(p[0], NULL);
	assert_int_equal(libfence_status(f), 1);
	assert_true(libfence_timestamp(f) >= start);
	libfence_put(&f);
	close(p[0]);
	close(p[1]);
}

static void a_table_without_memory_costs_the_timestamp_only(void **state)
{
	struct libfence *f;
	s64 start;
	int p[2];

	make_fake(p, 3);
	fake.timestamps[0] = 12345;
	signal_fake(p, -EIO);
	start = ktime_get();
	/*
	 * The first two allocations are the fence and the memory with which a
	 * thread of the shim closes the descriptor.
	 */
	libfence_fail_nth(3);
	f = libfence_import(p[0], NULL);
	assert_true(mock_alloc_failed());
	assert_non_null(f);
	assert_int_equal(libfence_status(f), -EIO);
	assert_true(libfence_timestamp(f) >= start);
	libfence_put(&f);
	close(p[0]);
	close(p[1]);
}

static void import_the_fake(int fd)
{
	struct libfence *f = libfence_import(fd, NULL);

	assert_int_equal(libfence_status(f), 1);
	libfence_put(&f);
}

static void imports_leave_no_memory(void **state)
{
	struct memory before;
	int p[2], i;

	make_fake(p, 3);
	signal_fake(p, 1);
	import_the_fake(p[0]);
	settle();
	before = memory_now();
	for (i = 0; i < 200; i++)
		import_the_fake(p[0]);
	settle();
	assert_true(memory_came_back(&before, 8192));
	close(p[0]);
	close(p[1]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(one_fence),
		MOCK_TEST(signalled_meanwhile),
		MOCK_TEST(several_fences),
		MOCK_TEST(a_name_that_fills_its_field),
		MOCK_TEST(merged_with_one_of_ours),
		MOCK_TEST(strange_answers),
		MOCK_TEST(the_largest_error_is_an_error),
		MOCK_TEST(a_result_without_a_timestamp_came_now),
		MOCK_TEST(a_table_without_memory_costs_the_timestamp_only),
		MOCK_TEST(imports_leave_no_memory),
	};
	return TEST_MAIN("sync-file-kernel", tests);
}
