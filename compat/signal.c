// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Signals to tasks: <linux/sched/signal.h>. */

#include <linux/sched/signal.h>

#include "kernel/internal.h"

bool lfshim_signal_take(struct task_struct *task)
{
	unsigned int sig = __atomic_fetch_and(&task->lfshim_signal,
					      ~LFSHIM_SIG_INTERRUPTED,
					      __ATOMIC_RELAXED);

	return sig != 0;
}

int send_sig(int sig, struct task_struct *task, int priv)
{
	unsigned int bits = LFSHIM_SIG_SENT, states = TASK_INTERRUPTIBLE;

	if (sig == SIGKILL) {
		bits |= LFSHIM_SIG_KILLED;
		states |= TASK_WAKEKILL;
	}
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
	return 0;
}

void flush_signals(struct task_struct *task)
{
	WRITE_ONCE(task->lfshim_signal, 0);
}
