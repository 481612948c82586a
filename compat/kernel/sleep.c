// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * How a thread sleeps and how a sleeping thread is woken in the host. A scheduler
 * of one's own replaces this file: docs/architecture.md, "What can be replaced".
 */

#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/ktime.h>

#include "kernel/internal.h"

/*
 * How long a waiter spins before it sleeps. A wake-up that comes within is a
 * few hundred nanoseconds; one that finds it asleep is tens of microseconds.
 */
#define SPIN_NS			5000

/* True when the task was woken meanwhile. */
static bool spin_for_wakeup(struct task_struct *self, s64 deadline)
{
	s64 end;
	int i;

	/* Spinning on the one CPU that the waker needs only delays it. */
	if (lfhost_cpus() < 2)
		return false;
	end = min(lfhost_clock() + SPIN_NS, deadline);
	do {
		for (i = 0; i < 16; i++) {
			/* Acquire: pairs with the release in wake_up_state(). */
			if (smp_load_acquire(&self->__state) == TASK_RUNNING)
				return true;
			lfshim_pause();
		}
	} while (lfhost_clock() < end);
	return false;
}

static bool signal_ends_sleep(struct task_struct *self, unsigned int state)
{
	unsigned int sig = READ_ONCE(self->lfshim_signal);

	if (state & TASK_INTERRUPTIBLE)
		return sig;
	return (state & TASK_WAKEKILL) && (sig & LFSHIM_SIG_KILLED);
}

void lfpriv_sleep(s64 deadline)
{
	struct task_struct *self = current;
	/* Acquire, as below: the wake-up may have come already. */
	unsigned int state = smp_load_acquire(&self->__state);
	int err;

	lfpriv_wake_flush();
	lfpriv_check_sleep();
	if (state == TASK_RUNNING) {
		lfhost_yield();
		return;
	}
	if (spin_for_wakeup(self, deadline))
		return;
	/* A POSIX signal has to end it, see lfhost_futex_wait(). */
	if ((state & TASK_INTERRUPTIBLE) && deadline == LFHOST_FOREVER)
		deadline = LFHOST_FAR_FUTURE;
	for (;;) {
		/* Acquire: pairs with the release in wake_up_state(). */
		state = smp_load_acquire(&self->__state);
		if (state == TASK_RUNNING)
			return;
		if (signal_ends_sleep(self, state))
			break;
		/*
		 * Tell the waker that a system call is needed. The waker swaps
		 * the same word, so one of the two sees the other: this pairs
		 * with the compare-and-exchange in wake_up_state().
		 */
		if (!(state & LFSHIM_TASK_ASLEEP)) {
			if (cmpxchg(&self->__state, state,
				    state | LFSHIM_TASK_ASLEEP) != state)
				continue;
			state |= LFSHIM_TASK_ASLEEP;
		}
		err = lfhost_futex_wait(&self->__state, state, deadline);
		if (err == -ETIMEDOUT)
			break;
		if (err == -EINTR && (state & TASK_INTERRUPTIBLE)) {
			__atomic_fetch_or(&self->lfshim_signal,
					  LFSHIM_SIG_INTERRUPTED,
					  __ATOMIC_RELAXED);
			break;
		}
	}
	/* Full barrier: a waker that still saw the old state is ordered before. */
	xchg(&self->__state, TASK_RUNNING);
}

/*
 * Get a task out of its futex. Its state says already that it runs. It may go
 * on before this and be gone by then: the address alone does for the system
 * call, and whoever sleeps there by then just looks again. So it can wait until
 * the locks are dropped that the woken task is going to take, a fence's above
 * all, instead of having it go to sleep again on them.
 */
void lfpriv_wake_sleeper(unsigned int *word)
{
	if (lfshim_tls.irq_depth && lfshim_tls.nr_wakes < LFSHIM_MAX_WAKES) {
		lfshim_tls.wakes[lfshim_tls.nr_wakes++] = word;
		lfshim_tls.irq_exit_work = true;
	} else {
		lfhost_futex_wake(word, 1);
	}
}

void lfpriv_wake_flush(void)
{
	unsigned int i;

	for (i = 0; i < lfshim_tls.nr_wakes; i++)
		lfhost_futex_wake(lfshim_tls.wakes[i], 1);
	lfshim_tls.nr_wakes = 0;
}
