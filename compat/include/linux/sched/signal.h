/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Signals, as far as a wait needs them. Left out: everything that sends or
 * handles POSIX signals, and thread groups. Implemented in compat/signal.c.
 *
 * Three things make signal_pending() true:
 *  - send_sig() on the task, until flush_signals(). This is a simulated signal,
 *    exact and repeatable, for tests. A kthread ignores it, unless it has
 *    called allow_signal() for that signal.
 *  - A POSIX signal whose handler interrupted the task's interruptible sleep.
 *    By then the handler has run, which is when the kernel would have cleared
 *    the flag, so signal_pending() returns true for it once.
 *  - kthread_stop() on the task, for ever. It ends interruptible sleeps, but
 *    not killable ones.
 */
#ifndef _LINUX_SCHED_SIGNAL_H
#define _LINUX_SCHED_SIGNAL_H

#include <lfshim/kernel-code.h>
#include <lfshim/host-begin.h>
#include <signal.h>
#include <lfshim/host-end.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#define LFSHIM_SIG_SENT		0x1
#define LFSHIM_SIG_INTERRUPTED	0x2
#define LFSHIM_SIG_KILLED	0x4
/* Set by kthread_stop(). flush_signals() does not clear it. */
#define LFSHIM_SIG_NOTIFIED	0x8

bool lfshim_signal_take(struct task_struct *task);

/* <event.h> may have been included; it defines this as a macro. */
#undef signal_pending
static inline int signal_pending(struct task_struct *task)
{
	return unlikely(READ_ONCE(task->lfshim_signal)) &&
	       lfshim_signal_take(task);
}

static inline int fatal_signal_pending(struct task_struct *task)
{
	return !!(READ_ONCE(task->lfshim_signal) & LFSHIM_SIG_KILLED);
}

static inline int signal_pending_state(unsigned int state,
				       struct task_struct *task)
{
	if (!(state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)))
		return 0;
	if (state & TASK_INTERRUPTIBLE)
		return signal_pending(task);
	return fatal_signal_pending(task);
}

/**
 * send_sig - make a signal pending on a task, and end its interruptible sleep
 * @sig: SIGKILL also ends killable sleeps
 * @task: the task; a kthread ignores signals that it does not allow
 * @priv: nonzero if the kernel sends it, for allow_kernel_signal()
 *
 * No POSIX signal is sent.
 * Context: any, including POSIX signal handlers.
 * Return: 0.
 */
int send_sig(int sig, struct task_struct *task, int priv) LFSHIM(send_sig);

/**
 * flush_signals - clear the pending signals of a task
 * @task: the task
 *
 * Context: any.
 */
void flush_signals(struct task_struct *task) LFSHIM(flush_signals);

void lfshim_allow_signal(int sig, bool allow, bool from_kernel_only);

/*
 * Let the calling kthread get a signal: from anybody, or only from send_sig()
 * with @priv. Context: a kthread.
 */
static inline void allow_signal(int sig)
{
	lfshim_allow_signal(sig, true, false);
}

static inline void allow_kernel_signal(int sig)
{
	lfshim_allow_signal(sig, true, true);
}

/* Let the calling kthread ignore a signal, as at first. Context: a kthread. */
static inline void disallow_signal(int sig)
{
	lfshim_allow_signal(sig, false, false);
}

#endif
