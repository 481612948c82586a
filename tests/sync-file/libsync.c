// SPDX-License-Identifier: GPL-2.0 OR MIT
/* libsync's functions, with the system's header beside ours. */

#include "helpers.h"

#include <signal.h>
#include <libfence/libsync.h>

static int signal_soon(void *data)
{
	msleep(20);
	dma_fence_signal(data);
	return 0;
}

static void waits(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL);
	ktime_t start = ktime_get();
	struct task_struct *k;

	errno = 0;
	assert_int_equal(sync_wait(fd, 0), -1);
	assert_int_equal(errno, ETIME);
	assert_int_equal(sync_wait(fd, 20), -1);
	assert_int_equal(errno, ETIME);
	assert_true(ktime_get() - start >= 20 * NSEC_PER_MSEC);
	k = mock_run(signal_soon, fence);
	assert_int_equal(sync_wait(fd, -1), 0);
	mock_join(k);
	assert_int_equal(sync_wait(fd, 0), 0);
	/* The library may take the number of a closed descriptor for a moment. */
	assert_int_equal(sync_wait(INT_MAX, 0), -1);
	assert_int_equal(errno, EINVAL);
	close(fd);
	dma_fence_put(fence);
	settle();
}

static unsigned int handled;

static void count_signal(int sig)
{
	handled++;
}

/* The library's threads block all signals, so the waiting thread gets these. */
static int disturb(void *stop)
{
	while (!READ_ONCE(*(bool *)stop)) {
		kill(getpid(), SIGUSR1);
		usleep_range(2000, 2000);
	}
	return 0;
}

static void signal_handlers_do_not_prolong_the_wait(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL);
	struct task_struct *k;
	bool stop = false;

	signal(SIGUSR1, count_signal);
	k = mock_run(disturb, &stop);
	/*
	 * If sync_wait() restarted its timeout, only the test's alarm would end
	 * it.
	 */
	assert_int_equal(sync_wait(fd, 50), -1);
	assert_int_equal(errno, ETIME);
	WRITE_ONCE(stop, true);
	mock_join(k);
	assert_true(handled > 2);
	close(fd);
	dma_fence_put(fence);
	settle();
}

static void merges_and_describes(void **state)
{
	struct dma_fence *a = mock_fence(), *b = mock_fence();
	int fda = libfence_export(plain(a), "a");
	int fdb = libfence_export(plain(b), "b");
	int fd = sync_merge("a-name-of-more-than-thirty-one-bytes", fda, fdb);
	struct sync_file_info *info;
	struct sync_fence_info *table;

	assert_true(fd >= 0);
	dma_fence_set_error(a, -EIO);
	dma_fence_signal(a);
	info = sync_file_info(fd);
	assert_non_null(info);
	assert_string_equal(info->name, "a-name-of-more-than-thirty-one-");
	assert_int_equal(info->num_fences, 2);
	table = sync_get_fence_info(info);
	assert_int_equal(table[0].status + table[1].status, -EIO);
	assert_string_equal(table[a->context > b->context].driver_name,
			    mock_driver_then());
	assert_string_equal(table[a->context < b->context].driver_name,
			    MOCK_DRIVER);
	sync_file_info_free(info);
	sync_file_info_free(NULL);

	assert_int_equal(sync_merge("x", fda, -1), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(sync_merge("x", -1, fda), -1);
	assert_int_equal(errno, EBADF);
	assert_null(sync_file_info(-1));
	assert_int_equal(errno, EBADF);
	close(fd);
	close(fda);
	close(fdb);
	dma_fence_signal(b);
	settle();
	dma_fence_put(a);
	dma_fence_put(b);
	rcu_barrier();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(waits),
		MOCK_TEST(signal_handlers_do_not_prolong_the_wait),
		MOCK_TEST(merges_and_describes),
	};
	return TEST_MAIN("sync-file-libsync", tests);
}
