/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Threads and bounded waiting. Also for tests that run in a kernel. */
#ifndef TESTS_COMPAT_START_H
#define TESTS_COMPAT_START_H

#include "context.h"
#include "support.h"
#include <stdlib.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>

/* Seconds. Only a test that fails waits this long. */
#define PATIENCE_S	test_patience_s()

struct start_arg {
	int (*fn)(void *data);
	void *data;
	/* Set when the thread gets the signals that tests send. */
	int *ready;
};

static inline int start_main(void *data)
{
	struct start_arg arg = *(struct start_arg *)data;

	free(data);
	/* A kthread ignores signals that it does not allow. */
	allow_signal(SIGINT);
	allow_signal(SIGUSR1);
	allow_signal(SIGKILL);
	__atomic_store_n(arg.ready, 1, __ATOMIC_RELEASE);
	return arg.fn(arg.data);
}

/* Start a thread and keep a reference to it until finish(). */
static inline struct task_struct *start(int (*fn)(void *data), void *data)
{
	struct start_arg *arg = malloc(sizeof(*arg));
	struct task_struct *task;
	int ready = 0;

	*arg = (struct start_arg){ fn, data, &ready };
	task = kthread_create(start_main, arg, "test");
	if (IS_ERR(task))
		fail_msg("no thread: error %ld", PTR_ERR(task));
	get_task_struct(task);
	wake_up_process(task);
	while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
		cpu_relax();
	return task;
}

/* Wait until the thread ends, and return its function's result. */
static inline int finish(struct task_struct *task)
{
	int result = test_join(task);

	put_task_struct(task);
	return result;
}

/* Wait until @cond holds: true if it does, false after PATIENCE_S seconds. */
#define eventually(cond) ({						\
	unsigned long __end = jiffies + PATIENCE_S * HZ;		\
	bool __ok;							\
	while (!(__ok = (cond)) && time_before(jiffies, __end))		\
		usleep_range(100, 200);					\
	__ok; })

/* True if @task sleeps in @state or is about to. */
static inline bool sleeps_in(struct task_struct *task, unsigned int state)
{
	return READ_ONCE(task->__state) == state;
}

#endif
