// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Litmus tests of RCU, atomic operations and bits, with the kernel's orders: see
 * litmus.c.
 */
#include "litmus.h"

#include <linux/bitops.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#define KERNEL_NEVER(ident, test, text, prepare, checked, ...)		\
	LFX_SCENARIO(ident) = {						\
		.name = "litmus-" test,					\
		.what = text ": never",					\
		.setup = prepare,					\
		.threads = { __VA_ARGS__ },				\
		.check = checked,					\
		.stale = 2,						\
		.lkmm = true,						\
	}
#define KERNEL_SOMETIMES(ident, test, text, prepare, checked, failure, ...) \
	LFX_SCENARIO(ident) = {						\
		.name = "litmus-" test,					\
		.what = text ": sometimes",				\
		.setup = prepare,					\
		.threads = { __VA_ARGS__ },				\
		.check = checked,					\
		.stale = 2,						\
		.lkmm = true,						\
		.fails = failure,					\
	}

/* Grace periods */

static void section_load_x_load_y(void)
{
	rcu_read_lock();
	REGISTER(0) = READ_ONCE(x);
	REGISTER(1) = READ_ONCE(y);
	rcu_read_unlock();
}

static void section_load_y_load_x(void)
{
	rcu_read_lock();
	REGISTER(0) = READ_ONCE(y);
	REGISTER(1) = READ_ONCE(x);
	rcu_read_unlock();
}

static void store_x_wait_store_y(void)
{
	WRITE_ONCE(x, 1);
	synchronize_rcu();
	WRITE_ONCE(y, 1);
}

static void store_x_store_y(void)
{
	WRITE_ONCE(x, 1);
	WRITE_ONCE(y, 1);
}

static void check_sync_read(void)
{
	lfx_assert(!(r[1][0] == 0 && r[1][1] == 1));
}

static void check_reverse(void)
{
	lfx_assert(!(r[1][0] == 1 && r[1][1] == 0));
}

KERNEL_NEVER(rcu_sync_read, "RCU+sync+read",
	     "a section with the times before and after a grace period",
	     NULL, check_sync_read, { "reader", section_load_x_load_y },
	     { "writer", store_x_wait_store_y });
KERNEL_NEVER(rcu_sync_read_reverse, "RCU+sync+read-reverse",
	     "the same, with the loads in the other order", NULL, check_reverse,
	     { "reader", section_load_y_load_x },
	     { "writer", store_x_wait_store_y });
KERNEL_SOMETIMES(rcu_read, "RCU+read", "a section without a grace period",
		 NULL, check_reverse, "assertion",
		 { "reader", section_load_y_load_x },
		 { "writer", store_x_store_y });

static void store_x_wait_load_y(void)
{
	WRITE_ONCE(x, 1);
	synchronize_rcu();
	REGISTER(0) = READ_ONCE(y);
}

static void store_y_wait_load_x(void)
{
	WRITE_ONCE(y, 1);
	synchronize_rcu();
	REGISTER(0) = READ_ONCE(x);
}

static void section_store_y_load_x(void)
{
	rcu_read_lock();
	WRITE_ONCE(y, 1);
	REGISTER(0) = READ_ONCE(x);
	rcu_read_unlock();
}

static void check_sb(void)
{
	lfx_assert(r[1][0] == 1 || r[2][0] == 1);
}

KERNEL_NEVER(rcu_sb, "SB+sync+sync", "store buffering, two grace periods", NULL,
	     check_sb, { "first", store_x_wait_load_y },
	     { "second", store_y_wait_load_x });
KERNEL_NEVER(rcu_sb_section, "SB+sync+section",
	     "store buffering, a grace period and a section", NULL, check_sb,
	     { "first", store_x_wait_load_y },
	     { "second", section_store_y_load_x });

static void section_store_x_store_y(void)
{
	rcu_read_lock();
	WRITE_ONCE(x, 1);
	WRITE_ONCE(y, 1);
	rcu_read_unlock();
}

/* The grace period may begin between the stores. */
static void section_store_y_store_x(void)
{
	rcu_read_lock();
	WRITE_ONCE(y, 1);
	WRITE_ONCE(x, 1);
	rcu_read_unlock();
}

static void load_y_wait_load_x(void)
{
	REGISTER(0) = READ_ONCE(y);
	synchronize_rcu();
	REGISTER(1) = READ_ONCE(x);
}

static void check_section(void)
{
	lfx_assert(!(r[2][0] == 1 && r[2][1] == 0));
}

KERNEL_NEVER(rcu_mp, "MP+section+sync",
	     "message passing, a section and a grace period", NULL,
	     check_section, { "writer", section_store_x_store_y },
	     { "reader", load_y_wait_load_x });

KERNEL_NEVER(rcu_mp_within, "MP+section-reverse+sync",
	     "the same, with the stores in the other order", NULL,
	     check_section, { "writer", section_store_y_store_x },
	     { "reader", load_y_wait_load_x });

/* Address dependencies: the item is published, and then read through the pointer. */

struct item {
	int value;
	int plain;
};

static struct item __rcu *slot;
static struct item *first, *second;

static void make_items(void)
{
	first = kzalloc_obj(*first);
	second = kzalloc_obj(*second);
	RCU_INIT_POINTER(slot, first);
}

static void free_items(void)
{
	kfree(first);
	kfree(second);
}

static void check_items(void)
{
	int value = r[2][0];

	free_items();
	lfx_assert(value != -1);
}

static void publish(void)
{
	WRITE_ONCE(second->value, 1);
	second->plain = 1;
	rcu_assign_pointer(slot, second);
}

static void publish_weakly(void)
{
	WRITE_ONCE(second->value, 1);
	WRITE_ONCE(slot, second);
}

/* Register 0 is -1 if the item is seen before its value. */
static void dereference(void)
{
	struct item *item;

	rcu_read_lock();
	item = rcu_dereference(slot);
	if (item == second && !READ_ONCE(item->value))
		REGISTER(0) = -1;
	rcu_read_unlock();
}

static void dereference_plain(void)
{
	struct item *item;

	rcu_read_lock();
	item = rcu_dereference(slot);
	if (item == second && !item->plain)
		REGISTER(0) = -1;
	rcu_read_unlock();
}

KERNEL_NEVER(deref, "MP+onceassign+derefonce",
	     "rcu_assign_pointer() and rcu_dereference()", make_items,
	     check_items, { "writer", publish }, { "reader", dereference });
KERNEL_NEVER(deref_plain, "MP+assign+plain",
	     "the same, and the value is read without READ_ONCE()", make_items,
	     check_items, { "writer", publish },
	     { "reader", dereference_plain });
KERNEL_SOMETIMES(deref_weak, "MP+once+derefonce",
		 "WRITE_ONCE() and rcu_dereference()", make_items, check_items,
		 "assertion", { "writer", publish_weakly },
		 { "reader", dereference });

/* The dependency orders only accesses through the pointer. */


static void *heap_flag;

static void make_flag(void)
{
	make_items();
	heap_flag = kzalloc(8, GFP_KERNEL);
}

static void check_flag(void)
{
	kfree(heap_flag);
	check_items();
}

static void store_flag_publish(void)
{
	WRITE_ONCE(*(int *)heap_flag, 1);
	rcu_assign_pointer(slot, second);
}

static void dereference_load_flag(void)
{
	rcu_read_lock();
	if (rcu_dereference(slot) == second && !READ_ONCE(*(int *)heap_flag))
		REGISTER(0) = -1;
	rcu_read_unlock();
}

KERNEL_SOMETIMES(deref_other, "MP+assign+deref-other",
		 "rcu_dereference(), and then something else", make_flag,
		 check_flag, "assertion", { "writer", store_flag_publish },
		 { "reader", dereference_load_flag });

/* Bits */

static unsigned long bits;
static int data;

static void set_data_set_bit(void)
{
	data = 1;
	set_bit(0, &bits);
}

static void set_data_barrier_set_bit(void)
{
	data = 1;
	smp_mb__before_atomic();
	set_bit(0, &bits);
}

static void test_bit_read_data(void)
{
	if (test_bit(0, &bits))
		REGISTER(0) = data;
}

static void test_bit_acquire_read_data(void)
{
	if (test_bit_acquire(0, &bits))
		REGISTER(0) = data;
}

KERNEL_SOMETIMES(bits_weak, "MP+set_bit+test_bit",
		 "set_bit() and test_bit() as a message", NULL, NULL,
		 "data race", { "writer", set_data_set_bit },
		 { "reader", test_bit_read_data });
KERNEL_SOMETIMES(bits_half, "MP+mb+set_bit+test_bit",
		 "the same, with a barrier in the writer", NULL, NULL,
		 "data race", { "writer", set_data_barrier_set_bit },
		 { "reader", test_bit_read_data });
KERNEL_NEVER(bits_strong, "MP+mb+set_bit+test_bit_acquire",
	     "a barrier, set_bit() and test_bit_acquire()", NULL, NULL,
	     { "writer", set_data_barrier_set_bit },
	     { "reader", test_bit_acquire_read_data });

/* Atomic operations */

static atomic_t counter;

static void add_unless(void)
{
	REGISTER(0) = atomic_add_unless(&counter, 1, 0);
}

static void set_two(void)
{
	atomic_set(&counter, 2);
}

static void make_counter(void)
{
	atomic_set(&counter, 1);
}

static void check_counter(void)
{
	/* 2 would be the sum of the old value and 1: the other store is lost. */
	int value = atomic_read(&counter);

	lfx_assert(value == 2 || value == 3);
	lfx_assert(r[1][0] == 1);
}

KERNEL_NEVER(atomic_set_rmw, "Atomic-RMW-ops-are-atomic-WRT-atomic_set",
	     "atomic_add_unless() against atomic_set()", make_counter,
	     check_counter, { "adder", add_unless }, { "setter", set_two });

static void load_x_rmb_load_counter(void)
{
	REGISTER(0) = READ_ONCE(x);
	smp_rmb();
	REGISTER(1) = atomic_read(&counter);
}

static void inc_barrier_store_x(void)
{
	atomic_inc(&counter);
	smp_mb__after_atomic();
	WRITE_ONCE(x, 1);
}

static void inc_acquire_store_x(void)
{
	atomic_fetch_add_acquire(1, &counter);
	WRITE_ONCE(x, 1);
}

KERNEL_NEVER(after_atomic, "Atomic-RMW+mb__after_atomic",
	     "atomic_inc() and smp_mb__after_atomic() before a store", NULL,
	     check_reverse, { "reader", load_x_rmb_load_counter },
	     { "writer", inc_barrier_store_x });
KERNEL_SOMETIMES(atomic_acquire, "Atomic-RMW+acquire",
		 "an acquiring increment before a store", NULL, check_reverse,
		 "assertion", { "reader", load_x_rmb_load_counter },
		 { "writer", inc_acquire_store_x });
