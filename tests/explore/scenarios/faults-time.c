// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Faults of time that the explorer has to find, each beside the same code without
 * the fault: timeouts, and the begin and the end of grace periods. See faults.c.
 */
#include <linux/jiffies.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "explore.h"

static int data __aligned(8);
static int flag __aligned(8);

/* A timeout ends a sleep although the wake-up is on its way. */

static struct task_struct *sleeper;

static void set_sleeper(void)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	smp_store_release(&sleeper, current);
}

static void sleep_then_believe(void)
{
	set_sleeper();
	if (!READ_ONCE(flag))
		schedule_timeout(2);
	__set_current_state(TASK_RUNNING);
	lfx_assert(READ_ONCE(flag));
}

static void sleep_then_look(void)
{
	set_sleeper();
	if (!READ_ONCE(flag) && schedule_timeout(2))
		lfx_assert(READ_ONCE(flag));
	__set_current_state(TASK_RUNNING);
}

static void set_flag_and_wake(void)
{
	struct task_struct *task;

	WRITE_ONCE(flag, 1);
	smp_mb();
	/* The scenario ends after both threads, so the task lives. */
	task = smp_load_acquire(&sleeper);
	if (task)
		wake_up_process(task);
}

LFX_SCENARIO(fault_time_is_up) = {
	.name = "fault-time-is-up",
	.what = "a sleep whose time may be up, and which takes no notice",
	.threads = {
		{ "sleeper", sleep_then_believe },
		{ "waker", set_flag_and_wake },
	},
	.fails = "assertion",
};

LFX_SCENARIO(fixed_time_is_up) = {
	.name = "fixed-time-is-up",
	.what = "a sleep whose time may be up, and which takes notice",
	.threads = {
		{ "sleeper", sleep_then_look },
		{ "waker", set_flag_and_wake },
	},
};

/* The clock advances while a thread that does not sleep is stopped. */

static void sleep_for_a_second(void)
{
	schedule_timeout_uninterruptible(HZ);
}

static void expect_no_time_to_pass(void)
{
	unsigned long begin = jiffies;

	WRITE_ONCE(data, 1);
	lfx_assert(time_before(jiffies, begin + HZ / 2));
}

LFX_SCENARIO(fault_clock) = {
	.name = "fault-clock",
	.what = "the clock is read twice against the end of a sleep",
	.threads = {
		{ "sleeper", sleep_for_a_second }, { "looks", expect_no_time_to_pass },
	},
	.fails = "assertion",
};

/* A grace period does not wait for a section that begins after it. */

static unsigned long cookie;

static void read_in_section(void)
{
	rcu_read_lock();
	(void)READ_ONCE(data);
	rcu_read_unlock();
}

static void begin_period(void)
{
	cookie = start_poll_synchronize_rcu();
	smp_store_release(&flag, 1);
	WRITE_ONCE(data, 1);
}

static void await_period_in_section(void)
{
	if (!smp_load_acquire(&flag))
		return;
	rcu_read_lock();
	while (!poll_state_synchronize_rcu(cookie))
		cpu_relax();
	rcu_read_unlock();
}

LFX_SCENARIO(fixed_later_section) = {
	.name = "fixed-later-section",
	.what = "a section that waits for a grace period that is older",
	.threads = {
		{ "reader", read_in_section }, { "updater", begin_period },
		{ "later", await_period_in_section },
	},
};

/* It does wait for one that began before it, and is in a deadlock with it. */

static void await_period_in_any_section(void)
{
	rcu_read_lock();
	while (!READ_ONCE(flag))
		cpu_relax();
	rcu_read_unlock();
}

static void synchronize_then_set(void)
{
	synchronize_rcu();
	WRITE_ONCE(flag, 1);
}

LFX_SCENARIO(fault_older_section) = {
	.name = "fault-older-section",
	.what = "a section that waits for a thread that waits for it",
	.threads = {
		{ "reader", await_period_in_any_section },
		{ "updater", synchronize_then_set },
	},
	.fails = "deadlock",
};

/* A section sees the stores before a grace period that began earlier. */

static void write_synchronize_set(void)
{
	data = 7;
	synchronize_rcu();
	WRITE_ONCE(flag, 1);
}

static void write_set(void)
{
	data = 7;
	WRITE_ONCE(flag, 1);
}

static void read_if_set(void)
{
	rcu_read_lock();
	if (READ_ONCE(flag))
		lfx_assert(data == 7);
	rcu_read_unlock();
}

LFX_SCENARIO(fixed_seen_after_period) = {
	.name = "fixed-seen-after-period",
	.what = "data, a grace period, and a flag against a section",
	.threads = {
		{ "updater", write_synchronize_set }, { "reader", read_if_set },
	},
};

LFX_SCENARIO(fault_seen_after_period) = {
	.name = "fault-seen-after-period",
	.what = "data and a flag, without a grace period, against a section",
	.threads = { { "updater", write_set }, { "reader", read_if_set } },
	.fails = "data race",
};

/* The head of an object belongs to RCU until the grace period is over. */

static struct item {
	struct rcu_head rcu;
	int value;
} *item;

static void make_item(void)
{
	item = kzalloc_obj(*item);
}

static void free_item_later(void)
{
	kfree_rcu(item, rcu);
}

static void write_head(void)
{
	rcu_read_lock();
	item->rcu.next = NULL;
	rcu_read_unlock();
}

LFX_SCENARIO(fault_rcu_head) = {
	.name = "fault-rcu-head",
	.what = "a reader that uses the head of an object against kfree_rcu()",
	.setup = make_item,
	.threads = { { "reader", write_head }, { "owner", free_item_later } },
	.fails = "data race",
};

/* A grace period waits for each section, until its outermost end. */

static struct item __rcu *slot;

static void fill_slot(void)
{
	rcu_assign_pointer(slot, kzalloc_obj(struct item));
}

static void read_slowly(void)
{
	struct item *mine;

	rcu_read_lock();
	mine = rcu_dereference(slot);
	/* Another thread may run here. */
	(void)READ_ONCE(flag);
	if (mine)
		lfx_assert(!mine->value);
	rcu_read_unlock();
}

static void read_nested(void)
{
	struct item *mine;

	rcu_read_lock();
	rcu_read_lock();
	mine = rcu_dereference(slot);
	rcu_read_unlock();
	(void)READ_ONCE(flag);
	if (mine)
		lfx_assert(!mine->value);
	rcu_read_unlock();
}

static void empty_wait_free(void)
{
	struct item *mine = rcu_dereference_protected(slot, true);

	RCU_INIT_POINTER(slot, NULL);
	synchronize_rcu();
	WRITE_ONCE(flag, 1);
	kfree(mine);
}

LFX_SCENARIO(fixed_long_section) = {
	.name = "fixed-long-section",
	.what = "two sections that last against a grace period and a free",
	.setup = fill_slot,
	.threads = {
		{ "one", read_slowly }, { "two", read_slowly },
		{ "owner", empty_wait_free },
	},
};

LFX_SCENARIO(fixed_nested_section) = {
	.name = "fixed-nested-section",
	.what = "a nested section against a grace period and a free",
	.setup = fill_slot,
	.threads = { { "reader", read_nested }, { "owner", empty_wait_free } },
};

/* A section may begin between two steps of the updater. */

static void set_then_begin(void)
{
	WRITE_ONCE(flag, 1);
	cookie = start_poll_synchronize_rcu();
	lfx_assert(poll_state_synchronize_rcu(cookie));
	WRITE_ONCE(data, 1);
}

static void read_if_flag(void)
{
	if (READ_ONCE(flag))
		read_in_section();
}

LFX_SCENARIO(fault_section_between) = {
	.name = "fault-section-between",
	.what = "a section begins before a grace period that ends at once",
	.threads = {
		{ "reader", read_if_flag }, { "updater", set_then_begin },
	},
	.fails = "assertion",
};

/*
 * One grace period does not order two sections: it waits for the first one, and the
 * second one begins after it. But its thread has only read a flag, without an acquire,
 * so it may have read the data before.
 */

static int plain __aligned(8);

static void write_in_section(void)
{
	rcu_read_lock();
	plain = 1;
	WRITE_ONCE(data, 1);
	rcu_read_unlock();
}

static void synchronize_if_written(void)
{
	if (!READ_ONCE(data))
		return;
	synchronize_rcu();
	WRITE_ONCE(flag, 1);
}

static void read_plain_in_section(void)
{
	if (!READ_ONCE(flag))
		return;
	rcu_read_lock();
	lfx_assert(plain);
	rcu_read_unlock();
}

LFX_SCENARIO(fault_two_sections) = {
	.name = "fault-two-sections",
	.what = "two sections, and a grace period between them",
	.threads = {
		{ "first", write_in_section },
		{ "updater", synchronize_if_written },
		{ "second", read_plain_in_section },
	},
	.fails = "data race",
};

/* The thread of the grace period may read it: that one is after the section. */

static void synchronize_and_read(void)
{
	if (!READ_ONCE(data))
		return;
	synchronize_rcu();
	lfx_assert(plain);
	smp_store_release(&flag, 1);
}

static void acquire_and_read(void)
{
	if (smp_load_acquire(&flag))
		lfx_assert(plain);
}

LFX_SCENARIO(fixed_two_sections) = {
	.name = "fixed-two-sections",
	.what = "a section, a grace period, and a reader that acquires",
	.threads = {
		{ "first", write_in_section },
		{ "updater", synchronize_and_read },
		{ "second", acquire_and_read },
	},
};

/* A busy-wait loop, with a lock that it takes in each turn. */

static DEFINE_SPINLOCK(turn_lock);

static bool is_set_with_lock(void)
{
	bool is_set;

	spin_lock(&turn_lock);
	is_set = flag;
	spin_unlock(&turn_lock);
	return is_set;
}

static void spin_with_lock(void)
{
	while (!is_set_with_lock())
		cpu_relax();
}

static void set_other(void)
{
	spin_lock(&turn_lock);
	data = 1;
	spin_unlock(&turn_lock);
}

LFX_SCENARIO(fault_spin_for_ever) = {
	.name = "fault-spin-for-ever",
	.what = "a busy-wait loop that takes a lock waits for nobody",
	.threads = { { "spinner", spin_with_lock }, { "other", set_other } },
	.fails = "deadlock",
};

/* The second of two such loops waits for a time, and the first one for it. */

static void spin_for_a_minute(void)
{
	unsigned long end = jiffies + 60 * HZ;

	while (time_before(jiffies, end))
		cpu_relax();
	spin_lock(&turn_lock);
	flag = 1;
	spin_unlock(&turn_lock);
}

LFX_SCENARIO(fixed_spin_for_a_time) = {
	.name = "fixed-spin-for-a-time",
	.what = "a busy-wait loop waits for one that waits for a minute",
	.threads = { { "spinner", spin_with_lock },
		     { "minute", spin_for_a_minute } },
};

/* The end of a grace period is polled for. */

static void empty_poll_free(void)
{
	struct item *mine = rcu_dereference_protected(slot, true);

	RCU_INIT_POINTER(slot, NULL);
	cookie = start_poll_synchronize_rcu();
	WRITE_ONCE(flag, 1);
	while (!poll_state_synchronize_rcu(cookie))
		cpu_relax();
	kfree(mine);
}

LFX_SCENARIO(fixed_poll_free) = {
	.name = "fixed-poll-free",
	.what = "a section that lasts against a poll and a free",
	.setup = fill_slot,
	.threads = { { "reader", read_slowly }, { "owner", empty_poll_free } },
};

static void begin_poll_set(void)
{
	cookie = start_poll_synchronize_rcu();
	lfx_assert(poll_state_synchronize_rcu(cookie));
	WRITE_ONCE(data, 1);
}

/* The section may have begun before the grace period, and end after the poll. */
LFX_SCENARIO(fault_poll) = {
	.name = "fault-poll",
	.what = "a section against a grace period that is polled at once",
	.threads = {
		{ "updater", begin_poll_set }, { "reader", read_in_section },
	},
	.fails = "assertion",
};

/* A callback runs after the end of the thread that has asked for it. */

static void raise_flag(struct rcu_head *head)
{
	kfree(container_of(head, struct item, rcu));
	WRITE_ONCE(flag, 1);
}

static void ask_and_end(void)
{
	call_rcu(&item->rcu, raise_flag);
}

static void expect_no_flag(void)
{
	lfx_assert(!READ_ONCE(flag));
}

static void await_callbacks(void)
{
	rcu_barrier();
}

LFX_SCENARIO(fault_after_end) = {
	.name = "fault-after-end",
	.what = "the callback of a thread that has ended against a reader",
	.setup = make_item,
	.threads = { { "owner", ask_and_end }, { "reader", expect_no_flag } },
	.check = await_callbacks,
	.fails = "assertion",
};

/* A thread that is woken before it sleeps goes on at once. */

static int woken;

static void wake_then_set(void)
{
	struct task_struct *task = smp_load_acquire(&sleeper);

	if (!task)
		return;
	wake_up_process(task);
	WRITE_ONCE(woken, 1);
	WRITE_ONCE(flag, 1);
}

static void sleep_if_woken(void)
{
	set_sleeper();
	if (READ_ONCE(woken)) {
		schedule();
		lfx_assert(READ_ONCE(flag));
	}
	__set_current_state(TASK_RUNNING);
}

LFX_SCENARIO(fault_woken_before) = {
	.name = "fault-woken-before",
	.what = "a thread is woken before it sleeps, and does not wait for more",
	.threads = {
		{ "sleeper", sleep_if_woken }, { "waker", wake_then_set },
	},
	.fails = "assertion",
};
