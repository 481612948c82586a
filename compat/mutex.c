// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Mutexes; see <linux/mutex.h>.
 *
 * A thread that finds no owner in the word takes the mutex with a
 * compare-and-exchange, even if others wait for it. A thread that has to wait
 * queues and sets the waiters bit. From then on every unlock goes through
 * lfpriv_mutex_unlock_slow(), which wakes the first waiter. If that waiter
 * finds the mutex taken again, the next unlock makes it the owner.
 */

#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>

#include "kernel/internal.h"
#include "kernel/mutex.h"

#ifdef CONFIG_LOCKDEP
/* The address by which checks/held.c knows the mutex. */
#define mutex_lockdep_id(m)	(&(m)->dep_map)

static void mutex_dep_acquired(struct mutex *m, unsigned int subclass, bool try,
			       unsigned long ip)
{
	lock_acquire(&m->dep_map, subclass, try, 0, 1, NULL, ip);
}

static void mutex_dep_released(struct mutex *m, unsigned long ip)
{
	lock_release(&m->dep_map, ip);
}
#else
#define mutex_lockdep_id(m)				((void *)(m))
#define mutex_dep_acquired(m, subclass, try, ip)	((void)0)
#define mutex_dep_released(m, ip)			((void)0)
#endif

#ifdef CONFIG_LOCKDEP
struct lockdep_map *lfshim_mutex_map(void *lock)
{
	return &((struct mutex *)lock)->dep_map;
}
#endif

bool lfshim_mutex_held(const void *lock)
{
	return lfpriv_mutex_owner(lock) == current;
}

void __mutex_init(struct mutex *m, const char *name, struct lock_class_key *key)
{
	WRITE_ONCE(m->owner, 0);
	spin_lock_init(&m->wait_lock);
	INIT_LIST_HEAD(&m->waiters);
#ifdef CONFIG_LOCKDEP
	lockdep_init_map_wait(&m->dep_map, name, key, 0, LD_WAIT_SLEEP);
#endif
}

void mutex_destroy(struct mutex *m)
{
	WARN(READ_ONCE(m->owner), "a mutex is destroyed while it is held");
}

static int mutex_lock_contended(struct mutex *m, unsigned int state)
{
	struct lfpriv_mutex_waiter w = { .task = current };
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&m->wait_lock, flags);
	list_add_tail(&w.node, &m->waiters);
	/* Relaxed: an unlock that sees the bit takes ->wait_lock first. */
	__atomic_fetch_or(&m->owner, LFSHIM_MUTEX_WAITERS, __ATOMIC_RELAXED);
	/*
	 * Try to take the mutex before anything else. An unlock wakes only the
	 * first waiter: if that one left without the mutex, no thread would
	 * wake the next one.
	 */
	while (!lfpriv_mutex_waiter_takes(m, w.task)) {
		if (signal_pending_state(state, w.task)) {
			ret = -EINTR;
			break;
		}
		/*
		 * F1: full barrier. Pairs with F1 in lfpriv_wake(). Without it,
		 * schedule() may miss a signal, and the send_sig() that has
		 * sent it finds this thread running and does not wake it.
		 */
		set_current_state(state);
		spin_unlock_irqrestore(&m->wait_lock, flags);
		schedule();
		spin_lock_irqsave(&m->wait_lock, flags);
		w.hand_over = true;
	}
	__set_current_state(TASK_RUNNING);
	list_del(&w.node);
	if (list_empty(&m->waiters))
		/* Relaxed: the bit changes only with ->wait_lock held. */
		__atomic_fetch_and(&m->owner, ~LFSHIM_MUTEX_WAITERS,
				   __ATOMIC_RELAXED);
	spin_unlock_irqrestore(&m->wait_lock, flags);
	return ret;
}

static void mutex_check_recursion(struct mutex *m, unsigned long ip)
{
	if (unlikely(lfpriv_mutex_owner(m) == current))
		lfpriv_bug_recursion("mutex", mutex_lockdep_id(m), ip);
}

static int mutex_lock_common(struct mutex *m, unsigned int state,
			     unsigned int subclass, unsigned long ip)
{
	int ret;

	/* Before lockdep, which would report only a possible recursion. */
	if (IS_ENABLED(LFSHIM_CHECKS))
		mutex_check_recursion(m, ip);
	mutex_dep_acquired(m, subclass, false, ip);
	if (likely(lfpriv_mutex_try(m, current)))
		return 0;
	mutex_check_recursion(m, ip);
	ret = mutex_lock_contended(m, state);
	if (ret)
		mutex_dep_released(m, ip);
	return ret;
}

void mutex_lock(struct mutex *m)
{
	might_sleep();
	mutex_lock_common(m, TASK_UNINTERRUPTIBLE, 0, _RET_IP_);
}

void mutex_lock_nested(struct mutex *m, unsigned int subclass)
{
	might_sleep();
	mutex_lock_common(m, TASK_UNINTERRUPTIBLE, subclass, _RET_IP_);
}

int mutex_lock_interruptible(struct mutex *m)
{
	might_sleep();
	return mutex_lock_common(m, TASK_INTERRUPTIBLE, 0, _RET_IP_);
}

int mutex_lock_killable(struct mutex *m)
{
	might_sleep();
	return mutex_lock_common(m, TASK_KILLABLE, 0, _RET_IP_);
}

int mutex_trylock(struct mutex *m)
{
	if (!lfpriv_mutex_try(m, current))
		return 0;
	mutex_dep_acquired(m, 0, true, _RET_IP_);
	return 1;
}

void lfpriv_mutex_unlock_slow(struct mutex *m)
{
	unsigned long flags, next = 0;
	struct lfpriv_mutex_waiter *w;

	/*
	 * With interrupts disabled, the system call of the wake-up is made
	 * after ->wait_lock was released, which the woken thread takes first.
	 */
	spin_lock_irqsave(&m->wait_lock, flags);
	w = list_first_entry_or_null(&m->waiters, struct lfpriv_mutex_waiter,
				     node);
	if (w)
		next = LFSHIM_MUTEX_WAITERS |
		       (w->hand_over ? (unsigned long)w->task : 0);
	/*
	 * R1: release. Pairs with A1 in lfpriv_mutex_try() and A2 in
	 * lfpriv_mutex_waiter_takes(). Without it, the next owner may not see
	 * the stores of this one.
	 */
	smp_store_release(&m->owner, next);
	if (w)
		wake_up_process(w->task);
	spin_unlock_irqrestore(&m->wait_lock, flags);
}

void mutex_unlock(struct mutex *m)
{
	unsigned long self = (unsigned long)current, old = self;

	if (unlikely((READ_ONCE(m->owner) & ~LFSHIM_MUTEX_WAITERS) != self)) {
		WARN(1, lfpriv_mutex_owner(m) ?
		     "mutex_unlock() of a mutex that another thread holds" :
		     "mutex_unlock() of a mutex that is not held");
		return;
	}
	mutex_dep_released(m, _RET_IP_);
	lfshim_hb_release(&m->owner);
	/*
	 * R2: release. Pairs with A1 in lfpriv_mutex_try(). Without it, the
	 * next owner may not see the stores of this one.
	 */
	if (unlikely(!__atomic_compare_exchange_n(&m->owner, &old, 0, false,
						  __ATOMIC_RELEASE,
						  __ATOMIC_RELAXED)))
		lfpriv_mutex_unlock_slow(m);
}

bool refcount_dec_and_mutex_lock(refcount_t *r, struct mutex *lock)
{
	might_sleep();
	if (refcount_dec_not_one(r))
		return false;
	mutex_lock(lock);
	if (refcount_dec_and_test(r))
		return true;
	mutex_unlock(lock);
	return false;
}
