// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Kernel threads: start, stop, results, references. */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/dma-fence.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
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

static int count_references_at_the_stop(void *data)
{
	complete(data);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	/* Pairs with the full barrier of kthread_stop(). */
	smp_rmb();
	return refcount_read(&current->usage);
}

/* Otherwise the result would be read from a task that may be freed. */
static void stop_holds_a_reference(void **state)
{
	DECLARE_COMPLETION_ONSTACK(running);
	struct task_struct *task;

	task = kthread_run(count_references_at_the_stop, &running, "t");
	assert_false(IS_ERR(task));
	wait_for_completion(&running);
	/* The other one is that of the thread. */
	assert_int_equal(kthread_stop(task), 2);
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
		/* start() would wait until it has begun. */
		struct task_struct *task = kthread_run(say_ran, &began, "test");

		get_task_struct(task);
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

/* kthread_stop() ends interruptible sleeps */

static DECLARE_WAIT_QUEUE_HEAD(nobody_wakes);
static DECLARE_COMPLETION(nobody_completes);

static int wait_for_event(void *unused)
{
	return wait_event_interruptible(nobody_wakes, false);
}

static int wait_for_event_timeout(void *unused)
{
	return wait_event_interruptible_timeout(nobody_wakes, false, 1000 * HZ);
}

static int wait_for_done(void *unused)
{
	return wait_for_completion_interruptible(&nobody_completes);
}

static int sleep_long(void *unused)
{
	/* It says how much is left. */
	return schedule_timeout_interruptible(1000 * HZ) > 900 * HZ
		       ? -ERESTARTSYS : 0;
}

static const char *fence_name(struct dma_fence *fence)
{
	return "test";
}

static const struct dma_fence_ops fence_ops = {
	.get_driver_name = fence_name,
	.get_timeline_name = fence_name,
};
static DEFINE_SPINLOCK(fence_lock);
static struct dma_fence fence;

static int wait_for_fence(void *unused)
{
	return dma_fence_wait(&fence, true);
}

static void stop_ends(int (*fn)(void *))
{
	struct task_struct *task = kthread_run(fn, NULL, "t");

	get_task_struct(task);
	assert_true(eventually(sleeps_in(task, TASK_INTERRUPTIBLE)));
	assert_int_equal(kthread_stop_put(task), -ERESTARTSYS);
}

static void stop_ends_wait_event_interruptible(void **state)
{
	stop_ends(wait_for_event);
	stop_ends(wait_for_event_timeout);
}

static void stop_ends_wait_for_completion_interruptible(void **state)
{
	stop_ends(wait_for_done);
}

static void stop_ends_schedule_timeout_interruptible(void **state)
{
	stop_ends(sleep_long);
}

static void stop_ends_an_interruptible_fence_wait(void **state)
{
	dma_fence_init(&fence, &fence_ops, &fence_lock, 1, 1);
	stop_ends(wait_for_fence);
	dma_fence_signal(&fence);
}

static int look_at_signals(void *data)
{
	int (*waits)(struct completion *) = data;

	while (!kthread_should_stop())
		schedule_timeout_uninterruptible(1);
	/* It stays, whatever the thread does. */
	if (!signal_pending(current) || !signal_pending(current))
		return 1;
	flush_signals(current);
	if (!signal_pending(current))
		return 2;
	if (fatal_signal_pending(current))
		return 3;
	if (wait_for_event(NULL) != -ERESTARTSYS)
		return 4;
	return waits(&nobody_completes);
}

static int wait_killable_a_moment(struct completion *c)
{
	return wait_for_completion_killable_timeout(c, 3);
}

static int wait_uninterruptible_a_moment(struct completion *c)
{
	return wait_for_completion_timeout(c, 3);
}

static void stop_ends_no_other_sleeps(void **state)
{
	int (*const waits[])(struct completion *) = {
		wait_killable_a_moment, wait_uninterruptible_a_moment,
	};
	int i;

	for (i = 0; i < 2; i++) {
		struct task_struct *task = start(look_at_signals, waits[i]);

		yield_to(task, true);
		assert_int_equal(kthread_stop_put(task), 0);
	}
}

/* Signals */

struct signal_test {
	/* Allowed: by allow_signal() or by allow_kernel_signal(); or again not. */
	int allow, allow_kernel, disallow;
	struct completion ready;
	int killable;
	/* Set after the signal was sent: the wait that begins then is long enough. */
	bool sent;
};

static int wait_for_signal(void *data)
{
	struct signal_test *t = data;
	bool sent;
	int ret;

	if (t->allow)
		allow_signal(t->allow);
	if (t->allow_kernel)
		allow_kernel_signal(t->allow_kernel);
	if (t->disallow)
		disallow_signal(t->disallow);
	complete(&t->ready);
	do {
		sent = READ_ONCE(t->sent);
		ret = t->killable ?
			wait_for_completion_killable_timeout(
				&nobody_completes, 10 + HZ / 50) :
			wait_for_completion_interruptible_timeout(
				&nobody_completes, 10 + HZ / 50);
	} while (!ret && !sent);
	return ret;
}

static int signal_result(struct signal_test t, int sig, int priv)
{
	struct task_struct *task;

	init_completion(&t.ready);
	task = kthread_create(wait_for_signal, &t, "t");
	get_task_struct(task);
	wake_up_process(task);
	wait_for_completion(&t.ready);
	assert_int_equal(send_sig(sig, task, priv), 0);
	WRITE_ONCE(t.sent, true);
	return finish(task);
}

static void kthread_ignores_signals(void **state)
{
	struct signal_test none = { 0 }, killable = { .killable = true };

	assert_int_equal(signal_result(none, SIGINT, 0), 0);
	assert_int_equal(signal_result(none, SIGINT, 1), 0);
	assert_int_equal(signal_result(none, SIGKILL, 1), 0);
	assert_int_equal(signal_result(killable, SIGKILL, 1), 0);
}

static void allowed_signal_reaches_a_kthread(void **state)
{
	struct signal_test t = { .allow = SIGUSR1 };

	assert_int_equal(signal_result(t, SIGUSR1, 0), -ERESTARTSYS);
	assert_int_equal(signal_result(t, SIGUSR1, 1), -ERESTARTSYS);
	assert_int_equal(signal_result(t, SIGUSR2, 0), 0);
	t.disallow = SIGUSR1;
	assert_int_equal(signal_result(t, SIGUSR1, 1), 0);
	t = (struct signal_test){ .allow = SIGKILL, .killable = true };
	assert_int_equal(signal_result(t, SIGKILL, 0), -ERESTARTSYS);
	/* The highest signal, and numbers that are no signal. */
	t = (struct signal_test){ .allow = 64 };
	assert_int_equal(signal_result(t, 64, 0), -ERESTARTSYS);
	t = (struct signal_test){ .allow = 65 };
	assert_int_equal(signal_result(t, 65, 0), 0);
	t = (struct signal_test){ .allow = -1 };
	assert_int_equal(signal_result(t, -1, 0), 0);
}

static void kernel_signal_is_for_the_kernel_only(void **state)
{
	struct signal_test t = { .allow_kernel = SIGUSR1 };

	assert_int_equal(signal_result(t, SIGUSR1, 0), 0);
	assert_int_equal(signal_result(t, SIGUSR1, 1), -ERESTARTSYS);
	/* The last call counts. */
	t.allow = SIGUSR1;
	assert_int_equal(signal_result(t, SIGUSR1, 0), 0);
	t = (struct signal_test){ .allow_kernel = SIGUSR1,
				  .disallow = SIGUSR1 };
	assert_int_equal(signal_result(t, SIGUSR1, 1), 0);
}

static void killed_caller_gets_no_thread(void **state)
{
	struct task_struct *task;
	int i, refused = 0;

	ran = false;
	send_sig(SIGKILL, current, 0);
	/* A thread that is there at once is returned all the same. */
	for (i = 0; i < 200 && !refused; i++) {
		task = kthread_create(return_data, NULL, "t");
		if (IS_ERR(task)) {
			assert_int_equal(PTR_ERR(task), -EINTR);
			refused++;
		} else {
			assert_int_equal(kthread_stop(task), -EINTR);
		}
	}
	flush_signals(current);
	assert_int_equal(refused, 1);
	assert_false(READ_ONCE(ran));
}

/* Parking */

static atomic_t nr_turns;
/* The thread does not park yet. */
static bool busy;

static int park_when_asked(void *data)
{
	while (!kthread_should_stop()) {
		if (kthread_should_park() && !READ_ONCE(busy))
			kthread_parkme();
		atomic_inc(&nr_turns);
		usleep_range(20, 30);
	}
	return 21;
}

static struct task_struct *start_parkable(void)
{
	struct task_struct *task;

	atomic_set(&nr_turns, 0);
	task = start(park_when_asked, NULL);
	assert_true(eventually(atomic_read(&nr_turns)));
	return task;
}

static void assert_parked(struct task_struct *task)
{
	int turns;

	assert_true(eventually(sleeps_in(task, TASK_PARKED)));
	turns = atomic_read(&nr_turns);
	/* A wake-up does not unpark it. */
	assert_int_equal(wake_up_process(task), 0);
	msleep(2);
	assert_int_equal(atomic_read(&nr_turns), turns);
}

static int park_the_other(void *task)
{
	return kthread_park(task);
}

static void park_waits_until_the_thread_parks(void **state)
{
	struct task_struct *task, *parker;
	int turns;

	busy = true;
	task = start_parkable();
	parker = start(park_the_other, task);
	assert_true(eventually(sleeps_in(parker, TASK_UNINTERRUPTIBLE)));
	turns = atomic_read(&nr_turns);
	assert_true(eventually(atomic_read(&nr_turns) > turns + 1));
	assert_true(sleeps_in(parker, TASK_UNINTERRUPTIBLE));
	WRITE_ONCE(busy, false);
	assert_int_equal(finish(parker), 0);
	assert_parked(task);
	turns = atomic_read(&nr_turns);
	kthread_unpark(task);
	assert_true(eventually(atomic_read(&nr_turns) > turns));
	assert_int_equal(kthread_stop_put(task), 21);
}

static void park_before_the_start_calls_no_function(void **state)
{
	struct task_struct *task = kthread_create(return_data, (void *)7l, "t");

	get_task_struct(task);
	ran = false;
	assert_int_equal(kthread_park(task), 0);
	assert_true(eventually(sleeps_in(task, TASK_PARKED)));
	assert_false(READ_ONCE(ran));
	kthread_unpark(task);
	assert_int_equal(finish(task), 7);
	assert_true(ran);
}

static void stop_before_the_start_while_parked_calls_the_function(void **state)
{
	struct task_struct *task = kthread_create(return_data, (void *)7l, "t");

	get_task_struct(task);
	assert_int_equal(kthread_park(task), 0);
	/* As in the kernel: parked counts as started. */
	assert_int_equal(kthread_stop_put(task), 7);
}

static void park_twice_warns(void **state)
{
	struct task_struct *task = start_parkable();

	assert_int_equal(kthread_park(task), 0);
	assert_warns_like("twice", assert_int_equal(kthread_park(task), -EBUSY));
	assert_parked(task);
	assert_int_equal(kthread_stop_put(task), 21);
}

static void park_after_the_exit_warns(void **state)
{
	struct task_struct *task = start(return_data, NULL);

	lfshim_kthread_join(task);
	assert_warns_like("ended", assert_int_equal(kthread_park(task), -ENOSYS));
	put_task_struct(task);
	assert_warns_like("no kthread",
			  assert_int_equal(kthread_park(current), -ENOSYS));
	assert_warns_like("no kthread", kthread_unpark(current));
	assert_warns_like("no kthread", kthread_parkme());
}

static void stop_unparks(void **state)
{
	struct task_struct *task = start_parkable();

	assert_int_equal(kthread_park(task), 0);
	assert_int_equal(kthread_stop_put(task), 21);
}

static int park_itself(void *data)
{
	if (kthread_should_park() || kthread_should_stop_or_park())
		return 1;
	/* Nobody asked. */
	kthread_parkme();
	if (kthread_park(current))
		return 2;
	if (!kthread_should_park() || !kthread_should_stop_or_park())
		return 3;
	complete(data);
	kthread_parkme();
	if (kthread_should_park())
		return 4;
	complete(data);
	while (!kthread_should_stop())
		kthread_parkme();
	return kthread_should_stop_or_park() ? 0 : 5;
}

static void thread_may_park_itself(void **state)
{
	DECLARE_COMPLETION_ONSTACK(asked);
	struct task_struct *task = start(park_itself, &asked);

	wait_for_completion(&asked);
	assert_true(eventually(sleeps_in(task, TASK_PARKED)));
	/* It parks again if it is woken by chance. */
	wake_up_state(task, TASK_PARKED);
	msleep(2);
	assert_true(eventually(sleeps_in(task, TASK_PARKED)));
	kthread_unpark(task);
	wait_for_completion(&asked);
	/* That it parked then does not count for this one. */
	assert_int_equal(kthread_park(task), 0);
	assert_true(eventually(sleeps_in(task, TASK_PARKED)));
	assert_int_equal(kthread_stop_put(task), 0);
	assert_false(kthread_should_park());
	assert_false(kthread_should_stop_or_park());
}

static void unpark_of_a_thread_that_is_not_parked_does_nothing(void **state)
{
	struct task_struct *task = start_parkable();

	kthread_unpark(task);
	assert_int_equal(kthread_park(task), 0);
	assert_parked(task);
	kthread_unpark(task);
	kthread_unpark(task);
	assert_int_equal(kthread_stop_put(task), 21);
}

/* Races */

static void unpark_races_parkme(void **state)
{
	struct task_struct *task = start_parkable();
	int i, turns, nr = 1000 / test_slowness();

	for (i = 0; i < nr; i++) {
		assert_int_equal(kthread_park(task), 0);
		turns = atomic_read(&nr_turns);
		if (i % 10 == 0) {
			usleep_range(100, 200);
			assert_int_equal(atomic_read(&nr_turns), turns);
		}
		kthread_unpark(task);
	}
	turns = atomic_read(&nr_turns);
	assert_true(eventually(atomic_read(&nr_turns) > turns));
	assert_int_equal(kthread_stop_put(task), 21);
}

/*
 * As in the kernel, a thread that is parked after kthread_stop() has unparked it
 * stays parked, and the stop waits: the caller that parked it has to unpark it.
 */
static int park_other(void *task)
{
	int ret = kthread_park(task);

	if (!ret)
		kthread_unpark(task);
	return ret;
}

/* kthread_park() after the exit warns, and here it may come that late. */
static void ignore_warning(const struct libfence_warning *warning, void *unused)
{
}

static void stop_races_park(void **state)
{
	int i, ret, nr = 300 / test_slowness();

	libfence_set_warn_hook(ignore_warning, NULL);
	for (i = 0; i < nr; i++) {
		struct task_struct *task, *parker;

		/* Not start(), which leaks if its function is not called. */
		task = kthread_create(park_when_asked, NULL, "t");
		get_task_struct(task);
		get_task_struct(task);
		wake_up_process(task);
		parker = start(park_other, task);
		if (i % 2)
			usleep_range(10 * (i % 10), 10 * (i % 10) + 1);
		ret = kthread_stop_put(task);
		assert_true(ret == 21 || ret == -EINTR);
		/* 0 if it parked first; -ENOSYS if it ended without parking. */
		ret = finish(parker);
		assert_true(ret == 0 || ret == -ENOSYS);
		put_task_struct(task);
	}
}

static void stop_races_the_return_of_the_function(void **state)
{
	int i, nr = 500 / test_slowness();

	for (i = 0; i < nr; i++) {
		struct task_struct *task;
		int ret;

		task = kthread_create(return_data, (void *)9l, "t");
		get_task_struct(task);
		wake_up_process(task);
		if (i % 2)
			usleep_range(i % 50, i % 50 + 1);
		ret = kthread_stop_put(task);
		assert_true(ret == 9 || ret == -EINTR);
	}
}

static int wake_it(void *task)
{
	wake_up_process(task);
	return 0;
}

static void stop_races_the_first_wakeup(void **state)
{
	int i, ret, nr = 300 / test_slowness();

	for (i = 0; i < nr; i++) {
		struct task_struct *task, *waker;

		ran = false;
		task = kthread_create(return_data, (void *)9l, "t");
		get_task_struct(task);
		waker = start(wake_it, task);
		ret = kthread_stop(task);
		/* Called or not, and the result says which. */
		assert_int_equal(ret, ran ? 9 : -EINTR);
		finish(waker);
		put_task_struct(task);
	}
}

static int ask_for_oneself(void *data)
{
	return kthread_func(current) == ask_for_oneself &&
	       kthread_data(current) == data &&
	       kthread_probe_data(current) == data;
}

static void kthread_knows_its_function_and_data(void **state)
{
	struct task_struct *task = kthread_create(ask_for_oneself, &ran, "t");

	get_task_struct(task);
	assert_ptr_equal(kthread_func(task), ask_for_oneself);
	assert_ptr_equal(kthread_data(task), &ran);
	assert_ptr_equal(kthread_probe_data(task), &ran);
	wake_up_process(task);
	assert_int_equal(finish(task), 1);
	/* Another thread is no kthread. */
	assert_null(kthread_func(current));
	assert_null(kthread_probe_data(current));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(stop_returns_the_result),
		TEST(stop_holds_a_reference),
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
		TEST(stop_ends_wait_event_interruptible),
		TEST(stop_ends_wait_for_completion_interruptible),
		TEST(stop_ends_schedule_timeout_interruptible),
		TEST(stop_ends_an_interruptible_fence_wait),
		TEST(stop_ends_no_other_sleeps),
		TEST(kthread_ignores_signals),
		TEST(allowed_signal_reaches_a_kthread),
		TEST(kernel_signal_is_for_the_kernel_only),
		TEST(killed_caller_gets_no_thread),
		TEST(park_waits_until_the_thread_parks),
		TEST(park_before_the_start_calls_no_function),
		TEST(stop_before_the_start_while_parked_calls_the_function),
		TEST(park_twice_warns),
		TEST(park_after_the_exit_warns),
		TEST(stop_unparks),
		TEST(thread_may_park_itself),
		TEST(unpark_of_a_thread_that_is_not_parked_does_nothing),
		TEST(unpark_races_parkme),
		TEST(stop_races_park),
		TEST(stop_races_the_return_of_the_function),
		TEST(stop_races_the_first_wakeup),
		TEST(kthread_knows_its_function_and_data),
	};

	return TEST_MAIN("kthread", tests);
}
