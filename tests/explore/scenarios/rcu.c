// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * RCU, and code that is built on it: grace periods against readers, references that
 * are taken under RCU, and the xarray.
 */

#include "explore.h"

#include <linux/kref.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/xarray.h>

static struct item {
	struct rcu_head rcu;
	struct kref ref;
	int value;
} *old;

static struct item __rcu *slot;
static int freed;

static struct item *new_item(int value)
{
	struct item *item = kzalloc_obj(*item);

	kref_init(&item->ref);
	item->value = value;
	return item;
}

static void make_slot(void)
{
	old = new_item(1);
	rcu_assign_pointer(slot, old);
}

static void read_slot(void)
{
	struct item *item;

	rcu_read_lock();
	item = rcu_dereference(slot);
	if (item)
		lfx_assert(item->value == 1 || item->value == 2);
	rcu_read_unlock();
}

static void free_slot(void)
{
	kfree(rcu_dereference_protected(slot, true));
}

/* A grace period ends after the sections that may have the old item. */

static void replace_synchronize_free(void)
{
	rcu_assign_pointer(slot, new_item(2));
	synchronize_rcu();
	kfree(old);
}

LFX_SCENARIO(rcu_synchronize) = {
	.name = "rcu-synchronize",
	.what = "replacing, synchronize_rcu() and kfree() against two readers",
	.setup = make_slot,
	.threads = {
		{ "writer", replace_synchronize_free },
		{ "reader 1", read_slot },
		{ "reader 2", read_slot },
	},
	.check = free_slot,
};

static void free_item(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct item, rcu));
	freed++;
}

static void replace_call_barrier(void)
{
	rcu_assign_pointer(slot, new_item(2));
	call_rcu(&old->rcu, free_item);
	rcu_barrier();
	lfx_assert(freed == 1);
}

LFX_SCENARIO(rcu_call_barrier) = {
	.name = "rcu-call-barrier",
	.what = "replacing, call_rcu() and rcu_barrier() against a reader",
	.setup = make_slot,
	.threads = {
		{ "writer", replace_call_barrier }, { "reader", read_slot },
	},
	.check = free_slot,
};

/* Nothing is queued, so rcu_barrier() need not wait for readers. */

static void replace_barrier_free(void)
{
	rcu_assign_pointer(slot, new_item(2));
	rcu_barrier();
	kfree(old);
}

LFX_SCENARIO(fault_barrier_alone) = {
	.name = "fault-barrier-alone",
	.what = "replacing, rcu_barrier() and kfree() against a reader",
	.setup = make_slot,
	.threads = {
		{ "writer", replace_barrier_free }, { "reader", read_slot },
	},
	.check = free_slot,
	.fails = "use after free",
};

/* Nor for a grace period that was asked for, which has no callback. */
static int passed;

static void reset_passed(void)
{
	passed = 0;
}

static void ask_and_pass_barrier(void)
{
	get_state_synchronize_rcu();
	rcu_barrier();
	WRITE_ONCE(passed, 1);
}

static void read_until_passed(void)
{
	rcu_read_lock();
	while (!READ_ONCE(passed))
		cpu_relax();
	rcu_read_unlock();
}

LFX_SCENARIO(rcu_barrier_and_cookie) = {
	.name = "rcu-barrier-and-cookie",
	.what = "rcu_barrier() with nothing queued against a reader that waits for it",
	.setup = reset_passed,
	.threads = {
		{ "writer", ask_and_pass_barrier },
		{ "reader", read_until_passed },
	},
};

static void replace_kfree_rcu(void)
{
	rcu_assign_pointer(slot, new_item(2));
	kfree_rcu(old, rcu);
}

static void read_slot_nested(void)
{
	rcu_read_lock();
	read_slot();
	read_slot();
	rcu_read_unlock();
}

LFX_SCENARIO(rcu_kfree) = {
	.name = "rcu-kfree",
	.what = "replacing and kfree_rcu() against nested sections",
	.setup = make_slot,
	.threads = {
		{ "writer", replace_kfree_rcu }, { "reader", read_slot_nested },
	},
	.check = free_slot,
};

/* A section with interrupts disabled is a read-side section, too. */

static void read_slot_irqs_off(void)
{
	struct item *item;

	local_irq_disable();
	item = rcu_dereference_check(slot, irqs_disabled());
	lfx_assert(item->value == 1 || item->value == 2);
	local_irq_enable();
}

LFX_SCENARIO(rcu_irqs_off) = {
	.name = "rcu-irqs-off",
	.what = "synchronize_rcu() and kfree() against disabled interrupts",
	.setup = make_slot,
	.threads = {
		{ "writer", replace_synchronize_free },
		{ "reader", read_slot_irqs_off },
	},
	.check = free_slot,
};

/* A reference that is taken under RCU is valid after the section. */

static void release_item(struct kref *ref)
{
	kfree_rcu(container_of(ref, struct item, ref), rcu);
}

static void empty_and_put(void)
{
	RCU_INIT_POINTER(slot, NULL);
	kref_put(&old->ref, release_item);
}

static void get_from_slot(void)
{
	struct item *item;

	rcu_read_lock();
	item = rcu_dereference(slot);
	if (item && !kref_get_unless_zero(&item->ref))
		item = NULL;
	rcu_read_unlock();
	if (!item)
		return;
	lfx_assert(item->value == 1);
	kref_put(&item->ref, release_item);
}

LFX_SCENARIO(rcu_get) = {
	.name = "rcu-get",
	.what = "the last put against two readers that take references",
	.setup = make_slot,
	.threads = {
		{ "owner", empty_and_put },
		{ "reader 1", get_from_slot },
		{ "reader 2", get_from_slot },
	},
};

/* The xarray: readers take no lock. */

static DEFINE_XARRAY(items);

static void make_items(void)
{
	lfx_assert(!xa_store(&items, 3, new_item(1), GFP_KERNEL));
}

static void load_item(void)
{
	struct item *item;

	rcu_read_lock();
	item = xa_load(&items, 3);
	if (item)
		lfx_assert(item->value == 1 || item->value == 2);
	rcu_read_unlock();
}

static void erase_item(void)
{
	struct item *item = xa_erase(&items, 3);

	kfree_rcu(item, rcu);
}

LFX_SCENARIO(xarray_erase) = {
	.name = "xarray-erase",
	.what = "xa_erase() and kfree_rcu() against two xa_load()",
	.setup = make_items,
	.threads = {
		{ "writer", erase_item },
		{ "reader 1", load_item },
		{ "reader 2", load_item },
	},
};

/* An index far away: the array needs more levels, which it gets meanwhile. */
static void grow_and_shrink(void)
{
	struct item *item = new_item(2);

	lfx_assert(!xa_store(&items, 1000, item, GFP_KERNEL));
	lfx_assert(xa_erase(&items, 1000) == item);
	kfree(item);
}

static void load_item_always(void)
{
	struct item *item;

	rcu_read_lock();
	item = xa_load(&items, 3);
	lfx_assert(item && item->value == 1);
	rcu_read_unlock();
}

static void erase_and_destroy(void)
{
	erase_item();
	lfx_assert(xa_empty(&items));
	xa_destroy(&items);
}

LFX_SCENARIO(xarray_grow) = {
	.name = "xarray-grow",
	.what = "an array that grows and shrinks against xa_load()",
	.setup = make_items,
	.threads = {
		{ "writer", grow_and_shrink }, { "reader", load_item_always },
	},
	.check = erase_and_destroy,
};

/* Two threads insert at one index: one of them does. */

static int inserted[2];

static void insert_as(int i)
{
	struct item *item = new_item(1 + i);

	inserted[i] = xa_insert(&items, 3, item, GFP_KERNEL);
	lfx_assert(!inserted[i] || inserted[i] == -EBUSY);
	if (inserted[i])
		kfree(item);
}

static void insert_0(void)
{
	insert_as(0);
}

static void insert_1(void)
{
	insert_as(1);
}

static void check_inserted(void)
{
	lfx_assert(!inserted[0] != !inserted[1]);
	erase_and_destroy();
}

LFX_SCENARIO(xarray_insert) = {
	.name = "xarray-insert",
	.what = "two xa_insert() at one index against xa_load()",
	.threads = {
		{ "inserter 0", insert_0 },
		{ "inserter 1", insert_1 },
		{ "reader", load_item },
	},
	.check = check_inserted,
};
