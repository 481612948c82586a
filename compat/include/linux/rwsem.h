/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Sleeping locks with many readers or one writer. Waiters get the lock in the
 * order in which they came, and readers that wait beside each other get it
 * together, so a reader must not take the lock again. Left out: owners, and
 * lockdep. Implemented in compat/rwsem.c.
 */
#ifndef _LINUX_RWSEM_H
#define _LINUX_RWSEM_H

#include <lfshim/kernel-code.h>
#include <linux/bug.h>
#include <linux/cleanup.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* @count: the readers that hold the lock, or -1 for a writer. */
struct rw_semaphore {
	/* Protects all of it. */
	spinlock_t lock;
	int count;
	struct list_head waiters;
};

#define __RWSEM_INITIALIZER(name) \
	{ __SPIN_LOCK_UNLOCKED((name).lock), 0, LIST_HEAD_INIT((name).waiters) }
#define DECLARE_RWSEM(name) \
	struct rw_semaphore name = __RWSEM_INITIALIZER(name)
#define init_rwsem(sem)							\
	do {								\
		spin_lock_init(&(sem)->lock);				\
		(sem)->count = 0;					\
		INIT_LIST_HEAD(&(sem)->waiters);			\
	} while (0)

/* Wait for the lock. Context: may sleep. */
void down_read(struct rw_semaphore *sem) LFSHIM(down_read);
void down_write(struct rw_semaphore *sem) LFSHIM(down_write);
/* Return: 0; -EINTR if a signal came, which has to be a fatal one for _killable. */
int __must_check down_read_interruptible(struct rw_semaphore *sem)
	LFSHIM(down_read_interruptible);
int __must_check down_read_killable(struct rw_semaphore *sem)
	LFSHIM(down_read_killable);
int __must_check down_write_killable(struct rw_semaphore *sem)
	LFSHIM(down_write_killable);
/* Return: 1 if the lock was taken, 0 if not. Context: any. */
int down_read_trylock(struct rw_semaphore *sem) LFSHIM(down_read_trylock);
int down_write_trylock(struct rw_semaphore *sem) LFSHIM(down_write_trylock);
void up_read(struct rw_semaphore *sem) LFSHIM(up_read);
void up_write(struct rw_semaphore *sem) LFSHIM(up_write);
/* A writer becomes a reader, without anybody in between. */
void downgrade_write(struct rw_semaphore *sem) LFSHIM(downgrade_write);

static inline int rwsem_is_locked(struct rw_semaphore *sem)
{
	return READ_ONCE(sem->count) != 0;
}

static inline int rwsem_is_contended(struct rw_semaphore *sem)
{
	return !list_empty(&sem->waiters);
}

#define down_read_nested(sem, subclass)		down_read(sem)
#define down_write_nested(sem, subclass)	down_write(sem)
#define rwsem_assert_held(sem)		WARN_ON(!rwsem_is_locked(sem))
#define rwsem_assert_held_write(sem)	WARN_ON(READ_ONCE((sem)->count) >= 0)

DEFINE_GUARD(rwsem_read, struct rw_semaphore *, down_read(_T), up_read(_T))
DEFINE_GUARD(rwsem_write, struct rw_semaphore *, down_write(_T), up_write(_T))

#endif
