// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Kernel threads: start, stop, results, references. */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/slab.h>
#include <libfence/libfence.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

static bool ran;

static int return_data(void *data)
{
	WRITE_ONCE(ran, true);
	return (long)data;
}

static int run_until_stopped(void *data)
{
	int turns = 0;

	if (data)
		complete(data);
	while (!kthread_should_stop()) {
		schedule_timeout_interruptible(1);
		turns++;
	}
	return turns + 1000;
}

static void stop_returns_the_result(void **state)
{
	DECLARE_COMPLETION_ONSTACK(running);
	struct task_struct *task = kthread_run(run_until_stopped, &running, "t");

	assert_false(IS_ERR(task));
	wait_for_completion(&running);
	assert_true(kthread_stop(task) >= 1000);
}

static int sleep_until_stopped(void *data)
{
	complete(data);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 5;
}

static void stop_wakes_a_sleeping_thread(void **state)
{
	DECLARE_COMPLETION_ONSTACK(running);
	struct task_struct *task = start(sleep_until_stopped, &running);

	wait_for_completion(&running);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	assert_int_equal(kthread_stop_put(task), 5);
}

static void created_thread_does_not_run_until_woken(void **state)
{
	struct task_struct *task;

	ran = false;
	task = kthread_create(return_data, (void *)7l, "t");
	get_task_struct(task);
	msleep(5);
	assert_false(READ_ONCE(ran));
	wake_up_process(task);
	assert_int_equal(finish(task), 7);
	assert_true(ran);
}

/* True if this process has a thread of that name. */
static bool thread_is_there(const char *name)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	char path[300], comm[32];
	bool found = false;
	FILE *file;

	assert_non_null(tasks);
	while (!found && (entry = readdir(tasks))) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		found = fgets(comm, sizeof(comm), file) &&
			!strncmp(comm, name, strlen(name));
		fclose(file);
	}
	closedir(tasks);
	return found;
}

/* kthread_create() returns only when the host's thread exists. */
static void created_thread_exists_at_once(void **state)
{
	struct task_struct *task;
	char name[TASK_COMM_LEN];
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "there-%d.", i);
		task = kthread_create(return_data, NULL, "%s", name);
		assert_false(IS_ERR(task));
		assert_true(thread_is_there(name));
		assert_int_equal(kthread_stop(task), -EINTR);
	}
}

static void thread_stopped_before_it_ran_never_runs(void **state)
{
	struct task_struct *task;
	int i;

	for (i = 0; i < 20; i++) {
		ran = false;
		task = kthread_create(return_data, (void *)7l, "t");
		assert_int_equal(kthread_stop(task), -EINTR);
		assert_false(ran);
	}
}

static void thread_that_exited_can_be_stopped_through_a_reference(void **state)
{
	struct task_struct *task = start(return_data, (void *)-3l);

	assert_int_equal(lfshim_kthread_join(task), -3);
	assert_int_equal(kthread_stop(task), -3);
	/* A second stop returns the same result. */
	assert_int_equal(kthread_stop(task), -3);
	get_task_struct(task);
	put_task_struct(task);
	assert_int_equal(kthread_stop_put(task), -3);
}

static int exit_early(void *data)
{
	kthread_exit((long)data);
	return 0;
}

static int exit_and_complete(void *data)
{
	kthread_complete_and_exit(data, 12);
	return 0;
}

static void kthread_exit_gives_the_result(void **state)
{
	DECLARE_COMPLETION_ONSTACK(exited);
	struct task_struct *task;

	assert_int_equal(finish(start(exit_early, (void *)-9l)), -9);
	task = start(exit_and_complete, &exited);
	wait_for_completion(&exited);
	assert_int_equal(kthread_stop_put(task), 12);
}

static void only_kthreads_are_asked_to_stop(void **state)
{
	assert_false(kthread_should_stop());
	assert_warns_like("no kthread",
			  assert_int_equal(kthread_stop(current), -EINVAL));
}

static int check_name(void *data)
{
	return strcmp(current->comm, data);
}

static void name_is_formatted_and_cut(void **state)
{
	struct task_struct *task;

	task = kthread_create(check_name, (void *)"worker/3:fence-", "%s/%d:%s",
			      "worker", 3, "fence-and-more");
	get_task_struct(task);
	assert_string_equal(task->comm, "worker/3:fence-");
	wake_up_process(task);
	assert_int_equal(finish(task), 0);
}

struct written {
	/* Not atomic on purpose: start and join have to order the accesses. */
	long before, after;
};

static int write_plain(void *data)
{
	struct written *w = data;

	if (w->before != 1)
		return -1;
	w->after = 2;
	return 0;
}

static void start_and_stop_order_plain_memory(void **state)
{
	int i, nr = 200 / test_slowness();

	for (i = 0; i < nr; i++) {
		struct written w = { .before = 1 };

		assert_int_equal(finish(start(write_plain, &w)), 0);
		assert_int_equal(w.after, 2);
	}
}

static void thread_goes_away_by_itself(void **state)
{
	DECLARE_COMPLETION_ONSTACK(exited);
	int i, nr = 300 / test_slowness();

	/* Without a reference or a join. LeakSanitizer finds leaks. */
	for (i = 0; i < nr; i++) {
		reinit_completion(&exited);
		assert_false(IS_ERR(kthread_run(exit_and_complete, &exited, "t")));
		wait_for_completion(&exited);
	}
}

static void no_memory_no_thread(void **state)
{
	struct task_struct *task;

	libfence_fail_nth(1);
	task = kthread_run(return_data, NULL, "t");
	assert_true(IS_ERR(task));
	assert_int_equal(PTR_ERR(task), -ENOMEM);
	assert_int_equal(libfence_fail_nth_left(), 0);
}

static int say_ran(void *data)
{
	WRITE_ONCE(*(bool *)data, true);
	while (!kthread_should_stop())
		msleep(1);
	return 0;
}

static void yield_to_lets_a_woken_kthread_begin(void **state)
{
	int i;

	/* After yield_to(), a stop cannot prevent the function from running. */
	for (i = 0; i < 50; i++) {
		bool began = false;
		struct task_struct *task = start(say_ran, &began);

		yield_to(task, true);
		assert_int_equal(kthread_stop_put(task), 0);
		assert_true(began);
	}
}

static int nested_start(void *data)
{
	long depth = (long)data;

	if (!depth)
		return 0;
	return finish(start(nested_start, (void *)(depth - 1))) + 1;
}

static void threads_start_threads(void **state)
{
	assert_int_equal(finish(start(nested_start, (void *)10l)), 10);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(stop_returns_the_result),
		TEST(stop_wakes_a_sleeping_thread),
		TEST(created_thread_does_not_run_until_woken),
		TEST(created_thread_exists_at_once),
		TEST(thread_stopped_before_it_ran_never_runs),
		TEST(thread_that_exited_can_be_stopped_through_a_reference),
		TEST(kthread_exit_gives_the_result),
		TEST(only_kthreads_are_asked_to_stop),
		TEST(name_is_formatted_and_cut),
		TEST(start_and_stop_order_plain_memory),
		TEST(thread_goes_away_by_itself),
		TEST(no_memory_no_thread),
		TEST(yield_to_lets_a_woken_kthread_begin),
		TEST(threads_start_threads),
	};

	return TEST_MAIN("kthread", tests);
}
