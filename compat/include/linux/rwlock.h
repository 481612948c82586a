/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Reader-writer spinlocks: many readers or one writer. <linux/sched.h>
 * and <linux/mutex.h> include this file. Implemented in compat/rwlock.c.
 *
 * A writer holds a spinlock, for which other writers and readers wait, asleep
 * after a while. A reader takes the spinlock only to count itself. A writer
 * that finds readers releases the spinlock and tries again. So a reader can
 * read-lock again, as in an interrupt of the kernel; and readers that follow
 * each other can keep a writer out. Lockdep does not record these locks.
 */
#ifndef _LINUX_RWLOCK_H
#define _LINUX_RWLOCK_H

#include <lfshim/kernel-code.h>
#include <linux/spinlock.h>

typedef struct {
	/* Held by the writer, and by a reader while it changes @readers. */
	spinlock_t lock;
	/* How many readers hold the lock, or LFSHIM_RW_WRITER. Protected by @lock. */
	u32 readers;
} rwlock_t;

#define LFSHIM_RW_WRITER	0xffffffffu

#define __RW_LOCK_UNLOCKED(name) \
	{ __SPIN_LOCK_UNLOCKED((name).lock), 0 }
#define DEFINE_RWLOCK(name)	rwlock_t name = __RW_LOCK_UNLOCKED(name)

#define rwlock_init(rw)							\
	do {								\
		spin_lock_init(&(rw)->lock);				\
		WRITE_ONCE((rw)->readers, 0);				\
	} while (0)

/**
 * read_lock - wait until no writer holds the lock, and hold it as a reader
 * @rw: the lock
 *
 * Nests: a thread that holds the lock as a reader may take it again, also while
 * a writer waits. Preemption is disabled until read_unlock().
 * Context: any.
 */
void read_lock(rwlock_t *rw) LFSHIM(read_lock);
/* Return: 1 if the lock was taken, 0 if a writer holds it. */
int read_trylock(rwlock_t *rw) LFSHIM(read_trylock);
void read_unlock(rwlock_t *rw) LFSHIM(read_unlock);

/**
 * write_lock - wait until nobody holds the lock, and hold it alone
 * @rw: the lock
 *
 * A thread that holds the lock, in whichever way, waits for ever.
 * Context: any.
 */
void write_lock(rwlock_t *rw) LFSHIM(write_lock);
/* Return: 1 if the lock was taken, 0 if somebody holds it. */
int write_trylock(rwlock_t *rw) LFSHIM(write_trylock);
void write_unlock(rwlock_t *rw) LFSHIM(write_unlock);

/* Is the lock held, in whichever way? */
static inline int rwlock_is_locked(rwlock_t *rw)
{
	return READ_ONCE(rw->readers) != 0;
}

/* The variants that disable interrupts or softirqs while the lock is held. */
#define LFSHIM_RW_VARIANTS(how)						\
static inline void how##_lock_irq(rwlock_t *rw)				\
{									\
	local_irq_disable();						\
	how##_lock(rw);							\
}									\
static inline void how##_unlock_irq(rwlock_t *rw)			\
{									\
	how##_unlock(rw);						\
	local_irq_enable();						\
}									\
static inline void how##_lock_bh(rwlock_t *rw)				\
{									\
	local_bh_disable();						\
	how##_lock(rw);							\
}									\
static inline void how##_unlock_bh(rwlock_t *rw)			\
{									\
	how##_unlock(rw);						\
	local_bh_enable();						\
}
LFSHIM_RW_VARIANTS(read)
LFSHIM_RW_VARIANTS(write)
#undef LFSHIM_RW_VARIANTS

#define read_lock_irqsave(rw, flags)					\
	do {								\
		local_irq_save(flags);					\
		read_lock(rw);						\
	} while (0)
#define read_unlock_irqrestore(rw, flags)				\
	do {								\
		read_unlock(rw);					\
		local_irq_restore(flags);				\
	} while (0)
#define write_lock_irqsave(rw, flags)					\
	do {								\
		local_irq_save(flags);					\
		write_lock(rw);						\
	} while (0)
#define write_unlock_irqrestore(rw, flags)				\
	do {								\
		write_unlock(rw);					\
		local_irq_restore(flags);				\
	} while (0)

DEFINE_LOCK_GUARD_1(read_lock, rwlock_t, read_lock(_T->lock),
		    read_unlock(_T->lock))
DEFINE_LOCK_GUARD_1(read_lock_irq, rwlock_t, read_lock_irq(_T->lock),
		    read_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(read_lock_irqsave, rwlock_t,
		    read_lock_irqsave(_T->lock, _T->flags),
		    read_unlock_irqrestore(_T->lock, _T->flags),
		    unsigned long flags)
DEFINE_LOCK_GUARD_1(write_lock, rwlock_t, write_lock(_T->lock),
		    write_unlock(_T->lock))
DEFINE_LOCK_GUARD_1(write_lock_irq, rwlock_t, write_lock_irq(_T->lock),
		    write_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(write_lock_irqsave, rwlock_t,
		    write_lock_irqsave(_T->lock, _T->flags),
		    write_unlock_irqrestore(_T->lock, _T->flags),
		    unsigned long flags)

#endif
