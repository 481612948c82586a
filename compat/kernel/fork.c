// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What happens when the process forks: see fork.h. */

#include <linux/sched.h>

#include "host/sys.h"
#include "host/urcu.h"
#include "kernel/fork.h"

/* Sorted by level. Written by constructors only. */
static struct lfpriv_fork_entry *first, *last;

void lfpriv_fork_register(struct lfpriv_fork_entry *entry)
{
	struct lfpriv_fork_entry *before = last;

	while (before && before->level > entry->level)
		before = before->previous;
	entry->previous = before;
	entry->next = before ? before->next : first;
	if (entry->next)
		entry->next->previous = entry;
	else
		last = entry;
	if (before)
		before->next = entry;
	else
		first = entry;
}

static void fork_prepare(void)
{
	struct lfpriv_fork_entry *e;

	/* Register with liburcu before its locks are held: that takes one. */
	lfshim_irq_off();
	lfshim_irq_on();
	/*
	 * Outside of read-side sections, sections with interrupts disabled
	 * included: a grace period that is under way holds one of these locks.
	 */
	lfhost_urcu_before_fork();
	lfshim_irq_off();
	/* The RCU thread may be taking over objects that this thread retired. */
	spin_lock(&current->retire.lock);
	for (e = first; e; e = e->next)
		if (e->lock)
			spin_lock(e->lock);
}

static void fork_parent(void)
{
	struct lfpriv_fork_entry *e;

	lfhost_urcu_after_fork_parent();
	for (e = last; e; e = e->previous)
		if (e->lock)
			spin_unlock(e->lock);
	spin_unlock(&current->retire.lock);
	lfshim_irq_on();
}

/* The lock has the number of the parent's thread in it: it cannot be unlocked. */
static void free_lock(spinlock_t *lock)
{
	lfshim_spin_released(lock);
	spin_lock_init(lock);
}

static void fork_child(void)
{
	struct lfpriv_fork_entry *e;

	lfhost_urcu_after_fork_child();
	lfshim_tls.tid = lfhost_tid();
	for (e = last; e; e = e->previous)
		if (e->lock)
			free_lock(e->lock);
	free_lock(&current->retire.lock);
	for (e = last; e; e = e->previous)
		if (e->child)
			e->child();
	for (e = last; e; e = e->previous)
		if (e->restart)
			e->restart();
	lfshim_irq_on();
}

__attribute__((__constructor__(LFPRIV_INIT_TASK))) static void fork_init(void)
{
	lfhost_at_fork(fork_prepare, fork_parent, fork_child);
}
