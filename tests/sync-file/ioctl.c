// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The ioctls, one row of their table after another. */

#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <linux/file.h>
#include <linux/sync_file.h>
#include <libfence/sync-uapi.h>

/* The numbers are part of the kernel's ABI. */
_Static_assert(SYNC_IOC_MERGE == 0xC0303E03, "merge");
_Static_assert(SYNC_IOC_FILE_INFO == 0xC0383E04, "file info");
_Static_assert(SYNC_IOC_SET_DEADLINE == 0x40103E05, "set deadline");
_Static_assert(sizeof(struct sync_fence_info) == 80, "fence info");

/* NOWHERE is not mapped; read_only() is mapped read-only. */
#define NOWHERE	((void *)16)
static char *read_only(void)
{
	static void *page;

	if (!page)
		page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	assert_ptr_not_equal(page, MAP_FAILED);
	return page;
}

static int export(struct dma_fence *fence)
{
	int fd = libfence_export(plain(fence), NULL);

	assert_true(fd >= 0);
	return fd;
}

/*
 * Signal @fence: an array whose signalling is enabled lives until it is
 * signalled.
 */
static void end(struct dma_fence *fence, int fd)
{
	close(fd);
	dma_fence_signal(fence);
	settle();
	assert_int_equal(mock_refs(fence), 1);
	dma_fence_put(fence);
}

static int merge(int fd, int fd2, const char *name)
{
	struct sync_merge_data data = { .fd2 = fd2, .fence = -7 };

	/* A name that fills the field has no terminator, as in any program. */
	memcpy(data.name, name, strnlen(name, sizeof(data.name)));
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_MERGE, &data), 0);
	assert_true(data.fence >= 0);
	assert_int_equal(data.fd2, fd2);
	return data.fence;
}

static struct sync_file_info get_info(int fd)
{
	struct sync_file_info info = { 0 };

	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO, &info), 0);
	return info;
}

/*
 * The table is initialised because Valgrind does not see the library write it.
 */
static int get_table(int fd, struct sync_file_info *info,
		     struct sync_fence_info *table, unsigned int room)
{
	memset(info, 0, sizeof(*info));
	info->num_fences = room;
	info->sync_fence_info = (uintptr_t)table;
	return libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO, info);
}

/* MERGE */

static void merge_reserves_the_descriptor_first(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct rlimit old, few;
	int fd = export(fence), limit = 0, room = 1;

	getrlimit(RLIMIT_NOFILE, &old);
	few = old;
	while (room)
		room -= fcntl(limit++, F_GETFD) < 0;
	few.rlim_cur = limit;
	setrlimit(RLIMIT_NOFILE, &few);
	/* The result is -EMFILE, not -EFAULT. */
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_MERGE, NOWHERE),
			 -EMFILE);
	setrlimit(RLIMIT_NOFILE, &old);
	end(fence, fd);
}

static void merge_checks_its_arguments_in_order(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = export(fence), before = count_fds(), null;
	struct sync_merge_data data;
	unsigned int n;

	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_MERGE, NULL), -EFAULT);
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_MERGE, NOWHERE),
			 -EFAULT);
	data = (struct sync_merge_data){ .fd2 = -1, .flags = 1 };
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_MERGE, &data), -EINVAL);
	data = (struct sync_merge_data){ .fd2 = -1, .pad = 1 };
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_MERGE, &data), -EINVAL);
	data = (struct sync_merge_data){ .fd2 = -1 };
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_MERGE, &data), -ENOENT);
	null = open("/dev/null", O_RDWR);
	data.fd2 = null;
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_MERGE, &data), -ENOENT);
	close(null);
	/* Each allocation fails in turn: endpoint, file and contents. */
	for (n = 1; ; n++) {
		data = (struct sync_merge_data){ .fd2 = fd };
		libfence_fail_nth(n);
		if (!libfence_sync_ioctl(fd, SYNC_IOC_MERGE, &data)) {
			bool done = !mock_alloc_failed();

			close(data.fence);
			settle();
			if (done)
				break;
			continue;
		}
		assert_true(mock_alloc_failed());
		assert_int_equal(data.fence, 0);
	}
	assert_true(n > 3);
	/*
	 * Everything is allocated, but the number cannot be written to the
	 * caller.
	 */
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_MERGE, read_only()),
			 -ENOENT);
	settle();
	assert_int_equal(count_fds(), before);
	assert_int_equal(mock_refs(fence), 2);
	end(fence, fd);
}

static void merge_that_cannot_return_its_number_is_undone(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = export(fence), before = count_fds();
	struct sync_merge_data *data;

	data = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	data->fd2 = fd;
	assert_int_equal(mprotect(data, 4096, PROT_READ), 0);
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_MERGE, data), -EFAULT);
	munmap(data, 4096);
	flush_and_close();
	assert_int_equal(count_fds(), before);
	assert_int_equal(mock_refs(fence), 2);
	end(fence, fd);
}

static void merge_of_two(void **state)
{
	struct dma_fence *a = mock_fence(), *b = mock_fence();
	int fda = export(a), fdb = export(b), fd = merge(fda, fdb, "both");
	struct sync_file_info info = get_info(fd);

	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_string_equal(info.name, "both");
	assert_int_equal(info.num_fences, 2);
	assert_int_equal(info.status, 0);
	/* Both files are as valid as before. */
	close(fda);
	assert_int_equal(get_info(fdb).num_fences, 1);
	dma_fence_signal(a);
	assert_false(readable(fd));
	dma_fence_signal(b);
	assert_true(eventually(readable(fd)));
	assert_int_equal(get_info(fd).status, 1);
	close(fd);
	end(b, fdb);
	rcu_barrier();
	assert_int_equal(mock_refs(a), 1);
	dma_fence_put(a);
}

static void merge_of_two_of_one_context_has_the_later(void **state)
{
	u64 context = dma_fence_context_alloc(1);
	struct dma_fence *a = mock_fence_at(context, 1);
	struct dma_fence *b = mock_fence_at(context, 2);
	int fda = export(a), fdb = export(b), fd = merge(fda, fdb, "x");
	struct dma_fence *got = sync_file_get_fence(fd);

	assert_ptr_equal(got, b);
	dma_fence_put(got);
	close(fd);
	dma_fence_signal(a);
	fd = merge(fda, fda, "");
	/* The merged fence is a signalled one. */
	assert_true(readable(fd));
	close(fd);
	end(a, fda);
	end(b, fdb);
}

static void names_of_merged_files(void **state)
{
	struct dma_fence *a = mock_fence(), *b = mock_fence();
	int fda = export(a), fdb = export(b), fd;
	struct sync_merge_data data = { .fd2 = fdb };

	/* All 32 bytes, without a terminator. */
	memset(data.name, 'n', sizeof(data.name));
	assert_int_equal(libfence_sync_ioctl(fda, SYNC_IOC_MERGE, &data), 0);
	assert_string_equal(get_info(data.fence).name,
			    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn");
	close(data.fence);
	fd = merge(fda, fdb, "");
	assert_memory_equal(get_info(fd).name, "dma_fence_array-unbound", 23);
	close(fd);
	dma_fence_signal(a);
	dma_fence_signal(b);
	end(a, fda);
	end(b, fdb);
}

/* FILE_INFO */

static void info_checks_its_arguments_in_order(void **state)
{
	struct dma_fence *a = mock_fence(), *b = mock_fence();
	struct dma_fence *array = mock_array_of(a, b);
	struct sync_fence_info table[3];
	struct sync_file_info info;
	int fd = export(array);

	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO, NULL),
			 -EFAULT);
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO, NOWHERE),
			 -EFAULT);
	info = (struct sync_file_info){ .flags = 1 };
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO, &info),
			 -EINVAL);
	info = (struct sync_file_info){ .pad = 1 };
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO, &info),
			 -EINVAL);
	assert_int_equal(get_table(fd, &info, table, 1), -EINVAL);
	libfence_fail_nth(1);
	assert_int_equal(get_table(fd, &info, table, 2), -ENOMEM);
	assert_true(mock_alloc_failed());
	assert_int_equal(get_table(fd, &info, NOWHERE, 2), -EFAULT);
	/* The table is writable, the structure is not. */
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO,
					     read_only()), -EFAULT);
	assert_int_equal(get_table(fd, &info, table, 2), 0);
	assert_int_equal(get_table(fd, &info, table, 3), 0);
	assert_int_equal(info.num_fences, 2);
	/* With room for no entries the table is not accessed. */
	assert_int_equal(get_table(fd, &info, NOWHERE, 0), 0);
	assert_int_equal(info.num_fences, 2);
	close(fd);
	dma_fence_signal(a);
	dma_fence_signal(b);
	settle();
	dma_fence_put(array);
	dma_fence_put(a);
	dma_fence_put(b);
}

static void info_of_one_fence(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct sync_fence_info table[2] = { 0 };
	struct sync_file_info info;
	int fd = export(fence);
	char name[32];

	snprintf(name, sizeof(name), MOCK_DRIVER "-" MOCK_TIMELINE "%llu-1",
		 (unsigned long long)fence->context);
	memset(table, 0x55, sizeof(table));
	assert_int_equal(get_table(fd, &info, table, 2), 0);
	assert_string_equal(info.name, name);
	assert_int_equal(info.status, 0);
	assert_int_equal(info.flags, 0);
	assert_int_equal(info.num_fences, 1);
	assert_ptr_equal((void *)(uintptr_t)info.sync_fence_info, table);
	assert_string_equal(table[0].driver_name, MOCK_DRIVER);
	assert_string_equal(table[0].obj_name, MOCK_TIMELINE);
	assert_int_equal(table[0].status, 0);
	assert_int_equal(table[0].flags, 0);
	assert_int_equal(table[0].timestamp_ns, 0);
	assert_int_equal(table[1].status, 0x55555555);

	dma_fence_set_error(fence, -EIO);
	dma_fence_signal(fence);
	assert_int_equal(get_table(fd, &info, table, 1), 0);
	assert_int_equal(info.status, -EIO);
	assert_string_equal(table[0].driver_name, mock_driver_then());
	assert_string_equal(table[0].obj_name, mock_timeline_then());
	assert_int_equal(table[0].status, -EIO);
	assert_true(table[0].timestamp_ns ==
		    (u64)ktime_to_ns(dma_fence_timestamp(fence)));
	assert_int_equal(get_info(fd).status, -EIO);
	end(fence, fd);
}

/*
 * Names are read before the status, and reading the status signals the fence.
 */
static void info_may_have_the_names_of_a_fence_that_is_signalled(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct sync_fence_info table[1] = { 0 };
	struct sync_file_info info;
	int fd = export(fence);

	mock_done_at(fence, 1);
	assert_int_equal(get_table(fd, &info, table, 1), 0);
	assert_int_equal(table[0].status, 1);
	assert_string_equal(table[0].driver_name, MOCK_DRIVER);
	assert_true(readable(fd));
	end(fence, fd);
}

/* The first fence without success decides the status of the file. */
static void status_of_several(void **state)
{
	static const struct {
		int a, b, with_table;
	} rows[] = {
		{ 0, 0, 0 }, { 1, 0, 0 }, { 0, 1, 0 }, { 1, 1, 1 },
		{ -EIO, 1, -EIO }, { 1, -EIO, -EIO }, { 0, -EIO, 0 },
		{ -EIO, 0, -EIO }, { -EIO, -EPERM, -EIO },
	};
	struct sync_fence_info table[2] = { 0 };
	struct sync_file_info info;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dma_fence *f[2] = { mock_fence(), mock_fence() };
		struct dma_fence *array = mock_array(2, f);
		int fd = export(array), status[2] = { rows[i].a, rows[i].b };

		for (k = 0; k < 2; k++) {
			if (status[k] < 0)
				dma_fence_set_error(f[k], status[k]);
			if (status[k])
				dma_fence_signal(f[k]);
		}
		assert_int_equal(get_table(fd, &info, table, 2), 0);
		assert_int_equal(info.status, rows[i].with_table);
		assert_int_equal(table[0].status, rows[i].a);
		assert_int_equal(table[1].status, rows[i].b);
		/* Without a table: the status of the array. */
		assert_int_equal(get_info(fd).status,
				 dma_fence_get_status(array));
		close(fd);
		dma_fence_signal(f[0]);
		dma_fence_signal(f[1]);
		settle();
		dma_fence_put(array);
		dma_fence_put(f[0]);
		dma_fence_put(f[1]);
	}
}

static const char *long_name(struct dma_fence *fence)
{
	return "a-name-that-is-longer-than-thirty-one-bytes/with-a-slash";
}

static void long_names_are_cut_off(void **state)
{
	static const struct dma_fence_ops ops = {
		.get_driver_name = long_name,
		.get_timeline_name = long_name,
	};
	struct dma_fence *fence = &mock_new(&ops, 1, 1)->base;
	struct sync_fence_info table[1] = { 0 };
	struct sync_file_info info;
	int fd = libfence_export(plain(fence), long_name(NULL));

	assert_int_equal(get_table(fd, &info, table, 1), 0);
	assert_string_equal(info.name, "a-name-that-is-longer-than-thir");
	assert_string_equal(table[0].driver_name, info.name);
	assert_string_equal(table[0].obj_name, info.name);
	end(fence, fd);
}

/*
 * The first link's fence is signalled at its @nth poll. Returns true if that
 * was after the entries were counted and before they were filled in.
 */
static bool shrinks(int nth)
{
	struct dma_fence *a = mock_fence(), *b = mock_fence();
	struct dma_fence *first = mock_link(NULL, a, 1);
	struct dma_fence *chain = mock_link(first, b, 2);
	struct sync_fence_info table[2] = { 0 };
	struct sync_file_info info;
	int fd;

	dma_fence_put(first);
	fd = export(chain);
	mock_done_at(a, nth);
	memset(table, 0x55, sizeof(table));
	assert_int_equal(get_table(fd, &info, table, 2), 0);
	close(fd);
	dma_fence_signal(a);
	dma_fence_signal(b);
	settle();
	dma_fence_put(chain);
	dma_fence_put(a);
	dma_fence_put(b);
	/* As many entries are written as were counted. */
	return info.num_fences == 1 && table[1].status == 0 &&
	       !table[1].driver_name[0];
}

static void fewer_fences_than_were_counted(void **state)
{
	int nth, seen = 0;

	for (nth = 1; nth < 10; nth++)
		seen += shrinks(nth);
	assert_true(seen > 0);
}

/* SET_DEADLINE and others */

#if CORE_HAS(dma_fence_set_deadline)
static void set_deadline(void **state)
{
	struct dma_fence *fence = mock_fence();
	struct sync_set_deadline data = { .deadline_ns = 12345678 };
	int fd = export(fence);

	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_SET_DEADLINE, &data),
			 0);
	assert_int_equal(to_mock(fence)->deadline, 12345678);
	data.pad = 1;
	data.deadline_ns = 1;
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_SET_DEADLINE, &data),
			 -EINVAL);
	assert_int_equal(libfence_sync_ioctl(fd, SYNC_IOC_SET_DEADLINE, NOWHERE),
			 -EFAULT);
	assert_int_equal(to_mock(fence)->deadline, 12345678);
	end(fence, fd);
}
#endif

static void nothing_else(void **state)
{
	struct dma_fence *fence = mock_fence();
	char buf[256] = "";
	int fd = export(fence), fds[2];

	assert_int_equal(libfence_sync_ioctl(fd, 0, buf), -ENOTTY);
	assert_int_equal(libfence_sync_ioctl(fd, _IO('>', 2), buf), -ENOTTY);
	/* Ioctls of the file's owner. */
	assert_int_equal(libfence_sync_ioctl(fd, _IOR('>', 0x80, char[16]), buf),
			 -ENOTTY);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(libfence_sync_ioctl(fds[0], SYNC_IOC_FILE_INFO, buf),
			 -ENOTTY);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(libfence_sync_ioctl(fds[0], SYNC_IOC_FILE_INFO, buf),
			 -EBADF);
	end(fence, fd);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(merge_checks_its_arguments_in_order),
		MOCK_TEST(merge_that_cannot_return_its_number_is_undone),
		MOCK_TEST(merge_of_two),
		MOCK_TEST(merge_of_two_of_one_context_has_the_later),
		MOCK_TEST(names_of_merged_files),
		MOCK_TEST(info_checks_its_arguments_in_order),
		MOCK_TEST(info_of_one_fence),
		MOCK_TEST(info_may_have_the_names_of_a_fence_that_is_signalled),
		MOCK_TEST(status_of_several),
		MOCK_TEST(long_names_are_cut_off),
		MOCK_TEST(fewer_fences_than_were_counted),
#if CORE_HAS(dma_fence_set_deadline)
		MOCK_TEST(set_deadline),
#endif
		MOCK_TEST(nothing_else),
		MOCK_TEST(merge_reserves_the_descriptor_first),
	};
	bool checks = test_host_checks_addresses();

	TEST_NEEDS(checks, "process_vm_readv()",
		   merge_checks_its_arguments_in_order);
	TEST_NEEDS(checks, "process_vm_readv()",
		   merge_that_cannot_return_its_number_is_undone);
	TEST_NEEDS(checks, "process_vm_readv()",
		   info_checks_its_arguments_in_order);
#if CORE_HAS(dma_fence_set_deadline)
	TEST_NEEDS(checks, "process_vm_readv()", set_deadline);
#endif
	return TEST_MAIN_BUT("sync-file-ioctl", tests, 1);
}
