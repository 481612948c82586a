/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Wait queues: a list of entries, each with a function that wakes its waiter.
 * Left out: priorities, and the freezable and hrtimeout variants of
 * wait_event(). Implemented in compat/wait.c.
 *
 * The host has a header of this name, too. <uapi/linux/wait.h> is not included
 * here, since libc's <sys/wait.h> declares the same names.
 */
#ifndef LFSHIM_LINUX_WAIT_H
#define LFSHIM_LINUX_WAIT_H


#include <lfshim/kernel-code.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/err.h>

typedef struct wait_queue_entry wait_queue_entry_t;

/* Return: positive if a waiter was woken, else 0; negative: wake no more. */
typedef int (*wait_queue_func_t)(struct wait_queue_entry *wq_entry,
				 unsigned int mode, int flags, void *key);

#define WQ_FLAG_EXCLUSIVE	0x01
#define WQ_FLAG_WOKEN		0x02

struct wait_queue_entry {
	unsigned int flags;
	void *private;
	wait_queue_func_t func;
	struct list_head entry;
};

struct wait_queue_head {
	/* Protects the list; held while the wake functions run. */
	spinlock_t lock;
	struct list_head head;
};
typedef struct wait_queue_head wait_queue_head_t;

#define __WAIT_QUEUE_HEAD_INITIALIZER(name) \
	{ __SPIN_LOCK_UNLOCKED(name), LIST_HEAD_INIT((name).head) }
#define DECLARE_WAIT_QUEUE_HEAD(name) \
	struct wait_queue_head name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name) DECLARE_WAIT_QUEUE_HEAD(name)

static inline void init_waitqueue_head(struct wait_queue_head *wq)
{
	lfshim_spin_clear(&wq->lock);
	INIT_LIST_HEAD(&wq->head);
}

struct lock_class_key;

/* The class is that of <linux/spinlock.h>: the address of the lock. */
static inline void __init_waitqueue_head(struct wait_queue_head *wq,
					 const char *name,
					 struct lock_class_key *key)
{
	init_waitqueue_head(wq);
}

/* Wakes the task ->private. The second also removes the entry from the list. */
int default_wake_function(struct wait_queue_entry *wq_entry, unsigned int mode,
			  int flags, void *key) LFSHIM(default_wake_function);
int autoremove_wake_function(struct wait_queue_entry *wq_entry,
			     unsigned int mode, int flags, void *key)
	LFSHIM(autoremove_wake_function);

static inline void init_waitqueue_entry(struct wait_queue_entry *wq_entry,
					struct task_struct *task)
{
	wq_entry->flags = 0;
	wq_entry->private = task;
	wq_entry->func = default_wake_function;
	INIT_LIST_HEAD(&wq_entry->entry);
}

static inline void init_waitqueue_func_entry(struct wait_queue_entry *wq_entry,
					     wait_queue_func_t func)
{
	wq_entry->flags = 0;
	wq_entry->private = NULL;
	wq_entry->func = func;
	INIT_LIST_HEAD(&wq_entry->entry);
}

void init_wait_entry(struct wait_queue_entry *wq_entry, int flags)
	LFSHIM(init_wait_entry);

/* The same as DEFINE_WAIT(). */
static inline void init_wait(struct wait_queue_entry *wq_entry)
{
	init_wait_entry(wq_entry, 0);
}

#define DEFINE_WAIT_FUNC(name, function)				\
	struct wait_queue_entry name = {				\
		.private = current, .func = function,			\
		.entry = LIST_HEAD_INIT((name).entry) }
#define DEFINE_WAIT(name)	DEFINE_WAIT_FUNC(name, autoremove_wake_function)
#define DECLARE_WAITQUEUE(name, task)					\
	struct wait_queue_entry name = {				\
		.private = task, .func = default_wake_function,		\
		.entry = LIST_HEAD_INIT((name).entry) }

/*
 * Unlocked test. The waker calls smp_mb() between the change of the condition
 * and this.
 */
static inline int waitqueue_active(struct wait_queue_head *wq)
{
	return !list_empty(&wq->head);
}

static inline bool wq_has_sleeper(struct wait_queue_head *wq)
{
	/*
	 * F1: full barrier. Pairs with F1 in prepare_to_wait(), F2 in
	 * prepare_to_wait_exclusive() and F3 in prepare_to_wait_event().
	 * Without it, the queue may be read before the caller's change of the
	 * condition is visible: the waiter misses the change, and the caller
	 * misses the waiter.
	 */
	smp_mb();
	return waitqueue_active(wq);
}

/* The caller holds the lock of the queue. */
static inline void __add_wait_queue(struct wait_queue_head *wq,
				    struct wait_queue_entry *wq_entry)
{
	list_add(&wq_entry->entry, &wq->head);
}

static inline void
__add_wait_queue_entry_tail(struct wait_queue_head *wq,
			    struct wait_queue_entry *wq_entry)
{
	list_add_tail(&wq_entry->entry, &wq->head);
}

static inline void __remove_wait_queue(struct wait_queue_head *wq,
				       struct wait_queue_entry *wq_entry)
{
	list_del(&wq_entry->entry);
}

void add_wait_queue(struct wait_queue_head *wq,
		    struct wait_queue_entry *wq_entry) LFSHIM(add_wait_queue);
void add_wait_queue_exclusive(struct wait_queue_head *wq,
			      struct wait_queue_entry *wq_entry)
	LFSHIM(add_wait_queue_exclusive);
void remove_wait_queue(struct wait_queue_head *wq,
		       struct wait_queue_entry *wq_entry)
	LFSHIM(remove_wait_queue);

/* Add the entry, unless it is in the queue, and set the task's state. */
void prepare_to_wait(struct wait_queue_head *wq,
		     struct wait_queue_entry *wq_entry, int state)
	LFSHIM(prepare_to_wait);
bool prepare_to_wait_exclusive(struct wait_queue_head *wq,
			       struct wait_queue_entry *wq_entry, int state)
	LFSHIM(prepare_to_wait_exclusive);
/*
 * The same; if a signal is pending, this removes the entry instead and returns
 * -ERESTARTSYS.
 */
long prepare_to_wait_event(struct wait_queue_head *wq,
			   struct wait_queue_entry *wq_entry, int state)
	LFSHIM(prepare_to_wait_event);
/* Set the state to TASK_RUNNING and remove the entry. */
void finish_wait(struct wait_queue_head *wq,
		 struct wait_queue_entry *wq_entry) LFSHIM(finish_wait);

/**
 * __wake_up - wake the waiters of a queue
 * @wq: the queue
 * @mode: mask of the states that are woken
 * @nr_exclusive: the number of exclusive waiters to wake; 0 for all. All other
 *	waiters are woken.
 * @key: passed to the wake functions
 *
 * Context: any.
 * Return: the number of exclusive waiters that were woken.
 */
int __wake_up(struct wait_queue_head *wq, unsigned int mode, int nr_exclusive,
	      void *key) LFSHIM(__wake_up);
/* The same; the caller holds the lock of the queue. */
int __wake_up_locked_key(struct wait_queue_head *wq, unsigned int mode,
			 int nr_exclusive, void *key)
	LFSHIM(__wake_up_locked_key);

/* In a kernel, this keeps the woken task on this CPU. */
static inline void __wake_up_sync(struct wait_queue_head *wq, unsigned int mode)
{
	__wake_up(wq, mode, 1, NULL);
}

#define wake_up(x)			__wake_up(x, TASK_NORMAL, 1, NULL)
#define wake_up_nr(x, nr)		__wake_up(x, TASK_NORMAL, nr, NULL)
#define wake_up_all(x)			__wake_up(x, TASK_NORMAL, 0, NULL)
#define wake_up_interruptible(x)	__wake_up(x, TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_interruptible_all(x)	__wake_up(x, TASK_INTERRUPTIBLE, 0, NULL)
#define wake_up_locked(x)		__wake_up_locked_key(x, TASK_NORMAL, 1, NULL)
#define wake_up_all_locked(x)		__wake_up_locked_key(x, TASK_NORMAL, 0, NULL)
#define wake_up_poll(x, m) \
	__wake_up(x, TASK_NORMAL, 1, (void *)(unsigned long)(m))

/*
 * The loop behind wait_event(). @cmd sleeps, and may change the value __ret,
 * which is @ret at first. The value is -ERESTARTSYS if a signal ended the wait.
 */
#define ___wait_event(wq_head, condition, state, exclusive, ret, cmd) ({ \
	struct wait_queue_entry __wq_entry;				\
	long __ret = ret;						\
									\
	init_wait_entry(&__wq_entry, exclusive ? WQ_FLAG_EXCLUSIVE : 0); \
	for (;;) {							\
		long __int = prepare_to_wait_event(&wq_head,		\
						   &__wq_entry, state);	\
									\
		if (condition)						\
			break;						\
		if (__int) {						\
			__ret = __int;					\
			break;						\
		}							\
		cmd;							\
	}								\
	finish_wait(&wq_head, &__wq_entry);				\
	__ret; })

/*
 * True if @condition holds or the time is up. If @condition holds, at least 1
 * jiffy is left.
 */
#define ___wait_cond_timeout(condition) ({				\
	bool __cond = (condition);					\
	if (__cond && !__ret)						\
		__ret = 1;						\
	__cond || !__ret; })

#define lfshim_wait_event_(wq, condition, state, excl) ({		\
	long __wret = 0;						\
	might_sleep();							\
	if (!(condition))						\
		__wret = ___wait_event(wq, condition, state, excl, 0,	\
				       schedule());			\
	(int)__wret; })
#define lfshim_wait_event_timeout_(wq, condition, timeout, state) ({	\
	long __limit = timeout, __ret = __limit;			\
	might_sleep();							\
	if (!___wait_cond_timeout(condition))				\
		__ret = ___wait_event(wq, ___wait_cond_timeout(condition), \
				      state, 0, __limit,		\
				      __ret = schedule_timeout(__ret));	\
	__ret; })

#define wait_event(wq, condition) \
	((void)lfshim_wait_event_(wq, condition, TASK_UNINTERRUPTIBLE, 0))
#define wait_event_interruptible(wq, condition) \
	lfshim_wait_event_(wq, condition, TASK_INTERRUPTIBLE, 0)
#define wait_event_interruptible_exclusive(wq, condition) \
	lfshim_wait_event_(wq, condition, TASK_INTERRUPTIBLE, 1)
#define wait_event_killable(wq, condition) \
	lfshim_wait_event_(wq, condition, TASK_KILLABLE, 0)
/* The value is 0 if @condition is still false, else the jiffies left, >= 1. */
#define wait_event_timeout(wq, condition, timeout) \
	lfshim_wait_event_timeout_(wq, condition, timeout, TASK_UNINTERRUPTIBLE)
#define wait_event_interruptible_timeout(wq, condition, timeout) \
	lfshim_wait_event_timeout_(wq, condition, timeout, TASK_INTERRUPTIBLE)

/*
 * The step behind wait_event_interruptible_locked(): add the entry, unless it is
 * in the queue, and sleep without the lock of the queue. The second is for a
 * lock that was taken with spin_lock_irq(). Return: 0, or -ERESTARTSYS if a
 * signal is pending.
 */
int do_wait_intr(struct wait_queue_head *wq, struct wait_queue_entry *wq_entry)
	LFSHIM(do_wait_intr);
int do_wait_intr_irq(struct wait_queue_head *wq,
		     struct wait_queue_entry *wq_entry) LFSHIM(do_wait_intr_irq);

#define lfshim_wait_event_locked_(wq, condition, excl, step) ({		\
	struct wait_queue_entry __wq_entry;				\
	int __wret = 0;							\
									\
	init_wait_entry(&__wq_entry, excl);				\
	while (!(condition) && !__wret)					\
		__wret = step(&(wq), &__wq_entry);			\
	__set_current_state(TASK_RUNNING);				\
	list_del_init(&__wq_entry.entry);				\
	__wret; })

/*
 * Wait with the lock of the queue, (wq).lock, which the caller holds. The
 * condition is tested with it; it is released while the task sleeps, and held
 * again at the end. The waker uses wake_up_locked().
 */
#define wait_event_interruptible_locked(wq, condition) \
	lfshim_wait_event_locked_(wq, condition, 0, do_wait_intr)
#define wait_event_interruptible_locked_irq(wq, condition) \
	lfshim_wait_event_locked_(wq, condition, 0, do_wait_intr_irq)
#define wait_event_interruptible_exclusive_locked(wq, condition) \
	lfshim_wait_event_locked_(wq, condition, WQ_FLAG_EXCLUSIVE, do_wait_intr)
#define wait_event_interruptible_exclusive_locked_irq(wq, condition)	\
	lfshim_wait_event_locked_(wq, condition, WQ_FLAG_EXCLUSIVE,	\
				  do_wait_intr_irq)

/*
 * Wait with a spinlock that protects the condition. The caller holds @lock,
 * taken with spin_lock_irq(). @condition is tested with @lock held. @lock is
 * released while @cmd runs and the task sleeps, and held again at the end.
 * Interrupts must not be disabled except by @lock.
 */
#define lfshim_wait_event_lock_irq_(wq, condition, lock, cmd, state) ({	\
	long __wret = 0;						\
	if (!(condition))						\
		__wret = ___wait_event(wq, condition, state, 0, 0,	\
				       spin_unlock_irq(&(lock));	\
				       cmd;				\
				       schedule();			\
				       spin_lock_irq(&(lock)));		\
	(int)__wret; })
#define lfshim_wait_event_lock_irq_timeout_(wq, condition, lock, timeout, \
					    state) ({			\
	long __limit = timeout, __ret = __limit;			\
	if (!___wait_cond_timeout(condition))				\
		__ret = ___wait_event(wq, ___wait_cond_timeout(condition), \
				      state, 0, __limit,		\
				      spin_unlock_irq(&(lock));		\
				      __ret = schedule_timeout(__ret);	\
				      spin_lock_irq(&(lock)));		\
	__ret; })

#define wait_event_lock_irq_cmd(wq, condition, lock, cmd)		\
	((void)lfshim_wait_event_lock_irq_(wq, condition, lock, cmd,	\
					   TASK_UNINTERRUPTIBLE))
#define wait_event_lock_irq(wq, condition, lock) \
	wait_event_lock_irq_cmd(wq, condition, lock, )
#define wait_event_interruptible_lock_irq_cmd(wq, condition, lock, cmd)	\
	lfshim_wait_event_lock_irq_(wq, condition, lock, cmd,		\
				    TASK_INTERRUPTIBLE)
#define wait_event_interruptible_lock_irq(wq, condition, lock) \
	wait_event_interruptible_lock_irq_cmd(wq, condition, lock, )
#define wait_event_lock_irq_timeout(wq, condition, lock, timeout)	\
	lfshim_wait_event_lock_irq_timeout_(wq, condition, lock, timeout, \
					    TASK_UNINTERRUPTIBLE)
#define wait_event_interruptible_lock_irq_timeout(wq, condition, lock,	\
						  timeout)		\
	lfshim_wait_event_lock_irq_timeout_(wq, condition, lock, timeout, \
					    TASK_INTERRUPTIBLE)

#endif
