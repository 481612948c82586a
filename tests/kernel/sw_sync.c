// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The tree's sw_sync, used through debugfs as programs do: an open file is a
 * timeline, which creates fences as descriptors and counts up.
 */
#include "mock.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/debugfs.h>
#include <linux/file.h>
#include <libfence/libsync.h>
#include <libfence/sync.h>

/* As in libsync: no kernel header has these. */
struct sw_sync_create_fence_data {
	__u32 value;
	char name[32];
	__s32 fence;
};
#define SW_SYNC_IOC_CREATE_FENCE \
	_IOWR('W', 0, struct sw_sync_create_fence_data)
#define SW_SYNC_IOC_INC	_IOW('W', 1, __u32)

static struct file *open_timeline(void)
{
	struct file *file = lfshim_debugfs_open("sync/sw_sync", O_RDWR);

	assert_false(IS_ERR(file));
	return file;
}

static int fence_at(struct file *timeline, u32 value)
{
	struct sw_sync_create_fence_data data = {
		.value = value, .name = "a point",
	};

	assert_int_equal(lfshim_file_ioctl(timeline, SW_SYNC_IOC_CREATE_FENCE,
					   &data), 0);
	return data.fence;
}

static void count_up(struct file *timeline, u32 by)
{
	assert_int_equal(lfshim_file_ioctl(timeline, SW_SYNC_IOC_INC, &by), 0);
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void settle(void)
{
	libfence_sync_reap();
	rcu_barrier();
}

static void fences_are_signalled_at_their_values(void **state)
{
	struct file *timeline = open_timeline();
	int one = fence_at(timeline, 1), three = fence_at(timeline, 3);
	int both = sync_merge("both", one, three);

	assert_false(readable(one));
	count_up(timeline, 1);
	assert_true(readable(one));
	assert_false(readable(three));
	assert_false(readable(both));
	count_up(timeline, 2);
	assert_true(readable(three));
	assert_true(readable(both));
	assert_int_equal(sync_wait(both, 0), 0);
	close(one);
	close(three);
	close(both);
	__fput_sync(timeline);
	settle();
}

static void what_is_left_ends_with_an_error(void **state)
{
	struct file *timeline = open_timeline();
	struct sync_file_info *info;
	int fd = fence_at(timeline, 1);

	__fput_sync(timeline);
	assert_true(readable(fd));
	info = sync_file_info(fd);
	assert_non_null(info);
	assert_int_equal(info->status, -ENOENT);
	sync_file_info_free(info);
	close(fd);
	settle();
}

static void info_shows_the_timeline(void **state)
{
	struct file *timeline = open_timeline(), *info;
	int fd = fence_at(timeline, 7);
	char text[4096] = "";
	loff_t pos = 0;

	count_up(timeline, 5);
	info = lfshim_debugfs_open("sync/info", O_RDONLY);
	assert_false(IS_ERR(info));
	assert_true(info->f_op->read(info, text, sizeof(text) - 1, &pos) > 0);
	assert_non_null(strstr(text, ": 5\n"));
	__fput_sync(info);
	close(fd);
	/*
	 * The end of a timeline signals the fences that it still has, without
	 * references. It would race with the release of the last reference,
	 * which reads the list of callbacks without a lock.
	 */
	settle();
	__fput_sync(timeline);
	settle();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(fences_are_signalled_at_their_values),
		MOCK_TEST(what_is_left_ends_with_an_error),
		MOCK_TEST(info_shows_the_timeline),
	};

	return TEST_MAIN("sw_sync", tests);
}
