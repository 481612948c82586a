// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The fork() handlers of the library; see fork.h. */

#include <linux/sched.h>

#include "host/sys.h"
#include "host/urcu.h"
#include "kernel/fork.h"

/* All entries, sorted by level. Only constructors change the list. */
static struct lfpriv_fork_entry *fork_first, *fork_last;

void lfpriv_fork_register(struct lfpriv_fork_entry *entry)
{
	struct lfpriv_fork_entry *before = fork_last;

	while (before && before->level > entry->level)
		before = before->previous;
	entry->previous = before;
	entry->next = before ? before->next : fork_first;
	if (entry->next)
		entry->next->previous = entry;
	else
		fork_last = entry;
	if (before)
		before->next = entry;
	else
		fork_first = entry;
}

bool lfpriv_forked;

/* Whether interrupts were enabled at the fork. Protected by liburcu's locks. */
static unsigned long fork_flags;

static void fork_prepare(void)
{
	struct lfpriv_fork_entry *e;
	unsigned long flags;

	/*
	 * The first section of a thread registers it with liburcu, which takes
	 * one of liburcu's locks. Do this before they are held.
	 */
	local_irq_save(flags);
	local_irq_restore(flags);
	/*
	 * Takes liburcu's locks. A grace period in progress holds one of them
	 * and waits for all readers, so this is done outside of read-side
	 * sections, and with interrupts enabled.
	 */
	lfhost_urcu_before_fork();
	local_irq_save(flags);
	fork_flags = flags;
	/* The RCU thread may be taking over this thread's deferred frees. */
	spin_lock(&current->retire.lock);
	for (e = fork_first; e; e = e->next)
		if (e->lock)
			spin_lock(e->lock);
}

static void fork_parent(void)
{
	unsigned long flags = fork_flags;
	struct lfpriv_fork_entry *e;

	lfhost_urcu_after_fork_parent();
	for (e = fork_last; e; e = e->previous)
		if (e->lock)
			spin_unlock(e->lock);
	spin_unlock(&current->retire.lock);
	local_irq_restore(flags);
}

/*
 * Initialise a lock that fork_prepare() took. The child cannot unlock it,
 * because the lock contains the number of the parent's thread.
 */
static void fork_reset_lock(spinlock_t *lock)
{
	lfshim_spin_released(lock);
	spin_lock_init(lock);
}

static void fork_child(void)
{
	struct lfpriv_fork_entry *e;

	lfpriv_forked = true;
	lfhost_urcu_after_fork_child();
	lfshim_tls.tid = lfhost_tid();
	for (e = fork_last; e; e = e->previous)
		if (e->lock)
			fork_reset_lock(e->lock);
	fork_reset_lock(&current->retire.lock);
	for (e = fork_last; e; e = e->previous)
		if (e->child)
			e->child();
	for (e = fork_last; e; e = e->previous)
		if (e->restart)
			e->restart();
	local_irq_restore(fork_flags);
}

__attribute__((__constructor__(LFPRIV_INIT_TASK))) static void fork_init(void)
{
	lfhost_at_fork(fork_prepare, fork_parent, fork_child);
}
