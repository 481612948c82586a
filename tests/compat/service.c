// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The service threads: their creation fails, is slow, or is needed by several
 * threads at a time. Each test uses a child process, which has none of them yet.
 */

#include "helpers.h"
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/rcupdate.h>
#include <linux/timer.h>
#include <libfence/libfence.h>

static bool callback_was_called;

#if !LFSHIM_ASAN && !LFSHIM_TSAN
/* The behaviour of this program's pthread_create(), which the library calls. */
static bool creation_fails, creation_waits, threads_begin_late;
static int nr_created, nr_waiting;

typedef int create_fn(pthread_t *, const pthread_attr_t *, void *(*)(void *),
		      void *);

struct late {
	void *(*fn)(void *);
	void *arg;
};

static void *begin_late(void *data)
{
	struct late late = *(struct late *)data;

	free(data);
	usleep(50000);
	return late.fn(late.arg);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr,
		   void *(*fn)(void *), void *arg)
{
	create_fn *create = (create_fn *)dlsym(RTLD_NEXT, "pthread_create");
	struct late *late;
	int turns;

	if (READ_ONCE(creation_fails))
		return EAGAIN;
	__atomic_fetch_add(&nr_waiting, 1, __ATOMIC_SEQ_CST);
	for (turns = 0; READ_ONCE(creation_waits) && turns < 10000; turns++)
		usleep(100);
	__atomic_fetch_add(&nr_created, 1, __ATOMIC_SEQ_CST);
	if (READ_ONCE(threads_begin_late)) {
		late = malloc(sizeof(*late));
		*late = (struct late){ fn, arg };
		fn = begin_late;
		arg = late;
	}
	return create(thread, attr, fn, arg);
}

/* The exit status of a child that runs @fn, or 99 if it hangs or dies. */
static int status_of_child(int (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(PATIENCE_S);
		_exit(fn());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 98;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static int nr_called;

static void count_call(struct rcu_head *head)
{
	nr_called++;
}

static void count_run(struct irq_work *work)
{
	__atomic_fetch_add(&nr_called, 1, __ATOMIC_SEQ_CST);
}

static int rcu_after_a_failure(void)
{
	static struct rcu_head first, second;
	unsigned long nr_warnings = libfence_warn_count();

	WRITE_ONCE(creation_fails, true);
	call_rcu(&first, count_call);
	/* Once for each service. */
	call_rcu(&second, count_call);
	if (libfence_warn_count() != nr_warnings + 1)
		return 1;
	WRITE_ONCE(creation_fails, false);
	rcu_barrier();
	return nr_called == 2 ? 0 : 2;
}

static int irq_work_after_a_failure(void)
{
	static struct irq_work first = IRQ_WORK_INIT(count_run);
	static struct irq_work second = IRQ_WORK_INIT(count_run);

	WRITE_ONCE(creation_fails, true);
	if (!irq_work_queue(&first))
		return 1;
	WRITE_ONCE(creation_fails, false);
	if (!irq_work_queue(&second))
		return 2;
	irq_work_sync(&first);
	irq_work_sync(&second);
	return nr_called == 2 ? 0 : 3;
}

static void count_timer(struct timer_list *timer)
{
	__atomic_fetch_add(&nr_called, 1, __ATOMIC_SEQ_CST);
}

/* The first timer is the next to expire; the second one starts the thread. */
static int timers_after_a_failure(void)
{
	static DEFINE_TIMER(first, count_timer);
	static DEFINE_TIMER(second, count_timer);

	WRITE_ONCE(creation_fails, true);
	mod_timer(&first, jiffies + 1);
	WRITE_ONCE(creation_fails, false);
	mod_timer(&second, jiffies + 50 * HZ);
	return eventually(READ_ONCE(nr_called) == 1) ? 0 : 1;
}

static enum hrtimer_restart count_hrtimer(struct hrtimer *timer)
{
	__atomic_fetch_add(&nr_called, 1, __ATOMIC_SEQ_CST);
	return HRTIMER_NORESTART;
}

static int hrtimers_after_a_failure(void)
{
	static struct hrtimer first, second;

	hrtimer_setup(&first, count_hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_setup(&second, count_hrtimer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	WRITE_ONCE(creation_fails, true);
	hrtimer_start(&first, NSEC_PER_MSEC, HRTIMER_MODE_REL);
	WRITE_ONCE(creation_fails, false);
	hrtimer_start(&second, 50 * NSEC_PER_SEC, HRTIMER_MODE_REL);
	return eventually(READ_ONCE(nr_called) == 1) ? 0 : 1;
}

static void failed_creation_is_tried_again(void **state)
{
	assert_int_equal(status_of_child(timers_after_a_failure), 0);
	assert_int_equal(status_of_child(hrtimers_after_a_failure), 0);
	assert_int_equal(status_of_child(rcu_after_a_failure), 0);
	assert_int_equal(status_of_child(irq_work_after_a_failure), 0);
}

static int let_creation_work_again(void *unused)
{
	msleep(50);
	WRITE_ONCE(creation_fails, false);
	return 0;
}

static int barrier_while_creation_fails(void)
{
	struct task_struct *task = start(let_creation_work_again, NULL);
	static struct rcu_head head;

	WRITE_ONCE(creation_fails, true);
	call_rcu(&head, count_call);
	rcu_barrier();
	finish(task);
	return nr_called == 1 ? 0 : 1;
}

static void barrier_waits_until_the_thread_can_be_created(void **state)
{
	assert_int_equal(status_of_child(barrier_while_creation_fails), 0);
}

static struct rcu_head other_head;

/* Sleeps, and makes a callback when @creation_waits is set. */
static int need_the_thread(void *unused)
{
	while (!READ_ONCE(creation_waits))
		usleep_range(100, 100);
	call_rcu(&other_head, count_call);
	return 0;
}

/* Start a thread that is inside pthread_create() when this returns. */
static struct task_struct *start_creator(void)
{
	struct task_struct *task = start(need_the_thread, NULL);

	nr_created = nr_waiting = 0;
	WRITE_ONCE(creation_waits, true);
	if (!eventually(READ_ONCE(nr_waiting) == 1))
		_exit(97);
	return task;
}

static int two_need_the_thread(void)
{
	static struct rcu_head head;
	struct task_struct *task = start_creator();

	/* The other thread is creating the RCU thread: this does not wait. */
	call_rcu(&head, count_call);
	if (READ_ONCE(nr_waiting) != 1)
		return 1;
	WRITE_ONCE(creation_waits, false);
	finish(task);
	rcu_barrier();
	return nr_created != 1 ? 2 : nr_called == 2 ? 0 : 3;
}

static void one_thread_is_created_when_two_threads_need_it(void **state)
{
	assert_int_equal(status_of_child(two_need_the_thread), 0);
}

static int use_rcu_in_grandchild(void)
{
	static struct rcu_head head;

	WRITE_ONCE(creation_waits, false);
	nr_called = 0;
	call_rcu(&head, count_call);
	rcu_barrier();
	return nr_called ? 0 : 1;
}

static int fork_during_the_creation(void)
{
	struct task_struct *task = start_creator();
	int status = status_of_child(use_rcu_in_grandchild);

	WRITE_ONCE(creation_waits, false);
	finish(task);
	return status;
}

static void child_of_a_process_that_creates_the_thread_has_its_own(void **state)
{
	assert_int_equal(status_of_child(fork_during_the_creation), 0);
}

static int at_exit_pipe;

static void tell_parent(struct rcu_head *head)
{
	if (write(at_exit_pipe, "", 1) != 1)
		abort();
}

static int exit_before_the_thread_begins(void)
{
	static struct rcu_head head;

	WRITE_ONCE(threads_begin_late, true);
	call_rcu(&head, tell_parent);
	exit(0);
}

static void exit_waits_for_a_thread_that_has_not_begun(void **state)
{
	int fds[2];
	char byte;

	assert_int_equal(pipe(fds), 0);
	at_exit_pipe = fds[1];
	assert_int_equal(status_of_child(exit_before_the_thread_begins), 0);
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
}

static void exit_in_callback(struct rcu_head *head)
{
	exit(7);
}

static int let_a_callback_exit(void)
{
	static struct rcu_head head;

	call_rcu(&head, exit_in_callback);
	pause();
	return 0;
}

static void callback_may_exit(void **state)
{
	int status = -1;

	/* A thread that waited for its own end would give up after a second. */
	assert_true(takes_less(900 * NSEC_PER_MSEC, ktime_get,
			       status = status_of_child(let_a_callback_exit)));
	assert_int_equal(status, 7);
}
#endif

static void set_called(struct rcu_head *head)
{
	WRITE_ONCE(callback_was_called, true);
}

static void callback_starts_the_thread(void **state)
{
	static struct rcu_head head;

	call_rcu(&head, set_called);
	assert_true(eventually(READ_ONCE(callback_was_called)));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		/* First, as long as there is no thread. */
		TEST(callback_starts_the_thread),
#if !LFSHIM_ASAN && !LFSHIM_TSAN
		TEST(failed_creation_is_tried_again),
		TEST(barrier_waits_until_the_thread_can_be_created),
		TEST(one_thread_is_created_when_two_threads_need_it),
		TEST(child_of_a_process_that_creates_the_thread_has_its_own),
		TEST(exit_waits_for_a_thread_that_has_not_begun),
		TEST(callback_may_exit),
#endif
	};

	return TEST_MAIN("service", tests);
}
