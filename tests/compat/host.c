// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The shim's use of the host's threads: signals, CPUs, errors, memory. */

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include "helpers.h"

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/completion.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

static int blocks_signals(void *unused)
{
	sigset_t set;

	pthread_sigmask(SIG_SETMASK, NULL, &set);
	return sigismember(&set, SIGUSR1) && sigismember(&set, SIGTERM);
}

static void handlers_of_the_program_run_on_its_own_threads(void **state)
{
	assert_int_equal(finish(start(blocks_signals, NULL)), 1);
	assert_int_equal(blocks_signals(NULL), 0);
}

static int count_my_cpus(void *unused)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? -1 : CPU_COUNT(&set);
}

static void a_thread_may_run_on_all_cpus_of_the_program(void **state)
{
	cpu_set_t all, one;
	int nr, cpu = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	nr = finish(start(count_my_cpus, NULL));
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	assert_int_equal(nr, CPU_COUNT(&all));
}

static void waiting_keeps_errno(void **state)
{
	struct completion never;

	init_completion(&never);
	errno = 77;
	assert_int_equal(wait_for_completion_timeout(&never, 1), 0);
	assert_int_equal(errno, 77);
}

/* Threads that the program makes itself */

static void *use_the_shim(void *unused)
{
	return current ? NULL : unused;
}

static void use_it_in_threads(int nr)
{
	pthread_t thread;

	while (nr--) {
		assert_int_equal(pthread_create(&thread, NULL, use_the_shim,
						NULL), 0);
		pthread_join(thread, NULL);
	}
	/* Their tasks are freed after a grace period. */
	rcu_barrier();
}

static void a_thread_that_ends_leaves_no_memory(void **state)
{
	size_t before;

	if (!MEMORY_IS_COUNTED)
		return;
	use_it_in_threads(10);
	before = memory_in_use();
	use_it_in_threads(200);
	assert_true(memory_in_use() < before + 8192);
}

/* Returns the line that failed. */
static int start_with_refused_call(void)
{
	struct task_struct *task;

	if (!test_refuse_call(SYS_clone, EAGAIN))
		return __LINE__;
#ifdef SYS_clone3
	if (!test_refuse_call(SYS_clone3, ENOSYS))
		return __LINE__;
#endif
	task = kthread_create(count_my_cpus, NULL, "test");
	return IS_ERR(task) && PTR_ERR(task) == -EAGAIN ? 0 : __LINE__;
}

static void a_thread_that_the_host_refuses_is_an_error(void **state)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(PATIENCE_S);
		_exit(start_with_refused_call());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(handlers_of_the_program_run_on_its_own_threads),
		TEST(a_thread_may_run_on_all_cpus_of_the_program),
		TEST(waiting_keeps_errno),
		TEST(a_thread_that_ends_leaves_no_memory),
		TEST(a_thread_that_the_host_refuses_is_an_error),
	};

	TEST_NEEDS(test_host_refuses_calls(), "seccomp",
		   a_thread_that_the_host_refuses_is_an_error);
	return TEST_MAIN("host", tests);
}
