// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Small scenarios that tell if the search is right: ../reduction.py compares the
 * orders that the reduced search reaches with those that the full search reaches.
 */
#include <linux/atomic.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "explore.h"

static int x, y, z;
static DEFINE_SPINLOCK(a);
static DEFINE_SPINLOCK(b);
static atomic_t count;

static void write_x_read_y(void)
{
	WRITE_ONCE(x, 1);
	(void)READ_ONCE(y);
}

static void write_y_read_x(void)
{
	WRITE_ONCE(y, 1);
	(void)READ_ONCE(x);
}

LFX_SCENARIO(order_store_buffer) = {
	.name = "order-store-buffer",
	.what = "two threads write one word and read the other",
	.threads = { { "one", write_x_read_y }, { "two", write_y_read_x } },
};

static void write_x_and_y(void)
{
	WRITE_ONCE(x, 1);
	smp_store_release(&y, 1);
}

static void read_y_and_x(void)
{
	if (smp_load_acquire(&y))
		(void)READ_ONCE(x);
}

LFX_SCENARIO(order_two_readers) = {
	.name = "order-two-readers",
	.what = "one thread writes two words, two threads read them",
	.threads = {
		{ "writer", write_x_and_y }, { "one", read_y_and_x },
		{ "two", read_y_and_x },
	},
};

static void write_x_twice(void)
{
	WRITE_ONCE(x, 1);
	WRITE_ONCE(x, 2);
}

static void read_x_twice(void)
{
	(void)READ_ONCE(x);
	(void)READ_ONCE(x);
}

LFX_SCENARIO(order_three_writers) = {
	.name = "order-three-writers",
	.what = "two threads write a word, one reads it",
	.threads = {
		{ "one", write_x_twice }, { "two", write_x_twice },
		{ "reader", read_x_twice },
	},
};

/* x is read by a thread that two others wait for: reversals in a row. */
static void write_x_then_y(void)
{
	WRITE_ONCE(x, 1);
	WRITE_ONCE(y, 1);
}

static void read_y_write_z(void)
{
	if (READ_ONCE(y))
		WRITE_ONCE(z, 1);
}

static void read_z_read_x(void)
{
	if (READ_ONCE(z))
		(void)READ_ONCE(x);
	else
		(void)READ_ONCE(y);
}

LFX_SCENARIO(order_handed_on) = {
	.name = "order-handed-on",
	.what = "a value is handed on by way of another thread",
	.threads = {
		{ "first", write_x_then_y }, { "second", read_y_write_z },
		{ "third", read_z_read_x },
	},
};

static void lock_a_then_b(void)
{
	spin_lock(&a);
	x++;
	spin_unlock(&a);
	spin_lock(&b);
	y++;
	spin_unlock(&b);
}

static void lock_both(void)
{
	spin_lock(&a);
	spin_lock(&b);
	x += y;
	spin_unlock(&b);
	spin_unlock(&a);
}

static void lock_b(void)
{
	spin_lock(&b);
	y++;
	spin_unlock(&b);
}

LFX_SCENARIO(order_locks) = {
	.name = "order-locks",
	.what = "three threads take two locks, nested and one by one",
	.threads = {
		{ "one", lock_a_then_b }, { "two", lock_both },
		{ "three", lock_b },
	},
};

static void try_lock(void)
{
	if (!spin_trylock(&a))
		return;
	WRITE_ONCE(x, 1);
	spin_unlock(&a);
}

static void lock_and_read(void)
{
	spin_lock(&a);
	(void)READ_ONCE(x);
	spin_unlock(&a);
}

LFX_SCENARIO(order_trylock) = {
	.name = "order-trylock",
	.what = "a lock is taken by one thread and tried by two",
	.threads = {
		{ "one", lock_and_read }, { "two", try_lock },
		{ "three", try_lock },
	},
};

static void set_x_and_y(void)
{
	WRITE_ONCE(x, 1);
	WRITE_ONCE(z, 1);
	smp_store_release(&y, 1);
}

static void spin_for_y(void)
{
	while (!smp_load_acquire(&y))
		cpu_relax();
	(void)READ_ONCE(x);
}

LFX_SCENARIO(order_spin) = {
	.name = "order-spin",
	.what = "a busy-wait loop against three writes",
	.threads = { { "writer", set_x_and_y }, { "spinner", spin_for_y } },
};

static void spin_for_y_or_not(void)
{
	int i;

	for (i = 0; i < 50; i++) {
		if (smp_load_acquire(&y))
			return;
		cpu_relax();
	}
	(void)READ_ONCE(x);
}

LFX_SCENARIO(order_spin_limit) = {
	.name = "order-spin-limit",
	.what = "a busy-wait loop that gives up against three writes",
	.threads = { { "writer", set_x_and_y }, { "spinner", spin_for_y_or_not } },
};

static void spin_for_x_or_y(void)
{
	while (!READ_ONCE(x) && !READ_ONCE(y))
		cpu_relax();
}

LFX_SCENARIO(order_spin_two) = {
	.name = "order-spin-two",
	.what = "a busy-wait loop reads two words that two threads write",
	.threads = {
		{ "one", write_x_read_y }, { "two", write_y_read_x },
		{ "spinner", spin_for_x_or_y },
	},
};

static void spin_with_trylock(void)
{
	while (!spin_trylock(&a))
		cpu_relax();
	(void)READ_ONCE(x);
	spin_unlock(&a);
}

LFX_SCENARIO(order_spin_trylock) = {
	.name = "order-spin-trylock",
	.what = "a loop of attempts to take a lock against its holder",
	.threads = { { "holder", lock_and_read }, { "spinner", spin_with_trylock } },
};

static void add_unless_zero(void)
{
	atomic_add_unless(&count, 1, 0);
}

static void set_one_and_zero(void)
{
	atomic_set(&count, 1);
	atomic_set(&count, 0);
}

LFX_SCENARIO(order_cmpxchg) = {
	.name = "order-cmpxchg",
	.what = "two loops of compare-and-exchange against two stores",
	.threads = {
		{ "one", add_unless_zero }, { "two", add_unless_zero },
		{ "setter", set_one_and_zero },
	},
};

static void read_in_a_section(void)
{
	rcu_read_lock();
	(void)READ_ONCE(x);
	(void)READ_ONCE(y);
	rcu_read_unlock();
}

static void write_around_a_grace_period(void)
{
	WRITE_ONCE(x, 1);
	synchronize_rcu();
	WRITE_ONCE(y, 1);
}

LFX_SCENARIO(order_grace_period) = {
	.name = "order-grace-period",
	.what = "two read-side sections against a grace period",
	.threads = {
		{ "one", read_in_a_section }, { "two", read_in_a_section },
		{ "updater", write_around_a_grace_period },
	},
};

static struct task_struct *sleeper;

static void sleep_until_x(void)
{
	WRITE_ONCE(sleeper, current);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(x))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

static void set_x_and_wake(void)
{
	struct task_struct *task;

	WRITE_ONCE(x, 1);
	task = READ_ONCE(sleeper);
	if (task)
		wake_up_process(task);
}

LFX_SCENARIO(order_sleep) = {
	.name = "order-sleep",
	.what = "a sleep against a wake-up",
	.threads = { { "sleeper", sleep_until_x }, { "waker", set_x_and_wake } },
};

static void sleep_for_some_time(void)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	if (!READ_ONCE(x))
		schedule_timeout(2);
	__set_current_state(TASK_RUNNING);
	(void)READ_ONCE(y);
}

static struct task_struct *timed;

static void sleep_as_timed(void)
{
	WRITE_ONCE(timed, current);
	sleep_for_some_time();
}

static void wake_timed(void)
{
	struct task_struct *task;

	WRITE_ONCE(x, 1);
	task = READ_ONCE(timed);
	if (task)
		wake_up_process(task);
	WRITE_ONCE(y, 1);
}

LFX_SCENARIO(order_timeout) = {
	.name = "order-timeout",
	.what = "a sleep whose time may be up against a wake-up",
	.threads = { { "sleeper", sleep_as_timed }, { "waker", wake_timed } },
};

/* The time of two sleeps is up, one after the other. */

static void sleep_long(void)
{
	unsigned long end = jiffies + 4;

	schedule_timeout_uninterruptible(4);
	lfx_assert(!time_before(jiffies, end));
}

static void sleep_short(void)
{
	schedule_timeout_uninterruptible(2);
	(void)jiffies;
}

LFX_SCENARIO(order_clock) = {
	.name = "order-clock",
	.what = "two sleeps whose time is up, and then reads of the clock",
	.threads = { { "long", sleep_long }, { "short", sleep_short } },
};

static void choose_a_write(void)
{
	if (lfx_choose(2))
		WRITE_ONCE(x, 1);
	else
		WRITE_ONCE(y, 1);
}

static void read_both(void)
{
	(void)READ_ONCE(x);
	(void)READ_ONCE(y);
}

LFX_SCENARIO(order_choice) = {
	.name = "order-choice",
	.what = "choices of two threads against reads",
	.threads = {
		{ "one", choose_a_write }, { "two", choose_a_write },
		{ "reader", read_both },
	},
};

static void write_y_read_z(void)
{
	WRITE_ONCE(y, 1);
	(void)READ_ONCE(z);
}

static void write_z_read_x(void)
{
	WRITE_ONCE(z, 1);
	(void)READ_ONCE(x);
}

LFX_SCENARIO(order_ring) = {
	.name = "order-ring",
	.what = "three threads write a word and read that of the next one",
	.threads = {
		{ "one", write_x_read_y }, { "two", write_y_read_z },
		{ "three", write_z_read_x },
	},
};

static void write_x(void)
{
	WRITE_ONCE(x, 1);
}

LFX_SCENARIO(order_four_writers) = {
	.name = "order-four-writers",
	.what = "four threads write one word",
	.threads = {
		{ "one", write_x }, { "two", write_x }, { "three", write_x },
		{ "four", write_x },
	},
};

static void read_x_write_z(void)
{
	(void)READ_ONCE(x);
	WRITE_ONCE(z, 1);
}

static void read_z_write_y_read_x(void)
{
	(void)READ_ONCE(z);
	WRITE_ONCE(y, 1);
	(void)READ_ONCE(x);
}

LFX_SCENARIO(order_detour) = {
	.name = "order-detour",
	.what = "two words are handed on in a line and by a detour",
	.threads = {
		{ "one", write_x_then_y }, { "two", read_x_write_z },
		{ "three", read_z_write_y_read_x },
	},
};

/* The one that waits for the lock may be woken by an unlock in between. */
static void lock_twice(void)
{
	spin_lock(&a);
	WRITE_ONCE(x, 1);
	spin_unlock(&a);
	spin_lock(&a);
	WRITE_ONCE(y, 1);
	spin_unlock(&a);
}

static void lock_a_read_y(void)
{
	spin_lock(&a);
	(void)READ_ONCE(y);
	spin_unlock(&a);
	(void)READ_ONCE(x);
}

LFX_SCENARIO(order_lock_twice) = {
	.name = "order-lock-twice",
	.what = "a lock is taken twice against two others that take it",
	.threads = {
		{ "one", lock_twice }, { "two", lock_a_read_y },
		{ "three", try_lock },
	},
};

static void read_x_add_to_x(void)
{
	if (READ_ONCE(x))
		WRITE_ONCE(y, 1);
	else
		(void)READ_ONCE(x);
	__atomic_fetch_add(&x, 1, __ATOMIC_RELAXED);
}

static void read_x_write_y(void)
{
	(void)READ_ONCE(x);
	WRITE_ONCE(y, 2);
}

/* A thread that could come first only after another one. */
LFX_SCENARIO(order_two_words) = {
	.name = "order-two-words",
	.what = "three threads on two words; a race has one first thread",
	.threads = {
		{ "one", write_x }, { "two", read_x_add_to_x },
		{ "three", read_x_write_y },
	},
};

static void poll_and_write(void)
{
	unsigned long cookie = start_poll_synchronize_rcu();

	if (poll_state_synchronize_rcu(cookie))
		WRITE_ONCE(x, 1);
	else
		WRITE_ONCE(y, 1);
	if (poll_state_synchronize_rcu(cookie))
		WRITE_ONCE(y, 2);
}

LFX_SCENARIO(order_poll) = {
	.name = "order-poll",
	.what = "a read-side section against polls of a grace period",
	.threads = {
		{ "reader", read_in_a_section }, { "updater", poll_and_write },
	},
};

/* Knowledge of memory is per 8 bytes. */
static struct {
	long x, y;
	atomic_t count;
} far;

static void count_three(void)
{
	atomic_inc(&far.count);
	atomic_inc(&far.count);
	atomic_inc(&far.count);
}

static void count_write_far(void)
{
	count_three();
	WRITE_ONCE(far.y, 1);
}

static void count_read_at_nine(void)
{
	atomic_inc(&far.count);
	atomic_inc(&far.count);
	if (atomic_inc_return(&far.count) == 9)
		(void)READ_ONCE(far.y);
}

/* That the threads share the second word is not known when a search is divided. */
LFX_SCENARIO(late_word) = {
	.name = "late-word",
	.what = "three threads on a word; at the end two of them may use another one",
	.threads = {
		{ "one", count_write_far }, { "two", count_three },
		{ "three", count_read_at_nine },
	},
};

static void exchange_write_far(void)
{
	xchg(&far.x, 11);
	xchg(&far.x, 12);
	xchg(&far.x, 13);
	WRITE_ONCE(far.y, 1);
}

static void exchange_only(void)
{
	xchg(&far.x, 21);
	xchg(&far.x, 22);
	xchg(&far.x, 23);
}

static void exchange_read_once(void)
{
	int first = xchg(&far.x, 31), second = xchg(&far.x, 32), third = xchg(&far.x, 33);

	if (first == 23 && second == 12 && third == 13)
		(void)READ_ONCE(far.y);
}

/* The same after one order of all steps: only one shard finds out. */
LFX_SCENARIO(rare_word) = {
	.name = "rare-word",
	.what = "three threads on a word; after one order two of them use another one",
	.threads = {
		{ "one", exchange_write_far }, { "two", exchange_only },
		{ "three", exchange_read_once },
	},
};
