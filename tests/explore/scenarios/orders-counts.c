// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * More scenarios for ../reduction.py: operations that may commute. Two that change a
 * count of references do, unless it reaches 0; a write that leaves the value as it is
 * does with reads.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "explore.h"

static refcount_t count, count_2;
static int x, y;
static unsigned long bits;

static void hold_one(void)
{
	refcount_set(&count, 1);
}

static void hold_two(void)
{
	refcount_set(&count, 2);
}

static void hold_three(void)
{
	refcount_set(&count, 3);
}

/* The last one has something to do that the others see. */
static void put(void)
{
	if (refcount_dec_and_test(&count))
		WRITE_ONCE(x, 1);
}

static void get_and_put(void)
{
	if (refcount_inc_not_zero(&count))
		put();
}

static void get_put_read_x(void)
{
	get_and_put();
	(void)READ_ONCE(x);
}

LFX_SCENARIO(order_count_held) = {
	.name = "order-count-held",
	.what = "three threads take and drop a reference, and one is held",
	.setup = hold_one,
	.threads = {
		{ "one", get_and_put }, { "two", get_and_put },
		{ "three", get_put_read_x },
	},
};

LFX_SCENARIO(order_count_last) = {
	.name = "order-count-last",
	.what = "the last put against two that may take a reference",
	.setup = hold_one,
	.threads = {
		{ "owner", put }, { "two", get_and_put },
		{ "three", get_put_read_x },
	},
};

LFX_SCENARIO(order_count_three_puts) = {
	.name = "order-count-three-puts",
	.what = "three threads drop the last three references",
	.setup = hold_three,
	.threads = { { "one", put }, { "two", put }, { "three", put } },
};

/* A drop is of no matter until a reference that was taken before it is missing. */
static void get_and_hand_on(void)
{
	if (refcount_inc_not_zero(&count))
		smp_store_release(&y, 1);
}

static void put_if_handed_on(void)
{
	if (smp_load_acquire(&y))
		put();
	else
		(void)READ_ONCE(x);
}

LFX_SCENARIO(order_count_handed_on) = {
	.name = "order-count-handed-on",
	.what = "a reference is handed on, and one is dropped",
	.setup = hold_one,
	.threads = {
		{ "first", get_and_hand_on }, { "second", put_if_handed_on },
		{ "owner", put },
	},
};

static void get_and_put_both(void)
{
	if (refcount_inc_not_zero(&count)) {
		put();
		put();
	}
}

LFX_SCENARIO(order_count_one_taken) = {
	.name = "order-count-one-taken",
	.what = "a thread takes one reference and drops two",
	.setup = hold_one,
	.threads = { { "one", get_put_read_x }, { "two", get_and_put_both } },
};

static void only_get(void)
{
	if (!refcount_inc_not_zero(&count))
		WRITE_ONCE(y, 1);
}

/* Only the taken references keep it above 0, and nobody knows which. */
LFX_SCENARIO(order_count_not_mine) = {
	.name = "order-count-not-mine",
	.what = "two threads take a reference, and one drops two",
	.setup = hold_two,
	.threads = {
		{ "one", only_get }, { "two", only_get }, { "three", put },
		{ "four", put },
	},
};

static void read_count(void)
{
	if (refcount_read(&count) > 2)
		WRITE_ONCE(x, 2);
}

LFX_SCENARIO(order_count_read) = {
	.name = "order-count-read",
	.what = "a count is read while two threads take and drop a reference",
	.setup = hold_two,
	.threads = {
		{ "one", get_and_put }, { "two", get_and_put },
		{ "reader", read_count },
	},
};

static void set_count(void)
{
	refcount_set(&count, 2);
}

LFX_SCENARIO(order_count_set) = {
	.name = "order-count-set",
	.what = "a count is set while two threads use it",
	.setup = hold_three,
	.threads = {
		{ "one", put }, { "two", get_and_put }, { "setter", set_count },
	},
};

/* The second drop needs the pair of the first one, which can have another. */

static int one_taken, two_taken;

static void get_one(void)
{
	refcount_inc(&count);
	smp_store_release(&one_taken, 1);
}

static void get_two(void)
{
	refcount_inc(&count);
	smp_store_release(&two_taken, 1);
}

static void put_after_both(void)
{
	if (smp_load_acquire(&one_taken) && smp_load_acquire(&two_taken))
		put();
}

static void put_after_one(void)
{
	if (smp_load_acquire(&one_taken))
		put();
}

LFX_SCENARIO(order_count_pairs) = {
	.name = "order-count-pairs",
	.what = "two references are dropped by threads that know one or both",
	.setup = hold_one,
	.threads = {
		{ "one", get_one }, { "two", get_two },
		{ "both", put_after_both }, { "first", put_after_one },
	},
};

/* The references of before are of no use any more. */
static int renewed;

static void get_put_hand_on(void)
{
	get_and_put();
	smp_store_release(&y, 1);
}

static void renew_and_use(void)
{
	if (!smp_load_acquire(&y))
		return;
	refcount_set(&count, 1);
	smp_store_release(&renewed, 1);
	get_and_put();
}

static void put_renewed(void)
{
	if (smp_load_acquire(&renewed))
		put();
}

LFX_SCENARIO(order_count_renewed) = {
	.name = "order-count-renewed",
	.what = "a count of three is used, and then set to one",
	.setup = hold_three,
	.threads = {
		{ "before", get_put_hand_on }, { "setter", renew_and_use },
		{ "owner", put_renewed },
	},
};

/* The engine takes them for one word, because they were set at once. */
static union {
	struct {
		refcount_t a, b;
	};
	u64 both;
} neighbours;

static void hold_neighbours(void)
{
	neighbours.both = 0;
	refcount_set(&neighbours.a, 3);
	refcount_set(&neighbours.b, 1);
}

static void get_and_put_a(void)
{
	refcount_inc(&neighbours.a);
	refcount_dec(&neighbours.a);
}

static void get_and_put_b(void)
{
	if (refcount_inc_not_zero(&neighbours.b) &&
	    refcount_dec_and_test(&neighbours.b))
		WRITE_ONCE(x, 1);
}

static void put_b(void)
{
	if (refcount_dec_and_test(&neighbours.b))
		WRITE_ONCE(x, 1);
}

LFX_SCENARIO(order_count_neighbours) = {
	.name = "order-count-neighbours",
	.what = "two counts side by side, which were set at once",
	.setup = hold_neighbours,
	.threads = {
		{ "a", get_and_put_a }, { "b", get_and_put_b },
		{ "owner of b", put_b },
	},
};

static void hold_one_of_each(void)
{
	refcount_set(&count, 1);
	refcount_set(&count_2, 1);
}

static void get_2_put_1(void)
{
	if (!refcount_inc_not_zero(&count_2))
		return;
	put();
	if (refcount_dec_and_test(&count_2))
		WRITE_ONCE(y, 1);
}

static void get_1_put_2(void)
{
	if (!refcount_inc_not_zero(&count))
		return;
	if (refcount_dec_and_test(&count_2))
		WRITE_ONCE(y, 1);
	put();
}

LFX_SCENARIO(order_count_crossed) = {
	.name = "order-count-crossed",
	.what = "two threads take one count and drop the other one",
	.setup = hold_one_of_each,
	.threads = { { "one", get_2_put_1 }, { "two", get_1_put_2 } },
};

/* Writes that write nothing. */

static void set_bit_0(void)
{
	if (!test_and_set_bit(0, &bits))
		WRITE_ONCE(x, 1);
}

static void test_bit_0(void)
{
	if (test_bit(0, &bits))
		(void)READ_ONCE(x);
}

LFX_SCENARIO(order_same_bit) = {
	.name = "order-same-bit",
	.what = "three threads set a bit, and one of them was first",
	.threads = {
		{ "one", set_bit_0 }, { "two", set_bit_0 },
		{ "three", set_bit_0 }, { "reader", test_bit_0 },
	},
};

static int data;

static void have_bit_0(void)
{
	bits = 1;
}

static void write_and_set_again(void)
{
	data = 1;
	if (test_and_set_bit(0, &bits))
		WRITE_ONCE(x, 1);
}

/* If the other one has found the bit, it has set it before this one cleared it. */
static void clear_and_read(void)
{
	test_and_clear_bit(0, &bits);
	if (READ_ONCE(x))
		lfx_assert(data == 1);
}

LFX_SCENARIO(order_same_value) = {
	.name = "order-same-value",
	.what = "a bit is set that was set before, and then cleared",
	.setup = have_bit_0,
	.threads = { { "one", write_and_set_again }, { "two", clear_and_read } },
};

static void set_and_clear(void)
{
	if (!test_and_set_bit(0, &bits))
		clear_bit(0, &bits);
}

LFX_SCENARIO(order_set_and_clear) = {
	.name = "order-set-and-clear",
	.what = "two threads set and clear a bit, one sets it",
	.threads = {
		{ "one", set_and_clear }, { "two", set_and_clear },
		{ "three", set_bit_0 },
	},
};

static void exchange_0_1(void)
{
	if (cmpxchg(&x, 0, 1))
		(void)READ_ONCE(y);
	else
		WRITE_ONCE(y, 1);
}

static void exchange_1_2(void)
{
	cmpxchg(&x, 1, 2);
}

LFX_SCENARIO(order_exchange) = {
	.name = "order-exchange",
	.what = "compare-and-exchange operations, and some of them fail",
	.threads = {
		{ "one", exchange_0_1 }, { "two", exchange_0_1 },
		{ "three", exchange_1_2 },
	},
};

static DEFINE_SPINLOCK(lock);

static void lock_and_write(void)
{
	spin_lock(&lock);
	WRITE_ONCE(x, 1);
	spin_unlock(&lock);
}

static void try_and_write(void)
{
	if (!spin_trylock(&lock))
		return;
	WRITE_ONCE(x, 2);
	spin_unlock(&lock);
}

LFX_SCENARIO(order_try_three) = {
	.name = "order-try-three",
	.what = "a lock is taken by one thread and tried by three",
	.threads = {
		{ "one", lock_and_write }, { "two", try_and_write },
		{ "three", try_and_write }, { "four", try_and_write },
	},
};

static void spin_to_set_bit(void)
{
	while (READ_ONCE(y) || test_and_set_bit(0, &bits))
		cpu_relax();
	WRITE_ONCE(x, 1);
	clear_bit(0, &bits);
}

LFX_SCENARIO(order_spin_bit) = {
	.name = "order-spin-bit",
	.what = "two busy-wait loops set a bit, and clear it",
	.threads = { { "one", spin_to_set_bit }, { "two", spin_to_set_bit } },
};

static void spin_for_count(void)
{
	while (refcount_read(&count) > 1)
		cpu_relax();
	(void)READ_ONCE(x);
}

LFX_SCENARIO(order_spin_count) = {
	.name = "order-spin-count",
	.what = "a busy-wait loop reads a count until two references are dropped",
	.setup = hold_three,
	.threads = {
		{ "one", put }, { "two", put }, { "spinner", spin_for_count },
	},
};

/* Turns of a busy-wait loop that change something, which other threads see. */

static atomic_t turns __aligned(8);
static int elsewhere __aligned(8);

static void count_turns_until_x(void)
{
	while (!READ_ONCE(x)) {
		atomic_inc(&turns);
		cpu_relax();
	}
}

static void read_turns_around_x(void)
{
	(void)atomic_read(&turns);
	WRITE_ONCE(x, 1);
	(void)atomic_read(&turns);
}

LFX_SCENARIO(order_spin_changes) = {
	.name = "order-spin-changes",
	.what = "a busy-wait loop counts its turns, another thread reads the count",
	.threads = {
		{ "spinner", count_turns_until_x },
		{ "reader", read_turns_around_x },
	},
};

/* A write to another word has nothing to do with the loop. */

static void write_elsewhere(void)
{
	WRITE_ONCE(elsewhere, 1);
}

static void read_elsewhere_write_x(void)
{
	(void)READ_ONCE(elsewhere);
	WRITE_ONCE(x, 1);
}

LFX_SCENARIO(order_spin_elsewhere) = {
	.name = "order-spin-elsewhere",
	.what = "the same; two threads use another word, one ends the loop",
	.threads = {
		{ "spinner", count_turns_until_x },
		{ "writer", write_elsewhere },
		{ "reader", read_elsewhere_write_x },
	},
};

static void count_to_three(void)
{
	while (atomic_inc_return(&turns) < 3)
		cpu_relax();
}

static void read_turns_twice(void)
{
	(void)atomic_read(&turns);
	(void)atomic_read(&turns);
}

LFX_SCENARIO(order_spin_alone) = {
	.name = "order-spin-alone",
	.what = "a busy-wait loop counts to three, and waits for nobody",
	.threads = {
		{ "counter", count_to_three }, { "writer", write_elsewhere },
		{ "reader", read_turns_twice },
	},
};

static void write_elsewhere_until_x(void)
{
	while (!READ_ONCE(x)) {
		WRITE_ONCE(elsewhere, 1);
		cpu_relax();
	}
}

static void wait_elsewhere_write_x(void)
{
	while (!READ_ONCE(elsewhere))
		cpu_relax();
	WRITE_ONCE(x, 1);
}

LFX_SCENARIO(order_spin_stores) = {
	.name = "order-spin-stores",
	.what = "two busy-wait loops, one of which ends the other one",
	.threads = {
		{ "one", write_elsewhere_until_x },
		{ "two", wait_elsewhere_write_x },
	},
};

/* A thread that has set no state only yields when it calls schedule(). */

static void yield_until_x(void)
{
	while (!READ_ONCE(x))
		schedule();
	(void)READ_ONCE(y);
}

static void write_y_then_x(void)
{
	WRITE_ONCE(y, 1);
	WRITE_ONCE(x, 1);
}

LFX_SCENARIO(order_yield) = {
	.name = "order-yield",
	.what = "a thread calls schedule() in a loop until a word is written",
	.threads = {
		{ "writer", write_y_then_x }, { "yields", yield_until_x },
	},
};
