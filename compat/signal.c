// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Signals to tasks: <linux/sched/signal.h>. */

#include <linux/bitops.h>
#include <linux/sched/signal.h>

#include "kernel/internal.h"

bool lfshim_signal_take(struct task_struct *task)
{
	unsigned int sig = __atomic_fetch_and(&task->lfshim_signal,
					      ~LFSHIM_SIG_INTERRUPTED,
					      __ATOMIC_RELAXED);

	return sig != 0;
}

/* Signals have the numbers 1 to 64. */
static bool signal_is_valid(int sig)
{
	return sig >= 1 && sig <= 64;
}

static bool signal_is_ignored(const struct task_struct *task, int sig, int priv)
{
	if (!task->kthread)
		return false;
	if (!signal_is_valid(sig))
		return true;
	return !test_bit(sig - 1, task->lfshim_allowed) &&
	       !(priv && test_bit(sig - 1, task->lfshim_allowed_kernel));
}

void lfshim_allow_signal(int sig, bool allow, bool from_kernel_only)
{
	struct task_struct *self = current;

	if (!signal_is_valid(sig))
		return;
	clear_bit(sig - 1, self->lfshim_allowed);
	clear_bit(sig - 1, self->lfshim_allowed_kernel);
	if (allow)
		set_bit(sig - 1, from_kernel_only ? self->lfshim_allowed_kernel
						  : self->lfshim_allowed);
}

/* Set @bits, and wake the task if it sleeps in one of @states. */
static void signal_set(struct task_struct *task, unsigned int bits,
		       unsigned int states)
{
	lfshim_hb_release(&task->lfshim_signal);
	/*
	 * No partner: lfpriv_wake() has the full barrier that comes between
	 * this change and the read of the state.
	 */
	__atomic_fetch_or(&task->lfshim_signal, bits, __ATOMIC_SEQ_CST);
	/*
	 * Without delay: this may be a signal handler, which must not change
	 * the list of lfpriv_wake_sleeper().
	 */
	lfpriv_wake(task, states, false);
}

int send_sig(int sig, struct task_struct *task, int priv)
{
	if (signal_is_ignored(task, sig, priv))
		return 0;
	if (sig == SIGKILL)
		signal_set(task, LFSHIM_SIG_SENT | LFSHIM_SIG_KILLED,
			   TASK_INTERRUPTIBLE | TASK_WAKEKILL);
	else
		signal_set(task, LFSHIM_SIG_SENT, TASK_INTERRUPTIBLE);
	return 0;
}

void lfpriv_signal_notify(struct task_struct *task)
{
	signal_set(task, LFSHIM_SIG_NOTIFIED, TASK_NORMAL);
}

void flush_signals(struct task_struct *task)
{
	/* Relaxed: a signal that is sent at the same time may be lost. */
	__atomic_fetch_and(&task->lfshim_signal, LFSHIM_SIG_NOTIFIED,
			   __ATOMIC_RELAXED);
}
