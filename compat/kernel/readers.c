// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Grace periods that a thread finds by looking at the other threads; see "Deferred
 * frees" in docs/rcu.md. A program with its own RCU replaces this file, too.
 */

#include <linux/rcupdate.h>

#include "host/urcu.h"
#include "kernel/fork.h"
#include "kernel/internal.h"

/* The test reads the state of each thread. With more threads it is too slow. */
#define TRY_MAX_TASKS		64
/* It waits so long for a thread. Most sections are shorter than 100 ns. */
#define READER_TURNS		16

/* The number of the last grace period that has begun, and of one that has ended. */
static unsigned long fast_begun, fast_ended;
/* A thread looks for one. */
static bool fast_busy;

/*
 * Wait a moment until the thread is outside of all sections. Returns false if it
 * is not: it is off the CPU, or the section is long.
 */
static bool rcu_reader_leaves(const struct task_struct *task)
{
	int i;

	for (i = 0; i < READER_TURNS; i++) {
		/*
		 * A1: acquire. Pairs with R1 in lfshim_reading_ends(). Without
		 * it, memory may be freed before the last section of the thread
		 * is done with it.
		 */
		if (!smp_load_acquire(&task->lfshim_tls->reading))
			return true;
		lfshim_pause();
	}
	return false;
}

/*
 * A new thread adds itself to the list of tasks before its first section. It
 * takes the lock of the list for that, so if it is not in the list yet, its
 * sections see everything that this thread did before.
 */
bool lfpriv_rcu_no_reader(void)
{
	struct task_struct *task;
	unsigned long flags;
	bool reader = false;

	spin_lock_irqsave(&lfpriv_task_list_lock, flags);
	list_for_each_entry(task, &lfpriv_task_list, lfshim_node) {
		reader = task != lfshim_tls.task && !rcu_reader_leaves(task);
		if (reader)
			break;
	}
	spin_unlock_irqrestore(&lfpriv_task_list_lock, flags);
	return !reader;
}

/*
 * Each thread executes a full barrier in lfhost_membarrier(). If a section
 * began before that, the second test sees it, or sees that it has ended. If a
 * section begins after that, it sees everything that this thread did before, and
 * everything that another thread did before it saw an earlier number in
 * lfpriv_rcu_fast_cookie(). The first test only saves the system call when there
 * is a reader.
 */
bool lfpriv_rcu_try_grace_period(void)
{
	unsigned long nr;
	bool elapsed;

	/* No partner: the exchange selects one thread. */
	if (READ_ONCE(lfpriv_nr_tasks) > TRY_MAX_TASKS ||
	    !lfpriv_rcu_no_reader() || xchg(&fast_busy, true))
		return false;
	nr = READ_ONCE(fast_begun) + 1;
	WRITE_ONCE(fast_begun, nr);
	elapsed = lfhost_membarrier() && lfpriv_rcu_no_reader();
	if (elapsed) {
		lfhost_urcu_saw_no_reader();
		/*
		 * R1: release. Pairs with A2 in lfpriv_rcu_fast_ended().
		 * Without it, another thread may free memory before the last
		 * section that was seen here is done with it.
		 */
		smp_store_release(&fast_ended, nr);
	}
	/*
	 * No partner: the thread that is next in the exchange above has to see
	 * the new number, and no more.
	 */
	smp_store_release(&fast_busy, false);
	return elapsed;
}

unsigned long lfpriv_rcu_fast_cookie(void)
{
	return READ_ONCE(fast_begun);
}

unsigned long lfpriv_rcu_fast_ended(void)
{
	/*
	 * A2: acquire. Pairs with R1 in lfpriv_rcu_try_grace_period(). Without
	 * it, memory may be freed before the last section is done with it.
	 */
	return smp_load_acquire(&fast_ended);
}

/* The thread that had the exchange is not in the child. */
static void readers_fork_child(void)
{
	fast_busy = false;
}

LFPRIV_AT_FORK(readers_fork) = {
	.level = LFPRIV_FORK_RCU,
	.child = readers_fork_child,
};
