// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Busy-wait loops that give up, after some turns or after some time. The explorer has to
 * find that they do, although another thread could still run; and that the others do not.
 * And loops of sleeps.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "explore.h"

static int flag __aligned(8);
static int answer __aligned(8);

static void set_flag(void)
{
	WRITE_ONCE(flag, 1);
}

static void set_flag_to_three(void)
{
	int i;

	for (i = 1; i <= 3; i++)
		WRITE_ONCE(flag, i);
}

static bool wait_turns(int value, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (READ_ONCE(flag) == value)
			return true;
		cpu_relax();
	}
	return false;
}

static void believe_in_turns(void)
{
	lfx_assert(wait_turns(1, 50000));
}

LFX_SCENARIO(fault_limit_turns) = {
	.name = "fault-limit-turns",
	.what = "a busy-wait loop of 50,000 turns, and its end is not expected",
	.threads = {
		{ "setter", set_flag }, { "waits", believe_in_turns },
	},
	.fails = "assertion",
};

/* It ends in the middle of the writes. */
static void believe_in_few_turns(void)
{
	if (!wait_turns(3, 4))
		lfx_assert(READ_ONCE(flag) != 2);
}

LFX_SCENARIO(fault_limit_few_turns) = {
	.name = "fault-limit-few-turns",
	.what = "a busy-wait loop of four turns against three writes",
	.threads = {
		{ "setter", set_flag_to_three }, { "waits", believe_in_few_turns },
	},
	.fails = "assertion",
};

/* The write comes between the end of the loop and the next look. */
static void look_again(void)
{
	if (!wait_turns(1, 100))
		lfx_assert(!READ_ONCE(flag));
}

LFX_SCENARIO(fault_limit_looks_again) = {
	.name = "fault-limit-looks-again",
	.what = "a write comes just after the end of a busy-wait loop",
	.threads = {
		{ "setter", set_flag }, { "waits", look_again },
	},
	.fails = "assertion",
};

static void wait_a_second(void)
{
	unsigned long end = jiffies + HZ;

	while (!READ_ONCE(flag) && time_before(jiffies, end))
		cpu_relax();
	lfx_assert(READ_ONCE(flag));
}

LFX_SCENARIO(fault_limit_time) = {
	.name = "fault-limit-time",
	.what = "a busy-wait loop of a second, and its end is not expected",
	.threads = {
		{ "setter", set_flag }, { "waits", wait_a_second },
	},
	.fails = "assertion",
};

/* Each turn has a delay, which is a loop, too. */
static void poll_with_delays(void)
{
	ktime_t end = ktime_add_us(ktime_get(), 100);

	while (!READ_ONCE(flag)) {
		if (ktime_after(ktime_get(), end))
			break;
		udelay(1);
		cpu_relax();
	}
}

static void believe_in_polls(void)
{
	poll_with_delays();
	lfx_assert(READ_ONCE(flag));
}

LFX_SCENARIO(fault_limit_delays) = {
	.name = "fault-limit-delays",
	.what = "a busy-wait loop of 100 us with delays, and its end is not expected",
	.threads = {
		{ "setter", set_flag }, { "waits", believe_in_polls },
	},
	.fails = "assertion",
};

static DEFINE_SPINLOCK(lock);
static bool done;

static void set_done(void)
{
	spin_lock(&lock);
	done = true;
	spin_unlock(&lock);
}

static void look_with_lock(void)
{
	bool seen = false;
	int i;

	for (i = 0; i < 1000 && !seen; i++) {
		spin_lock(&lock);
		seen = done;
		spin_unlock(&lock);
		if (!seen)
			cpu_relax();
	}
	lfx_assert(seen);
}

LFX_SCENARIO(fault_limit_lock) = {
	.name = "fault-limit-lock",
	.what = "a busy-wait loop of 1,000 turns, each of which takes a lock",
	.threads = {
		{ "setter", set_done }, { "waits", look_with_lock },
	},
	.fails = "assertion",
};

/* The number is in memory, on the stack. */
static noinline bool take_one(int *left)
{
	return (*left)-- > 0;
}

static void try_for_long(void)
{
	int left = 1000;

	while (take_one(&left)) {
		if (spin_trylock(&lock)) {
			spin_unlock(&lock);
			return;
		}
		cpu_relax();
	}
	lfx_assert(!"the lock was free");
}

LFX_SCENARIO(fault_limit_trylock) = {
	.name = "fault-limit-trylock",
	.what = "1,000 attempts to take a lock, and their failure is not expected",
	.threads = {
		{ "holder", set_done }, { "tries", try_for_long },
	},
	.fails = "assertion",
};

/* The number is in memory that no other thread uses. */
static void wait_with_object(void)
{
	int *left = kmalloc(sizeof(*left), GFP_KERNEL);

	lfx_assert(left);
	*left = 1000;
	while (!READ_ONCE(flag) && take_one(left))
		cpu_relax();
	lfx_assert(*left >= 0);
	kfree(left);
}

LFX_SCENARIO(fault_limit_object) = {
	.name = "fault-limit-object",
	.what = "a busy-wait loop counts to 1,000 in an object of its own",
	.threads = {
		{ "setter", set_flag }, { "waits", wait_with_object },
	},
	.fails = "assertion",
};

/* It gives up while the other thread is between its writes. */
static void wait_and_tell(void)
{
	if (!wait_turns(3, 100))
		WRITE_ONCE(answer, 1);
}

static void set_and_look(void)
{
	WRITE_ONCE(flag, 1);
	WRITE_ONCE(flag, 2);
	lfx_assert(!READ_ONCE(answer));
	WRITE_ONCE(flag, 3);
}

LFX_SCENARIO(fault_limit_in_between) = {
	.name = "fault-limit-in-between",
	.what = "a busy-wait loop ends while another thread is on its way",
	.threads = {
		{ "setter", set_and_look }, { "waits", wait_and_tell },
	},
	.fails = "assertion",
};

/* The end is expected. */
static void wait_turns_or_not(void)
{
	(void)wait_turns(1, 1000);
}

LFX_SCENARIO(fixed_limit_turns) = {
	.name = "fixed-limit-turns",
	.what = "a busy-wait loop of 1,000 turns, and its end is expected",
	.threads = {
		{ "setter", set_flag }, { "waits", wait_turns_or_not },
	},
};

LFX_SCENARIO(fixed_limit_two) = {
	.name = "fixed-limit-two",
	.what = "two busy-wait loops of 1,000 turns against three writes",
	.threads = {
		{ "setter", set_flag_to_three }, { "one", wait_turns_or_not },
		{ "two", wait_turns_or_not },
	},
};

LFX_SCENARIO(fixed_limit_poll) = {
	.name = "fixed-limit-poll",
	.what = "a busy-wait loop of 100 us with delays, and its end is expected",
	.threads = {
		{ "setter", set_flag }, { "waits", poll_with_delays },
	},
};

/* A delay ends, although another thread could run. */
static void delay_and_set(void)
{
	lfx_assert(!READ_ONCE(answer));
	udelay(10);
	WRITE_ONCE(flag, 1);
}

static void expect_no_flag(void)
{
	lfx_assert(!READ_ONCE(flag));
}

LFX_SCENARIO(fault_limit_delay_ends) = {
	.name = "fault-limit-delay-ends",
	.what = "a delay of 10 us ends before another thread has done anything",
	.threads = {
		{ "delays", delay_and_set }, { "looks", expect_no_flag },
	},
	.fails = "assertion",
};

static void delay_once(void)
{
	WRITE_ONCE(answer, 1);
	udelay(10);
	WRITE_ONCE(answer, 2);
}

static void delays_with_limit(void)
{
	ktime_t end = ktime_add_ms(ktime_get(), 10);

	while (READ_ONCE(answer) != 2 && ktime_before(ktime_get(), end))
		udelay(5);
}

LFX_SCENARIO(fixed_limit_delays) = {
	.name = "fixed-limit-delays",
	.what = "a delay against a loop of 10 ms with delays",
	.threads = {
		{ "one", delay_once }, { "waits", delays_with_limit },
	},
};

/* No other thread can run: it takes all its turns. */
static void wait_in_check(void)
{
	lfx_assert(!wait_turns(2, 20000));
}

LFX_SCENARIO(fixed_limit_in_check) = {
	.name = "fixed-limit-in-check",
	.what = "a busy-wait loop of 20,000 turns after all threads",
	.threads = {
		{ "setter", set_flag }, { "waits", wait_turns_or_not },
	},
	.check = wait_in_check,
};

/* A turn that changes a word waits; if no other thread can run, its time is up soon. */
static atomic_t polls = ATOMIC_INIT(0);

static void poll_for_a_minute(void)
{
	unsigned long end = jiffies + 60 * HZ;

	while (!READ_ONCE(answer) && time_before(jiffies, end)) {
		atomic_inc(&polls);
		cpu_relax();
	}
}

LFX_SCENARIO(fixed_limit_updates) = {
	.name = "fixed-limit-updates",
	.what = "a busy-wait loop of a minute changes a word in each turn",
	.threads = {
		{ "setter", set_flag }, { "polls", poll_for_a_minute },
	},
};

/* The number of turns is no limit. */
static void count_turns_of_wait(void)
{
	unsigned long turns = 0;

	while (!READ_ONCE(flag)) {
		turns++;
		cpu_relax();
	}
	lfx_assert(turns != ULONG_MAX);
}

LFX_SCENARIO(fixed_no_limit) = {
	.name = "fixed-no-limit",
	.what = "a busy-wait loop counts its turns, and waits for ever",
	.threads = {
		{ "setter", set_flag }, { "waits", count_turns_of_wait },
	},
};

static void count_in_memory(void)
{
	while (!READ_ONCE(flag)) {
		answer++;
		cpu_relax();
	}
}

LFX_SCENARIO(fixed_no_limit_memory) = {
	.name = "fixed-no-limit-memory",
	.what = "a busy-wait loop counts its turns in memory",
	.threads = {
		{ "setter", set_flag }, { "waits", count_in_memory },
	},
};

/* Loops of sleeps: a thread may sleep for ever. */

static void sleep_until_flag(void)
{
	while (!READ_ONCE(flag))
		msleep(1);
}

static void sleep_for_a_while(void)
{
	unsigned long end = jiffies + HZ;

	while (!READ_ONCE(flag) && time_before(jiffies, end))
		schedule_timeout_interruptible(1);
}

static void sleep_and_believe(void)
{
	unsigned long end = jiffies + HZ;

	while (READ_ONCE(flag) != 3 && time_before(jiffies, end))
		schedule_timeout_uninterruptible(HZ / 2);
	lfx_assert(READ_ONCE(flag) != 2);
}

LFX_SCENARIO(fault_naps) = {
	.name = "fault-naps",
	.what = "a loop of sleeps ends in the middle of three writes",
	.threads = {
		{ "setter", set_flag_to_three }, { "sleeps", sleep_and_believe },
	},
	.fails = "assertion",
};

/* A variable, so that the compiler makes a loop. */
static int nr_sleeps = 3;

static void sleep_three_times(void)
{
	int i;

	for (i = 0; i < nr_sleeps; i++) {
		if (READ_ONCE(flag))
			return;
		msleep(1);
	}
	lfx_assert(READ_ONCE(flag));
}

LFX_SCENARIO(fault_three_naps) = {
	.name = "fault-three-naps",
	.what = "a loop of three sleeps, and its end is not expected",
	.threads = {
		{ "setter", set_flag }, { "sleeps", sleep_three_times },
	},
	.fails = "assertion",
};

LFX_SCENARIO(fixed_naps) = {
	.name = "fixed-naps",
	.what = "a loop of sleeps against three writes",
	.threads = {
		{ "setter", set_flag_to_three }, { "sleeps", sleep_until_flag },
	},
};

LFX_SCENARIO(fixed_naps_two) = {
	.name = "fixed-naps-two",
	.what = "two loops of sleeps, one with a limit, against a write",
	.threads = {
		{ "setter", set_flag }, { "sleeps", sleep_until_flag },
		{ "other", sleep_for_a_while },
	},
};

static void sleep_for_nobody(void)
{
	while (!READ_ONCE(answer))
		msleep(1);
}

LFX_SCENARIO(fault_naps_for_ever) = {
	.name = "fault-naps-for-ever",
	.what = "a loop of sleeps that waits for nobody",
	.threads = {
		{ "setter", set_flag }, { "sleeps", sleep_for_nobody },
	},
	.fails = "livelock",
};
