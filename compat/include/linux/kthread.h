/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Kernel threads: pthreads that can be asked to stop and that return a result.
 * Left out: parking, binding to a CPU, kthread workers and kthread_use_mm().
 * Implemented in compat/kthread.c.
 */
#ifndef _LINUX_KTHREAD_H
#define _LINUX_KTHREAD_H

#include <lfshim/kernel-code.h>
#include <linux/err.h>
#include <linux/sched.h>
/* The kernel's header includes timers, for its struct kthread_delayed_work. */
#include <linux/timer.h>

/**
 * kthread_create - create a thread that waits to be woken
 * @threadfn: its function; kthread_stop() returns its result
 * @data: the argument of @threadfn; stays the caller's
 * @namefmt: printf format of its name
 *
 * When this returns, the thread has started and waits for wake_up_process().
 * Context: may sleep.
 * Return: the task, or ERR_PTR(-ENOMEM or -EAGAIN). The caller gets no
 * reference: the task is freed when the thread exits, so a caller that may stop
 * it later than that takes a reference with get_task_struct() first.
 */
struct task_struct *lfshim_kthread_create(int (*threadfn)(void *data),
					  void *data, const char *namefmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));
#define kthread_create(threadfn, data, namefmt, ...) \
	lfshim_kthread_create(threadfn, data, namefmt, ##__VA_ARGS__)

/* kthread_create(), then wake_up_process(). */
#define kthread_run(threadfn, data, namefmt, ...) ({			\
	struct task_struct *__k = kthread_create(threadfn, data,	\
						 namefmt, ##__VA_ARGS__); \
	if (!IS_ERR(__k))						\
		wake_up_process(__k);					\
	__k; })

/**
 * kthread_stop - ask a thread to stop, wake it, and wait until it has exited
 * @k: the task
 *
 * Context: may sleep.
 * Return: the result of its function; -EINTR if it was stopped before its
 * function was called.
 */
int kthread_stop(struct task_struct *k) LFSHIM(kthread_stop);

/**
 * kthread_stop_put - kthread_stop(), then put_task_struct()
 * @k: the task; this drops the caller's reference
 *
 * Context: may sleep.
 * Return: as kthread_stop().
 */
int kthread_stop_put(struct task_struct *k) LFSHIM(kthread_stop_put);

/**
 * lfshim_kthread_join - wait until a thread exits, without asking it to stop
 * @k: the task; the caller holds a reference and keeps it
 *
 * Context: may sleep.
 * Return: the result of its function.
 */
int lfshim_kthread_join(struct task_struct *k);

/**
 * kthread_should_stop - has the calling kthread been asked to stop?
 *
 * Context: any.
 */
bool kthread_should_stop(void) LFSHIM(kthread_should_stop);

struct completion;

/**
 * kthread_complete_and_exit - exit from the calling kthread
 * @comp: a completion to complete before the exit, or NULL
 * @code: the result that kthread_stop() returns
 *
 * Context: a kthread. Does not return.
 */
void kthread_complete_and_exit(struct completion *comp, long code)
	LFSHIM(kthread_complete_and_exit) __noreturn;
#define kthread_exit(code)	kthread_complete_and_exit(NULL, code)

#endif
