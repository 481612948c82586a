// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Sleeping, instead of compat/kernel/sleep.c. This file is instrumented. */
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "kernel/internal.h"

#include "../engine/seam.h"

/*
 * No access is recorded. The engine calls is_woken() to find out if the thread can
 * run. The wait is the read of the state.
 */
#define UNSEEN	__attribute__((__no_sanitize_thread__))

UNSEEN static unsigned int state_of(const struct task_struct *task)
{
	return *(const volatile unsigned int *)&task->__state;
}

struct sleeper {
	const struct task_struct *task;
	/* A signal has ended the sleep before it began. */
	bool signalled;
};

UNSEEN static bool is_woken(const void *arg)
{
	const struct sleeper *s = arg;

	return s->signalled || state_of(s->task) == TASK_RUNNING;
}

/* Only a signal that is there already. A later one has to wake the task. */
static bool signal_ends_sleep(const struct task_struct *self)
{
	unsigned int state = state_of(self);
	unsigned int sig;

	if (!(state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)))
		return false;
	sig = READ_ONCE(self->lfshim_signal);
	return (sig && (state & TASK_INTERRUPTIBLE)) ||
	       ((sig & LFSHIM_SIG_KILLED) && (state & TASK_WAKEKILL));
}

void lfpriv_sleep(s64 deadline)
{
	struct task_struct *self = current;
	struct sleeper sleeper = { .task = self };
	bool patient;

	lfpriv_check_sleep();
	if (lfx_signal_may_come() &&
	    (READ_ONCE(self->__state) & TASK_INTERRUPTIBLE) &&
	    lfx_signal_comes())
		__atomic_fetch_or(&self->lfshim_signal, LFSHIM_SIG_INTERRUPTED,
				  __ATOMIC_SEQ_CST);
	sleeper.signalled = signal_ends_sleep(self);
	/*
	 * An idle worker of a work queue looks now and then if it is needed. If the
	 * thread is woken already, the wait has no end but this one.
	 */
	patient = state_of(self) == TASK_IDLE &&
		  deadline - lfhost_clock() > NSEC_PER_SEC;
	lfx_wait(is_woken, &sleeper, &self->__state, deadline, patient,
		 "sleeps, and is not woken");
	/* A thread that has set no state yields. */
	if (state_of(self) == TASK_RUNNING && !lfx_was_woken(&self->__state)) {
		lfx_relax(NULL);
		return;
	}
	/* A wake-up that came at the end of a timeout has written before this. */
	if (xchg(&self->__state, TASK_RUNNING) == TASK_RUNNING)
		smp_mb();
}
