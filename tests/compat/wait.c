// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Wait queues and waiting for variables. */

#include "helpers.h"
#include <signal.h>
#include <linux/atomic.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>

static DECLARE_WAIT_QUEUE_HEAD(wq);
static int condition;
/* For the waits that test the condition under a lock. */
static DEFINE_SPINLOCK(condition_lock);

/* Entries whose functions record the order in which they are called. */
struct recorder {
	struct wait_queue_entry entry;
	int nr, result;
};

static int calls[16], nr_calls;
static void *last_key;
static unsigned int last_mode;

static int record(struct wait_queue_entry *entry, unsigned int mode, int flags,
		  void *key)
{
	struct recorder *r = container_of(entry, struct recorder, entry);

	calls[nr_calls++] = r->nr;
	last_key = key;
	last_mode = mode;
	return r->result;
}

static struct recorder recorders[5];

/* Entries 2 to 4 are exclusive, 0 and 1 are not. Their order is 1 0 2 3 4. */
static void queue_recorders(void)
{
	int i;

	init_waitqueue_head(&wq);
	for (i = 0; i < 5; i++) {
		struct recorder *r = &recorders[i];

		init_waitqueue_func_entry(&r->entry, record);
		r->nr = i;
		r->result = 1;
		if (i < 2)
			add_wait_queue(&wq, &r->entry);
		else
			add_wait_queue_exclusive(&wq, &r->entry);
	}
	nr_calls = 0;
}

static void wake_up_reaches_all_sharers_and_one_exclusive(void **state)
{
	queue_recorders();
	assert_true(waitqueue_active(&wq));
	assert_true(wq_has_sleeper(&wq));
	assert_int_equal(wake_up(&wq), 1);
	assert_int_equal(nr_calls, 3);
	assert_int_equal(calls[0] + calls[1], 1);
	assert_int_equal(calls[2], 2);
	assert_int_equal(last_mode, TASK_NORMAL);
}

static void wake_up_nr_and_all(void **state)
{
	queue_recorders();
	assert_int_equal(wake_up_nr(&wq, 2), 2);
	assert_int_equal(nr_calls, 4);
	nr_calls = 0;
	assert_int_equal(wake_up_all(&wq), 3);
	assert_int_equal(nr_calls, 5);
	assert_int_equal(calls[4], 4);
}

static void exclusive_entry_that_did_not_wake_is_not_counted(void **state)
{
	queue_recorders();
	recorders[2].result = 0;
	assert_int_equal(wake_up(&wq), 1);
	assert_int_equal(nr_calls, 4);
	assert_int_equal(calls[3], 3);
}

static void negative_result_ends_the_walk(void **state)
{
	queue_recorders();
	recorders[2].result = -1;
	wake_up_all(&wq);
	assert_int_equal(nr_calls, 3);
}

static void key_and_mode_reach_the_functions(void **state)
{
	queue_recorders();
	wake_up_poll(&wq, 0x41);
	assert_ptr_equal(last_key, (void *)0x41);
	wake_up_interruptible(&wq);
	assert_int_equal(last_mode, TASK_INTERRUPTIBLE);
	assert_null(last_key);
	spin_lock_irq(&wq.lock);
	wake_up_locked(&wq);
	wake_up_all_locked(&wq);
	spin_unlock_irq(&wq.lock);
	assert_int_equal(last_mode, TASK_NORMAL);
	remove_wait_queue(&wq, &recorders[0].entry);
	nr_calls = 0;
	wake_up_all(&wq);
	assert_int_equal(nr_calls, 4);
}

static void prepare_queues_once_and_finish_takes_off(void **state)
{
	DEFINE_WAIT(wait);

	init_waitqueue_head(&wq);
	prepare_to_wait(&wq, &wait, TASK_UNINTERRUPTIBLE);
	assert_int_equal(get_current_state(), TASK_UNINTERRUPTIBLE);
	prepare_to_wait(&wq, &wait, TASK_INTERRUPTIBLE);
	assert_int_equal(get_current_state(), TASK_INTERRUPTIBLE);
	assert_true(list_is_singular(&wq.head));
	finish_wait(&wq, &wait);
	assert_int_equal(get_current_state(), TASK_RUNNING);
	assert_false(waitqueue_active(&wq));
	finish_wait(&wq, &wait);

	assert_true(prepare_to_wait_exclusive(&wq, &wait, TASK_INTERRUPTIBLE));
	assert_false(prepare_to_wait_exclusive(&wq, &wait, TASK_INTERRUPTIBLE));
	assert_true(wait.flags & WQ_FLAG_EXCLUSIVE);
	finish_wait(&wq, &wait);
}

/* As Rust's CondVar uses them. */
static void entry_and_queue_are_initialised_by_functions(void **state)
{
	struct wait_queue_entry wait, excl;

	memset(&wq, 0x55, sizeof(wq));
	memset(&wait, 0x55, sizeof(wait));
	__init_waitqueue_head(&wq, "queue", NULL);
	assert_false(waitqueue_active(&wq));
	init_wait(&wait);
	init_wait(&excl);
	assert_ptr_equal(wait.private, current);
	prepare_to_wait_exclusive(&wq, &wait, TASK_INTERRUPTIBLE | TASK_FREEZABLE);
	prepare_to_wait_exclusive(&wq, &excl, TASK_INTERRUPTIBLE);
	/* One exclusive waiter is woken, and is in the queue no more. */
	__wake_up_sync(&wq, TASK_NORMAL);
	assert_int_equal(get_current_state(), TASK_RUNNING);
	assert_true(list_empty(&wait.entry));
	assert_false(list_empty(&excl.entry));
	finish_wait(&wq, &excl);
	assert_false(waitqueue_active(&wq));
}

static void entries_are_queued_by_their_kind(void **state)
{
	struct wait_queue_entry excl[3], sharer;
	int i;

	init_waitqueue_head(&wq);
	for (i = 0; i < 2; i++) {
		init_wait_entry(&excl[i], 0);
		prepare_to_wait_exclusive(&wq, &excl[i], TASK_UNINTERRUPTIBLE);
	}
	/* The exclusive ones are behind the others, the last one at the end. */
	init_wait_entry(&sharer, 0);
	prepare_to_wait(&wq, &sharer, TASK_UNINTERRUPTIBLE);
	init_wait_entry(&excl[2], WQ_FLAG_EXCLUSIVE);
	prepare_to_wait_event(&wq, &excl[2], TASK_UNINTERRUPTIBLE);
	assert_ptr_equal(wq.head.next, &sharer.entry);
	assert_ptr_equal(sharer.entry.next, &excl[0].entry);
	assert_ptr_equal(excl[0].entry.next, &excl[1].entry);
	assert_ptr_equal(excl[1].entry.next, &excl[2].entry);
	finish_wait(&wq, &sharer);
	for (i = 0; i < 3; i++)
		finish_wait(&wq, &excl[i]);
}

static void kind_of_an_entry_is_that_of_its_last_use(void **state)
{
	DEFINE_WAIT(wait);

	init_waitqueue_head(&wq);
	prepare_to_wait_exclusive(&wq, &wait, TASK_UNINTERRUPTIBLE);
	finish_wait(&wq, &wait);
	prepare_to_wait(&wq, &wait, TASK_UNINTERRUPTIBLE);
	assert_false(wait.flags & WQ_FLAG_EXCLUSIVE);
	finish_wait(&wq, &wait);
	wait.flags |= WQ_FLAG_EXCLUSIVE;
	add_wait_queue(&wq, &wait);
	assert_false(wait.flags & WQ_FLAG_EXCLUSIVE);
	remove_wait_queue(&wq, &wait);
	add_wait_queue_exclusive(&wq, &wait);
	assert_true(wait.flags & WQ_FLAG_EXCLUSIVE);
	remove_wait_queue(&wq, &wait);
}

static void autoremove_entry_leaves_when_it_wakes(void **state)
{
	DEFINE_WAIT(leaves);
	DECLARE_WAITQUEUE(stays, current);

	init_waitqueue_head(&wq);
	add_wait_queue(&wq, &stays);
	prepare_to_wait(&wq, &leaves, TASK_UNINTERRUPTIBLE);
	/* A wake-up that does not match the state leaves the entry queued. */
	wake_up_interruptible(&wq);
	assert_false(list_empty(&leaves.entry));
	assert_int_equal(get_current_state(), TASK_UNINTERRUPTIBLE);
	wake_up(&wq);
	assert_true(list_empty(&leaves.entry));
	assert_false(list_empty(&stays.entry));
	schedule();
	remove_wait_queue(&wq, &stays);
	assert_false(waitqueue_active(&wq));
}

static void prepare_to_wait_event_reports_a_signal(void **state)
{
	struct wait_queue_entry entry;

	init_waitqueue_head(&wq);
	init_wait_entry(&entry, WQ_FLAG_EXCLUSIVE);
	assert_int_equal(prepare_to_wait_event(&wq, &entry, TASK_INTERRUPTIBLE), 0);
	assert_true(waitqueue_active(&wq));
	send_sig(SIGINT, current, 0);
	/* The entry is removed: it must not consume an exclusive wake-up. */
	assert_int_equal(prepare_to_wait_event(&wq, &entry, TASK_INTERRUPTIBLE),
			 -ERESTARTSYS);
	assert_false(waitqueue_active(&wq));
	assert_int_equal(prepare_to_wait_event(&wq, &entry, TASK_UNINTERRUPTIBLE), 0);
	finish_wait(&wq, &entry);
	flush_signals(current);
}

/* The members of the wait_event() family. */
enum how {
	WAIT, INTERRUPTIBLE, EXCLUSIVE, KILLABLE, TIMEOUT,
	INTERRUPTIBLE_TIMEOUT, LOCK, LOCK_INTERRUPTIBLE, LOCK_TIMEOUT,
	LOCK_INTERRUPTIBLE_TIMEOUT, VAR, VAR_KILLABLE, VAR_INTERRUPTIBLE,
	VAR_TIMEOUT,
};

static const unsigned int sleeps_as[] = {
	[WAIT] = TASK_UNINTERRUPTIBLE,
	[INTERRUPTIBLE] = TASK_INTERRUPTIBLE,
	[EXCLUSIVE] = TASK_INTERRUPTIBLE,
	[KILLABLE] = TASK_KILLABLE,
	[TIMEOUT] = TASK_UNINTERRUPTIBLE,
	[INTERRUPTIBLE_TIMEOUT] = TASK_INTERRUPTIBLE,
	[LOCK] = TASK_UNINTERRUPTIBLE,
	[LOCK_INTERRUPTIBLE] = TASK_INTERRUPTIBLE,
	[LOCK_TIMEOUT] = TASK_UNINTERRUPTIBLE,
	[LOCK_INTERRUPTIBLE_TIMEOUT] = TASK_INTERRUPTIBLE,
	[VAR] = TASK_UNINTERRUPTIBLE,
	[VAR_KILLABLE] = TASK_KILLABLE,
	[VAR_INTERRUPTIBLE] = TASK_INTERRUPTIBLE,
	[VAR_TIMEOUT] = TASK_UNINTERRUPTIBLE,
};

static long timeout;

static bool has_timeout(enum how how)
{
	return how == TIMEOUT || how == INTERRUPTIBLE_TIMEOUT ||
	       how == LOCK_TIMEOUT || how == LOCK_INTERRUPTIBLE_TIMEOUT ||
	       how == VAR_TIMEOUT;
}

/* How often a condition was tested without its lock. */
static int nr_unlocked_tests;

static bool locked_condition(void)
{
	if (!lockdep_is_held(&condition_lock) || !irqs_disabled())
		nr_unlocked_tests++;
	return READ_ONCE(condition);
}

static long wait_with_lock(enum how how)
{
	long ret = 0;

	spin_lock_irq(&condition_lock);
	if (how == LOCK)
		wait_event_lock_irq(wq, locked_condition(), condition_lock);
	else if (how == LOCK_INTERRUPTIBLE)
		ret = wait_event_interruptible_lock_irq(
			wq, locked_condition(), condition_lock);
	else if (how == LOCK_TIMEOUT)
		ret = wait_event_lock_irq_timeout(wq, locked_condition(),
						  condition_lock, timeout);
	else
		ret = wait_event_interruptible_lock_irq_timeout(
			wq, locked_condition(), condition_lock, timeout);
	if (!lockdep_is_held(&condition_lock))
		nr_unlocked_tests++;
	spin_unlock_irq(&condition_lock);
	return ret;
}

static int wait_in_a_way(void *data)
{
#define MET	READ_ONCE(condition)
	switch ((enum how)(unsigned long)data) {
	case LOCK:
	case LOCK_INTERRUPTIBLE:
	case LOCK_TIMEOUT:
	case LOCK_INTERRUPTIBLE_TIMEOUT:
		return wait_with_lock((enum how)(unsigned long)data);
	case WAIT:
		wait_event(wq, MET);
		return 0;
	case INTERRUPTIBLE:
		return wait_event_interruptible(wq, MET);
	case EXCLUSIVE:
		return wait_event_interruptible_exclusive(wq, MET);
	case KILLABLE:
		return wait_event_killable(wq, MET);
	case TIMEOUT:
		return wait_event_timeout(wq, MET, timeout);
	case INTERRUPTIBLE_TIMEOUT:
		return wait_event_interruptible_timeout(wq, MET, timeout);
	case VAR:
		wait_var_event(&condition, MET);
		return 0;
	case VAR_KILLABLE:
		return wait_var_event_killable(&condition, MET);
	case VAR_INTERRUPTIBLE:
		return wait_var_event_interruptible(&condition, MET);
	case VAR_TIMEOUT:
		return wait_var_event_timeout(&condition, MET, timeout);
	}
	return -1;
#undef MET
}

static struct task_struct *start_waiter(enum how how)
{
	struct task_struct *task;

	WRITE_ONCE(condition, 0);
	task = start(wait_in_a_way, (void *)(unsigned long)how);
	assert_true(eventually(sleeps_in(task, sleeps_as[how])));
	return task;
}

static void wake(enum how how)
{
	if (how >= VAR)
		wake_up_var(&condition);
	else
		wake_up(&wq);
}

static void wait_event_goes_on_when_the_condition_holds(void **state)
{
	enum how how;

	init_waitqueue_head(&wq);
	timeout = 1000 * HZ;
	nr_unlocked_tests = 0;
	for (how = WAIT; how <= VAR_TIMEOUT; how++) {
		struct task_struct *task = start_waiter(how);
		int result;

		/* The condition does not hold, so the thread sleeps again. */
		wake(how);
		assert_true(eventually(sleeps_in(task, sleeps_as[how])));
		WRITE_ONCE(condition, 1);
		wake(how);
		result = finish(task);
		if (has_timeout(how))
			assert_true(result > 0 && result <= timeout);
		else
			assert_int_equal(result, 0);
		assert_false(waitqueue_active(&wq));
	}
	assert_int_equal(nr_unlocked_tests, 0);
}

static void signals_end_the_waits_that_they_may(void **state)
{
	enum how how;

	init_waitqueue_head(&wq);
	for (how = WAIT; how <= VAR_TIMEOUT; how++) {
		struct task_struct *task = start_waiter(how);

		send_sig(SIGINT, task, 0);
		if (sleeps_as[how] == TASK_KILLABLE) {
			assert_true(sleeps_in(task, TASK_KILLABLE));
			send_sig(SIGKILL, task, 0);
		}
		if (sleeps_as[how] == TASK_UNINTERRUPTIBLE) {
			assert_true(sleeps_in(task, TASK_UNINTERRUPTIBLE));
			WRITE_ONCE(condition, 1);
			wake(how);
			assert_true(finish(task) >= 0);
		} else {
			assert_int_equal(finish(task), -ERESTARTSYS);
		}
	}
}

static void true_condition_needs_no_wake_up_and_beats_a_signal(void **state)
{
	WRITE_ONCE(condition, 1);
	send_sig(SIGKILL, current, 0);
	wait_event(wq, READ_ONCE(condition));
	assert_int_equal(wait_event_interruptible(wq, READ_ONCE(condition)), 0);
	assert_int_equal(wait_event_killable(wq, READ_ONCE(condition)), 0);
	/* The condition holds, so the result is 1 even with a timeout of 0. */
	assert_int_equal(wait_event_timeout(wq, READ_ONCE(condition), 0), 1);
	assert_int_equal(wait_event_timeout(wq, READ_ONCE(condition), 7), 7);
	nr_unlocked_tests = 0;
	timeout = 0;
	assert_int_equal(wait_with_lock(LOCK), 0);
	assert_int_equal(wait_with_lock(LOCK_INTERRUPTIBLE), 0);
	assert_int_equal(wait_with_lock(LOCK_TIMEOUT), 1);
	assert_int_equal(wait_with_lock(LOCK_INTERRUPTIBLE_TIMEOUT), 1);
	assert_int_equal(nr_unlocked_tests, 0);
	flush_signals(current);
}

static void timeout_gives_zero(void **state)
{
	ktime_t begin = ktime_get();

	assert_int_equal(wait_event_timeout(wq, false, 0), 0);
	assert_int_equal(wait_event_timeout(wq, false, 3), 0);
	assert_int_equal(wait_event_interruptible_timeout(wq, false, 3), 0);
	assert_int_equal(wait_var_event_timeout(&condition, false, 3), 0);
	WRITE_ONCE(condition, 0);
	timeout = 3;
	assert_int_equal(wait_with_lock(LOCK_TIMEOUT), 0);
	assert_int_equal(wait_with_lock(LOCK_INTERRUPTIBLE_TIMEOUT), 0);
	assert_true(ktime_get() - begin >= 15 * TICK_NSEC);
	assert_false(waitqueue_active(&wq));
}

static unsigned long met_at;

static bool met_later(void)
{
	return time_after_eq(jiffies, met_at);
}

static void condition_at_the_end_of_the_time_counts(void **state)
{
	/* Nobody wakes the waiter: it looks once more when its time is up. */
	met_at = jiffies + 3;
	assert_true(wait_event_timeout(wq, met_later(), 3) >= 1);
	met_at = jiffies + 3;
	assert_true(wait_event_interruptible_timeout(wq, met_later(), 3) >= 1);
	met_at = jiffies + 3;
	assert_true(wait_var_event_timeout(&condition, met_later(), 3) >= 1);
	met_at = jiffies + 3;
	spin_lock_irq(&condition_lock);
	assert_true(wait_event_lock_irq_timeout(wq, met_later(),
						condition_lock, 3) >= 1);
	spin_unlock_irq(&condition_lock);
	/* With a condition that is met at once, all time is left. */
	assert_int_equal(wait_event_timeout(wq, true, 3), 3);
	assert_int_equal(wait_event_timeout(wq, true, 0), 1);
}

/* The lock is released while @cmd runs and the thread sleeps. */

static int nr_commands;

static void count_command(void)
{
	if (lockdep_is_held(&condition_lock) || irqs_disabled())
		nr_unlocked_tests++;
	WRITE_ONCE(nr_commands, nr_commands + 1);
}

static int wait_with_command(void *interruptible)
{
	int ret = 0;

	spin_lock_irq(&condition_lock);
	if (interruptible)
		ret = wait_event_interruptible_lock_irq_cmd(
			wq, locked_condition(), condition_lock,
			count_command());
	else
		wait_event_lock_irq_cmd(wq, locked_condition(), condition_lock,
					count_command());
	spin_unlock_irq(&condition_lock);
	return ret;
}

static void lock_is_released_during_the_wait(void **state)
{
	struct task_struct *task;
	int i;

	init_waitqueue_head(&wq);
	nr_unlocked_tests = 0;
	for (i = 0; i < 2; i++) {
		WRITE_ONCE(condition, 0);
		WRITE_ONCE(nr_commands, 0);
		task = start(wait_with_command, (void *)(long)i);
		assert_true(eventually(READ_ONCE(nr_commands) == 1));
		spin_lock_irq(&condition_lock);
		WRITE_ONCE(condition, 1);
		spin_unlock_irq(&condition_lock);
		wake_up(&wq);
		assert_int_equal(finish(task), 0);
		/* One for each time that the thread slept. */
		assert_int_equal(nr_commands, 1);
	}
	/* The condition holds: no command. */
	assert_int_equal(wait_with_command(NULL), 0);
	assert_int_equal(nr_commands, 1);
	assert_int_equal(nr_unlocked_tests, 0);
}

static int takes_left;
static atomic_t nr_took;

static bool take_one(void)
{
	int left = READ_ONCE(takes_left);

	while (left > 0)
		if (try_cmpxchg(&takes_left, &left, left - 1))
			return true;
	return false;
}

static int take(void *unused)
{
	int err = wait_event_interruptible_exclusive(wq, take_one());

	if (!err)
		atomic_inc_return(&nr_took);
	return err;
}

static void one_wake_up_lets_one_exclusive_waiter_through(void **state)
{
	struct task_struct *tasks[4];
	int i;

	init_waitqueue_head(&wq);
	atomic_set(&nr_took, 0);
	takes_left = 0;
	for (i = 0; i < 4; i++) {
		tasks[i] = start(take, NULL);
		assert_true(eventually(sleeps_in(tasks[i], TASK_INTERRUPTIBLE)));
	}
	for (i = 1; i <= 4; i++) {
		WRITE_ONCE(takes_left, 1);
		/* There is one item, and one waiter is woken for it. */
		assert_int_equal(wake_up(&wq), 1);
		assert_true(eventually(atomic_read(&nr_took) == i));
	}
	for (i = 0; i < 4; i++)
		assert_int_equal(finish(tasks[i]), 0);
	assert_int_equal(wake_up(&wq), 0);
}

static int take_or_leave(void *unused)
{
	allow_signal(SIGINT);
	return take(NULL);
}

static void exclusive_waiter_that_a_signal_ends_passes_the_wake_up_on(void **state)
{
	struct task_struct *tasks[2];
	int round, i, nr_left = 0;

	init_waitqueue_head(&wq);
	for (round = 0; round < 50; round++) {
		atomic_set(&nr_took, 0);
		WRITE_ONCE(takes_left, 0);
		for (i = 0; i < 2; i++) {
			tasks[i] = start(take_or_leave, NULL);
			assert_true(eventually(sleeps_in(tasks[i],
							 TASK_INTERRUPTIBLE)));
		}
		/* The first waiter gets both, in both orders. */
		if (round & 1)
			send_sig(SIGINT, tasks[0], 0);
		WRITE_ONCE(takes_left, 1);
		wake_up(&wq);
		if (!(round & 1))
			send_sig(SIGINT, tasks[0], 0);
		assert_true(eventually(atomic_read(&nr_took) == 1));
		WRITE_ONCE(takes_left, 2);
		wake_up_all(&wq);
		for (i = 0; i < 2; i++)
			nr_left += finish(tasks[i]) == -ERESTARTSYS;
	}
	assert_true(nr_left);
}

static void variables_are_distinguished(void **state)
{
	/* Variables share queues. Each waiter checks its own condition. */
	struct task_struct *task = start_waiter(VAR);
	static char others[4096];
	unsigned int i;

	for (i = 0; i < sizeof(others); i++)
		wake_up_var(&others[i]);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	WRITE_ONCE(condition, 1);
	wake_up_var(&condition);
	finish(task);
}

/* Waits with the lock of the queue. */
static int nr_let_through, nr_shared;

static int wait_with_the_queues_lock(void *irq)
{
	int ret;

	if (irq)
		spin_lock_irq(&wq.lock);
	else
		spin_lock(&wq.lock);
	ret = irq ? wait_event_interruptible_exclusive_locked_irq(wq, condition)
		  : wait_event_interruptible_locked(wq, condition);
	/* The lock is held, and the entry is in the queue no more. */
	lockdep_assert_held(&wq.lock);
	assert_int_equal(get_current_state(), TASK_RUNNING);
	if (!ret) {
		WRITE_ONCE(nr_shared, nr_shared + !irq);
		WRITE_ONCE(nr_let_through, nr_let_through + 1);
	}
	if (irq)
		spin_unlock_irq(&wq.lock);
	else
		spin_unlock(&wq.lock);
	return ret;
}

static void waiter_releases_the_lock_of_the_queue(void **state)
{
	struct task_struct *task[3];
	int i;

	init_waitqueue_head(&wq);
	WRITE_ONCE(condition, 0);
	nr_let_through = nr_shared = 0;
	for (i = 0; i < 3; i++) {
		task[i] = start(wait_with_the_queues_lock, (void *)(long)!!i);
		assert_true(eventually(sleeps_in(task[i], TASK_INTERRUPTIBLE)));
		if (i)
			continue;
		/* A wake-up before the condition holds changes nothing. */
		spin_lock_irq(&wq.lock);
		wake_up_all_locked(&wq);
		spin_unlock_irq(&wq.lock);
		assert_true(eventually(sleeps_in(task[0], TASK_INTERRUPTIBLE)));
	}
	spin_lock_irq(&wq.lock);
	condition = 1;
	/* The first is not exclusive, and the others are. */
	wake_up_locked(&wq);
	spin_unlock_irq(&wq.lock);
	assert_true(eventually(READ_ONCE(nr_shared) == 1));
	assert_int_equal(finish(task[0]), 0);
	assert_true(eventually(READ_ONCE(nr_let_through) == 2));
	spin_lock_irq(&wq.lock);
	wake_up_locked(&wq);
	spin_unlock_irq(&wq.lock);
	assert_int_equal(finish(task[1]), 0);
	assert_int_equal(finish(task[2]), 0);
	assert_false(waitqueue_active(&wq));
}

static void signal_ends_a_wait_with_the_lock_of_the_queue(void **state)
{
	struct task_struct *task;
	long irq;

	init_waitqueue_head(&wq);
	WRITE_ONCE(condition, 0);
	for (irq = 0; irq <= 1; irq++) {
		task = start(wait_with_the_queues_lock, (void *)irq);
		assert_true(eventually(sleeps_in(task, TASK_INTERRUPTIBLE)));
		send_sig(SIGINT, task, 0);
		assert_int_equal(finish(task), -ERESTARTSYS);
		assert_false(waitqueue_active(&wq));
	}
	/* A condition that is true already needs no wait. */
	WRITE_ONCE(condition, 1);
	send_sig(SIGKILL, current, 0);
	assert_int_equal(wait_with_the_queues_lock(NULL), 0);
	flush_signals(current);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(waiter_releases_the_lock_of_the_queue),
		TEST(signal_ends_a_wait_with_the_lock_of_the_queue),
		TEST(wake_up_reaches_all_sharers_and_one_exclusive),
		TEST(wake_up_nr_and_all),
		TEST(exclusive_entry_that_did_not_wake_is_not_counted),
		TEST(negative_result_ends_the_walk),
		TEST(key_and_mode_reach_the_functions),
		TEST(prepare_queues_once_and_finish_takes_off),
		TEST(entry_and_queue_are_initialised_by_functions),
		TEST(entries_are_queued_by_their_kind),
		TEST(kind_of_an_entry_is_that_of_its_last_use),
		TEST(autoremove_entry_leaves_when_it_wakes),
		TEST(prepare_to_wait_event_reports_a_signal),
		TEST(wait_event_goes_on_when_the_condition_holds),
		TEST(signals_end_the_waits_that_they_may),
		TEST(true_condition_needs_no_wake_up_and_beats_a_signal),
		TEST(timeout_gives_zero),
		TEST(condition_at_the_end_of_the_time_counts),
		TEST(lock_is_released_during_the_wait),
		TEST(one_wake_up_lets_one_exclusive_waiter_through),
		TEST(exclusive_waiter_that_a_signal_ends_passes_the_wake_up_on),
		TEST(variables_are_distinguished),
	};

	return TEST_MAIN("wait", tests);
}
