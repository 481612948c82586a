// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Grace periods that a thread finds by looking at the other threads, twice. This
 * program has its own lfhost_membarrier(), which does something between the two
 * looks and then calls that of compat/host/sys.c. meson.build renames the latter.
 */

#include "helpers.h"
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/rcupdate.h>

#include "host/sys.h"
#include "kernel/internal.h"

bool real_membarrier(void);

/* Called by a thread between its two looks. */
static void (*between_looks)(void);

bool lfhost_membarrier(void)
{
	void (*fn)(void) = READ_ONCE(between_looks);

	if (fn)
		fn();
	return real_membarrier();
}

/* A thread of the library may be in a section when this thread looks. */
static bool look_until_found(void)
{
	return eventually(lfpriv_rcu_try_grace_period());
}

static bool has_ended_since(unsigned long cookie)
{
	return (long)(lfpriv_rcu_fast_ended() - cookie) > 0;
}

static unsigned long cookie_between_looks;

static void take_cookie(void)
{
	cookie_between_looks = lfpriv_rcu_fast_cookie();
}

static void cookie_of_a_search_in_progress_needs_the_next_one(void **state)
{
	int i;

	for (i = 0; i < 3; i++) {
		WRITE_ONCE(between_looks, take_cookie);
		assert_true(look_until_found());
		WRITE_ONCE(between_looks, NULL);
		/* Stores before the cookie may come after the first look. */
		assert_false(has_ended_since(cookie_between_looks));
		assert_true(look_until_found());
		assert_true(has_ended_since(cookie_between_looks));
	}
}

/* A reader that waits outside of its section until the thread has looked once. */
static struct {
	bool enter, inside, leave;
} reader;

static int read_when_told(void *unused)
{
	while (!smp_load_acquire(&reader.enter))
		cpu_relax();
	rcu_read_lock();
	smp_store_release(&reader.inside, true);
	while (!smp_load_acquire(&reader.leave))
		cpu_relax();
	rcu_read_unlock();
	return 0;
}

static void let_the_reader_enter(void)
{
	smp_store_release(&reader.enter, true);
	while (!smp_load_acquire(&reader.inside))
		cpu_relax();
}

static void a_section_that_begins_between_the_looks_is_seen(void **state)
{
	unsigned long cookie = lfpriv_rcu_fast_cookie();
	struct task_struct *task;
	bool found = false, looked, ended;

	memset(&reader, 0, sizeof(reader));
	task = start(read_when_told, NULL);
	WRITE_ONCE(between_looks, let_the_reader_enter);
	/* The first looks may find a thread of the library. */
	looked = eventually((found = lfpriv_rcu_try_grace_period()) ||
			    smp_load_acquire(&reader.inside));
	WRITE_ONCE(between_looks, NULL);
	ended = has_ended_since(cookie);
	smp_store_release(&reader.enter, true);
	smp_store_release(&reader.leave, true);
	finish(task);
	assert_true(looked);
	assert_false(found);
	assert_false(ended);
	assert_true(look_until_found());
	assert_true(has_ended_since(cookie));
}

/*
 * One section, whose kind changes at some point of each look: a signal interrupts
 * the thread that looks, and the handler waits for the change.
 */
#define NR_CHANGES	300

static struct {
	pid_t looker;
	unsigned int nr_looks;
	bool wanted, done, seen;
} change;

static void wait_for_a_change(int sig)
{
	smp_store_release(&change.wanted, true);
	while (smp_load_acquire(&change.wanted))
		lfhost_yield();
}

static void change_the_kind(bool irqs_off)
{
	if (irqs_off) {
		local_irq_disable();
		rcu_read_unlock();
	} else {
		rcu_read_lock();
		local_irq_enable();
	}
}

static int read_in_two_ways(void *unused)
{
	unsigned int nr_looks, i, k;
	int err = 0;

	rcu_read_lock();
	smp_store_release(&reader.inside, true);
	for (i = 0; i < NR_CHANGES && !err; i++) {
		nr_looks = READ_ONCE(change.nr_looks);
		while (READ_ONCE(change.nr_looks) == nr_looks)
			lfhost_yield();
		for (k = 0; k < i % 64; k++)
			cpu_relax();
		err = syscall(SYS_tgkill, getpid(), change.looker, SIGUSR1);
		while (!err && !smp_load_acquire(&change.wanted))
			lfhost_yield();
		change_the_kind(i % 2 == 0);
		smp_store_release(&change.wanted, false);
	}
	smp_store_release(&change.done, true);
	while (!smp_load_acquire(&change.seen))
		lfhost_yield();
	rcu_read_unlock();
	return err;
}

static void a_section_that_changes_its_kind_is_seen(void **state)
{
	struct sigaction action = { .sa_handler = wait_for_a_change }, old;
	struct task_struct *task;
	int missed = 0;

	memset(&reader, 0, sizeof(reader));
	memset(&change, 0, sizeof(change));
	change.looker = current->pid;
	assert_int_equal(sigaction(SIGUSR1, &action, &old), 0);
	task = start(read_in_two_ways, NULL);
	assert_true(eventually(smp_load_acquire(&reader.inside)));
	while (!smp_load_acquire(&change.done)) {
		missed += lfpriv_rcu_no_reader();
		WRITE_ONCE(change.nr_looks, change.nr_looks + 1);
	}
	smp_store_release(&change.seen, true);
	assert_int_equal(finish(task), 0);
	sigaction(SIGUSR1, &old, NULL);
	assert_int_equal(missed, 0);
}

/* A thread that stops between its two looks. */
static struct {
	bool stopped, go_on;
} looker;

static void stop_reader(void)
{
	smp_store_release(&looker.stopped, true);
	while (!smp_load_acquire(&looker.go_on))
		cpu_relax();
}

static int look_and_stop(void *unused)
{
	return look_until_found();
}

static struct task_struct *start_looker(void)
{
	struct task_struct *task;

	memset(&looker, 0, sizeof(looker));
	WRITE_ONCE(between_looks, stop_reader);
	task = start(look_and_stop, NULL);
	assert_true(eventually(smp_load_acquire(&looker.stopped)));
	WRITE_ONCE(between_looks, NULL);
	return task;
}

static int finish_looker(struct task_struct *task)
{
	smp_store_release(&looker.go_on, true);
	return finish(task);
}

static void one_thread_at_a_time_looks(void **state)
{
	struct task_struct *task = start_looker();
	unsigned long begun = lfpriv_rcu_fast_cookie();
	bool found = false;
	int i;

	/* Otherwise the grace periods would not end in the order of their numbers. */
	for (i = 0; i < 1000; i++)
		found |= lfpriv_rcu_try_grace_period();
	assert_true(finish_looker(task));
	assert_false(found);
	assert_true(has_ended_since(begun - 1));
}

static int look_in_child(void)
{
	unsigned long cookie = lfpriv_rcu_fast_cookie();

	/* The search of the thread that only the parent has does not end here. */
	if (has_ended_since(cookie))
		return 1;
	if (!look_until_found())
		return 2;
	return has_ended_since(cookie) ? 0 : 3;
}

static void child_of_a_process_whose_thread_looks_can_look(void **state)
{
	struct task_struct *task = start_looker();
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(2 * PATIENCE_S);
		_exit(look_in_child());
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	assert_true(finish_looker(task));
	assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(cookie_of_a_search_in_progress_needs_the_next_one),
		TEST(a_section_that_begins_between_the_looks_is_seen),
		TEST(a_section_that_changes_its_kind_is_seen),
		TEST(one_thread_at_a_time_looks),
		TEST(child_of_a_process_whose_thread_looks_can_look),
	};
	const bool looks = real_membarrier();

	TEST_NEEDS(looks, "membarrier()",
		   cookie_of_a_search_in_progress_needs_the_next_one);
	TEST_NEEDS(looks, "membarrier()",
		   a_section_that_begins_between_the_looks_is_seen);
	TEST_NEEDS(looks, "membarrier()", one_thread_at_a_time_looks);
	TEST_NEEDS(looks, "membarrier()",
		   child_of_a_process_whose_thread_looks_can_look);
	return TEST_MAIN("readers", tests);
}
