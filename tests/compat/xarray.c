// SPDX-License-Identifier: GPL-2.0 OR MIT
/* XArray with one thread: each function, and a comparison with a model. */

#include "helpers.h"
#include <linux/array_size.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <libfence/libfence.h>

/* Entries may be any aligned addresses. */
static struct { u64 thing; } things[8];
#define A	((void *)&things[0])
#define B	((void *)&things[1])
#define C	((void *)&things[2])
/* Not a valid entry. */
#define BAD	((void *)((unsigned long)A | 2))

/* Indices around the limits of a tree of each height. */
static const unsigned long edges[] = {
#if __SIZEOF_LONG__ == 8
	0, 1, 63, 64, 65, 4095, 4096, 4097, (1ul << 18) - 1, 1ul << 18,
	1ul << 24, (1ul << 32) - 1, 1ul << 32, (1ul << 60) - 1, 1ul << 60,
	(1ul << 60) + 1, 1ul << 63,
#else
	0, 1, 31, 32, 33, 1023, 1024, 1025, (1ul << 15) - 1, 1ul << 15,
	1ul << 20, (1ul << 30) - 1, 1ul << 30, (1ul << 30) + 1, 1ul << 31,
#endif
	ULONG_MAX - 64, ULONG_MAX - 1, ULONG_MAX,
};

/* As in compat/xarray.c: slots of a node, levels of the highest tree. */
#define NODE_SLOTS	(8 * sizeof(long))
#define MAX_LEVELS	(sizeof(long) == 8 ? 11 : 7)

/* A large index, also on 32-bit systems. */
#define FAR	(1ul << (8 * sizeof(long) - 6))

#define MANY	1000000

/* The number of allocations that @statement makes. */
#define allocations(statement) ({					\
	libfence_fail_nth(MANY);					\
	statement;							\
	unsigned int __left = libfence_fail_nth_left();			\
	libfence_fail_nth(0);						\
	MANY - __left; })

static struct xarray xa;

static unsigned int count(struct xarray *array, xa_mark_t filter)
{
	unsigned int n = 0;
	unsigned long i;
	void *entry;

	xa_for_each_marked(array, i, entry, filter)
		n++;
	return n;
}

static void fresh_array_has_nothing_in_it(void **state)
{
	static DEFINE_XARRAY(plain);
	static DEFINE_XARRAY_FLAGS(flagged, XA_FLAGS_LOCK_BH | XA_FLAGS_ACCOUNT);
	struct xarray here = XARRAY_INIT(here, XA_FLAGS_LOCK_IRQ);
	struct xarray *all[] = { &plain, &flagged, &here, &xa };
	unsigned long index = 0;
	unsigned int i;

	xa_init(&xa);
	assert_int_equal(flagged.xa_flags, XA_FLAGS_LOCK_BH | XA_FLAGS_ACCOUNT);
	assert_int_equal(here.xa_flags, XA_FLAGS_LOCK_IRQ);
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		assert_true(xa_empty(all[i]));
		assert_null(xa_load(all[i], 0));
		assert_null(xa_load(all[i], ULONG_MAX));
		assert_null(xa_erase(all[i], 5));
		assert_null(xa_store(all[i], 5, NULL, GFP_KERNEL));
		assert_null(xa_find(all[i], &index, ULONG_MAX, XA_PRESENT));
		assert_false(xa_marked(all[i], XA_MARK_0));
		xa_destroy(all[i]);
		assert_true(xa_empty(all[i]));
	}
}

static void store_is_seen_at_its_index_only(void **state)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(edges); i++) {
		xa_init(&xa);
		assert_null(xa_store(&xa, edges[i], A, GFP_KERNEL));
		for (j = 0; j < ARRAY_SIZE(edges); j++)
			assert_ptr_equal(xa_load(&xa, edges[j]),
					 i == j ? A : NULL);
		assert_ptr_equal(xa_erase(&xa, edges[i]), A);
		assert_null(xa_load(&xa, edges[i]));
		assert_true(xa_empty(&xa));
	}
}

static void store_gives_back_what_was_there(void **state)
{
	xa_init(&xa);
	assert_null(xa_store(&xa, 70, A, GFP_KERNEL));
	assert_ptr_equal(xa_store(&xa, 70, B, GFP_KERNEL), A);
	assert_ptr_equal(xa_store(&xa, 70, NULL, 0), B);
	assert_true(xa_empty(&xa));
	assert_null(xa_erase(&xa, 70));
}

static void erase_keeps_other_entries(void **state)
{
	unsigned int i, j;

	xa_init(&xa);
	for (i = 0; i < ARRAY_SIZE(edges); i++)
		xa_store(&xa, edges[i], xa_mk_value(i), GFP_KERNEL);
	/* Every second entry from the end, then the others from the start. */
	for (i = ARRAY_SIZE(edges); i-- > 0;) {
		if (i % 2)
			continue;
		assert_int_equal(xa_to_value(xa_erase(&xa, edges[i])), i);
		for (j = 0; j < ARRAY_SIZE(edges); j++)
			assert_ptr_equal(xa_load(&xa, edges[j]),
					 j % 2 || j < i ? xa_mk_value(j) : NULL);
	}
	for (i = 1; i < ARRAY_SIZE(edges); i += 2)
		assert_int_equal(xa_to_value(xa_erase(&xa, edges[i])), i);
	assert_true(xa_empty(&xa));
}

static void tree_is_as_high_as_it_has_to_be(void **state)
{
	xa_init(&xa);
	assert_int_equal(allocations(xa_store(&xa, 0, A, GFP_KERNEL)), 1);
	assert_int_equal(allocations(xa_store(&xa, NODE_SLOTS - 1, A,
					      GFP_KERNEL)), 0);
	/* All higher roots, and as many nodes below the highest. */
	assert_int_equal(allocations(xa_store(&xa, ULONG_MAX, A, GFP_KERNEL)),
			 2 * (MAX_LEVELS - 1));
	/* The root is low again: the next store needs a root and a leaf. */
	xa_erase(&xa, ULONG_MAX);
	assert_int_equal(allocations(xa_store(&xa, NODE_SLOTS, A, GFP_KERNEL)),
			 2);
	/* The root stays, because its first slot is not in use. */
	xa_erase(&xa, 0);
	xa_erase(&xa, NODE_SLOTS - 1);
	assert_int_equal(allocations(xa_store(&xa, NODE_SLOTS + 1, A,
					      GFP_KERNEL)), 0);
	xa_erase(&xa, NODE_SLOTS);
	assert_ptr_equal(xa_load(&xa, NODE_SLOTS + 1), A);
	xa_erase(&xa, NODE_SLOTS + 1);
	assert_true(xa_empty(&xa));
	assert_int_equal(allocations(xa_erase(&xa, NODE_SLOTS + 1)), 0);
}

/* Memory that a few nodes and the allocator may keep. */
#define SLACK	(64 * 1024)

static void erased_entries_leave_no_memory_behind(void **state)
{
	unsigned int i, round, step = sizeof(long);
	size_t before;

	xa_init(&xa);
	rcu_barrier();
	before = memory_in_use();
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 2000; i++)
			assert_null(xa_store(&xa, i * NODE_SLOTS << round * step,
					     A, GFP_KERNEL));
		assert_true(memory_in_use() >
			    before + 2000 * NODE_SLOTS * sizeof(void *));
		if (round == 2)
			xa_destroy(&xa);
		for (i = 0; i < 2000; i++)
			xa_erase(&xa, i * NODE_SLOTS << round * step);
		assert_true(xa_empty(&xa));
		rcu_barrier();
		assert_true(memory_in_use() < before + SLACK);
	}
}

static void destroyed_array_can_be_used_again(void **state)
{
	unsigned int i;

	xa_init(&xa);
	for (i = 0; i < ARRAY_SIZE(edges); i++)
		xa_store(&xa, edges[i], A, GFP_KERNEL);
	local_irq_disable();
	xa_destroy(&xa);
	local_irq_enable();
	assert_true(xa_empty(&xa));
	assert_false(spin_is_locked(&xa.xa_lock));
	assert_null(xa_store(&xa, 9, B, GFP_KERNEL));
	assert_int_equal(count(&xa, XA_PRESENT), 1);
	xa_destroy(&xa);
}

static void an_entry_that_looks_like_an_error_is_refused(void **state)
{
	u32 id = 7;

	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	/* It is refused each time, with one warning for all. */
	assert_warns_like("cannot be stored", assert_int_equal(
		xa_err(xa_store(&xa, 1, BAD, GFP_KERNEL)), -EINVAL););
	assert_int_equal(xa_err(xa_store(&xa, 1, BAD, GFP_KERNEL)), -EINVAL);
	assert_int_equal(xa_insert(&xa, 1, BAD, GFP_KERNEL), -EINVAL);
	assert_int_equal(xa_err(xa_cmpxchg(&xa, 1, NULL, BAD, GFP_KERNEL)),
			 -EINVAL);
	assert_int_equal(xa_alloc(&xa, &id, BAD, xa_limit_32b, GFP_KERNEL),
			 -EINVAL);
	assert_int_equal(id, 7);
	assert_true(xa_empty(&xa));
	assert_false(spin_is_locked(&xa.xa_lock));
}

static void values_and_tags_survive(void **state)
{
	const unsigned long values[] = { 0, 1, 2, 77, LONG_MAX - 1, LONG_MAX };
	const unsigned long tags[] = { 0, 1, 3 };
	unsigned int i;
	void *entry;

	xa_init(&xa);
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		xa_store(&xa, i, xa_mk_value(values[i]), GFP_KERNEL);
		entry = xa_load(&xa, i);
		assert_true(xa_is_value(entry));
		assert_false(xa_is_err(entry));
		assert_true(xa_to_value(entry) == values[i]);
	}
	assert_warns(1, xa_mk_value((unsigned long)LONG_MAX + 1););
	for (i = 0; i < ARRAY_SIZE(tags); i++) {
		xa_store(&xa, i, xa_tag_pointer(A, tags[i]), GFP_KERNEL);
		entry = xa_load(&xa, i);
		assert_ptr_equal(xa_untag_pointer(entry), A);
		assert_int_equal(xa_pointer_tag(entry), tags[i]);
	}
	assert_false(xa_is_value(A));
	xa_destroy(&xa);
}

static void errors_are_distinguished_from_entries(void **state)
{
	void *enomem, *einval;

	xa_init(&xa);
	libfence_fail_nth(1);
	enomem = xa_store(&xa, 0, A, GFP_KERNEL);
	/* Warned of before: an_entry_that_looks_like_an_error_is_refused(). */
	einval = xa_store(&xa, 0, BAD, GFP_KERNEL);
	assert_true(xa_is_err(enomem));
	assert_true(xa_is_err(einval));
	assert_int_equal(xa_err(enomem), -ENOMEM);
	assert_int_equal(xa_err(einval), -EINVAL);
	assert_false(xa_is_err(NULL));
	assert_false(xa_is_err(A));
	assert_false(xa_is_err(xa_mk_value(LONG_MAX)));
	assert_int_equal(xa_err(NULL), 0);
	assert_int_equal(xa_err(A), 0);
	assert_true(xa_empty(&xa));
}

static void insert_does_not_replace(void **state)
{
	xa_init(&xa);
	assert_int_equal(xa_insert(&xa, 3, A, GFP_KERNEL), 0);
	assert_int_equal(xa_insert(&xa, 3, B, GFP_KERNEL), -EBUSY);
	assert_ptr_equal(xa_load(&xa, 3), A);
	xa_erase(&xa, 3);
	/* Inserting NULL reserves the index. */
	assert_int_equal(xa_insert(&xa, 3, NULL, GFP_KERNEL), 0);
	assert_null(xa_load(&xa, 3));
	assert_false(xa_empty(&xa));
	assert_int_equal(xa_insert(&xa, 3, B, GFP_KERNEL), -EBUSY);
	xa_release(&xa, 3);
	assert_true(xa_empty(&xa));
}

static void cmpxchg_replaces_the_expected_only(void **state)
{
	xa_init(&xa);
	assert_null(xa_cmpxchg(&xa, 4, A, B, GFP_KERNEL));
	assert_true(xa_empty(&xa));
	assert_null(xa_cmpxchg(&xa, 4, NULL, A, GFP_KERNEL));
	assert_ptr_equal(xa_cmpxchg(&xa, 4, NULL, B, GFP_KERNEL), A);
	assert_ptr_equal(xa_cmpxchg(&xa, 4, B, C, GFP_KERNEL), A);
	assert_ptr_equal(xa_load(&xa, 4), A);
	assert_ptr_equal(xa_cmpxchg(&xa, 4, A, B, GFP_KERNEL), A);
	assert_ptr_equal(xa_load(&xa, 4), B);
	assert_ptr_equal(xa_cmpxchg(&xa, 4, B, NULL, 0), B);
	assert_true(xa_empty(&xa));
	/* Exchanging NULL also works on a reserved index. */
	assert_int_equal(xa_reserve(&xa, 4, GFP_KERNEL), 0);
	assert_null(xa_cmpxchg(&xa, 4, NULL, C, GFP_KERNEL));
	assert_ptr_equal(xa_load(&xa, 4), C);
	xa_destroy(&xa);
}

static void reserved_index_reads_as_null_and_needs_no_memory(void **state)
{
	unsigned long index = 0;
	void *entry;

	xa_init(&xa);
	assert_int_equal(xa_reserve(&xa, ULONG_MAX, GFP_KERNEL), 0);
	assert_false(xa_empty(&xa));
	assert_null(xa_load(&xa, ULONG_MAX));
	assert_null(xa_find(&xa, &index, ULONG_MAX, XA_PRESENT));
	assert_int_equal(index, 0);
	assert_int_equal(xa_extract(&xa, &entry, 0, ULONG_MAX, 1, XA_PRESENT), 0);
	/* Reserving again changes nothing. */
	assert_int_equal(allocations(assert_int_equal(
		xa_reserve(&xa, ULONG_MAX, GFP_KERNEL), 0)), 0);
	/* The reservation survives a store and erase at another index. */
	xa_store(&xa, 0, A, GFP_KERNEL);
	xa_erase(&xa, 0);
	assert_int_equal(allocations(assert_null(
		xa_store(&xa, ULONG_MAX, A, GFP_KERNEL))), 0);
	assert_ptr_equal(xa_load(&xa, ULONG_MAX), A);
	/* xa_reserve() and xa_release() do not change an entry. */
	assert_int_equal(xa_reserve(&xa, ULONG_MAX, GFP_KERNEL), 0);
	xa_release(&xa, ULONG_MAX);
	assert_ptr_equal(xa_load(&xa, ULONG_MAX), A);
	xa_erase(&xa, ULONG_MAX);
	assert_true(xa_empty(&xa));
	assert_int_equal(xa_reserve(&xa, 5, GFP_KERNEL), 0);
	assert_null(xa_erase(&xa, 5));
	assert_true(xa_empty(&xa));
	/* Without XA_FLAGS_ALLOC, storing NULL erases a reservation. */
	assert_int_equal(xa_reserve(&xa, 5, GFP_KERNEL), 0);
	assert_null(xa_store(&xa, 5, NULL, GFP_KERNEL));
	assert_true(xa_empty(&xa));
}

static void bh_and_irq_variants_do_the_same(void **state)
{
	u32 id, next = 0;

	xa_init_flags(&xa, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_IRQ);
	/* These drop the lock with the matching unlock, and sleep. */
	assert_null(xa_store_irq(&xa, 100, A, GFP_KERNEL));
	assert_ptr_equal(xa_cmpxchg_irq(&xa, 100, A, B, GFP_KERNEL), A);
	assert_int_equal(xa_insert_irq(&xa, 5000, A, GFP_KERNEL), 0);
	assert_int_equal(xa_reserve_irq(&xa, FAR, GFP_KERNEL), 0);
	assert_int_equal(xa_alloc_irq(&xa, &id, C, xa_limit_32b, GFP_KERNEL), 0);
	assert_int_equal(id, 0);
	assert_int_equal(xa_alloc_cyclic_irq(&xa, &id, C, xa_limit_32b, &next,
					     GFP_KERNEL), 0);
	assert_int_equal(id, 1);
	assert_ptr_equal(xa_erase_irq(&xa, 100), B);
	assert_false(irqs_disabled());
	assert_false(spin_is_locked(&xa.xa_lock));
	xa_destroy(&xa);

	xa_init_flags(&xa, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_BH);
	next = 0;
	assert_null(xa_store_bh(&xa, 100, A, GFP_KERNEL));
	assert_ptr_equal(xa_cmpxchg_bh(&xa, 100, A, B, GFP_KERNEL), A);
	assert_int_equal(xa_insert_bh(&xa, 5000, A, GFP_KERNEL), 0);
	assert_int_equal(xa_reserve_bh(&xa, FAR, GFP_KERNEL), 0);
	assert_int_equal(xa_alloc_bh(&xa, &id, C, xa_limit_32b, GFP_KERNEL), 0);
	assert_int_equal(xa_alloc_cyclic_bh(&xa, &id, C, xa_limit_32b, &next,
					    GFP_KERNEL), 0);
	assert_int_equal(id, 1);
	assert_ptr_equal(xa_erase_bh(&xa, 100), B);
	assert_false(spin_is_locked(&xa.xa_lock));
	xa_destroy(&xa);
}

static void caller_has_the_lock_again(void **state)
{
	unsigned long flags;
	u32 id, next = 0;

	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	assert_true(xa_trylock(&xa));
	assert_false(xa_trylock(&xa));
	assert_null(__xa_store(&xa, 1, A, GFP_KERNEL));
	assert_int_equal(__xa_insert(&xa, 1ul << 12, A, GFP_KERNEL), 0);
	assert_null(__xa_cmpxchg(&xa, 1ul << 18, NULL, A, GFP_KERNEL));
	assert_int_equal(__xa_alloc(&xa, &id, B, XA_LIMIT(1 << 20, 1 << 21),
				    GFP_KERNEL), 0);
	assert_int_equal(__xa_alloc_cyclic(&xa, &id, B, xa_limit_31b, &next,
					   GFP_KERNEL), 0);
	__xa_set_mark(&xa, 1, XA_MARK_1);
	assert_true(xa_get_mark(&xa, 1, XA_MARK_1));
	__xa_clear_mark(&xa, 1, XA_MARK_1);
	assert_false(xa_get_mark(&xa, 1, XA_MARK_1));
	assert_ptr_equal(__xa_erase(&xa, 1), A);
	assert_true(lockdep_is_held(&xa.xa_lock));
	libfence_fail_nth(1);
	assert_int_equal(xa_err(__xa_store(&xa, FAR, A, GFP_KERNEL)),
			 -ENOMEM);
	assert_true(lockdep_is_held(&xa.xa_lock));
	xa_unlock(&xa);
	xa_destroy(&xa);

	xa_init_flags(&xa, XA_FLAGS_LOCK_IRQ);
	xa_lock_irqsave(&xa, flags);
	assert_null(__xa_store(&xa, 1, A, GFP_KERNEL));
	assert_true(irqs_disabled());
	assert_true(lockdep_is_held(&xa.xa_lock));
	xa_unlock_irqrestore(&xa, flags);
	assert_false(irqs_disabled());
	/* xa_store() is the wrong variant with XA_FLAGS_LOCK_IRQ. */
	assert_warns_like("with interrupts enabled",
			  xa_store(&xa, 64, A, GFP_KERNEL););
	assert_false(irqs_disabled());
	assert_false(spin_is_locked(&xa.xa_lock));
	assert_ptr_equal(xa_load(&xa, 64), A);
	xa_destroy(&xa);
}

static void unlocked_and_atomic_callers_are_reported(void **state)
{
	u32 id;

	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	xa_store(&xa, 0, A, GFP_KERNEL);
	if (!LFSHIM_CHECKS)
		goto out;
	assert_warns_like("is not held", __xa_erase(&xa, 1););
	assert_warns_like("is not held", __xa_store(&xa, 1, A, GFP_NOWAIT););
	assert_warns_like("is not held", __xa_set_mark(&xa, 0, XA_MARK_1););
	assert_warns_like("is not held", __xa_clear_mark(&xa, 0, XA_MARK_1););
	/* These warn even if no memory is needed. */
	rcu_read_lock();
	assert_warns(1, xa_store(&xa, 2, A, GFP_KERNEL););
	assert_warns(1, assert_int_equal(
		xa_alloc(&xa, &id, A, xa_limit_32b, GFP_KERNEL), 0););
	xa_store(&xa, 2, A, GFP_NOWAIT);
	/* Erasing never allocates, also if it is done by storing NULL. */
	xa_store(&xa, 2, NULL, GFP_KERNEL);
	xa_erase(&xa, 2);
	rcu_read_unlock();
out:
	xa_destroy(&xa);
}

static void find_goes_by_index(void **state)
{
	unsigned long index = 0, at;
	unsigned int i;
	void *entry;

	xa_init(&xa);
	for (i = ARRAY_SIZE(edges); i-- > 0;)
		xa_store(&xa, edges[i], xa_mk_value(i), GFP_KERNEL);
	i = 0;
	xa_for_each(&xa, index, entry) {
		assert_int_equal(xa_to_value(entry), i);
		assert_true(index == edges[i]);
		i++;
	}
	assert_int_equal(i, ARRAY_SIZE(edges));
	for (i = 0; i < ARRAY_SIZE(edges) - 1; i++) {
		at = edges[i];
		assert_int_equal(xa_to_value(xa_find(&xa, &at, ULONG_MAX,
						     XA_PRESENT)), i);
		assert_int_equal(xa_to_value(xa_find_after(&xa, &at, ULONG_MAX,
							   XA_PRESENT)), i + 1);
		assert_true(at == edges[i + 1]);
		/* The search includes the limit, and stops there. */
		at = edges[i] + 1;
		entry = xa_find(&xa, &at, edges[i + 1] - 1, XA_PRESENT);
		assert_null(entry);
		assert_true(at == edges[i] + 1);
		entry = xa_find(&xa, &at, edges[i + 1], XA_PRESENT);
		assert_int_equal(xa_to_value(entry), i + 1);
	}
	at = ULONG_MAX;
	assert_null(xa_find_after(&xa, &at, ULONG_MAX, XA_PRESENT));
	assert_true(at == ULONG_MAX);
	at = 5000;
	assert_null(xa_find(&xa, &at, 4000, XA_PRESENT));
	assert_warns(1, assert_null(xa_find(&xa, &at, ULONG_MAX, 9)););
	xa_destroy(&xa);
}

static void loops_keep_to_their_range(void **state)
{
	unsigned long index, sum;
	void *entry, *out[8];

	xa_init(&xa);
	for (index = 10; index <= 200; index += 10)
		xa_store(&xa, index, xa_mk_value(index), GFP_KERNEL);
	sum = 0;
	xa_for_each_range(&xa, index, entry, 60, 90)
		sum += xa_to_value(entry);
	assert_int_equal(sum, 60 + 70 + 80 + 90);
	sum = 0;
	xa_for_each_start(&xa, index, entry, 181)
		sum += xa_to_value(entry);
	assert_int_equal(sum, 190 + 200);
	xa_for_each_range(&xa, index, entry, 90, 60)
		fail();
	assert_int_equal(xa_extract(&xa, out, 55, 95, 8, XA_PRESENT), 4);
	assert_ptr_equal(out[0], xa_mk_value(60));
	assert_ptr_equal(out[3], xa_mk_value(90));
	assert_int_equal(xa_extract(&xa, out, 0, ULONG_MAX, 3, XA_PRESENT), 3);
	assert_ptr_equal(out[2], xa_mk_value(30));
	assert_int_equal(xa_extract(&xa, out, 0, ULONG_MAX, 0, XA_PRESENT), 0);
	xa_set_mark(&xa, 70, XA_MARK_2);
	assert_int_equal(xa_extract(&xa, out, 0, ULONG_MAX, 8, XA_MARK_2), 1);
	assert_ptr_equal(out[0], xa_mk_value(70));
	xa_destroy(&xa);
}

static void loop_body_may_change_the_array(void **state)
{
	/* How often 100 can be doubled. */
	const unsigned long times = sizeof(long) == 8 ? 50 : 25;
	unsigned long index, seen = 0;
	void *entry;

	xa_init(&xa);
	for (index = 0; index < 1000; index++)
		xa_store(&xa, index * 37, xa_mk_value(index), GFP_KERNEL);
	/* Erase the entry and the next one: every second entry is seen. */
	xa_for_each(&xa, index, entry) {
		assert_int_equal(xa_to_value(entry), seen);
		xa_erase(&xa, index);
		xa_erase(&xa, index + 37);
		seen += 2;
	}
	assert_int_equal(seen, 1000);
	assert_true(xa_empty(&xa));
	/* Entries stored ahead are seen, entries stored behind are not. */
	xa_store(&xa, 100, xa_mk_value(0), GFP_KERNEL);
	seen = 0;
	xa_for_each(&xa, index, entry) {
		assert_true(index >= 100);
		if (++seen < times) {
			xa_store(&xa, 100 - seen, A, GFP_KERNEL);
			xa_store(&xa, index * 2, A, GFP_KERNEL);
		}
		if (index > ULONG_MAX / 4)
			break;
	}
	assert_int_equal(seen, times);
	xa_destroy(&xa);
}

static void marks_are_independent(void **state)
{
	unsigned long index;
	unsigned int i, m;
	void *entry;

	xa_init(&xa);
	for (i = 0; i < ARRAY_SIZE(edges); i++)
		xa_store(&xa, edges[i], xa_mk_value(i), GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(edges); i++)
		for (m = 0; m <= XA_MARK_MAX; m++)
			if (i >> m & 1)
				xa_set_mark(&xa, edges[i], m);
	for (m = 0; m <= XA_MARK_MAX; m++) {
		assert_true(xa_marked(&xa, m));
		for (i = 0; i < ARRAY_SIZE(edges); i++)
			assert_int_equal(xa_get_mark(&xa, edges[i], m),
					 i >> m & 1);
		assert_false(xa_get_mark(&xa, 2, m));
		i = 0;
		xa_for_each_marked(&xa, index, entry, m) {
			while (!(i >> m & 1))
				i++;
			assert_int_equal(xa_to_value(entry), i);
			i++;
		}
		while (i < ARRAY_SIZE(edges))
			assert_false(i++ >> m & 1);
	}
	/* Clear the marks during the loop. */
	xa_for_each_marked(&xa, index, entry, XA_MARK_1)
		xa_clear_mark(&xa, index, XA_MARK_1);
	assert_false(xa_marked(&xa, XA_MARK_1));
	assert_true(xa_marked(&xa, XA_MARK_0));
	assert_true(xa_marked(&xa, XA_MARK_2));
	assert_int_equal(count(&xa, XA_PRESENT), ARRAY_SIZE(edges));
	xa_destroy(&xa);
}

static void marks_go_with_the_entry_and_stay_over_a_store(void **state)
{
	xa_mark_t m;

	xa_init(&xa);
	xa_store(&xa, 500, A, GFP_KERNEL);
	xa_store(&xa, 501, A, GFP_KERNEL);
	xa_set_mark(&xa, 500, XA_MARK_0);
	xa_set_mark(&xa, 500, XA_MARK_1);
	xa_set_mark(&xa, 500, XA_MARK_2);
	xa_store(&xa, 500, B, GFP_KERNEL);
	xa_cmpxchg(&xa, 500, B, C, GFP_KERNEL);
	assert_true(xa_get_mark(&xa, 500, XA_MARK_0));
	/* A new higher root has the marks too. */
	xa_store(&xa, FAR, A, GFP_KERNEL);
	for (m = XA_MARK_0; m <= XA_MARK_2; m++) {
		assert_true(xa_marked(&xa, m));
		assert_int_equal(count(&xa, m), 1);
	}
	xa_erase(&xa, 500);
	for (m = XA_MARK_0; m <= XA_MARK_2; m++)
		assert_false(xa_marked(&xa, m));
	/* The next entry has no marks. */
	xa_store(&xa, 500, A, GFP_KERNEL);
	assert_false(xa_get_mark(&xa, 500, XA_MARK_0));
	assert_int_equal(count(&xa, XA_MARK_0), 0);
	xa_destroy(&xa);
}

static void null_has_no_marks(void **state)
{
	xa_init(&xa);
	xa_set_mark(&xa, 3, XA_MARK_0);
	xa_store(&xa, 4, A, GFP_KERNEL);
	xa_set_mark(&xa, 3, XA_MARK_0);
	xa_clear_mark(&xa, 3, XA_MARK_0);
	xa_clear_mark(&xa, 1ul << 30, XA_MARK_0);
	assert_int_equal(xa_reserve(&xa, 3, GFP_KERNEL), 0);
	xa_set_mark(&xa, 3, XA_MARK_0);
	assert_false(xa_get_mark(&xa, 3, XA_MARK_0));
	assert_false(xa_marked(&xa, XA_MARK_0));
	xa_destroy(&xa);
	/* A NULL that keeps its index does not keep the entry's marks. */
	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	xa_store(&xa, 3, A, GFP_KERNEL);
	xa_set_mark(&xa, 3, XA_MARK_1);
	xa_store(&xa, 3, NULL, GFP_KERNEL);
	assert_false(xa_marked(&xa, XA_MARK_1));
	xa_destroy(&xa);
}

static void unknown_marks_warn(void **state)
{
	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	xa_store(&xa, 0, A, GFP_KERNEL);
	assert_warns(1, xa_set_mark(&xa, 0, XA_PRESENT););
	assert_warns(1, xa_clear_mark(&xa, 0, 7););
	assert_warns(1, assert_false(xa_marked(&xa, 3)););
	assert_warns(1, assert_false(xa_get_mark(&xa, 0, 4)););
	assert_warns_like("XA_FLAGS_ALLOC", xa_set_mark(&xa, 0, XA_MARK_0););
	assert_ptr_equal(xa_load(&xa, 0), A);
	xa_destroy(&xa);
}

/*
 * Random operations, with a full comparison after every few of them. The model
 * is a plain array. For an allocating XArray, it has all indices that can be
 * allocated.
 */
#define NR_MODEL	400

static struct {
	unsigned long index;
	void *entry;
	bool in_use;
	bool mark[3];
} model[NR_MODEL];
static bool model_allocs;

static u64 rnd_state;

static u32 rnd(u32 below)
{
	rnd_state = rnd_state * 6364136223846793005ull + 1442695040888963407ull;
	return (rnd_state >> 33) % below;
}

/* Dense, then dense at large indices, then sparser up to the last index. */
static void model_init(bool allocs)
{
	unsigned long index = 0;
	int i;

	memset(model, 0, sizeof(model));
	model_allocs = allocs;
	for (i = 0; i < NR_MODEL; i++) {
		model[i].index = index++;
		if (!allocs && i == 150)
			index = 1ul << 20;
		if (!allocs && i > 300)
			index += index / (sizeof(long) == 8 ? 3 : 13) + rnd(100);
	}
	if (!allocs)
		model[NR_MODEL - 1].index = ULONG_MAX;
	xa_init_flags(&xa, allocs ? XA_FLAGS_ALLOC : 0);
}

static void model_set(int i, void *entry, bool in_use)
{
	model[i].entry = entry;
	model[i].in_use = in_use;
	if (!entry)
		memset(model[i].mark, 0, sizeof(model[i].mark));
}

static void model_compare(void)
{
	bool any[4] = {}, in_use = false;
	unsigned long index;
	unsigned int m;
	void *entry;
	int i;

	for (i = 0; i < NR_MODEL; i++) {
		assert_ptr_equal(xa_load(&xa, model[i].index), model[i].entry);
		in_use |= model[i].in_use;
		for (m = model_allocs; m < 3; m++) {
			assert_int_equal(xa_get_mark(&xa, model[i].index, m),
					 model[i].mark[m]);
			any[m] |= model[i].mark[m];
		}
	}
	assert_int_equal(xa_empty(&xa), !in_use);
	for (m = model_allocs; m < 4; m++) {
		i = 0;
		xa_for_each_marked(&xa, index, entry, m) {
			while (m == XA_PRESENT ? !model[i].entry
					       : !model[i].mark[m])
				i++;
			assert_true(index == model[i].index);
			assert_ptr_equal(entry, model[i].entry);
			i++;
		}
		for (; i < NR_MODEL; i++)
			assert_false(m == XA_PRESENT ? model[i].entry != NULL
						     : model[i].mark[m]);
		if (m <= XA_MARK_MAX)
			assert_int_equal(xa_marked(&xa, m), any[m]);
	}
}

static void model_alloc(void *entry)
{
	u32 min = rnd(NR_MODEL), max = min + rnd(NR_MODEL - min), id = 4711;
	int i, ret;

	ret = xa_alloc(&xa, &id, entry, XA_LIMIT(min, max), GFP_KERNEL);
	for (i = min; i <= max && model[i].in_use; i++)
		;
	assert_int_equal(ret, i <= max ? 0 : -EBUSY);
	assert_int_equal(id, i <= max ? i : 4711);
	if (!ret)
		model_set(i, entry, true);
}

static void model_step(void)
{
	int i = rnd(NR_MODEL);
	unsigned long at = model[i].index;
	void *old = model[i].entry, *entry = &things[rnd(ARRAY_SIZE(things))];
	xa_mark_t mark = rnd(2) + 1;

	switch (rnd(12)) {
	case 0: case 1:
		assert_ptr_equal(xa_store(&xa, at, entry, GFP_KERNEL), old);
		model_set(i, entry, true);
		break;
	case 2:
		assert_ptr_equal(xa_store(&xa, at, NULL, GFP_KERNEL), old);
		model_set(i, NULL, model_allocs);
		break;
	case 3: case 4:
		assert_ptr_equal(xa_erase(&xa, at), old);
		model_set(i, NULL, false);
		break;
	case 5:
		assert_int_equal(xa_insert(&xa, at, entry, GFP_KERNEL),
				 model[i].in_use ? -EBUSY : 0);
		if (!model[i].in_use)
			model_set(i, entry, true);
		break;
	case 6:
		assert_ptr_equal(xa_cmpxchg(&xa, at, A, entry, GFP_KERNEL), old);
		if (old == A)
			model_set(i, entry, true);
		break;
	case 7:
		assert_int_equal(xa_reserve(&xa, at, GFP_NOWAIT), 0);
		model[i].in_use = true;
		break;
	case 8:
		xa_release(&xa, at);
		model[i].in_use = model[i].entry != NULL;
		break;
	case 9:
		xa_set_mark(&xa, at, mark);
		model[i].mark[mark] = model[i].entry != NULL;
		break;
	case 10:
		xa_clear_mark(&xa, at, mark);
		model[i].mark[mark] = false;
		break;
	case 11:
		if (model_allocs)
			model_alloc(rnd(4) ? entry : NULL);
		break;
	}
}

static void array_does_what_a_model_does(void **state)
{
	int step, nr = 30000 / test_slowness(), round, i;

	rnd_state = test_seed();
	for (round = 0; round < 4; round++) {
		model_init(round % 2);
		for (step = 0; step < nr; step++) {
			model_step();
			if (step % 97 == 0)
				model_compare();
		}
		for (i = 0; i < NR_MODEL; i++) {
			assert_ptr_equal(xa_erase(&xa, model[i].index),
					 model[i].entry);
			model_set(i, NULL, false);
			if (i % 29 == 0)
				model_compare();
		}
		assert_true(xa_empty(&xa));
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(fresh_array_has_nothing_in_it),
		TEST(store_is_seen_at_its_index_only),
		TEST(store_gives_back_what_was_there),
		TEST(erase_keeps_other_entries),
		TEST(tree_is_as_high_as_it_has_to_be),
		TEST(destroyed_array_can_be_used_again),
		TEST(an_entry_that_looks_like_an_error_is_refused),
		TEST(values_and_tags_survive),
		TEST(errors_are_distinguished_from_entries),
		TEST(insert_does_not_replace),
		TEST(cmpxchg_replaces_the_expected_only),
		TEST(reserved_index_reads_as_null_and_needs_no_memory),
		TEST(bh_and_irq_variants_do_the_same),
		TEST(caller_has_the_lock_again),
		TEST(unlocked_and_atomic_callers_are_reported),
		TEST(find_goes_by_index),
		TEST(loops_keep_to_their_range),
		TEST(loop_body_may_change_the_array),
		TEST(marks_are_independent),
		TEST(marks_go_with_the_entry_and_stay_over_a_store),
		TEST(null_has_no_marks),
		TEST(unknown_marks_warn),
		TEST(array_does_what_a_model_does),
		/* It asks the allocator, which Valgrind replaces. */
		TEST(erased_entries_leave_no_memory_behind),
	};

	TEST_NEEDS(MEMORY_IS_COUNTED, "mallinfo2()",
		   erased_entries_leave_no_memory_behind);
	return TEST_MAIN_BUT("xarray", tests, 1);
}
