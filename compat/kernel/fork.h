/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * fork(): the child has one thread, a copy of the one that forked.
 *
 * A facility with a lock or a thread of its own has an entry here:
 *
 *	LFPRIV_AT_FORK(timer_fork) = {
 *		.level = LFPRIV_FORK_TIMER,
 *		.lock = &timer_lock,
 *		.child = timer_fork_child,
 *	};
 *
 * fork() holds every such lock, so that the data which it protects is consistent
 * in the child.
 */
#ifndef LFPRIV_FORK_H
#define LFPRIV_FORK_H

#include <linux/spinlock.h>

#include "kernel/init-order.h"

/* The order in which fork() takes the locks: a lock nests inside those above it. */
enum lfpriv_fork_level {
	LFPRIV_FORK_FILE,
	LFPRIV_FORK_WATCH,
	LFPRIV_FORK_WORKQUEUE,
	LFPRIV_FORK_TIMER,
	LFPRIV_FORK_IRQ_WORK,
	LFPRIV_FORK_RCU,
	LFPRIV_FORK_TASK_LIST,
	LFPRIV_FORK_LOCKDEP,
};

/**
 * struct lfpriv_fork_entry - how one facility goes through fork()
 * @level: when its lock is taken
 * @lock: NULL, or a lock that fork() holds; in the child it is free again when
 *	@child runs, although the thread of the child has another number
 * @child: NULL, or: drop state that belongs to threads of the parent. Runs in the
 *	child from the last level to the first, with interrupts disabled and
 *	without any lock.
 * @restart: NULL, or: start threads again. After every @child has run.
 * @next: the entry of the next level
 */
struct lfpriv_fork_entry {
	enum lfpriv_fork_level level;
	spinlock_t *lock;
	void (*child)(void);
	void (*restart)(void);
	struct lfpriv_fork_entry *next, *previous;
};

void lfpriv_fork_register(struct lfpriv_fork_entry *entry);

#define LFPRIV_AT_FORK(name)						\
	static struct lfpriv_fork_entry name;				\
	__attribute__((__constructor__(LFPRIV_INIT_FORK)))		\
	static void name##_register(void)				\
	{								\
		lfpriv_fork_register(&name);				\
	}								\
	static struct lfpriv_fork_entry name

#endif
