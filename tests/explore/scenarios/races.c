// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Accesses that are in no data race, as the kernel's memory model has it, beside some
 * that are: address dependencies, the ends of functions, seqlocks and data_race().
 */
#include <linux/atomic.h>
#include <linux/processor.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "explore.h"

struct box {
	struct box *next;
	int value;
};

static struct box *head __aligned(8);
static int data __aligned(8);

/* A pointer that is stored with release order, and loaded with READ_ONCE(). */

static void publish_box(void)
{
	struct box *box = kzalloc(sizeof(*box), GFP_KERNEL);

	lfx_assert(box);
	data = 1;
	box->value = 1;
	smp_store_release(&head, box);
}

static void read_box(void)
{
	struct box *box = READ_ONCE(head);

	if (box)
		lfx_assert(box->value == 1);
}

static void read_more_than_box(void)
{
	if (READ_ONCE(head))
		lfx_assert(data == 1);
}

static void free_box(void)
{
	kfree(head);
}

LFX_SCENARIO(fixed_address_dependency) = {
	.name = "fixed-address-dependency",
	.what = "a read through a pointer that was loaded with READ_ONCE()",
	.threads = { { "publishes", publish_box }, { "reads", read_box } },
	.check = free_box,
};

LFX_SCENARIO(fault_no_dependency) = {
	.name = "fault-no-dependency",
	.what = "a read of another variable after READ_ONCE() of a pointer",
	.threads = {
		{ "publishes", publish_box }, { "reads", read_more_than_box },
	},
	.check = free_box,
	.fails = "data race",
};

static void publish_box_too_early(void)
{
	struct box *box = kzalloc(sizeof(*box), GFP_KERNEL);

	lfx_assert(box);
	smp_store_release(&head, box);
	box->value = 1;
}

static void read_new_box(void)
{
	struct box *box = READ_ONCE(head);

	if (box)
		(void)*(volatile int *)&box->value;
}

LFX_SCENARIO(fault_publish_early) = {
	.name = "fault-publish-early",
	.what = "an object is written after it was published",
	.threads = {
		{ "publishes", publish_box_too_early }, { "reads", read_new_box },
	},
	.check = free_box,
	.fails = "data race",
};

/* A lock of Mellor-Crummey and Scott: each thread waits for a word of its own stack. */

static struct waiter {
	struct waiter *next;
	int locked;
} *tail __aligned(8);

static void take_turns(void)
{
	struct waiter me = { }, *before, *next;

	before = xchg(&tail, &me);
	if (before) {
		WRITE_ONCE(before->next, &me);
		while (!smp_load_acquire(&me.locked))
			cpu_relax();
	}
	data++;
	next = READ_ONCE(me.next);
	if (!next) {
		if (cmpxchg_release(&tail, &me, NULL) == &me)
			return;
		while (!(next = READ_ONCE(me.next)))
			cpu_relax();
	}
	smp_store_release(&next->locked, 1);
}

static void expect_two(void)
{
	lfx_assert(data == 2);
}

LFX_SCENARIO(fixed_mcs) = {
	.name = "fixed-mcs",
	.what = "two threads with an MCS lock on their stacks",
	.threads = { { "one", take_turns }, { "two", take_turns } },
	.check = expect_two,
};

/* It is gone before the other thread has written to it. */
static noinline void take_turn(void)
{
	struct waiter me = { }, *before;

	before = xchg(&tail, &me);
	if (before)
		WRITE_ONCE(before->next, &me);
}

static int flag __aligned(8);

static void take_turn_and_wait(void)
{
	take_turn();
	while (!smp_load_acquire(&flag))
		cpu_relax();
}

static void take_turn_and_tell(void)
{
	take_turn();
	smp_store_release(&flag, 1);
}

LFX_SCENARIO(fault_mcs_leaves) = {
	.name = "fault-mcs-leaves",
	.what = "a function ends while another thread may still write to its variable",
	.threads = {
		{ "one", take_turn_and_wait }, { "two", take_turn_and_tell },
	},
	.fails = "use after free",
};

/* A cmpxchg() that fails orders nothing. */

static int word __aligned(8);

static void set_data_and_word(void)
{
	data = 1;
	smp_store_release(&word, 1);
}

static void exchange_one(void)
{
	if (cmpxchg(&word, 1, 2) == 1)
		lfx_assert(data == 1);
}

static void exchange_zero(void)
{
	if (cmpxchg(&word, 0, 2) == 1)
		lfx_assert(data == 1);
}

LFX_SCENARIO(fixed_cmpxchg_succeeds) = {
	.name = "fixed-cmpxchg-succeeds",
	.what = "a message; the reader's cmpxchg() succeeds",
	.threads = {
		{ "writes", set_data_and_word }, { "reads", exchange_one },
	},
};

LFX_SCENARIO(fault_cmpxchg_fails) = {
	.name = "fault-cmpxchg-fails",
	.what = "a message; the reader's cmpxchg() fails",
	.threads = {
		{ "writes", set_data_and_word }, { "reads", exchange_zero },
	},
	.fails = "data race",
};

/* Plain data of a seqlock. */

static DEFINE_SEQLOCK(seqlock);
static int pair[2] __aligned(8);

static void write_pair(void)
{
	write_seqlock(&seqlock);
	pair[0]++;
	pair[1]++;
	write_sequnlock(&seqlock);
}

static void read_pair(void)
{
	unsigned int seq;
	int a, b;

	do {
		seq = read_seqbegin(&seqlock);
		a = pair[0];
		b = pair[1];
	} while (read_seqretry(&seqlock, seq));
	lfx_assert(a == b);
}

static void read_pair_once(void)
{
	int a, b;

	(void)read_seqbegin(&seqlock);
	a = pair[0];
	b = pair[1];
	lfx_assert(a == b);
}

static void read_pair_and_more(void)
{
	read_pair();
	(void)*(volatile int *)pair;
}

LFX_SCENARIO(fixed_seqlock) = {
	.name = "fixed-seqlock",
	.what = "plain data of a seqlock, which the reader reads again",
	.threads = { { "writes", write_pair }, { "reads", read_pair } },
};

LFX_SCENARIO(fault_seqlock_no_retry) = {
	.name = "fault-seqlock-no-retry",
	.what = "a reader of a seqlock does not read again",
	.threads = { { "writes", write_pair }, { "reads", read_pair_once } },
	.fails = "assertion",
};

LFX_SCENARIO(fault_seqlock_outside) = {
	.name = "fault-seqlock-outside",
	.what = "the data of a seqlock is read after the section",
	.threads = { { "writes", write_pair }, { "reads", read_pair_and_more } },
	.fails = "data race",
};

/* data_race(), and a section without it. */

static DEFINE_SPINLOCK(lock);

static void count_with_lock(void)
{
	spin_lock(&lock);
	data++;
	barrier();
	data++;
	spin_unlock(&lock);
}

static void look_at_count(void)
{
	lfx_assert(data_race(data) >= 0);
}

static void expect_even_count(void)
{
	lfx_assert(data_race(data) != 1);
}

static void look_at_count_twice(void)
{
	lfx_assert(data_race(data) >= 0);
	(void)*(volatile int *)&data;
}

LFX_SCENARIO(fixed_data_race) = {
	.name = "fixed-data-race",
	.what = "data_race() of a count that another thread writes with a lock",
	.threads = { { "writes", count_with_lock }, { "reads", look_at_count } },
};

LFX_SCENARIO(fault_data_race_value) = {
	.name = "fault-data-race-value",
	.what = "data_race() finds a value from the middle of a section",
	.threads = {
		{ "writes", count_with_lock }, { "reads", expect_even_count },
	},
	.fails = "assertion",
};

LFX_SCENARIO(fault_data_race_ends) = {
	.name = "fault-data-race-ends",
	.what = "a plain read after data_race()",
	.threads = {
		{ "writes", count_with_lock }, { "reads", look_at_count_twice },
	},
	.fails = "data race",
};

static void free_and_look(void)
{
	struct box *box = smp_load_acquire(&head);

	if (box)
		lfx_assert(data_race(box->value) == 1);
}

static void take_and_free_box(void)
{
	struct box *box = xchg(&head, NULL);

	kfree(box);
}

LFX_SCENARIO(fault_data_race_freed) = {
	.name = "fault-data-race-freed",
	.what = "data_race() of an object that is freed",
	.setup = publish_box,
	.threads = { { "frees", take_and_free_box }, { "reads", free_and_look } },
	.fails = "use after free",
};
