// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The slow paths of spinlocks; see <linux/spinlock.h>. */

#include <linux/spinlock.h>

#include "kernel/internal.h"

#define TID_MASK	(~LFSHIM_SPIN_WAITERS)
/*
 * How many times a waiter tries before it sleeps. This takes one to three
 * microseconds, about ten times as long as a lock is usually held at most.
 */
#define SPIN_TURNS	50

static u32 spin_own_tid(void)
{
	if (unlikely(!lfshim_tls.tid))
		lfshim_tls.tid = lfhost_tid();
	return lfshim_tls.tid;
}

static bool spin_try_acquire(spinlock_t *lock, u32 value)
{
	u32 free = 0;

	/*
	 * A1: acquire. Pairs with R1 in lfshim_spin_unlock(). Without it, the
	 * section may read data from before the last section.
	 */
	if (!__atomic_compare_exchange_n(&lock->word, &free, value, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	lfshim_hb_acquire(&lock->word);
	return true;
}

/*
 * In the child of fork(), a lock that another thread of the parent held is never
 * unlocked. Abort instead of waiting for ever.
 */
static void spin_check_owner(spinlock_t *lock, u32 tid)
{
	if (!lfhost_thread_exists(tid) &&
	    (READ_ONCE(lock->word) & TID_MASK) == tid)
		lfshim_bug(__FILE__, __LINE__, __func__,
			   "spinlock in the child of fork(): another thread of the parent held it");
}

void lfshim_spin_lock_slow(spinlock_t *lock)
{
	/* @value is the word after the lock is taken. */
	u32 tid = spin_own_tid(), value = tid, word;
	int turn, turns = lfhost_cpus() > 1 ? SPIN_TURNS : 1;

	if ((READ_ONCE(lock->word) & TID_MASK) == tid)
		lfpriv_bug_recursion("spinlock", lock, _RET_IP_);
	for (;;) {
		for (turn = 0; turn < turns; turn++) {
			if (!READ_ONCE(lock->word) &&
			    spin_try_acquire(lock, value))
				return;
			lfshim_pause();
		}
		word = READ_ONCE(lock->word);
		if (!word)
			continue;
		/*
		 * Relaxed: the futex compares the word again before it sleeps.
		 */
		if (!(word & LFSHIM_SPIN_WAITERS) &&
		    cmpxchg_relaxed(&lock->word, word,
				    word | LFSHIM_SPIN_WAITERS) != word)
			continue;
		lfpriv_wake_flush();
		if (unlikely(lfpriv_forked))
			spin_check_owner(lock, word & TID_MASK);
		lfhost_futex_wait(&lock->word, word | LFSHIM_SPIN_WAITERS,
				  LFHOST_FOREVER);
		/*
		 * The unlock cleared the waiters bit and woke one thread. Other
		 * threads may still be asleep, so take the lock with the bit
		 * set.
		 */
		value = tid | LFSHIM_SPIN_WAITERS;
	}
}

void lfshim_spin_unlock_slow(spinlock_t *lock, u32 old)
{
	if ((old & TID_MASK) != spin_own_tid())
		WARN(1, old ? "spin_unlock() of a lock that another thread holds"
			    : "spin_unlock() of a lock that is not held");
	/* Only the address is used: the lock may have been freed already. */
	if (old & LFSHIM_SPIN_WAITERS)
		lfhost_futex_wake(&lock->word, 1);
}

bool lfshim_spin_trylock_first(spinlock_t *lock)
{
	return spin_try_acquire(lock, spin_own_tid());
}

bool lfshim_spin_held(const struct spinlock *lock)
{
	return (READ_ONCE(lock->word) & TID_MASK) == spin_own_tid();
}

void lfshim_relax_slow(void)
{
	/* The caller may be waiting for one of the threads that this wakes. */
	lfpriv_wake_flush();
	lfhost_yield();
}
