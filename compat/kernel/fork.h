/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * fork(): the child has one thread, a copy of the one that called fork().
 *
 * A facility that has a lock or a thread registers an entry:
 *
 *	LFPRIV_AT_FORK(timer_fork) = {
 *		.level = LFPRIV_FORK_TIMER,
 *		.lock = &timer_lock,
 *		.child = timer_fork_child,
 *	};
 *
 * All these locks are held during the fork, so the data that they protect is
 * consistent in the child. docs/lock-order.md lists all locks.
 */
#ifndef LFPRIV_FORK_H
#define LFPRIV_FORK_H

#include <linux/spinlock.h>

#include "kernel/init-order.h"

/*
 * fork() takes the locks from the first level to the last. A lock may be taken
 * while a lock of an earlier level is held, and not the reverse.
 */
enum lfpriv_fork_level {
	LFPRIV_FORK_DEBUGFS,
	LFPRIV_FORK_FILE,
	LFPRIV_FORK_WATCH,
	LFPRIV_FORK_DEFER,
	LFPRIV_FORK_WORKQUEUE,
	LFPRIV_FORK_TIMER,
	LFPRIV_FORK_HRTIMER,
	LFPRIV_FORK_IRQ_WORK,
	LFPRIV_FORK_RCU,
	LFPRIV_FORK_WAIT_BIT,
	LFPRIV_FORK_TASK_LIST,
	LFPRIV_FORK_LOCKDEP,
};

/**
 * struct lfpriv_fork_entry - the part of fork() for one facility
 * @level: the position of @lock in the order
 * @lock: NULL, or the facility's lock, which is held during the fork. In the
 *	child it is initialised again before @child runs.
 * @child: NULL, or a function that drops the state of threads which only the
 *	parent has. Runs in the child, from the last level to the first, with
 *	interrupts disabled and without locks.
 * @restart: NULL, or a function that starts threads again. Runs in the child
 *	after all @child functions.
 * @next: the next entry in the order; set by lfpriv_fork_register()
 * @previous: the previous entry in the order; likewise
 */
struct lfpriv_fork_entry {
	enum lfpriv_fork_level level;
	spinlock_t *lock;
	void (*child)(void);
	void (*restart)(void);
	struct lfpriv_fork_entry *next, *previous;
};

/* Add an entry, which stays valid for ever. Context: a constructor. */
void lfpriv_fork_register(struct lfpriv_fork_entry *entry);

/* Define an entry, and a constructor that registers it. */
#define LFPRIV_AT_FORK(name)						\
	static struct lfpriv_fork_entry name;				\
	__attribute__((__constructor__(LFPRIV_INIT_FORK)))		\
	static void name##_register(void)				\
	{								\
		lfpriv_fork_register(&name);				\
	}								\
	static struct lfpriv_fork_entry name

#endif
