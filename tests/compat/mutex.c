// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Mutexes: exclusion, sleeping, signals, ownership and fairness. */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

static DEFINE_MUTEX(m);

#define NR_THREADS	6

/* Not atomic: the mutex protects it. */
static unsigned long counter;

static int count(void *data)
{
	unsigned long i, n = (unsigned long)data;

	for (i = 0; i < n; i++) {
		mutex_lock(&m);
		counter++;
		mutex_unlock(&m);
	}
	return 0;
}

static void one_at_a_time(void **state)
{
	unsigned long n = 50000 / test_slowness();
	struct task_struct *tasks[NR_THREADS];
	int i;

	counter = 0;
	for (i = 0; i < NR_THREADS; i++)
		tasks[i] = start(count, (void *)n);
	for (i = 0; i < NR_THREADS; i++)
		finish(tasks[i]);
	assert_int_equal(counter, NR_THREADS * n);
	assert_int_equal(m.owner, 0);
	assert_true(list_empty(&m.waiters));
}

static void an_initialised_mutex_is_free(void **state)
{
	struct mutex *p = kmalloc_obj(*p);

	memset(p, 0xff, sizeof(*p));
	mutex_init(p);
	assert_false(mutex_is_locked(p));
	mutex_lock(p);
	assert_true(mutex_is_locked(p));
	mutex_unlock(p);
	assert_false(mutex_is_locked(p));
	mutex_destroy(p);
	kfree(p);
}

/* The result of mutex_trylock() in another thread. */
static int try(void *data)
{
	int got = mutex_trylock(data);

	if (got)
		mutex_unlock(data);
	return got;
}

static int is_held(void *data)
{
	struct mutex *lock = data;

	return lockdep_is_held(lock);
}

static void trylock_does_not_wait(void **state)
{
	assert_int_equal(finish(start(try, &m)), 1);
	assert_int_equal(mutex_trylock(&m), 1);
	assert_int_equal(mutex_trylock(&m), 0);
	assert_int_equal(finish(start(try, &m)), 0);
	mutex_unlock(&m);
	assert_int_equal(finish(start(try, &m)), 1);
}

static void it_knows_who_holds_it(void **state)
{
	assert_false(lockdep_is_held(&m));
	mutex_lock(&m);
	assert_true(lockdep_is_held(&m));
	assert_false(finish(start(is_held, &m)));
	lockdep_assert_held(&m);
	mutex_unlock(&m);
	assert_false(lockdep_is_held(&m));
	lockdep_assert_not_held(&m);
}

static int unlock(void *data)
{
	mutex_unlock(data);
	return 0;
}

static void only_the_owner_unlocks(void **state)
{
	assert_warns_like("that is not held", mutex_unlock(&m));
	mutex_lock(&m);
	assert_warns_like("another thread holds", finish(start(unlock, &m)));
	assert_true(lockdep_is_held(&m));
	mutex_unlock(&m);
}

static void lock_twice(void)
{
	mutex_lock(&m);
	mutex_lock(&m);
}

static void locking_twice_is_a_bug(void **state)
{
	assert_dies("mutex recursion", lock_twice());
}

static void destroying_it_while_held_warns(void **state)
{
	mutex_lock(&m);
	assert_warns_like("destroyed while it is held", mutex_destroy(&m));
	mutex_unlock(&m);
	mutex_destroy(&m);
}

static void guard_unlocks_at_the_end_of_the_scope(void **state)
{
	{
		guard(mutex)(&m);
		assert_true(mutex_is_locked(&m));
	}
	assert_false(mutex_is_locked(&m));
	scoped_guard(mutex, &m)
		assert_true(mutex_is_locked(&m));
	assert_false(mutex_is_locked(&m));
}

static int take(void *data)
{
	mutex_lock(&m);
	mutex_unlock(&m);
	return 0;
}

static int take_intr(void *data)
{
	int err = mutex_lock_interruptible(&m);

	if (!err)
		mutex_unlock(&m);
	flush_signals(current);
	return err;
}

static int take_killable(void *data)
{
	int err = mutex_lock_killable(&m);

	if (!err)
		mutex_unlock(&m);
	flush_signals(current);
	return err;
}

static void uncontended_is_taken_whatever_is_pending(void **state)
{
	send_sig(SIGKILL, current, 0);
	mutex_lock(&m);
	mutex_unlock(&m);
	assert_int_equal(mutex_lock_interruptible(&m), 0);
	mutex_unlock(&m);
	assert_int_equal(mutex_lock_killable(&m), 0);
	mutex_unlock(&m);
	flush_signals(current);
}

static void a_signal_ends_the_interruptible_wait(void **state)
{
	struct task_struct *task;

	mutex_lock(&m);
	task = start(take_intr, NULL);
	assert_true(eventually(sleeps_in(task, TASK_INTERRUPTIBLE)));
	send_sig(SIGUSR1, task, 0);
	assert_int_equal(finish(task), -EINTR);
	/* The waiter has left the list. */
	assert_true(list_empty(&m.waiters));
	mutex_unlock(&m);
	assert_int_equal(m.owner, 0);
}

static void only_a_fatal_signal_ends_the_killable_wait(void **state)
{
	struct task_struct *task;

	mutex_lock(&m);
	task = start(take_killable, NULL);
	assert_true(eventually(sleeps_in(task, TASK_KILLABLE)));
	send_sig(SIGUSR1, task, 0);
	msleep(2);
	assert_true(sleeps_in(task, TASK_KILLABLE));
	send_sig(SIGKILL, task, 0);
	assert_int_equal(finish(task), -EINTR);
	mutex_unlock(&m);
}

static void no_signal_ends_the_plain_wait(void **state)
{
	struct task_struct *task;

	mutex_lock(&m);
	task = start(take, NULL);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	send_sig(SIGKILL, task, 0);
	msleep(2);
	assert_true(sleeps_in(task, TASK_UNINTERRUPTIBLE));
	mutex_unlock(&m);
	assert_int_equal(finish(task), 0);
}

/* If a waiter was woken and gives up, the next waiter gets the wake-up. */
static void a_waiter_that_gives_up_passes_the_wake_up_on(void **state)
{
	unsigned int i, rounds = 2000 / test_slowness();
	struct task_struct *leaver, *stayer;

	for (i = 0; i < rounds; i++) {
		mutex_lock(&m);
		leaver = start(take_intr, NULL);
		if (!eventually(sleeps_in(leaver, TASK_INTERRUPTIBLE)))
			fail_msg("the first does not sleep");
		stayer = start(take, NULL);
		if (!eventually(sleeps_in(stayer, TASK_UNINTERRUPTIBLE)))
			fail_msg("the second does not sleep");
		if (i % 2)
			send_sig(SIGUSR1, leaver, 0);
		mutex_unlock(&m);
		if (!(i % 2))
			send_sig(SIGUSR1, leaver, 0);
		finish(leaver);
		finish(stayer);
	}
	assert_int_equal(m.owner, 0);
}

static int waits[NR_THREADS], order;

static int take_in_order(void *data)
{
	mutex_lock(&m);
	*(int *)data = ++order;
	mutex_unlock(&m);
	return 0;
}

static void waiters_are_woken_in_turn(void **state)
{
	struct task_struct *tasks[NR_THREADS];
	int i;

	order = 0;
	mutex_lock(&m);
	for (i = 0; i < NR_THREADS; i++) {
		tasks[i] = start(take_in_order, &waits[i]);
		assert_true(eventually(sleeps_in(tasks[i],
						 TASK_UNINTERRUPTIBLE)));
	}
	mutex_unlock(&m);
	for (i = 0; i < NR_THREADS; i++)
		finish(tasks[i]);
	for (i = 0; i < NR_THREADS; i++)
		assert_int_equal(waits[i], i + 1);
}

static bool got_it;
static DEFINE_SPINLOCK(holds_wake_ups);

static int take_and_tell(void *data)
{
	mutex_lock(&m);
	WRITE_ONCE(got_it, true);
	mutex_unlock(&m);
	return 0;
}

/*
 * A thread that unlocks the mutex and takes it again may be faster than the
 * woken waiter, but only once: the next unlock is for the waiter. A waiter
 * that sleeps, and is woken under a spinlock, runs later.
 */
static void a_waiter_loses_it_to_a_newcomer_only_once(void **state)
{
	struct task_struct *task;
	bool stolen = false;
	int i;

	for (i = 0; i < 1000 && !stolen; i++) {
		WRITE_ONCE(got_it, false);
		mutex_lock(&m);
		task = start(take_and_tell, NULL);
		assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
		spin_lock_irq(&holds_wake_ups);
		mutex_unlock(&m);
		stolen = mutex_trylock(&m) && !READ_ONCE(got_it);
		spin_unlock_irq(&holds_wake_ups);
		if (stolen) {
			assert_true(eventually(
				sleeps_in(task, TASK_UNINTERRUPTIBLE)));
			msleep(1);
			spin_lock_irq(&holds_wake_ups);
			mutex_unlock(&m);
			if (mutex_trylock(&m)) {
				assert_true(READ_ONCE(got_it));
				mutex_unlock(&m);
			}
			spin_unlock_irq(&holds_wake_ups);
		} else if (lockdep_is_held(&m)) {
			mutex_unlock(&m);
		}
		finish(task);
	}
	assert_true(stolen);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(one_at_a_time),
		TEST(an_initialised_mutex_is_free),
		TEST(trylock_does_not_wait),
		TEST(it_knows_who_holds_it),
		TEST(only_the_owner_unlocks),
		TEST(locking_twice_is_a_bug),
		TEST(destroying_it_while_held_warns),
		TEST(guard_unlocks_at_the_end_of_the_scope),
		TEST(uncontended_is_taken_whatever_is_pending),
		TEST(a_signal_ends_the_interruptible_wait),
		TEST(only_a_fatal_signal_ends_the_killable_wait),
		TEST(no_signal_ends_the_plain_wait),
		TEST(a_waiter_that_gives_up_passes_the_wake_up_on),
		TEST(waiters_are_woken_in_turn),
		TEST(a_waiter_loses_it_to_a_newcomer_only_once),
	};

	return TEST_MAIN("mutex", tests);
}
