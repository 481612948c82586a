// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Sleeping reader-writer locks; see <linux/rwsem.h>. */

#include <linux/rwsem.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

/* On the stack of its task, and on the list until it has the lock. */
struct rwsem_waiter {
	struct list_head entry;
	struct task_struct *task;
	bool writer;
	/* Set with the lock of the semaphore held, by the task that wakes. */
	bool granted;
};

static bool try_locked(struct rw_semaphore *sem, bool writer)
{
	if (writer ? sem->count != 0 : sem->count < 0)
		return false;
	sem->count = writer ? -1 : sem->count + 1;
	return true;
}

/* Give the lock to waiters, in their order, as long as it goes. */
static void grant(struct rw_semaphore *sem)
{
	struct rwsem_waiter *waiter, *next;
	struct task_struct *task;

	list_for_each_entry_safe(waiter, next, &sem->waiters, entry) {
		if (!try_locked(sem, waiter->writer))
			break;
		list_del_init(&waiter->entry);
		task = waiter->task;
		get_task_struct(task);
		/*
		 * R1: release. Pairs with A1 in down(). Without it, the waiter
		 * may not see the last holder's stores. It may be gone now.
		 */
		smp_store_release(&waiter->granted, true);
		wake_up_process(task);
		put_task_struct(task);
	}
}

static int down(struct rw_semaphore *sem, bool writer, unsigned int state)
{
	struct rwsem_waiter waiter = { .task = current, .writer = writer };
	unsigned long flags;
	int ret = 0;

	might_sleep();
	spin_lock_irqsave(&sem->lock, flags);
	/* No task goes before those that wait. */
	if (list_empty(&sem->waiters) && try_locked(sem, writer)) {
		spin_unlock_irqrestore(&sem->lock, flags);
		return 0;
	}
	list_add_tail(&waiter.entry, &sem->waiters);
	spin_unlock_irqrestore(&sem->lock, flags);
	for (;;) {
		/* No partner: wake_up_process() is one for all sleepers. */
		set_current_state(state);
		/*
		 * A1: acquire. Pairs with R1 in grant(). Without it, the data
		 * of the last holder may be read too early.
		 */
		if (smp_load_acquire(&waiter.granted))
			break;
		if (signal_pending_state(state, current)) {
			spin_lock_irqsave(&sem->lock, flags);
			if (!waiter.granted) {
				list_del(&waiter.entry);
				/* Those behind it may have waited for it only. */
				grant(sem);
				ret = -EINTR;
			}
			spin_unlock_irqrestore(&sem->lock, flags);
			break;
		}
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return ret;
}

static int trylock(struct rw_semaphore *sem, bool writer)
{
	unsigned long flags;
	bool got;

	spin_lock_irqsave(&sem->lock, flags);
	got = list_empty(&sem->waiters) && try_locked(sem, writer);
	spin_unlock_irqrestore(&sem->lock, flags);
	return got;
}

/* Change the count from one that is expected, and wake those it lets in. */
static void release(struct rw_semaphore *sem, bool writer, int count)
{
	unsigned long flags;

	spin_lock_irqsave(&sem->lock, flags);
	if (!WARN(writer ? sem->count != -1 : sem->count <= 0,
		  "libfence: the lock is not held in this way\n")) {
		sem->count = writer ? count : sem->count - 1;
		grant(sem);
	}
	spin_unlock_irqrestore(&sem->lock, flags);
}

void down_read(struct rw_semaphore *sem)
{
	down(sem, false, TASK_UNINTERRUPTIBLE);
}

void down_write(struct rw_semaphore *sem)
{
	down(sem, true, TASK_UNINTERRUPTIBLE);
}

int down_read_interruptible(struct rw_semaphore *sem)
{
	return down(sem, false, TASK_INTERRUPTIBLE);
}

int down_read_killable(struct rw_semaphore *sem)
{
	return down(sem, false, TASK_KILLABLE);
}

int down_write_killable(struct rw_semaphore *sem)
{
	return down(sem, true, TASK_KILLABLE);
}

int down_read_trylock(struct rw_semaphore *sem)
{
	return trylock(sem, false);
}

int down_write_trylock(struct rw_semaphore *sem)
{
	return trylock(sem, true);
}

void up_read(struct rw_semaphore *sem)
{
	release(sem, false, 0);
}

void up_write(struct rw_semaphore *sem)
{
	release(sem, true, 0);
}

void downgrade_write(struct rw_semaphore *sem)
{
	release(sem, true, 1);
}
