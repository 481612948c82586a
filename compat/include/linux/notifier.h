/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Notifier chains: lists of functions that are called for an event, those with
 * the highest priority first and otherwise in the order of registration. A raw
 * chain is protected by its owner. An atomic chain is read under
 * rcu_read_lock(), so its functions must not sleep. Those of a blocking chain
 * and of an SRCU chain may sleep. Left out: the _robust calls, and registering
 * with a priority of its own. Implemented in compat/notifier.c.
 */
#ifndef _LINUX_NOTIFIER_H
#define _LINUX_NOTIFIER_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>

struct notifier_block;

typedef int (*notifier_fn_t)(struct notifier_block *nb, unsigned long action,
			     void *data);

struct notifier_block {
	notifier_fn_t notifier_call;
	struct notifier_block __rcu *next;
	int priority;
};

struct raw_notifier_head {
	struct notifier_block __rcu *head;
};

/* @lock protects the list against other writers. */
struct atomic_notifier_head {
	spinlock_t lock;
	struct notifier_block __rcu *head;
};

/* @rwsem: calls read, changes write. */
struct blocking_notifier_head {
	struct rw_semaphore rwsem;
	struct notifier_block __rcu *head;
};

/* @mutex protects the list against other writers; calls are readers of @srcu. */
struct srcu_notifier_head {
	struct mutex mutex;
	struct srcu_struct srcu;
	struct notifier_block __rcu *head;
};

#define RAW_NOTIFIER_INIT(name)		{ NULL }
#define RAW_NOTIFIER_HEAD(name) \
	struct raw_notifier_head name = RAW_NOTIFIER_INIT(name)
#define RAW_INIT_NOTIFIER_HEAD(name)	((void)((name)->head = NULL))
#define ATOMIC_NOTIFIER_INIT(name) \
	{ __SPIN_LOCK_UNLOCKED((name).lock), NULL }
#define ATOMIC_NOTIFIER_HEAD(name) \
	struct atomic_notifier_head name = ATOMIC_NOTIFIER_INIT(name)
#define ATOMIC_INIT_NOTIFIER_HEAD(name)					\
	do {								\
		spin_lock_init(&(name)->lock);				\
		(name)->head = NULL;					\
	} while (0)

#define BLOCKING_NOTIFIER_INIT(name) \
	{ __RWSEM_INITIALIZER((name).rwsem), NULL }
#define BLOCKING_NOTIFIER_HEAD(name) \
	struct blocking_notifier_head name = BLOCKING_NOTIFIER_INIT(name)
#define BLOCKING_INIT_NOTIFIER_HEAD(name)				\
	do {								\
		init_rwsem(&(name)->rwsem);				\
		(name)->head = NULL;					\
	} while (0)
#define SRCU_NOTIFIER_INIT(name) \
	{ __MUTEX_INITIALIZER((name).mutex), __SRCU_STRUCT_INIT((name).srcu), NULL }
#define SRCU_NOTIFIER_HEAD(name) \
	struct srcu_notifier_head name = SRCU_NOTIFIER_INIT(name)
#define SRCU_NOTIFIER_HEAD_STATIC(name) \
	static struct srcu_notifier_head name = SRCU_NOTIFIER_INIT(name)

/* Results of a function. With NOTIFY_STOP_MASK no further one is called. */
#define NOTIFY_DONE		0x0000
#define NOTIFY_OK		0x0001
#define NOTIFY_STOP_MASK	0x8000
#define NOTIFY_BAD		(NOTIFY_STOP_MASK | 0x0002)
#define NOTIFY_STOP		(NOTIFY_OK | NOTIFY_STOP_MASK)

/* An errno, 0 or negative, as the value of a function; it stops the chain. */
static inline int notifier_from_errno(int err)
{
	return err ? NOTIFY_STOP_MASK | (NOTIFY_OK - err) : NOTIFY_OK;
}

static inline int notifier_to_errno(int ret)
{
	ret &= ~NOTIFY_STOP_MASK;
	return ret > NOTIFY_OK ? NOTIFY_OK - ret : 0;
}

/**
 * raw_notifier_chain_register - add a function to a chain
 * @nh: the chain
 * @nb: the function; in the chain until it is unregistered
 *
 * Context: the caller serialises all access to the chain.
 * Return: 0; -EEXIST, with a warning, if @nb is in the chain.
 */
int raw_notifier_chain_register(struct raw_notifier_head *nh,
				struct notifier_block *nb)
	LFSHIM(raw_notifier_chain_register);
/* Return: 0; -ENOENT if @nb is not in the chain. */
int raw_notifier_chain_unregister(struct raw_notifier_head *nh,
				  struct notifier_block *nb)
	LFSHIM(raw_notifier_chain_unregister);

/**
 * raw_notifier_call_chain - call the functions of a chain
 * @nh: the chain
 * @val: the event
 * @v: its data
 *
 * Return: the value of the last function that was called, or NOTIFY_DONE.
 */
int raw_notifier_call_chain(struct raw_notifier_head *nh, unsigned long val,
			    void *v) LFSHIM(raw_notifier_call_chain);

/* The same for an atomic chain. Context: any; takes the chain's lock. */
int atomic_notifier_chain_register(struct atomic_notifier_head *nh,
				   struct notifier_block *nb)
	LFSHIM(atomic_notifier_chain_register);
/* Waits until no function of the chain runs that began before. May sleep. */
int atomic_notifier_chain_unregister(struct atomic_notifier_head *nh,
				     struct notifier_block *nb)
	LFSHIM(atomic_notifier_chain_unregister);
/* Context: any; no lock. */
int atomic_notifier_call_chain(struct atomic_notifier_head *nh,
			       unsigned long val, void *v)
	LFSHIM(atomic_notifier_call_chain);

/*
 * The same for a blocking chain. Context: may sleep. A function must neither
 * add to the chain nor remove from it. When unregistering has returned, the
 * function does not run.
 */
int blocking_notifier_chain_register(struct blocking_notifier_head *nh,
				     struct notifier_block *nb)
	LFSHIM(blocking_notifier_chain_register);
int blocking_notifier_chain_unregister(struct blocking_notifier_head *nh,
				       struct notifier_block *nb)
	LFSHIM(blocking_notifier_chain_unregister);
int blocking_notifier_call_chain(struct blocking_notifier_head *nh,
				 unsigned long val, void *v)
	LFSHIM(blocking_notifier_call_chain);

/*
 * The same for an SRCU chain. Context: may sleep. A function may add functions
 * to the chain; it must not remove one.
 */
void srcu_init_notifier_head(struct srcu_notifier_head *nh)
	LFSHIM(srcu_init_notifier_head);
/* Nothing uses the chain any more. */
#define srcu_cleanup_notifier_head(name) cleanup_srcu_struct(&(name)->srcu)
int srcu_notifier_chain_register(struct srcu_notifier_head *nh,
				 struct notifier_block *nb)
	LFSHIM(srcu_notifier_chain_register);
int srcu_notifier_chain_unregister(struct srcu_notifier_head *nh,
				   struct notifier_block *nb)
	LFSHIM(srcu_notifier_chain_unregister);
int srcu_notifier_call_chain(struct srcu_notifier_head *nh, unsigned long val,
			     void *v) LFSHIM(srcu_notifier_call_chain);

#endif
