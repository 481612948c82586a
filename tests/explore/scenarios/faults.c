// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Faults that the explorer has to find, each beside the same code without the
 * fault. They do not use fences of the library: they test the explorer.
 */

#include "explore.h"

#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

static DEFINE_SPINLOCK(lock);
static DEFINE_SPINLOCK(lock_2);
static int count;

static void check_count_is_2(void)
{
	lfx_assert(count == 2);
}

/* A counter without its lock. */

static void count_without_lock(void)
{
	count++;
}

static void count_with_lock(void)
{
	spin_lock(&lock);
	count++;
	spin_unlock(&lock);
}

LFX_SCENARIO(fault_no_lock) = {
	.name = "fault-no-lock",
	.what = "two threads change a counter without a lock",
	.threads = {
		{ "thread 1", count_without_lock },
		{ "thread 2", count_without_lock },
	},
	.check = check_count_is_2,
	.fails = "data race",
};

LFX_SCENARIO(fixed_no_lock) = {
	.name = "fixed-no-lock",
	.what = "two threads change a counter with a lock",
	.threads = {
		{ "thread 1", count_with_lock },
		{ "thread 2", count_with_lock },
	},
	.check = check_count_is_2,
};

/* Atomic loads and stores are not enough for a counter. */

static atomic_t number = ATOMIC_INIT(0);

static void count_in_two_steps(void)
{
	atomic_set(&number, atomic_read(&number) + 1);
}

static void count_in_one_step(void)
{
	atomic_inc(&number);
}

static void check_number_is_2(void)
{
	lfx_assert(atomic_read(&number) == 2);
}

LFX_SCENARIO(fault_two_steps) = {
	.name = "fault-two-steps",
	.what = "two threads load and store a counter",
	.threads = {
		{ "thread 1", count_in_two_steps },
		{ "thread 2", count_in_two_steps },
	},
	.check = check_number_is_2,
	.fails = "assertion",
};

LFX_SCENARIO(fixed_two_steps) = {
	.name = "fixed-two-steps",
	.what = "two threads increment a counter",
	.threads = {
		{ "thread 1", count_in_one_step },
		{ "thread 2", count_in_one_step },
	},
	.check = check_number_is_2,
};

/* A flag says that the data is there, without an order between the two. */

static int data __aligned(8);
static bool is_there __aligned(8);

static void write_without_order(void)
{
	data = 7;
	WRITE_ONCE(is_there, true);
}

static void write_in_order(void)
{
	data = 7;
	smp_store_release(&is_there, true);
}

static void read_data(void)
{
	if (smp_load_acquire(&is_there))
		lfx_assert(data == 7);
}

LFX_SCENARIO(fault_no_release) = {
	.name = "fault-no-release",
	.what = "data and a flag are written without an order",
	.threads = {
		{ "writer", write_without_order }, { "reader", read_data },
	},
	.fails = "data race",
};

LFX_SCENARIO(fixed_no_release) = {
	.name = "fixed-no-release",
	.what = "data and a flag are written, the flag with a release",
	.threads = { { "writer", write_in_order }, { "reader", read_data } },
};

/* The condition is tested before the lock is taken, and not again under it. */

static int *shared;

static void make_shared(void)
{
	shared = kzalloc_obj(*shared);
}

static void check_then_free(void)
{
	int *mine;

	if (!READ_ONCE(shared))
		return;
	spin_lock(&lock);
	mine = shared;
	WRITE_ONCE(shared, NULL);
	spin_unlock(&lock);
	*mine = 1;
	kfree(mine);
}

static void check_again_then_free(void)
{
	int *mine;

	if (!READ_ONCE(shared))
		return;
	spin_lock(&lock);
	mine = shared;
	WRITE_ONCE(shared, NULL);
	spin_unlock(&lock);
	if (!mine)
		return;
	*mine = 1;
	kfree(mine);
}

LFX_SCENARIO(fault_no_second_check) = {
	.name = "fault-no-second-check",
	.what = "two threads test a pointer, and then take the lock",
	.setup = make_shared,
	.threads = {
		{ "thread 1", check_then_free },
		{ "thread 2", check_then_free },
	},
	.fails = "wild access",
};

LFX_SCENARIO(fixed_no_second_check) = {
	.name = "fixed-no-second-check",
	.what = "two threads test a pointer again with the lock",
	.setup = make_shared,
	.threads = {
		{ "thread 1", check_again_then_free },
		{ "thread 2", check_again_then_free },
	},
};

/* Two threads take two locks in opposite orders. */

static void lock_1_then_2(void)
{
	spin_lock(&lock);
	spin_lock(&lock_2);
	count++;
	spin_unlock(&lock_2);
	spin_unlock(&lock);
}

static void lock_2_then_1(void)
{
	spin_lock(&lock_2);
	spin_lock(&lock);
	count++;
	spin_unlock(&lock);
	spin_unlock(&lock_2);
}

LFX_SCENARIO(fault_abba) = {
	.name = "fault-abba",
	.what = "two threads take two locks in opposite orders",
	.threads = {
		{ "thread 1", lock_1_then_2 }, { "thread 2", lock_2_then_1 },
	},
	.check = check_count_is_2,
	/* Lockdep knows it before it happens. */
	.fails = LFSHIM_CHECKS ? "warning" : "deadlock",
};

LFX_SCENARIO(fixed_abba) = {
	.name = "fixed-abba",
	.what = "two threads take two locks in one order",
	.threads = {
		{ "thread 1", lock_1_then_2 }, { "thread 2", lock_1_then_2 },
	},
	.check = check_count_is_2,
};

/* A wake-up comes between the test of the flag and the change of the state. */

static struct task_struct *sleeper;
static bool ready;

static void sleep_without_state(void)
{
	get_task_struct(current);
	smp_store_mb(sleeper, current);
	while (!smp_load_acquire(&ready)) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
	}
}

static void sleep_with_state(void)
{
	get_task_struct(current);
	smp_store_mb(sleeper, current);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (smp_load_acquire(&ready))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

static void wake_sleeper(void)
{
	struct task_struct *task;

	smp_store_mb(ready, true);
	task = smp_load_acquire(&sleeper);
	if (task)
		wake_up_process(task);
}

static void put_sleeper(void)
{
	put_task_struct(sleeper);
}

LFX_SCENARIO(fault_lost_wake_up) = {
	.name = "fault-lost-wake-up",
	.what = "a thread tests a flag, and then sets its state and sleeps",
	.threads = {
		{ "waker", wake_sleeper }, { "sleeper", sleep_without_state },
	},
	.check = put_sleeper,
	.fails = "deadlock",
};

LFX_SCENARIO(fixed_lost_wake_up) = {
	.name = "fixed-lost-wake-up",
	.what = "a thread sets its state, tests a flag, and then sleeps",
	.threads = {
		{ "waker", wake_sleeper }, { "sleeper", sleep_with_state },
	},
	.check = put_sleeper,
};

/* An item is freed while a reader under RCU may have it. */

static int __rcu *slot;

static void make_slot(void)
{
	rcu_assign_pointer(slot, kzalloc_obj(int));
}

static void read_slot(void)
{
	int *item;

	rcu_read_lock();
	item = rcu_dereference(slot);
	if (item)
		lfx_assert(!*item);
	rcu_read_unlock();
}

static void empty_and_free(void)
{
	int *item = rcu_dereference_protected(slot, true);

	RCU_INIT_POINTER(slot, NULL);
	kfree(item);
}

static void empty_wait_free(void)
{
	int *item = rcu_dereference_protected(slot, true);

	RCU_INIT_POINTER(slot, NULL);
	synchronize_rcu();
	kfree(item);
}

LFX_SCENARIO(fault_no_grace_period) = {
	.name = "fault-no-grace-period",
	.what = "an item is freed at once against a reader under RCU",
	.setup = make_slot,
	.threads = { { "owner", empty_and_free }, { "reader", read_slot } },
	.fails = "use after free",
};

LFX_SCENARIO(fixed_no_grace_period) = {
	.name = "fixed-no-grace-period",
	.what = "an item is freed after a grace period against a reader",
	.setup = make_slot,
	.threads = { { "owner", empty_wait_free }, { "reader", read_slot } },
};

/* A timer that is not waited for may run in the middle of the only thread. */

static struct timer_list alarm_timer;
static atomic_t is_set = ATOMIC_INIT(0);

static void test_is_set(struct timer_list *timer)
{
	lfx_assert(atomic_read(&is_set));
}

static void make_alarm(void)
{
	timer_setup(&alarm_timer, test_is_set, 0);
}

static void arm_then_set(void)
{
	mod_timer(&alarm_timer, jiffies + 1);
	atomic_set(&is_set, 1);
}

static void set_then_arm(void)
{
	atomic_set(&is_set, 1);
	mod_timer(&alarm_timer, jiffies + 1);
}

static void delete_alarm(void)
{
	timer_delete_sync(&alarm_timer);
}

LFX_SCENARIO(fault_arm_first) = {
	.name = "fault-arm-first",
	.what = "a thread arms a timer, and then sets the variable that its function reads",
	.setup = make_alarm,
	.threads = { { "thread", arm_then_set } },
	.check = delete_alarm,
	.fails = "assertion",
};

LFX_SCENARIO(fixed_arm_first) = {
	.name = "fixed-arm-first",
	.what = "a thread sets the variable that a timer's function reads, and then arms it",
	.setup = make_alarm,
	.threads = { { "thread", set_then_arm } },
	.check = delete_alarm,
};

/*
 * Two threads take a lock in one order or the other, and a third one tries it. The
 * unlocks are points then, and the orders of the locks are still tried.
 */

static DEFINE_SPINLOCK(tried_lock);
static int order;

static void lock_and_note(void)
{
	spin_lock(&tried_lock);
	order = order * 10 + lfx_self();
	spin_unlock(&tried_lock);
}

static void try_lock(void)
{
	if (spin_trylock(&tried_lock))
		spin_unlock(&tried_lock);
}

static void check_order(void)
{
	lfx_assert(order == 12);
}

LFX_SCENARIO(fault_lock_order) = {
	.name = "fault-lock-order",
	.what = "two threads take a lock that another one tries",
	.threads = {
		{ "first", lock_and_note }, { "second", lock_and_note },
		{ "third", try_lock },
	},
	.check = check_order,
	.fails = "assertion",
};

/* A thread reads a variable at two places. Only one of them may be listed as a race. */

static int looked_at;

static noinline void look_first(void)
{
	if (looked_at == 2)
		lfx_note("it is set");
}

static noinline void look_again(void)
{
	if (looked_at)
		lfx_note("it is set now");
}

static void look_twice(void)
{
	look_first();
	look_again();
}

static noinline void set_it(void)
{
	looked_at = lfx_self();
}

LFX_SCENARIO(fault_two_places) = {
	.name = "fault-two-places",
	.what = "a variable is read twice without the writer's lock",
	.threads = { { "reader", look_twice }, { "writer", set_it } },
	.fails = "data race",
};
