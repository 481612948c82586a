/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Kernel threads: pthreads that can be asked to stop and give a result. */
#ifndef _LINUX_KTHREAD_H
#define _LINUX_KTHREAD_H

#include <lfshim/kernel-code.h>
#include <linux/err.h>
#include <linux/sched.h>
/* Brings in timers, as in the kernel: its kthread_delayed_work has one. */
#include <linux/timer.h>

/**
 * kthread_create - make a thread that waits to be woken
 * @threadfn: its function; the result is what kthread_stop() returns
 * @data: its argument
 * @namefmt: printf format of its name
 *
 * The thread has come up when this returns, and waits.
 * Context: may sleep.
 * Return: the task, or ERR_PTR(-ENOMEM or -EAGAIN). The task goes away when
 * the thread exits: who may stop it later than that holds a reference.
 */
struct task_struct *lfshim_kthread_create(int (*threadfn)(void *data),
					  void *data, const char *namefmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));
#define kthread_create(threadfn, data, namefmt, ...) \
	lfshim_kthread_create(threadfn, data, namefmt, ##__VA_ARGS__)

/* kthread_create() and wake_up_process(). */
#define kthread_run(threadfn, data, namefmt, ...) ({			\
	struct task_struct *__k = kthread_create(threadfn, data,	\
						 namefmt, ##__VA_ARGS__); \
	if (!IS_ERR(__k))						\
		wake_up_process(__k);					\
	__k; })

/**
 * kthread_stop - ask a thread to stop, wake it, and wait until it has
 * @k: the task
 *
 * Context: may sleep.
 * Return: what its function returned, or -EINTR where it was stopped before
 * the function was ever called.
 */
int kthread_stop(struct task_struct *k) LFSHIM(kthread_stop);

/**
 * kthread_stop_put - kthread_stop() and put_task_struct()
 */
int kthread_stop_put(struct task_struct *k) LFSHIM(kthread_stop_put);

/**
 * lfshim_kthread_join - wait until a thread ends by itself, unasked
 * @k: the task; the caller holds a reference
 *
 * Return: what its function returned.
 */
int lfshim_kthread_join(struct task_struct *k);

/**
 * kthread_should_stop - has the calling kthread been asked to stop?
 */
bool kthread_should_stop(void) LFSHIM(kthread_should_stop);

/**
 * kthread_complete_and_exit - leave the calling kthread
 * @comp: completed on the way out, or NULL
 * @code: what kthread_stop() returns
 */
struct completion;
void kthread_complete_and_exit(struct completion *comp, long code)
	LFSHIM(kthread_complete_and_exit) __noreturn;
#define kthread_exit(code)	kthread_complete_and_exit(NULL, code)

#endif
