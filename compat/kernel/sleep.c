// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * How a thread sleeps in the host and how it is woken. A program with its own
 * scheduler replaces this file: docs/architecture.md, "What can be replaced".
 */

#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/ktime.h>

#include "kernel/internal.h"

/*
 * How long a waiter spins before it sleeps. A wake-up during the spin takes a
 * few hundred nanoseconds. A wake-up of a sleeping thread takes tens of
 * microseconds.
 */
#define SPIN_NS			5000
/*
 * Fewer threads than this are woken one by one. More are woken together, but not
 * more at once than the second figure: the first one of them waits until all of
 * them were moved to one futex.
 */
#define WAKE_FEW		4
#define WAKE_BATCH		64

/* Returns true if the task was woken. */
static bool spin_for_wakeup(struct task_struct *self, s64 deadline)
{
	s64 end;
	int i;

	/* On the only CPU, spinning just delays the waker. */
	if (lfhost_cpus() < 2)
		return false;
	end = min(lfhost_clock() + SPIN_NS, deadline);
	do {
		for (i = 0; i < 16; i++) {
			/*
			 * A1: acquire. Pairs with R1 in lfpriv_wake(). Without
			 * it, this thread may not see the waker's stores.
			 */
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

/*
 * Tell the waker that it has to make a system call. False if a waker has
 * changed the state already.
 */
static bool sleep_announce(struct task_struct *self, unsigned int state)
{
	union lfpriv_task_words old = { .state = state }, new = old;

	new.asleep = 1;
	/*
	 * No partner: it only has to be atomic. The waker changes both words
	 * with a compare-and-exchange, so either the waker finds the flag, or
	 * the exchange here fails.
	 */
	return cmpxchg(&self->lfshim_words, old.words, new.words) == old.words;
}

void lfpriv_sleep(s64 deadline)
{
	struct task_struct *self = current;
	bool announced = false;
	unsigned int state;
	int err;

	/*
	 * A2: acquire. Pairs with R1 in lfpriv_wake(). Without it, a thread
	 * that was woken already may not see the waker's stores.
	 */
	state = smp_load_acquire(&self->__state);
	lfpriv_wake_flush();
	lfpriv_check_sleep();
	if (state == TASK_RUNNING) {
		lfhost_yield();
		return;
	}
	if (spin_for_wakeup(self, deadline))
		return;
	/* The system call takes a hundred times longer than this look. */
	if (unlikely(!lfhost_this_cpu_is_known()))
		lfpriv_learn_cpus();
	/* A POSIX signal must end the sleep, see lfhost_futex_wait(). */
	if ((state & TASK_INTERRUPTIBLE) && deadline == LFHOST_FOREVER)
		deadline = LFHOST_FAR_FUTURE;
	for (;;) {
		/*
		 * A3: acquire. Pairs with R1 in lfpriv_wake(). Without it, this
		 * thread may not see the waker's stores.
		 */
		state = smp_load_acquire(&self->__state);
		if (state == TASK_RUNNING)
			return;
		if (signal_ends_sleep(self, state))
			break;
		if (!announced && !sleep_announce(self, state))
			continue;
		announced = true;
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
	/*
	 * A4: acquire. Pairs with R1 in lfpriv_wake(). Without it, a thread
	 * that is woken at the end of its timeout may not see the waker's
	 * stores.
	 */
	xchg(&self->lfshim_words, 0);
	lfshim_hb_acquire(&self->__state);
}

/*
 * The tasks for which the array has no room, in a list. The last one points to
 * itself. A task that is in the list of a waker is not in that of another.
 */
static bool wake_list_add(struct task_struct *task)
{
	/* No partner: it only has to be atomic. One waker gets the task. */
	if (cmpxchg(&task->lfshim_wake_next, NULL, task))
		return false;
	if (lfshim_tls.wake_first)
		WRITE_ONCE(lfshim_tls.wake_last->lfshim_wake_next, task);
	else
		lfshim_tls.wake_first = task;
	lfshim_tls.wake_last = task;
	return true;
}

static struct task_struct *wake_list_take(void)
{
	struct task_struct *task = lfshim_tls.wake_first, *next;

	if (!task)
		return NULL;
	next = READ_ONCE(task->lfshim_wake_next);
	lfshim_tls.wake_first = next == task ? NULL : next;
	/*
	 * No partner: another waker may put the task in its list from now on,
	 * and reads nothing that this thread wrote.
	 */
	WRITE_ONCE(task->lfshim_wake_next, NULL);
	return task;
}

/*
 * Wake a task from its futex. Its state is TASK_RUNNING already, so the task
 * may continue before this call, exit, and be freed. This is harmless: the
 * system call uses only the address, and a thread that sleeps on that address
 * by then just tests its own condition again.
 *
 * Under a lock that was taken with spin_lock_irqsave() or the like, the call is
 * put off until the lock is released: it may be the lock that the woken task
 * takes next, such as a fence's lock, and the task would go to sleep again on
 * it. Right kernel code cannot tell. It does not block under a spinlock; and
 * before a thread waits with cpu_relax() or for a spinlock, it makes the calls.
 */
void lfpriv_wake_sleeper(unsigned int *word, struct task_struct *task)
{
	if (lfshim_irqs_off() == LFSHIM_IRQS_OFF_LOCK) {
		if (lfshim_tls.nr_wakes < LFSHIM_MAX_WAKES) {
			lfshim_tls.wakes[lfshim_tls.nr_wakes++] = word;
			lfshim_tls.irq_exit_work = true;
			word = NULL;
		} else if (task && wake_list_add(task)) {
			return;
		}
	}
	if (word)
		lfhost_futex_wake(word, 1);
	if (task)
		put_task_struct(task);
}

bool lfpriv_wake_list_is_full(void)
{
	return unlikely(lfshim_tls.nr_wakes == LFSHIM_MAX_WAKES);
}

/*
 * Many threads to wake. After each system call that wakes a thread, that thread
 * may take the CPU from this one. So they are moved to one futex first, and one
 * call wakes them. Their states are TASK_RUNNING already, so no other thread has
 * to wake them, and those that do not sleep yet find that their word has changed.
 * A task whose time was up may sleep for something else by now. It is moved and
 * woken, too, and sleeps again if its state says so. A waker that looks for it in
 * between has changed the state before.
 */
struct wake_batch {
	/* The futex: only its address is used. Nobody else knows it. */
	u32 futex;
	unsigned int threads;
};

static void wake_batch_end(struct wake_batch *batch)
{
	if (batch->threads)
		lfhost_futex_wake(&batch->futex, INT_MAX);
	batch->threads = 0;
}

static void wake_batch_add(struct wake_batch *batch, unsigned int *word)
{
	lfhost_futex_requeue(word, &batch->futex);
	if (++batch->threads == WAKE_BATCH)
		wake_batch_end(batch);
}

void lfpriv_wake_flush(void)
{
	struct wake_batch batch = { .threads = 0 };
	unsigned int i, nr = lfshim_tls.nr_wakes;
	struct task_struct *task;

	lfshim_tls.nr_wakes = 0;
	for (i = 0; i < nr; i++) {
		if (nr < WAKE_FEW)
			lfhost_futex_wake(lfshim_tls.wakes[i], 1);
		else
			wake_batch_add(&batch, lfshim_tls.wakes[i]);
	}
	while (unlikely(task = wake_list_take())) {
		wake_batch_add(&batch, &task->__state);
		put_task_struct(task);
	}
	wake_batch_end(&batch);
}
