// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Deferred functions: their order, the threads that run them, and fork(). */
#include "helpers.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/completion.h>

#include "kernel/defer.h"

/* Enough for all threads, and one more. */
#define NR_BLOCKED	64

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

static void block_all_threads(void)
{
	int i;

	reset();
	for (i = 0; i < NR_BLOCKED; i++)
		lfpriv_defer(&heads[i], block);
	lfpriv_defer(&heads[NR_BLOCKED], be_quick);
	assert_true(eventually(atomic_read(&nr_blocked) == NR_BLOCKED));
}

static void a_function_waits_if_all_threads_are_blocked(void **state)
{
	block_all_threads();
	lfpriv_defer(&heads[NR_BLOCKED + 1], be_quick);
	msleep(20);
	assert_int_equal(atomic_read(&nr_quick), 0);
	complete_all(&unblock);
	lfpriv_defer_flush();
	assert_int_equal(atomic_read(&nr_quick), 2);
}

static s64 cpu_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static void idle_threads_use_no_time(void **state)
{
	s64 begin;

	reset();
	lfpriv_defer(&heads[0], be_quick);
	lfpriv_defer_flush();
	/* A nap comes first. */
	msleep(50);
	begin = cpu_time();
	msleep(300);
	assert_true(cpu_time() - begin < 40 * NSEC_PER_MSEC);
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

	block_all_threads();
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
		TEST(a_function_waits_if_all_threads_are_blocked),
		TEST(idle_threads_use_no_time),
#if !LFSHIM_TSAN
		TEST(a_child_has_none_of_the_blocked_threads),
		TEST(a_child_waits_for_no_function_of_its_parent),
#endif
	};

	return TEST_MAIN("defer", tests);
}
