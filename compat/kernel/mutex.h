/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Shared by mutex.c and ww_mutex.c: the word, the queue and the hand-over. */
#ifndef LFSHIM_MUTEX_H
#define LFSHIM_MUTEX_H

#include <linux/mutex.h>

struct lfpriv_mutex_waiter {
	struct list_head node;
	struct task_struct *task;
	/*
	 * The thread was woken before, so the next unlock makes it the owner.
	 * Protected by ->wait_lock.
	 */
	bool hand_over;
};

static inline struct task_struct *lfpriv_mutex_owner(const struct mutex *m)
{
	return (void *)(READ_ONCE(m->owner) & ~LFSHIM_MUTEX_WAITERS);
}

static inline bool lfpriv_mutex_try(struct mutex *m, struct task_struct *self)
{
	unsigned long old = 0;

	/*
	 * A1: acquire. Pairs with R1 in lfpriv_mutex_unlock_slow() and R2 in
	 * mutex_unlock() and R3 in ww_mutex_unlock(). Without it, the new owner
	 * may not see the stores of the previous one.
	 */
	while (!__atomic_compare_exchange_n(&m->owner, &old,
					    (unsigned long)self | old, false,
					    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		if (old & ~LFSHIM_MUTEX_WAITERS)
			return false;
	lfshim_hb_acquire(&m->owner);
	return true;
}

/*
 * True if @self has the mutex: it takes it here, or the unlock has made it the
 * owner. The caller holds ->wait_lock.
 */
static inline bool lfpriv_mutex_waiter_takes(struct mutex *m,
					     struct task_struct *self)
{
	/*
	 * A2: acquire. Pairs with R1 in lfpriv_mutex_unlock_slow(). Without it,
	 * a waiter that was made the owner may not see the stores of the
	 * previous owner.
	 */
	return (smp_load_acquire(&m->owner) & ~LFSHIM_MUTEX_WAITERS) ==
		       (unsigned long)self || lfpriv_mutex_try(m, self);
}

/*
 * Unlock a mutex that has the waiters bit: wake the first waiter, and make it
 * the owner if its ->hand_over is set.
 */
void lfpriv_mutex_unlock_slow(struct mutex *m);

#endif
