/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Sleepable RCU: readers may sleep, and a grace period waits for the readers of
 * one domain only. Left out: the fast, light and NMI-safe variants, the polling
 * functions, and lockdep. Implemented in compat/srcu.c.
 *
 * A reader that waits for a grace period of its own domain waits for ever.
 */
#ifndef _LINUX_SRCU_H
#define _LINUX_SRCU_H

#include <lfshim/kernel-code.h>
#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

/**
 * struct srcu_struct - a domain
 * @readers: the readers of each index
 * @index: its lowest bit is that of new readers
 * @gp: one grace period at a time; protects changes of @index
 * @lock: protects the two members that follow
 * @first: the queued callbacks, in their order
 * @last: where the next one is added
 * @work: waits for a grace period and runs the callbacks
 */
struct srcu_struct {
	atomic_t readers[2];
	unsigned int index;
	struct mutex gp;
	spinlock_t lock;
	struct rcu_head *first;
	struct rcu_head **last;
	struct work_struct work;
};

void lfshim_srcu_work(struct work_struct *work);

#define __SRCU_STRUCT_INIT(name) {					\
	.readers = { ATOMIC_INIT(0), ATOMIC_INIT(0) },			\
	.gp = __MUTEX_INITIALIZER((name).gp),				\
	.lock = __SPIN_LOCK_UNLOCKED((name).lock),			\
	.last = &(name).first,						\
	.work = __WORK_INITIALIZER((name).work, lfshim_srcu_work),	\
}
#define DEFINE_SRCU(name) \
	struct srcu_struct name = __SRCU_STRUCT_INIT(name)
#define DEFINE_STATIC_SRCU(name) \
	static struct srcu_struct name = __SRCU_STRUCT_INIT(name)

/**
 * init_srcu_struct - initialise a domain
 * @ssp: the domain
 *
 * Return: 0. (In a kernel -ENOMEM, too.)
 */
int init_srcu_struct(struct srcu_struct *ssp) LFSHIM(init_srcu_struct);

/* The same. The domain has no class: there is no lockdep for SRCU. */
static inline int __init_srcu_struct(struct srcu_struct *ssp, const char *name,
				     struct lock_class_key *key)
{
	return init_srcu_struct(ssp);
}

/**
 * cleanup_srcu_struct - end a domain
 * @ssp: the domain; its callbacks have run: see srcu_barrier()
 *
 * Warns if the domain has readers. Context: may sleep.
 */
void cleanup_srcu_struct(struct srcu_struct *ssp) LFSHIM(cleanup_srcu_struct);

/**
 * srcu_read_lock - begin to read
 * @ssp: the domain
 *
 * A full barrier. Sections of one domain may nest. Context: any.
 * Return: the index, for srcu_read_unlock().
 */
int __must_check srcu_read_lock(struct srcu_struct *ssp) LFSHIM(srcu_read_lock);

/**
 * srcu_read_unlock - end to read
 * @ssp: the domain; it may be freed as soon as its last reader has left
 * @idx: the result of srcu_read_lock()
 *
 * A full barrier. Another thread than that of srcu_read_lock() may call it.
 * Context: any.
 */
void srcu_read_unlock(struct srcu_struct *ssp, int idx)
	LFSHIM(srcu_read_unlock);

/* Has the domain readers? It does not know whether this thread is one. */
static inline int srcu_read_lock_held(const struct srcu_struct *ssp)
{
	return atomic_read(&ssp->readers[0]) || atomic_read(&ssp->readers[1]);
}

/* Has the domain a reader? The answer may be old. Context: any. */
static inline bool srcu_readers_active(struct srcu_struct *ssp)
{
	return srcu_read_lock_held(ssp);
}

#define srcu_dereference_check(p, ssp, c)	rcu_dereference_raw(p)
#define srcu_dereference(p, ssp)		rcu_dereference_raw(p)

/**
 * synchronize_srcu - wait for the readers of a domain
 * @ssp: the domain
 *
 * Later readers are not waited for. A full barrier. Context: may sleep.
 */
void synchronize_srcu(struct srcu_struct *ssp) LFSHIM(synchronize_srcu);
#define synchronize_srcu_expedited(ssp)	synchronize_srcu(ssp)

/**
 * call_srcu - run a function after a grace period
 * @ssp: the domain
 * @head: a member of the object that @func gets; not queued
 * @func: runs on a thread of the shim, which must not sleep in it
 *
 * Context: any. The functions of a domain run in the order of their calls.
 */
void call_srcu(struct srcu_struct *ssp, struct rcu_head *head,
	       rcu_callback_t func) LFSHIM(call_srcu);

/**
 * srcu_barrier - wait for the functions that were queued before
 * @ssp: the domain
 *
 * Context: may sleep; not in such a function.
 */
void srcu_barrier(struct srcu_struct *ssp) LFSHIM(srcu_barrier);

DEFINE_LOCK_GUARD_1(srcu, struct srcu_struct,
		    _T->idx = srcu_read_lock(_T->lock),
		    srcu_read_unlock(_T->lock, _T->idx), int idx)

#endif
