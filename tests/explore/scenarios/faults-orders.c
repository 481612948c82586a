// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Faults of order that the explorer has to find, each beside the same code without
 * the fault. Most differ in one barrier, or in one bit of knowledge about time. See
 * faults.c. ../mutants.py shows that each part of the engine matters for one of them.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/kthread.h>
#include <linux/processor.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "explore.h"

static int data __aligned(8);
static int flag __aligned(8);

static void write_data(void)
{
	data = 7;
}

static void read_data(void)
{
	(void)*(volatile int *)&data;
}

/* The read comes first in the first run. A read is remembered, too. */
LFX_SCENARIO(fault_plain_read) = {
	.name = "fault-plain-read",
	.what = "a plain read, and then a plain write",
	.threads = { { "reader", read_data }, { "writer", write_data } },
	.fails = "data race",
};

static void load_data(void)
{
	(void)READ_ONCE(data);
}

LFX_SCENARIO(fault_plain_and_marked) = {
	.name = "fault-plain-and-marked",
	.what = "a plain write against a marked read",
	.threads = { { "writer", write_data }, { "reader", load_data } },
	.fails = "data race",
};

static void store_data(void)
{
	WRITE_ONCE(data, 7);
}

LFX_SCENARIO(fixed_plain_and_marked) = {
	.name = "fixed-plain-and-marked",
	.what = "a marked write against a marked read",
	.threads = { { "writer", store_data }, { "reader", load_data } },
};

static char bytes[2] __aligned(8);

static void write_first_byte(void)
{
	bytes[0] = 1;
}

static void write_second_byte(void)
{
	bytes[1] = 1;
}

static void check_bytes(void)
{
	lfx_assert(bytes[0] && bytes[1]);
}

LFX_SCENARIO(fixed_neighbours) = {
	.name = "fixed-neighbours",
	.what = "plain writes of two bytes side by side",
	.threads = {
		{ "one", write_first_byte }, { "two", write_second_byte },
	},
	.check = check_bytes,
};

/* Data and a flag: the reader's side. */

static void write_release(void)
{
	data = 7;
	smp_store_release(&flag, 1);
}

static void read_relaxed(void)
{
	if (READ_ONCE(flag))
		lfx_assert(data == 7);
}

LFX_SCENARIO(fault_no_acquire) = {
	.name = "fault-no-acquire",
	.what = "a flag is set with a release, and read without an acquire",
	.threads = { { "writer", write_release }, { "reader", read_relaxed } },
	.fails = "data race",
};

static void write_barrier(void)
{
	data = 7;
	smp_wmb();
	WRITE_ONCE(flag, 1);
}

static void read_barrier(void)
{
	if (!READ_ONCE(flag))
		return;
	smp_rmb();
	lfx_assert(data == 7);
}

LFX_SCENARIO(fixed_barriers) = {
	.name = "fixed-barriers",
	.what = "data and a flag with a barrier on each side",
	.threads = { { "writer", write_barrier }, { "reader", read_barrier } },
};

LFX_SCENARIO(fault_no_write_barrier) = {
	.name = "fault-no-write-barrier",
	.what = "data and a flag with a barrier on one side, the reader's",
	.threads = { { "writer", write_barrier }, { "reader", read_relaxed } },
	.fails = "data race",
};

/* Another thread writes to the flag, in between. */

static void increment_relaxed(void)
{
	__atomic_fetch_add(&flag, 1, __ATOMIC_RELAXED);
}

static void overwrite(void)
{
	if (READ_ONCE(flag) == 1)
		WRITE_ONCE(flag, 2);
}

static void read_if_2(void)
{
	if (smp_load_acquire(&flag) == 2)
		lfx_assert(data == 7);
}

/* A read-modify-write hands on the release of the store before it. */
LFX_SCENARIO(fixed_release_sequence) = {
	.name = "fixed-release-sequence",
	.what = "a release, a relaxed increment, and an acquire",
	.threads = {
		{ "writer", write_release }, { "other", increment_relaxed },
		{ "reader", read_if_2 },
	},
};

/* A store does not. */
LFX_SCENARIO(fault_release_sequence) = {
	.name = "fault-release-sequence",
	.what = "a release, a relaxed store, and an acquire",
	.threads = {
		{ "writer", write_release }, { "other", overwrite },
		{ "reader", read_if_2 },
	},
	.fails = "data race",
};

/* What holds as long as no thread is interrupted with the lock held. */

static DEFINE_SPINLOCK(lock);

static void count_with_lock(void)
{
	spin_lock(&lock);
	data++;
	spin_unlock(&lock);
}

static void try_once(void)
{
	lfx_assert(spin_trylock(&lock));
	spin_unlock(&lock);
}

LFX_SCENARIO(fault_trylock) = {
	.name = "fault-trylock",
	.what = "an attempt to take a lock that always succeeds, it is said",
	.threads = { { "holder", count_with_lock }, { "other", try_once } },
	.fails = "assertion",
};

/* A busy-wait loop may end as soon as one word is written. */

static void write_two(void)
{
	WRITE_ONCE(data, 1);
	WRITE_ONCE(flag, 1);
}

static void spin_for_data(void)
{
	do
		cpu_relax();
	while (!READ_ONCE(data));
	lfx_assert(READ_ONCE(flag));
}

static void spin_for_flag(void)
{
	while (!READ_ONCE(flag))
		cpu_relax();
	lfx_assert(READ_ONCE(data));
}

LFX_SCENARIO(fault_spin) = {
	.name = "fault-spin",
	.what = "a busy-wait loop waits for the first of two writes",
	.threads = { { "spinner", spin_for_data }, { "writer", write_two } },
	.fails = "assertion",
};

LFX_SCENARIO(fixed_spin) = {
	.name = "fixed-spin",
	.what = "a busy-wait loop waits for the second of two writes",
	.threads = { { "spinner", spin_for_flag }, { "writer", write_two } },
};

/* One thread writes. The reader may see each value. */

static void raise_and_lower(void)
{
	WRITE_ONCE(flag, 1);
	WRITE_ONCE(flag, 0);
}

static void read_flag(void)
{
	lfx_assert(!READ_ONCE(flag));
}

LFX_SCENARIO(fault_one_writer) = {
	.name = "fault-one-writer",
	.what = "a flag is raised for a moment against a reader",
	.threads = { { "writer", raise_and_lower }, { "reader", read_flag } },
	.fails = "assertion",
};

/* Accesses after a release, or after an unlock, are not ordered by it. */

static void write_after_release(void)
{
	smp_store_release(&flag, 1);
	data = 7;
}

static void read_after_acquire(void)
{
	if (smp_load_acquire(&flag))
		read_data();
}

LFX_SCENARIO(fault_after_release) = {
	.name = "fault-after-release",
	.what = "a flag is set before the data, and read before it",
	.threads = {
		{ "writer", write_after_release },
		{ "reader", read_after_acquire },
	},
	.fails = "data race",
};

static void write_after_unlock(void)
{
	spin_lock(&lock);
	spin_unlock(&lock);
	data = 7;
}

static void read_after_unlock(void)
{
	spin_lock(&lock);
	spin_unlock(&lock);
	read_data();
}

LFX_SCENARIO(fault_after_unlock) = {
	.name = "fault-after-unlock",
	.what = "data is written and read after the lock is released",
	.threads = {
		{ "writer", write_after_unlock },
		{ "reader", read_after_unlock },
	},
	.fails = "data race",
};

/* All is in order, but the memory is freed. */

static int *item;

static void make_item(void)
{
	item = kzalloc_obj(*item);
}

static void free_then_set(void)
{
	kfree(item);
	smp_store_release(&flag, 1);
}

static void read_item_if_set(void)
{
	if (smp_load_acquire(&flag))
		lfx_assert(!*(volatile int *)item);
}

LFX_SCENARIO(fault_used_after_free) = {
	.name = "fault-used-after-free",
	.what = "memory is freed, and then handed on",
	.setup = make_item,
	.threads = { { "owner", free_then_set }, { "reader", read_item_if_set } },
	.fails = "use after free",
};

/* Another thread waits while the lock is held, and there is a point inside. */

static void write_with_lock(void)
{
	spin_lock(&lock);
	WRITE_ONCE(flag, READ_ONCE(flag) + 1);
	spin_unlock(&lock);
}

static void check_flag_is_2(void)
{
	lfx_assert(flag == 2);
}

static void write_without_lock(void)
{
	WRITE_ONCE(flag, READ_ONCE(flag) + 1);
}

LFX_SCENARIO(fixed_held_lock) = {
	.name = "fixed-held-lock",
	.what = "two threads load and store a counter with a lock",
	.threads = { { "one", write_with_lock }, { "two", write_with_lock } },
	.check = check_flag_is_2,
};

LFX_SCENARIO(fault_held_lock) = {
	.name = "fault-held-lock",
	.what = "the same, and one has no lock",
	.threads = { { "one", write_with_lock }, { "two", write_without_lock } },
	.check = check_flag_is_2,
	.fails = "assertion",
};

/* Operations that nobody can tell the order of do not order anything else. */

static refcount_t count;
static unsigned long bits;

static void hold_four(void)
{
	refcount_set(&count, 4);
	bits = 1;
}

static void write_and_drop(void)
{
	data = 1;
	refcount_dec(&count);
}

static void drop_and_read(void)
{
	refcount_dec(&count);
	smp_mb();
	lfx_assert(data < 2);
}

LFX_SCENARIO(fault_after_drop) = {
	.name = "fault-after-drop",
	.what = "an access is ordered only by drops of references",
	.setup = hold_four,
	.threads = {
		{ "writer", write_and_drop }, { "reader", drop_and_read },
	},
	.fails = "data race",
};

static void write_and_set_bit(void)
{
	data = 1;
	test_and_set_bit(0, &bits);
}

static void test_bit_and_read(void)
{
	if (test_bit(0, &bits))
		lfx_assert(data < 2);
}

LFX_SCENARIO(fault_set_before) = {
	.name = "fault-set-before",
	.what = "an access is ordered only by a bit that was set before",
	.setup = hold_four,
	.threads = {
		{ "writer", write_and_set_bit }, { "reader", test_bit_and_read },
	},
	.fails = "data race",
};

/* The last drop is after all others. */
static void drop_and_free(void)
{
	if (refcount_dec_and_test(&count))
		kfree(item);
}

static void read_drop_and_free(void)
{
	(void)*(volatile int *)item;
	drop_and_free();
}

static void hold_item_twice(void)
{
	make_item();
	refcount_set(&count, 2);
}

LFX_SCENARIO(fixed_last_drop) = {
	.name = "fixed-last-drop",
	.what = "an item is read, and freed with the last reference",
	.setup = hold_item_twice,
	.threads = {
		{ "one", read_drop_and_free }, { "two", read_drop_and_free },
	},
};

/*
 * A busy-wait loop whose update fails goes on when it can succeed. Its first turns are
 * free: they change something.
 */

static int tried __aligned(8);

static void clear_then_set_flag(void)
{
	while (READ_ONCE(tried) < 3)
		cpu_relax();
	clear_bit(0, &bits);
	WRITE_ONCE(flag, 1);
}

static void spin_to_set_bit(void)
{
	int nr = 0;

	while (READ_ONCE(data) || test_and_set_bit(0, &bits)) {
		if (nr < 3)
			nr++;
		WRITE_ONCE(tried, nr);
		cpu_relax();
	}
	lfx_assert(READ_ONCE(flag));
}

LFX_SCENARIO(fault_spin_bit) = {
	.name = "fault-spin-bit",
	.what = "a busy-wait loop takes a bit, and believes more",
	.setup = hold_four,
	.threads = {
		{ "owner", clear_then_set_flag }, { "spinner", spin_to_set_bit },
	},
	.fails = "assertion",
};

/* So does one whose update has changed the word, but not found the value that it waits for. */

static void wait_and_set_bit(void)
{
	WRITE_ONCE(tried, 1);
	while (!test_bit(1, &bits))
		cpu_relax();
	set_bit(2, &bits);
	lfx_assert(!READ_ONCE(flag));
}

static void set_bit_until_answer(void)
{
	while (!READ_ONCE(tried))
		cpu_relax();
	while (!(__atomic_fetch_or(&bits, BIT(1), __ATOMIC_SEQ_CST) & BIT(2)))
		cpu_relax();
	WRITE_ONCE(flag, 1);
}

LFX_SCENARIO(fault_spin_update) = {
	.name = "fault-spin-update",
	.what = "a busy-wait loop sets a bit until another one is set",
	.threads = {
		{ "owner", wait_and_set_bit }, { "spinner", set_bit_until_answer },
	},
	.fails = "assertion",
};

/* A turn that has changed something is followed by another one, if nobody writes. */

static atomic_t turns __aligned(8);

static void count_turns(void)
{
	while (!READ_ONCE(flag)) {
		atomic_inc(&turns);
		cpu_relax();
	}
}

static void expect_few_turns(void)
{
	lfx_assert(atomic_read(&turns) < 3);
	WRITE_ONCE(flag, 1);
}

LFX_SCENARIO(fault_spin_counts) = {
	.name = "fault-spin-counts",
	.what = "a busy-wait loop counts its turns, more than is believed",
	.threads = {
		{ "spinner", count_turns }, { "believer", expect_few_turns },
	},
	.fails = "assertion",
};

/* A turn stores a word, and the next one stores it again if it was overwritten. */

static int answer __aligned(8);

static void store_until_flag(void)
{
	while (!READ_ONCE(flag)) {
		WRITE_ONCE(answer, 1);
		cpu_relax();
	}
}

static void clear_four_times(void)
{
	int i, answers = 0;

	for (i = 0; i < 4; i++) {
		WRITE_ONCE(answer, 0);
		answers += READ_ONCE(answer);
	}
	lfx_assert(answers < 4);
	WRITE_ONCE(flag, 1);
}

LFX_SCENARIO(fault_spin_stores) = {
	.name = "fault-spin-stores",
	.what = "a busy-wait loop stores a word that another thread clears",
	.threads = {
		{ "spinner", store_until_flag }, { "clears", clear_four_times },
	},
	.fails = "assertion",
};

/*
 * A busy-wait loop may look at plain data with a lock, and at other words without. Here
 * a thread that sleeps again and again does not let time decide.
 */

static DEFINE_SPINLOCK(done_lock);
static bool done;
static struct task_struct *spinner;

static int spin_for_done(void *unused)
{
	bool seen;

	for (;;) {
		spin_lock(&done_lock);
		seen = done;
		spin_unlock(&done_lock);
		if (seen)
			break;
		lfx_assert(test_bit(0, &bits));
		cpu_relax();
	}
	WRITE_ONCE(flag, 1);
	return 0;
}

static void start_spinner(void)
{
	spinner = kthread_run(spin_for_done, NULL, "spinner");
}

static void stop_spinner(void)
{
	int i;

	spin_lock(&done_lock);
	done = true;
	spin_unlock(&done_lock);
	for (i = 0; i < 100 && !READ_ONCE(flag); i++)
		schedule_timeout_uninterruptible(1);
	lfx_assert(READ_ONCE(flag));
	kthread_stop(spinner);
}

LFX_SCENARIO(fixed_spin_with_lock) = {
	.name = "fixed-spin-with-lock",
	.what = "a busy-wait loop waits for plain data under a lock",
	.setup = hold_four,
	.threads = { { "starter", start_spinner } },
	.check = stop_spinner,
};

/* A cmpxchg() that fails reads only, so plain reads may come at the same time. */

static int chosen = 1;

static void fail_to_choose(void)
{
	lfx_assert(cmpxchg(&chosen, 0, 2) == 1);
}

static void read_choice(void)
{
	lfx_assert(chosen == 1);
}

LFX_SCENARIO(fixed_cmpxchg_fails) = {
	.name = "fixed-cmpxchg-fails",
	.what = "a plain read against a cmpxchg() that fails",
	.threads = { { "chooser", fail_to_choose }, { "reader", read_choice } },
};
