/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What mutex.c and ww_mutex.c share: the word, the queue, and handing over. */
#ifndef LFSHIM_MUTEX_H
#define LFSHIM_MUTEX_H

#include <linux/mutex.h>

struct lfpriv_mutex_waiter {
	struct list_head node;
	struct task_struct *task;
	/* Was woken once and came too late. Protected by ->wait_lock. */
	bool hand_over;
};

static inline struct task_struct *lfpriv_mutex_owner(const struct mutex *m)
{
	return (void *)(READ_ONCE(m->owner) & ~LFSHIM_MUTEX_WAITERS);
}

static inline bool lfpriv_mutex_try(struct mutex *m, struct task_struct *self)
{
	unsigned long old = 0;

	/* Acquire: pairs with the releases of unlocking, fast and slow. */
	while (!__atomic_compare_exchange_n(&m->owner, &old,
					    (unsigned long)self | old, false,
					    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		if (old & ~LFSHIM_MUTEX_WAITERS)
			return false;
	lfshim_hb_acquire(&m->owner);
	return true;
}

/* With ->wait_lock held: take it, or find that it was handed over. */
static inline bool lfpriv_mutex_waiter_takes(struct mutex *m,
					     struct task_struct *self)
{
	/* Acquire: pairs with the release in lfpriv_mutex_unlock_slow(). */
	return (smp_load_acquire(&m->owner) & ~LFSHIM_MUTEX_WAITERS) ==
		       (unsigned long)self || lfpriv_mutex_try(m, self);
}

/* Somebody waits: wake the first, and make it the owner if it came too late. */
void lfpriv_mutex_unlock_slow(struct mutex *m);

#endif
