// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Sleeping and waking. See <linux/sched.h>. */

#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/bug.h>
#include <linux/printk.h>
#include <linux/delay.h>
#include <linux/ktime.h>

#include "shim.h"

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
	if (lfshim_sys_cpus() < 2)
		return false;
	end = min(lfshim_sys_clock() + SPIN_NS, deadline);
	do {
		for (i = 0; i < 16; i++) {
			/* Acquire: pairs with the release in wake_up_state(). */
			if (smp_load_acquire(&self->__state) == TASK_RUNNING)
				return true;
			lfshim_pause();
		}
	} while (lfshim_sys_clock() < end);
	return false;
}

static bool signal_ends_sleep(struct task_struct *self, unsigned int state)
{
	unsigned int sig = READ_ONCE(self->lfshim_signal);

	if (state & TASK_INTERRUPTIBLE)
		return sig;
	return (state & TASK_WAKEKILL) && (sig & LFSHIM_SIG_KILLED);
}

void lfshim_sleep(s64 deadline)
{
	struct task_struct *self = current;
	/* Acquire, as below: the wake-up may have come already. */
	unsigned int state = smp_load_acquire(&self->__state);
	int err;

	lfshim_wake_flush();
	lfshim_check_sleep();
	if (state == TASK_RUNNING) {
		lfshim_sys_yield();
		return;
	}
	if (spin_for_wakeup(self, deadline))
		return;
	/* A POSIX signal has to end it, see lfshim_sys_futex_wait(). */
	if ((state & TASK_INTERRUPTIBLE) && deadline == LFSHIM_FOREVER)
		deadline = LFSHIM_LATE;
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
		err = lfshim_sys_futex_wait(&self->__state, state, deadline);
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

void schedule(void)
{
	lfshim_sleep(LFSHIM_FOREVER);
}

long schedule_timeout(long timeout)
{
	unsigned long expire;
	s64 now;

	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return timeout;
	}
	if (timeout < 0) {
		WARN(1, "schedule_timeout: wrong timeout value %lx", timeout);
		__set_current_state(TASK_RUNNING);
		return 0;
	}
	expire = jiffies + timeout;
	now = lfshim_sys_clock();
	lfshim_sleep(timeout >= (LFSHIM_FOREVER - now) / TICK_NSEC
			     ? LFSHIM_FOREVER
			     : now + timeout * TICK_NSEC);
	timeout = expire - jiffies;
	return timeout < 0 ? 0 : timeout;
}

long schedule_timeout_interruptible(long timeout)
{
	__set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout(timeout);
}

long schedule_timeout_uninterruptible(long timeout)
{
	__set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}

/*
 * Get a task out of its futex. Its state says already that it runs. It may go
 * on before this and be gone by then: the address alone does for the system
 * call, and whoever sleeps there by then just looks again. So it can wait until
 * the locks are dropped that the woken task is going to take, a fence's above
 * all, instead of having it go to sleep again on them.
 */
static void wake_futex(unsigned int *word)
{
	if (lfshim_tls.irq_depth && lfshim_tls.nr_wakes < LFSHIM_MAX_WAKES) {
		lfshim_tls.wakes[lfshim_tls.nr_wakes++] = word;
		lfshim_tls.irq_exit_work = true;
	} else {
		lfshim_sys_futex_wake(word, 1);
	}
}

void lfshim_wake_flush(void)
{
	unsigned int i;

	for (i = 0; i < lfshim_tls.nr_wakes; i++)
		lfshim_sys_futex_wake(lfshim_tls.wakes[i], 1);
	lfshim_tls.nr_wakes = 0;
}

static int wake(struct task_struct *task, unsigned int mask, bool later)
{
	unsigned int state;

	/*
	 * Full barrier: what the caller changed is visible before the state is
	 * read. Pairs with set_current_state(): either the sleeper sees the
	 * change, or its new state is seen here. An atomic read-modify-write
	 * for ThreadSanitizer, and a fence where that alone is no full barrier.
	 */
	lfshim_hb_release(&task->__state);
	lfshim_full_fence();
	state = __atomic_fetch_add(&task->__state, 0, __ATOMIC_SEQ_CST);
	lfshim_hb_acquire(&task->__state);
	do {
		if (!(state & mask))
			return 0;
		/* Release: pairs with the sleeper's acquire of TASK_RUNNING. */
	} while (!__atomic_compare_exchange_n(&task->__state, &state,
					      TASK_RUNNING, false,
					      __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	if (!(state & LFSHIM_TASK_ASLEEP))
		return 1;
	if (later)
		wake_futex(&task->__state);
	else
		lfshim_sys_futex_wake(&task->__state, 1);
	return 1;
}

int wake_up_state(struct task_struct *task, unsigned int mask)
{
	return wake(task, mask, true);
}

int wake_up_process(struct task_struct *task)
{
	return wake_up_state(task, TASK_NORMAL);
}

void yield(void)
{
	lfshim_sys_yield();
}

int lfshim_cond_resched(void)
{
	might_sleep();
	lfshim_sys_yield();
	return 0;
}

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
	/* Full barrier: pairs with the sleeper, who sets its state and looks. */
	__atomic_fetch_or(&task->lfshim_signal, bits, __ATOMIC_SEQ_CST);
	/* At once: a signal handler must not touch the list of wake_futex(). */
	wake(task, states, false);
	return 0;
}

void flush_signals(struct task_struct *task)
{
	WRITE_ONCE(task->lfshim_signal, 0);
}

static void sleep_ns(s64 ns)
{
	s64 deadline = lfshim_sys_clock() + ns;

	do {
		__set_current_state(TASK_UNINTERRUPTIBLE);
		lfshim_sleep(deadline);
	} while (lfshim_sys_clock() < deadline);
}

void msleep(unsigned int msecs)
{
	might_sleep();
	sleep_ns(msecs * NSEC_PER_MSEC);
}

void usleep_range(unsigned long min, unsigned long max)
{
	might_sleep();
	sleep_ns(min * NSEC_PER_USEC);
}

void ndelay(u64 nsecs)
{
	s64 end = lfshim_sys_clock() + nsecs;

	while (lfshim_sys_clock() < end)
		cpu_relax();
}
