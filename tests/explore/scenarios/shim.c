// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The shim's services for kernel code: waiting and waking, mutexes, kernel
 * threads, and reference counts. All data is plain, so that a missing order is
 * a data race.
 */

#include "explore.h"

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>

/* Written before a wake-up, read after the wait. */
static int data;

/* A completion in memory that the waiter frees as soon as it continues. */

static struct completion *done;

static void make_completion(void)
{
	done = kmalloc_obj(*done);
	init_completion(done);
	lfx_name(done, "completion");
}

static void write_and_complete(void)
{
	data = 7;
	complete(done);
}

static void wait_and_free(void)
{
	wait_for_completion(done);
	lfx_assert(data == 7);
	kfree(done);
}

LFX_SCENARIO(completion_free) = {
	.name = "completion-free",
	.what = "complete() against a wait that frees the completion",
	.setup = make_completion,
	.threads = {
		{ "completer", write_and_complete },
		{ "waiter", wait_and_free },
	},
};

static unsigned long left;

static void wait_a_while(void)
{
	left = wait_for_completion_timeout(done, 5);
	if (left)
		lfx_assert(data == 7);
}

/* A wait whose time was up has taken no count. */
static void check_count(void)
{
	lfx_assert(try_wait_for_completion(done) == !left);
	kfree(done);
}

LFX_SCENARIO(completion_timeout) = {
	.name = "completion-timeout",
	.what = "complete() against a wait whose time may be up",
	.setup = make_completion,
	.threads = {
		{ "completer", write_and_complete }, { "waiter", wait_a_while },
	},
	.check = check_count,
};

/* Nobody completes it before the time is up. */

static bool is_back;

static void wait_in_vain(void)
{
	lfx_assert(!wait_for_completion_timeout(done, 5));
	smp_store_release(&is_back, true);
}

static void complete_too_late(void)
{
	while (!smp_load_acquire(&is_back))
		cpu_relax();
	complete(done);
}

static void check_one_count(void)
{
	lfx_assert(try_wait_for_completion(done));
	kfree(done);
}

LFX_SCENARIO(completion_late) = {
	.name = "completion-late",
	.what = "a complete() that comes after the end of a wait with a timeout",
	.setup = make_completion,
	.threads = {
		{ "completer", complete_too_late }, { "waiter", wait_in_vain },
	},
	.check = check_one_count,
};

static void write_and_complete_all(void)
{
	data = 7;
	complete_all(done);
}

static void only_wait(void)
{
	wait_for_completion(done);
	lfx_assert(data == 7);
}

static void free_completion(void)
{
	kfree(done);
}

LFX_SCENARIO(completion_all) = {
	.name = "completion-all",
	.what = "complete_all() against two waits",
	.setup = make_completion,
	.threads = {
		{ "completer", write_and_complete_all },
		{ "waiter 1", only_wait },
		{ "waiter 2", only_wait },
	},
	.check = free_completion,
};

/* A wait queue: no wake-up is lost between the test and the sleep. */

static DECLARE_WAIT_QUEUE_HEAD(queue);
static bool ready;

static void write_and_wake(void)
{
	data = 7;
	smp_store_release(&ready, true);
	wake_up_all(&queue);
}

static void wait_until_ready(void)
{
	wait_event(queue, smp_load_acquire(&ready));
	lfx_assert(data == 7);
}

LFX_SCENARIO(wait_event_wake) = {
	.name = "wait-event",
	.what = "wake_up_all() against two wait_event()",
	.threads = {
		{ "waker", write_and_wake },
		{ "waiter 1", wait_until_ready },
		{ "waiter 2", wait_until_ready },
	},
};

static void wait_a_while_until_ready(void)
{
	left = wait_event_timeout(queue, smp_load_acquire(&ready), 5);
	lfx_assert(left <= 5);
	if (left)
		lfx_assert(data == 7);
}

LFX_SCENARIO(wait_event_timeout_wake) = {
	.name = "wait-event-timeout",
	.what = "wake_up_all() against a wait_event() whose time may be up",
	.threads = {
		{ "waker", write_and_wake },
		{ "waiter", wait_a_while_until_ready },
	},
};

static void write_and_wake_var(void)
{
	data = 7;
	smp_store_release(&ready, true);
	wake_up_var(&ready);
}

static void wait_until_var(void)
{
	wait_var_event(&ready, smp_load_acquire(&ready));
	lfx_assert(data == 7);
}

LFX_SCENARIO(wait_var) = {
	.name = "wait-var",
	.what = "wake_up_var() against wait_var_event()",
	.threads = {
		{ "waker", write_and_wake_var }, { "waiter", wait_until_var },
	},
};

/* Nothing but a signal ends this wait, and the signal is not lost. */

static struct task_struct *sleeper;

static void wait_for_interruption(void)
{
	smp_store_release(&sleeper, get_task_struct(current));
	lfx_assert(wait_event_interruptible(queue, false) == -ERESTARTSYS);
}

static void interrupt(void)
{
	struct task_struct *task;

	while (!(task = smp_load_acquire(&sleeper)))
		cpu_relax();
	send_sig(SIGUSR1, task, 0);
}

static void put_sleeper(void)
{
	put_task_struct(sleeper);
}

LFX_SCENARIO(wait_event_interrupted) = {
	.name = "wait-event-interrupted",
	.what = "send_sig() against wait_event_interruptible()",
	.threads = {
		{ "sender", interrupt }, { "waiter", wait_for_interruption },
	},
	.check = put_sleeper,
};

/* A task that sets its state, tests a flag, and sleeps. */

static void sleep_until_ready(void)
{
	get_task_struct(current);
	/* Full barrier: this thread sees the flag, or the waker sees it. */
	smp_store_mb(sleeper, current);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (smp_load_acquire(&ready))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	lfx_assert(data == 7);
}

static void write_and_wake_sleeper(void)
{
	struct task_struct *task;

	data = 7;
	smp_store_mb(ready, true);
	task = smp_load_acquire(&sleeper);
	if (task)
		wake_up_process(task);
}

LFX_SCENARIO(wake_up_sleeper) = {
	.name = "wake-up-process",
	.what = "wake_up_process() against a test of a flag and schedule()",
	.threads = {
		{ "waker", write_and_wake_sleeper },
		{ "sleeper", sleep_until_ready },
	},
	.check = put_sleeper,
};

/*
 * The same without a barrier of the waker: wake_up_process() is one. The sleeper is
 * known before.
 */

static void write_relaxed_and_wake(void)
{
	struct task_struct *task;

	while (!(task = smp_load_acquire(&sleeper)))
		cpu_relax();
	WRITE_ONCE(ready, true);
	wake_up_process(task);
}

static void sleep_until_ready_relaxed(void)
{
	smp_store_release(&sleeper, get_task_struct(current));
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(ready))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

LFX_SCENARIO(wake_up_is_a_barrier) = {
	.name = "wake-up-barrier",
	.what = "wake_up_process() after a relaxed store, with weak memory",
	.threads = {
		{ "waker", write_relaxed_and_wake },
		{ "sleeper", sleep_until_ready_relaxed },
	},
	.check = put_sleeper,
	.stale = 1,
};

/* Mutexes: one holder at a time, and a waiter gets the mutex. */

static DEFINE_MUTEX(mutex);
static int expected;

static void change_under_mutex(void)
{
	mutex_lock(&mutex);
	data++;
	mutex_unlock(&mutex);
}

static void check_three_changes(void)
{
	lfx_assert(data == 3);
}

LFX_SCENARIO(mutex_three) = {
	.name = "mutex-three",
	.what = "three threads lock a mutex",
	.threads = {
		{ "thread 1", change_under_mutex },
		{ "thread 2", change_under_mutex },
		{ "thread 3", change_under_mutex },
	},
	.check = check_three_changes,
};

static void try_and_change(void)
{
	if (!mutex_trylock(&mutex))
		return;
	data++;
	expected = 1;
	mutex_unlock(&mutex);
}

static void check_tried_change(void)
{
	lfx_assert(data == 2 + expected);
}

LFX_SCENARIO(mutex_trylock_two) = {
	.name = "mutex-trylock",
	.what = "mutex_trylock() against two threads that lock",
	.threads = {
		{ "thread 1", change_under_mutex },
		{ "thread 2", change_under_mutex },
		{ "tries", try_and_change },
	},
	.check = check_tried_change,
};

/* A kernel thread is stopped before its function is called, or later. */

static struct task_struct *thread;
static int result;

static int sleep_until_stopped(void *unused)
{
	data = 7;
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 5;
}

static void create_thread(void)
{
	thread = kthread_create(sleep_until_stopped, NULL, "kthread");
	lfx_assert(!IS_ERR(thread));
	/* For the thread that wakes it. */
	get_task_struct(thread);
	get_task_struct(thread);
}

static void wake_thread(void)
{
	wake_up_process(thread);
	put_task_struct(thread);
}

static void stop_thread(void)
{
	result = kthread_stop_put(thread);
	lfx_assert(result == (data ? 5 : -EINTR));
}

LFX_SCENARIO(kthread_stop_start) = {
	.name = "kthread-stop",
	.what = "kthread_stop() against the start of the thread",
	.setup = create_thread,
	.threads = { { "starter", wake_thread }, { "stopper", stop_thread } },
};

/* References: the last put frees, and no reference is taken after it. */

static struct counted {
	struct kref ref;
	int value;
} *counted;

static void release_counted(struct kref *ref)
{
	struct counted *c = container_of(ref, struct counted, ref);

	lfx_assert(c->value == 7);
	kfree(c);
}

static void make_counted(void)
{
	counted = kzalloc_obj(*counted);
	kref_init(&counted->ref);
	kref_get(&counted->ref);
}

static void write_and_put(void)
{
	counted->value = 7;
	kref_put(&counted->ref, release_counted);
}

static void only_put(void)
{
	kref_put(&counted->ref, release_counted);
}

LFX_SCENARIO(kref_two_puts) = {
	.name = "kref-two-puts",
	.what = "two puts of the last two references",
	.setup = make_counted,
	.threads = { { "writer", write_and_put }, { "other", only_put } },
};
