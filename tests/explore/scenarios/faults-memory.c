// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * More faults that the explorer has to find: memory that is used too late,
 * freed twice, or not at all; and a warning. See faults.c.
 */

#include "explore.h"

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/kref.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);

/*
 * A home-made fence: a flag and one callback. The callback runs after the lock
 * is released, or with the lock held.
 */

static struct call {
	void (*fn)(struct call *call);
	int calls;
} *registered;

static bool signalled;

static void count_call(struct call *call)
{
	call->calls++;
}

static void signal_then_call(void)
{
	struct call *call;

	spin_lock(&lock);
	signalled = true;
	call = registered;
	registered = NULL;
	spin_unlock(&lock);
	if (call)
		call->fn(call);
}

static void signal_and_call(void)
{
	spin_lock(&lock);
	signalled = true;
	if (registered)
		registered->fn(registered);
	registered = NULL;
	spin_unlock(&lock);
}

static void add(struct call *call)
{
	spin_lock(&lock);
	if (!signalled)
		registered = call;
	spin_unlock(&lock);
}

static void remove_call(void)
{
	spin_lock(&lock);
	registered = NULL;
	spin_unlock(&lock);
}

static noinline void add_remove_on_stack(void)
{
	struct call call = { .fn = count_call };

	add(&call);
	remove_call();
}

LFX_SCENARIO(fault_dead_frame) = {
	.name = "fault-dead-frame",
	.what = "a callback runs without the lock, and is in a stack frame",
	.threads = {
		{ "signaller", signal_then_call },
		{ "consumer", add_remove_on_stack },
	},
	.fails = "use after free",
};

LFX_SCENARIO(fixed_dead_frame) = {
	.name = "fixed-dead-frame",
	.what = "a callback runs with the lock, and is in a stack frame",
	.threads = {
		{ "signaller", signal_and_call },
		{ "consumer", add_remove_on_stack },
	},
};

/* Two threads drop a reference each, and there is one reference too few. */

static struct counted {
	atomic_t refs;
} *counted;

static void make_counted(void)
{
	counted = kzalloc_obj(*counted);
	atomic_set(&counted->refs, 2);
}

/* The count is tested after the change, in a second step. */
static void put_in_two_steps(void)
{
	atomic_dec(&counted->refs);
	if (!atomic_read(&counted->refs))
		kfree(counted);
}

static void put_in_one_step(void)
{
	if (atomic_dec_and_test(&counted->refs))
		kfree(counted);
}

LFX_SCENARIO(fault_put_in_two_steps) = {
	.name = "fault-put-in-two-steps",
	.what = "two threads decrement a count, and then test it",
	.setup = make_counted,
	.threads = {
		{ "thread 1", put_in_two_steps },
		{ "thread 2", put_in_two_steps },
	},
	.fails = "use after free",
};

LFX_SCENARIO(fixed_put_in_two_steps) = {
	.name = "fixed-put-in-two-steps",
	.what = "two threads decrement and test a count",
	.setup = make_counted,
	.threads = {
		{ "thread 1", put_in_one_step },
		{ "thread 2", put_in_one_step },
	},
};

/* Both threads find the pointer, and both free it. */

static int *item;

static void make_item(void)
{
	item = kzalloc_obj(*item);
}

static void take_in_two_steps(void)
{
	int *mine = READ_ONCE(item);

	WRITE_ONCE(item, NULL);
	kfree(mine);
}

static void take_in_one_step(void)
{
	kfree(xchg(&item, NULL));
}

LFX_SCENARIO(fault_freed_twice) = {
	.name = "fault-freed-twice",
	.what = "two threads load a pointer, clear it, and free the memory",
	.setup = make_item,
	.threads = {
		{ "thread 1", take_in_two_steps },
		{ "thread 2", take_in_two_steps },
	},
	.fails = "double free",
};

LFX_SCENARIO(fixed_freed_twice) = {
	.name = "fixed-freed-twice",
	.what = "two threads exchange a pointer for NULL, and free the memory",
	.setup = make_item,
	.threads = {
		{ "thread 1", take_in_one_step },
		{ "thread 2", take_in_one_step },
	},
};

/* Two threads fill an empty slot, and one of them is overwritten. */

static int *filled;

static void fill_in_two_steps(void)
{
	int *mine = kzalloc_obj(*mine);

	if (!READ_ONCE(filled))
		WRITE_ONCE(filled, mine);
	else
		kfree(mine);
}

static void fill_in_one_step(void)
{
	int *mine = kzalloc_obj(*mine);

	if (cmpxchg(&filled, NULL, mine))
		kfree(mine);
}

static void free_filled(void)
{
	kfree(filled);
}

LFX_SCENARIO(fault_leak) = {
	.name = "fault-leak",
	.what = "two threads test and fill an empty slot",
	.threads = {
		{ "thread 1", fill_in_two_steps },
		{ "thread 2", fill_in_two_steps },
	},
	.check = free_filled,
	.fails = "leak",
};

LFX_SCENARIO(fixed_leak) = {
	.name = "fixed-leak",
	.what = "two threads fill an empty slot with cmpxchg()",
	.threads = {
		{ "thread 1", fill_in_one_step },
		{ "thread 2", fill_in_one_step },
	},
	.check = free_filled,
};

/* Only a warning shows that a reference is taken to a dead object. */

static struct kref ref;

static void make_ref(void)
{
	kref_init(&ref);
}

static void release_nothing(struct kref *kref)
{
}

static void put_ref(void)
{
	kref_put(&ref, release_nothing);
}

static void get_without_test(void)
{
	kref_get(&ref);
	kref_put(&ref, release_nothing);
}

static void get_with_test(void)
{
	if (kref_get_unless_zero(&ref))
		kref_put(&ref, release_nothing);
}

LFX_SCENARIO(fault_dead_reference) = {
	.name = "fault-dead-reference",
	.what = "kref_get() against the last put",
	.setup = make_ref,
	.threads = { { "owner", put_ref }, { "reader", get_without_test } },
	.fails = "warning",
};

LFX_SCENARIO(fixed_dead_reference) = {
	.name = "fixed-dead-reference",
	.what = "kref_get_unless_zero() against the last put",
	.setup = make_ref,
	.threads = { { "owner", put_ref }, { "reader", get_with_test } },
};

/* The pointer that is freed has moved on. */

static char *text;

static void make_text(void)
{
	text = kzalloc(16, GFP_KERNEL);
}

static void skip_first(void)
{
	WRITE_ONCE(text, READ_ONCE(text) + 1);
}

static void free_text(void)
{
	kfree(xchg(&text, NULL));
}

LFX_SCENARIO(fault_bad_free) = {
	.name = "fault-bad-free",
	.what = "a pointer is moved against a free of it",
	.setup = make_text,
	.threads = { { "owner", free_text }, { "reader", skip_first } },
	.fails = "bad free",
};

/* Freed after a grace period, and used by a reader that is in no read-side section. */

static struct versioned {
	struct rcu_head rcu;
	int version;
} *latest;

static void make_version(void)
{
	latest = kzalloc_obj(*latest);
}

static void replace_freely(void)
{
	struct versioned *old = xchg(&latest, NULL);

	kfree_rcu(old, rcu);
}

static void read_unprotected(void)
{
	struct versioned *v = READ_ONCE(latest);

	if (v)
		READ_ONCE(v->version);
}

static void read_protected(void)
{
	guard(rcu)();
	read_unprotected();
}

LFX_SCENARIO(fault_kfree_rcu) = {
	.name = "fault-kfree-rcu",
	.what = "kfree_rcu() against a reader in no read-side section",
	.setup = make_version,
	.threads = {
		{ "writer", replace_freely }, { "reader", read_unprotected },
	},
	.fails = "use after free",
};

LFX_SCENARIO(fixed_kfree_rcu) = {
	.name = "fixed-kfree-rcu",
	.what = "kfree_rcu() against a reader in a read-side section",
	.setup = make_version,
	.threads = {
		{ "writer", replace_freely }, { "reader", read_protected },
	},
};
