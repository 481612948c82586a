// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Deferred functions: their order, the threads that run them, and fork(). */
#include "helpers.h"

#include <dirent.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/completion.h>

#include <libfence/libfence.h>

#include "kernel/defer.h"

/* Far more than the threads that need no memory. */
#define NR_BLOCKED	200

static struct callback_head heads[NR_BLOCKED + 3];
static DECLARE_COMPLETION(unblock);
static atomic_t nr_blocked, nr_quick;
static int order[8];

static void block(struct callback_head *head)
{
	atomic_inc(&nr_blocked);
	wait_for_completion(&unblock);
}

static void be_quick(struct callback_head *head)
{
	int nr = atomic_inc_return(&nr_quick) - 1;

	if (nr < ARRAY_SIZE(order))
		order[nr] = head - heads;
}

static void reset(void)
{
	reinit_completion(&unblock);
	atomic_set(&nr_blocked, 0);
	atomic_set(&nr_quick, 0);
}

static void functions_begin_in_order(void **state)
{
	int i, round, nr_in_order = 0;

	for (round = 0; round < 20; round++) {
		bool in_order = true;

		reset();
		for (i = 0; i < ARRAY_SIZE(order); i++)
			lfpriv_defer(&heads[i], be_quick);
		lfpriv_defer_flush();
		assert_int_equal(atomic_read(&nr_quick), ARRAY_SIZE(order));
		for (i = 0; i < ARRAY_SIZE(order); i++)
			in_order &= order[i] == i;
		nr_in_order += in_order;
	}
	/* A thread that is off the CPU may note its function late. */
	assert_true(nr_in_order >= 10 / (int)test_slowness());
	assert_true(nr_in_order);
}

static void flush_and_count(struct callback_head *head)
{
	lfpriv_defer_flush();
	atomic_inc(&nr_quick);
}

static void a_function_does_not_wait_for_itself(void **state)
{
	reset();
	lfpriv_defer(&heads[0], flush_and_count);
	assert_true(eventually(atomic_read(&nr_quick) == 1));
	lfpriv_defer_flush();
}

static int flush(void *unused)
{
	lfpriv_defer_flush();
	return atomic_read(&nr_blocked);
}

static void a_flush_is_told_when_a_function_ends(void **state)
{
	struct task_struct *task;
	int i;

	for (i = 0; i < 10; i++) {
		reset();
		lfpriv_defer(&heads[0], block);
		assert_true(eventually(atomic_read(&nr_blocked) == 1));
		task = start(flush, NULL);
		assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
		complete_all(&unblock);
		assert_int_equal(finish(task), 1);
	}
}

static void sleep_a_while(struct callback_head *head)
{
	msleep(head == &heads[0] ? 30 : 300);
	atomic_inc(&nr_quick);
}

static void a_flush_waits_for_all_that_run(void **state)
{
	int i;

	reset();
	for (i = 0; i < 3; i++)
		lfpriv_defer(&heads[i], sleep_a_while);
	lfpriv_defer_flush();
	assert_int_equal(atomic_read(&nr_quick), 3);
}

static DECLARE_COMPLETION(unblock_later);

static void block_longer(struct callback_head *head)
{
	atomic_inc(&nr_quick);
	wait_for_completion(&unblock_later);
}

static void a_flush_does_not_wait_for_what_comes_later(void **state)
{
	struct task_struct *task;

	reset();
	reinit_completion(&unblock_later);
	lfpriv_defer(&heads[0], block);
	assert_true(eventually(atomic_read(&nr_blocked) == 1));
	task = start(flush, NULL);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	lfpriv_defer(&heads[1], block_longer);
	assert_true(eventually(atomic_read(&nr_quick) == 1));
	complete_all(&unblock);
	assert_int_equal(finish(task), 1);
	complete_all(&unblock_later);
	lfpriv_defer_flush();
}

/* So that a function needs no memory for a thread that there is. */
static void start_the_first_threads(void)
{
	int i;

	reset();
	for (i = 0; i < 4; i++)
		lfpriv_defer(&heads[i], block);
	assert_true(eventually(atomic_read(&nr_blocked) == 4));
	complete_all(&unblock);
	lfpriv_defer_flush();
}

/*
 * Block all threads that there are. be_quick() waits for one more, for which
 * there is no memory.
 */
static void block_without_memory(void)
{
	int nr = 0;

	start_the_first_threads();
	for (reset(); ; atomic_set(&nr_quick, 0)) {
		lfpriv_defer(&heads[nr++], block);
		assert_true(eventually(atomic_read(&nr_blocked) == nr));
		libfence_fail_nth(1);
		lfpriv_defer(&heads[NR_BLOCKED], be_quick);
		if (!libfence_fail_nth_left())
			return;
		libfence_fail_nth(0);
		assert_true(eventually(atomic_read(&nr_quick) == 1));
	}
}

static void without_memory_a_function_waits_for_a_thread(void **state)
{
	block_without_memory();
	msleep(20);
	assert_int_equal(atomic_read(&nr_quick), 0);
	complete_all(&unblock);
	assert_true(eventually(atomic_read(&nr_quick) == 1));
	lfpriv_defer_flush();
}

static void a_later_call_adds_the_thread(void **state)
{
	block_without_memory();
	lfpriv_defer(&heads[NR_BLOCKED + 1], be_quick);
	assert_true(eventually(atomic_read(&nr_quick) == 2));
	complete_all(&unblock);
	lfpriv_defer_flush();
}

static int count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int nr = 0;

	assert_non_null(dir);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

/* The last test: all its threads stay. */
static void any_number_of_functions_may_block(void **state)
{
	int i, threads;

	reset();
	for (i = 0; i < NR_BLOCKED; i++)
		lfpriv_defer(&heads[i], block);
	lfpriv_defer(&heads[NR_BLOCKED], be_quick);
	assert_true(eventually(atomic_read(&nr_quick) == 1));
	assert_int_equal(atomic_read(&nr_blocked), NR_BLOCKED);
	complete_all(&unblock);
	lfpriv_defer_flush();
	/* Those threads are used again. */
	threads = count_threads();
	reset();
	for (i = 0; i < NR_BLOCKED; i++)
		lfpriv_defer(&heads[i], block);
	assert_true(eventually(atomic_read(&nr_blocked) == NR_BLOCKED));
	assert_between(count_threads(), threads, threads + 10);
	complete_all(&unblock);
	lfpriv_defer_flush();
}

static void idle_threads_use_no_time(void **state)
{
	reset();
	lfpriv_defer(&heads[0], be_quick);
	lfpriv_defer_flush();
	/* A nap comes first. */
	msleep(50);
	assert_true(takes_less(40 * NSEC_PER_MSEC, test_cpu_time, msleep(300)));
}

/* ThreadSanitizer does not support threads after fork(). */
#if !LFSHIM_TSAN
static int status_in_child(int (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(PATIENCE_S);
		_exit(fn());
	}
	return pid < 0 || waitpid(pid, &status, 0) != pid ? -1 : status;
}

static int wait_for_the_quick_one(void)
{
	/* Nobody calls into the shim for it. */
	return !eventually(atomic_read(&nr_quick) == 1);
}

static int flush_only(void)
{
	lfpriv_defer_flush();
	return atomic_read(&nr_quick) != 1;
}

static int defer_and_wait(void)
{
	lfpriv_defer(&heads[NR_BLOCKED + 1], be_quick);
	return !eventually(atomic_read(&nr_quick) == 2);
}

static void a_child_has_none_of_the_blocked_threads(void **state)
{
	int status[3];

	block_without_memory();
	status[0] = status_in_child(wait_for_the_quick_one);
	status[1] = status_in_child(flush_only);
	status[2] = status_in_child(defer_and_wait);
	complete_all(&unblock);
	lfpriv_defer_flush();
	assert_int_equal(status[0], 0);
	assert_int_equal(status[1], 0);
	assert_int_equal(status[2], 0);
}

static int flush_nothing(void)
{
	lfpriv_defer_flush();
	return 0;
}

static void a_child_waits_for_no_function_of_its_parent(void **state)
{
	int status;

	reset();
	lfpriv_defer(&heads[0], block);
	assert_true(eventually(atomic_read(&nr_blocked) == 1));
	status = status_in_child(flush_nothing);
	complete_all(&unblock);
	lfpriv_defer_flush();
	assert_int_equal(status, 0);
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(functions_begin_in_order),
		TEST(a_function_does_not_wait_for_itself),
		TEST(a_flush_is_told_when_a_function_ends),
		TEST(a_flush_waits_for_all_that_run),
		TEST(a_flush_does_not_wait_for_what_comes_later),
		TEST(idle_threads_use_no_time),
#if !LFSHIM_TSAN
		TEST(a_child_has_none_of_the_blocked_threads),
		TEST(a_child_waits_for_no_function_of_its_parent),
#endif
		TEST(without_memory_a_function_waits_for_a_thread),
		TEST(a_later_call_adds_the_thread),
		TEST(any_number_of_functions_may_block),
	};

	return TEST_MAIN("defer", tests);
}
