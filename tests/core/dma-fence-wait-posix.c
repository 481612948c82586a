// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Waiting for a fence in a program: handlers of POSIX signals interrupt the sleep. */
#include "mock.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_t handled;

static void on_signal(int sig)
{
	atomic_inc(&handled);
}

static void catch_signals(int flags, struct sigaction *old)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = flags };

	atomic_set(&handled, 0);
	sigemptyset(&sa.sa_mask);
	assert_int_equal(sigaction(SIGUSR1, &sa, old), 0);
}

struct sender {
	struct task_struct *waiter;
	struct dma_fence *fence;
};

/*
 * Send repeatedly: a signal that arrives before the system call begins is
 * handled without interrupting the sleep.
 */
static int keep_sending(void *data)
{
	struct sender *s = data;

	while (!kthread_should_stop()) {
		if (test_asleep(s->waiter))
			syscall(SYS_tgkill, getpid(), s->waiter->pid,
				SIGUSR1);
		usleep_range(500, 1000);
	}
	return 0;
}

static void interrupted_by_posix_signal(int flags)
{
	struct dma_fence *f = mock_fence();
	struct sender s = { current, f };
	struct sigaction old;
	struct task_struct *k;

	catch_signals(flags, &old);
	k = mock_run(keep_sending, &s);
	assert_int_equal(dma_fence_wait_timeout(f, true, 1000 * HZ),
			 -ERESTARTSYS);
	assert_between(atomic_read(&handled), 1, INT_MAX);
	assert_int_equal(mock_queued(f), 0);
	assert_int_equal(kthread_stop_put(k), 0);
	sigaction(SIGUSR1, &old, NULL);
	/* The handler has run: after the flush, no signal is pending. */
	flush_signals(current);
	assert_int_equal(dma_fence_wait_timeout(f, true, 0), 0);
	dma_fence_put(f);
}

static void posix_signal_ends_an_interruptible_sleep(void **state)
{
	interrupted_by_posix_signal(0);
}

static void posix_signal_does_so_in_spite_of_sa_restart(void **state)
{
	interrupted_by_posix_signal(SA_RESTART);
}

static int signal_after_three_handlers(void *data)
{
	struct sender *s = data;

	while (atomic_read(&handled) < 3) {
		if (test_asleep(s->waiter))
			syscall(SYS_tgkill, getpid(), s->waiter->pid,
				SIGUSR1);
		usleep_range(500, 1000);
	}
	dma_fence_signal(s->fence);
	return 0;
}

static void posix_signal_does_not_end_an_uninterruptible_sleep(void **state)
{
	struct dma_fence *f = mock_fence();
	struct sender s = { current, f };
	struct sigaction old;
	struct task_struct *k;

	catch_signals(0, &old);
	k = mock_run(signal_after_three_handlers, &s);
	assert_int_equal(dma_fence_wait_timeout(f, false, LONG_MAX), LONG_MAX);
	assert_int_equal(mock_join(k), 0);
	assert_between(atomic_read(&handled), 3, INT_MAX);
	assert_false(signal_pending(current));
	sigaction(SIGUSR1, &old, NULL);
	dma_fence_put(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(posix_signal_ends_an_interruptible_sleep),
		MOCK_TEST(posix_signal_does_so_in_spite_of_sa_restart),
		MOCK_TEST(posix_signal_does_not_end_an_uninterruptible_sleep),
	};

	return TEST_MAIN("dma-fence-wait-posix", tests);
}
