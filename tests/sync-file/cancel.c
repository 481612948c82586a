// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Threads that were cancelled. No function of the library is a cancellation
 * point, so it returns.
 */
#include "helpers.h"
#include "versions.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <libfence/driver-fence.h>

static const struct libfence *fence;
static struct libfence *imported;
static struct dma_fence *signalled;
static int fd;
static void (*call)(void);
static bool returned;

static int run_cancelled(void *unused)
{
	pthread_cancel(pthread_self());
	call();
	WRITE_ONCE(returned, true);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	return 0;
}

/* Without the library's care the thread never gets to its end. */
static bool returns(void (*fn)(void))
{
	struct task_struct *task;

	call = fn;
	returned = false;
	task = start(run_cancelled, NULL);
	if (!eventually(READ_ONCE(returned)))
		return false;
	return !finish(task);
}

static void do_export(void)
{
	fd = libfence_export(fence, "cancelled");
}

static void do_import(void)
{
	imported = libfence_import(fd, NULL);
}

static void do_wrap(void)
{
	imported = libfence_wrap_fd(fd, NULL);
}

static void do_put(void)
{
	libfence_put(&imported);
}

static void do_wait(void)
{
	assert_int_equal(libfence_wait(fence, NSEC_PER_MSEC), -ETIMEDOUT);
}

static void do_signal(void)
{
	dma_fence_signal(signalled);
}

static void do_reap(void)
{
	libfence_sync_reap();
}

static void do_barrier(void)
{
	/* libfence_barrier() is one of those for driver fences. */
#if CORE_HAS(inline_lock)
	libfence_barrier();
#else
	rcu_barrier();
#endif
	synchronize_rcu();
}

static int read_for_a_moment(void *inside)
{
	rcu_read_lock();
	complete(inside);
	mdelay(50);
	rcu_read_unlock();
	return 0;
}

/* Long enough for liburcu to poll. */
static void do_wait_for_a_reader(void)
{
	DECLARE_COMPLETION_ONSTACK(inside);
	struct task_struct *task = start(read_for_a_moment, &inside);

	wait_for_completion(&inside);
	synchronize_rcu();
	finish(task);
}

static void nothing_is_a_cancellation_point(void **state)
{
	struct dma_fence *f = mock_fence();
	int event = eventfd(0, EFD_CLOEXEC);

	signalled = f;
	fence = plain(f);
	assert_true(returns(do_export));
	assert_true(fd >= 0);
	assert_true(returns(do_import));
	assert_ptr_equal(imported, fence);
	assert_true(returns(do_put));
	assert_true(returns(do_wait));
	close(fd);
	assert_true(returns(do_reap));
	settle();

	fd = event;
	assert_true(returns(do_wrap));
	assert_non_null(imported);
	assert_true(returns(do_put));
	close(event);

	assert_true(returns(do_export));
	assert_true(returns(do_signal));
	close(fd);
	assert_true(returns(do_barrier));
	assert_true(returns(do_wait_for_a_reader));
	synchronize_rcu();
	settle();
	dma_fence_put(f);
}

/* The last reference to an imported fence is dropped under another's lock. */
static void put_it(struct dma_fence *f, struct dma_fence_cb *cb)
{
	libfence_put(&imported);
}

static void signalling_leaves_no_lock_behind(void **state)
{
	struct dma_fence *f = mock_fence();
	int event = eventfd(0, EFD_CLOEXEC);
	struct dma_fence_cb cb;

	signalled = f;
	imported = libfence_wrap_fd(event, NULL);
	assert_int_equal(dma_fence_add_callback(f, &cb, put_it), 0);
	assert_true(returns(do_signal));
	assert_null(imported);
	assert_true(dma_fence_is_signaled(f));
	dma_fence_put(f);
	close(event);
}

/* ThreadSanitizer does not support threads after fork(). */
#if !LFSHIM_TSAN
static void do_print(void)
{
	pr_info("# printed\n");
}

static void do_warn(void)
{
	WARN(1, "printed");
}

static void messages_are_printed_completely(void **state)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		libfence_set_warn_hook(NULL, NULL);
		/* Otherwise stdio makes no system call. */
		setvbuf(stderr, NULL, _IONBF, 0);
		_exit(!returns(do_print) + 2 * !returns(do_warn));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(nothing_is_a_cancellation_point),
		MOCK_TEST(signalling_leaves_no_lock_behind),
#if !LFSHIM_TSAN
		MOCK_TEST(messages_are_printed_completely),
#endif
	};
	return TEST_MAIN("sync-file-cancel", tests);
}
