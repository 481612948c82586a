// SPDX-License-Identifier: GPL-2.0 OR MIT
/* XArray: allocating indices, and failing memory allocations. */

#include "helpers.h"
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <libfence/libfence.h>

static struct { u64 thing; } things[3];
#define A	((void *)&things[0])
#define B	((void *)&things[1])
#define C	((void *)&things[2])

static struct xarray xa;

/* Returns the allocated index or the error. */
static s64 alloc(void *entry, struct xa_limit limit)
{
	u32 id = 4711;
	int ret = xa_alloc(&xa, &id, entry, limit, GFP_KERNEL);

	if (!ret)
		return id;
	/* After an error, @id is unchanged. */
	return id == 4711 ? ret : LONG_MIN;
}

static void lowest_free_index_is_given(void **state)
{
	int i;

	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	for (i = 0; i < 5000; i++)
		assert_int_equal(alloc(A, xa_limit_32b), i);
	xa_erase(&xa, 4998);
	xa_erase(&xa, 77);
	xa_erase(&xa, 64);
	assert_int_equal(alloc(B, XA_LIMIT(65, 6000)), 77);
	assert_int_equal(alloc(B, xa_limit_32b), 64);
	assert_int_equal(alloc(B, xa_limit_32b), 4998);
	assert_int_equal(alloc(B, xa_limit_32b), 5000);
	assert_ptr_equal(xa_load(&xa, 64), B);
	/* Indices that other functions have stored to are in use. */
	xa_store(&xa, 5001, A, GFP_KERNEL);
	assert_int_equal(xa_insert(&xa, 5002, A, GFP_KERNEL), 0);
	assert_int_equal(xa_reserve(&xa, 5003, GFP_KERNEL), 0);
	assert_null(xa_cmpxchg(&xa, 5004, NULL, A, GFP_KERNEL));
	assert_int_equal(alloc(B, xa_limit_32b), 5005);
	xa_release(&xa, 5003);
	assert_int_equal(alloc(B, xa_limit_32b), 5003);
	xa_destroy(&xa);
}

static void limits_are_kept(void **state)
{
	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	assert_int_equal(alloc(A, XA_LIMIT(70, 72)), 70);
	assert_int_equal(alloc(A, XA_LIMIT(70, 72)), 71);
	assert_int_equal(alloc(A, XA_LIMIT(70, 72)), 72);
	assert_int_equal(alloc(A, XA_LIMIT(70, 72)), -EBUSY);
	assert_int_equal(alloc(A, XA_LIMIT(5, 4)), -EBUSY);
	assert_int_equal(alloc(A, XA_LIMIT(71, 73)), 73);
	/* The bounds of the named limits. */
	assert_int_equal(alloc(A, XA_LIMIT(U32_MAX, U32_MAX)), U32_MAX);
	assert_int_equal(alloc(A, XA_LIMIT(U32_MAX, U32_MAX)), -EBUSY);
	assert_int_equal(xa_limit_32b.max, U32_MAX);
	assert_int_equal(xa_limit_31b.max, S32_MAX);
	assert_int_equal(xa_limit_16b.max, U16_MAX);
	assert_int_equal(xa_limit_16b.min, 0);
	/* Entries above the limit do not matter. */
	if (ULONG_MAX > U32_MAX)
		xa_store(&xa, ULONG_MAX, A, GFP_KERNEL);
	assert_int_equal(alloc(A, xa_limit_31b), 0);
	assert_int_equal(alloc(A, XA_LIMIT(U32_MAX, U32_MAX)), -EBUSY);
	xa_destroy(&xa);
}

static void every_index_of_a_range_is_given_once(void **state)
{
	const struct xa_limit limit = XA_LIMIT(100, 8999);
	int i;

	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	for (i = 100; i <= 8999; i++)
		assert_int_equal(alloc(A, limit), i);
	assert_int_equal(alloc(A, limit), -EBUSY);
	for (i = 8999; i >= 100; i -= 89) {
		xa_erase(&xa, i);
		assert_int_equal(alloc(A, limit), i);
		assert_int_equal(alloc(A, limit), -EBUSY);
	}
	xa_destroy(&xa);
}

/*
 * Returns the shortest time, of many attempts, for a search that finds only
 * reserved indices and, with @alloc_too, for an allocation at the end.
 */
static s64 fastest(bool alloc_too)
{
	s64 best = LONG_MAX, began, took;
	unsigned long index;
	u32 id;
	int i;

	for (i = 0; i < 200; i++) {
		began = ktime_get();
		if (alloc_too && !xa_alloc(&xa, &id, NULL, xa_limit_32b,
					   GFP_KERNEL))
			xa_erase(&xa, id);
		index = 0;
		assert_null(xa_find(&xa, &index, ULONG_MAX, XA_PRESENT));
		took = ktime_get() - began;
		best = min(best, took);
	}
	return best;
}

static void search_time_does_not_grow_with_the_number_of_entries(void **state)
{
	int i, nr = 200000 / test_slowness();
	s64 few[2] = {}, many[2];

	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	/* Store NULL over each entry: its index stays in use. */
	for (i = 0; i < nr; i++) {
		alloc(A, xa_limit_32b);
		xa_store(&xa, i, NULL, GFP_KERNEL);
		if (i == 100) {
			few[0] = fastest(false);
			few[1] = fastest(true);
		}
	}
	many[0] = fastest(false);
	many[1] = fastest(true);
	/* Linear searches would be a thousand times slower. */
	assert_true(many[0] < 20 * few[0] + 1000);
	assert_true(many[1] < 20 * few[1] + 1000);
	xa_destroy(&xa);
}

static void alloc1_begins_at_one(void **state)
{
	static DEFINE_XARRAY_ALLOC(from0);
	static DEFINE_XARRAY_ALLOC1(from1);
	u32 id, next = 0;

	assert_int_equal(xa_alloc(&from0, &id, A, xa_limit_32b, GFP_KERNEL), 0);
	assert_int_equal(id, 0);
	assert_int_equal(xa_alloc(&from1, &id, A, xa_limit_32b, GFP_KERNEL), 0);
	assert_int_equal(id, 1);
	assert_int_equal(xa_alloc_cyclic(&from1, &id, A, xa_limit_32b, &next,
					 GFP_KERNEL), 0);
	assert_int_equal(id, 2);
	assert_int_equal(xa_alloc(&from1, &id, A, XA_LIMIT(0, 0), GFP_KERNEL),
			 -EBUSY);
	/* Index 0 can still be stored to. */
	xa_store(&from1, 0, A, GFP_KERNEL);
	xa_erase(&from1, 0);
	assert_int_equal(xa_alloc(&from1, &id, A, xa_limit_32b, GFP_KERNEL), 0);
	assert_int_equal(id, 3);
	xa_destroy(&from0);
	xa_destroy(&from1);
}

static void null_keeps_its_index_until_it_is_erased(void **state)
{
	unsigned long index;
	void *entry;

	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	assert_int_equal(alloc(NULL, xa_limit_32b), 0);
	assert_int_equal(alloc(A, xa_limit_32b), 1);
	assert_ptr_equal(xa_store(&xa, 1, NULL, GFP_KERNEL), A);
	assert_null(xa_load(&xa, 0));
	assert_null(xa_load(&xa, 1));
	xa_for_each(&xa, index, entry)
		fail();
	assert_int_equal(alloc(A, xa_limit_32b), 2);
	assert_null(xa_store(&xa, 100, NULL, GFP_KERNEL));
	assert_int_equal(alloc(A, XA_LIMIT(100, 100)), -EBUSY);
	assert_null(xa_erase(&xa, 0));
	assert_null(xa_erase(&xa, 100));
	assert_int_equal(alloc(A, xa_limit_32b), 0);
	/* An entry that is exchanged for NULL is free. */
	assert_ptr_equal(xa_cmpxchg(&xa, 0, A, NULL, GFP_KERNEL), A);
	assert_int_equal(alloc(A, xa_limit_32b), 0);
	xa_erase(&xa, 0);
	xa_erase(&xa, 1);
	xa_erase(&xa, 2);
	assert_true(xa_empty(&xa));
}

static void alloc_in_a_plain_array_warns(void **state)
{
	u32 id = 3;

	xa_init(&xa);
	assert_warns_like("without XA_FLAGS_ALLOC", assert_int_equal(
		xa_alloc(&xa, &id, A, xa_limit_32b, GFP_KERNEL), -EINVAL););
	assert_int_equal(id, 3);
	assert_true(xa_empty(&xa));
}

#define cyclic(limit) xa_alloc_cyclic(&xa, &id, A, limit, &next, GFP_KERNEL)

static void cyclic_goes_on_where_it_was_and_says_when_it_wrapped(void **state)
{
	const struct xa_limit limit = XA_LIMIT(10, 13);
	u32 id, next = 0;

	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	assert_int_equal(cyclic(limit), 0);
	assert_int_equal(id, 10);
	assert_int_equal(next, 11);
	xa_erase(&xa, 10);
	assert_int_equal(cyclic(limit), 0);
	assert_int_equal(id, 11);
	assert_int_equal(cyclic(limit), 0);
	assert_int_equal(cyclic(limit), 0);
	assert_int_equal(id, 13);
	assert_int_equal(cyclic(limit), 1);
	assert_int_equal(id, 10);
	assert_int_equal(next, 11);
	/* The range is full: an error, and @next is unchanged. */
	assert_int_equal(cyclic(limit), -EBUSY);
	assert_int_equal(next, 11);
	xa_erase(&xa, 12);
	assert_int_equal(cyclic(limit), 0);
	assert_int_equal(id, 12);
	/* @next is above the range, then below it. */
	xa_erase(&xa, 11);
	next = 5000;
	assert_int_equal(cyclic(limit), 1);
	assert_int_equal(id, 11);
	xa_erase(&xa, 11);
	next = 3;
	assert_int_equal(cyclic(limit), 0);
	assert_int_equal(id, 11);
	xa_destroy(&xa);
}

static void cyclic_wraps_at_the_last_number(void **state)
{
	u32 id, next = U32_MAX - 1;

	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	assert_int_equal(cyclic(xa_limit_32b), 0);
	assert_int_equal(id, U32_MAX - 1);
	assert_int_equal(cyclic(xa_limit_32b), 0);
	assert_int_equal(id, U32_MAX);
	assert_int_equal(next, 0);
	assert_int_equal(cyclic(xa_limit_32b), 1);
	assert_int_equal(id, 0);
	assert_int_equal(cyclic(xa_limit_32b), 0);
	assert_int_equal(id, 1);
	xa_destroy(&xa);
}

static void cyclic_begins_again_when_there_is_no_memory_ahead(void **state)
{
	u32 id = 99, next = 1 << 20;

	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	libfence_fail_nth(1);
	assert_int_equal(cyclic(xa_limit_32b), 1);
	assert_int_equal(id, 0);
	assert_int_equal(next, 1);
	xa_destroy(&xa);
	/* There are no lower indices to start again with. */
	id = 99;
	next = 0;
	libfence_fail_nth(1);
	assert_int_equal(cyclic(xa_limit_32b), -ENOMEM);
	assert_int_equal(id, 99);
	assert_int_equal(next, 0);
	assert_true(xa_empty(&xa));
}

/* Operations that need 20 new nodes, or 21 in an empty array. */
#define FAR	(ULONG_MAX - 5)

static u32 op_id;

static int op_store(gfp_t gfp)
{
	return xa_err(xa_store(&xa, FAR, B, gfp));
}

static int op_store_null(gfp_t gfp)
{
	return xa_err(xa_store(&xa, FAR, NULL, gfp));
}

static int op_insert(gfp_t gfp)
{
	return xa_insert(&xa, FAR, B, gfp);
}

static int op_cmpxchg(gfp_t gfp)
{
	return xa_err(xa_cmpxchg(&xa, FAR, NULL, B, gfp));
}

static int op_reserve(gfp_t gfp)
{
	return xa_reserve(&xa, FAR, gfp);
}

static int op_alloc(gfp_t gfp)
{
	return xa_alloc(&xa, &op_id, B, XA_LIMIT(1 << 30, 1 << 31), gfp);
}

static int op_alloc_cyclic(gfp_t gfp)
{
	u32 next = 1 << 30;
	int ret = xa_alloc_cyclic(&xa, &op_id, B, XA_LIMIT(1 << 30, 1 << 31),
				  &next, gfp);

	assert_int_equal(next, (1 << 30) + !ret);
	return ret;
}

static int op_irq(gfp_t gfp)
{
	int ret;

	xa.xa_flags |= XA_FLAGS_LOCK_IRQ;
	ret = xa_insert_irq(&xa, FAR, B, gfp);
	xa.xa_flags &= ~XA_FLAGS_LOCK_IRQ;
	assert_false(irqs_disabled());
	return ret;
}

static int op_alloc_next_leaf(gfp_t gfp)
{
	return xa_alloc(&xa, &op_id, B, XA_LIMIT(0, 64), gfp);
}

static void prepare(bool empty)
{
	int i;

	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	for (i = 0; !empty && i < 64; i++)
		xa_store(&xa, i, xa_mk_value(i), GFP_KERNEL);
	for (i = 0; !empty && i < 64; i += 3)
		xa_set_mark(&xa, i, XA_MARK_1);
}

static void assert_as_prepared(bool empty)
{
	unsigned long index, n = 0;
	void *entry;

	assert_false(spin_is_locked(&xa.xa_lock));
	assert_int_equal(xa_empty(&xa), empty);
	xa_for_each(&xa, index, entry) {
		assert_ptr_equal(entry, xa_mk_value(index));
		assert_int_equal(xa_get_mark(&xa, index, XA_MARK_1),
				 index % 3 == 0);
		n++;
	}
	assert_int_equal(n, empty ? 0 : 64);
}

static void fail_each_allocation(int (*op)(gfp_t gfp), gfp_t gfp, bool empty)
{
	unsigned int n;
	void *head;
	int ret;

	prepare(empty);
	head = xa.xa_head;
	for (n = 1;; n++) {
		op_id = 99;
		libfence_fail_nth(n);
		ret = op(gfp);
		/* All allocations have succeeded. */
		if (libfence_fail_nth_left())
			break;
		assert_int_equal(ret, -ENOMEM);
		assert_int_equal(op_id, 99);
		assert_ptr_equal(xa.xa_head, head);
		assert_as_prepared(empty);
	}
	libfence_fail_nth(0);
	assert_int_equal(ret, 0);
	assert_true(n > 1);
	assert_false(spin_is_locked(&xa.xa_lock));
	xa_destroy(&xa);
}

static void failed_allocation_changes_nothing(void **state)
{
	int (*const ops[])(gfp_t gfp) = {
		op_store, op_store_null, op_insert, op_cmpxchg, op_reserve,
		op_alloc, op_alloc_cyclic, op_alloc_next_leaf, op_irq,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		fail_each_allocation(ops[i], GFP_KERNEL, false);
		fail_each_allocation(ops[i], GFP_KERNEL, true);
		fail_each_allocation(ops[i], GFP_NOWAIT, false);
		fail_each_allocation(ops[i], GFP_NOWAIT, true);
	}
}

static void a_full_node_ends_at_its_limit(void **state)
{
	struct xarray full = XARRAY_INIT(full, XA_FLAGS_ALLOC);
	u32 id, i;

	/* As many as a node has slots. */
	for (i = 0; i < BITS_PER_LONG; i++) {
		assert_int_equal(xa_alloc(&full, &id, &full,
					  XA_LIMIT(0, BITS_PER_LONG - 1),
					  GFP_KERNEL), 0);
		assert_int_equal(id, i);
	}
	assert_int_equal(xa_alloc(&full, &id, &full,
				  XA_LIMIT(0, BITS_PER_LONG - 1), GFP_KERNEL),
			 -EBUSY);
	assert_null(xa_load(&full, BITS_PER_LONG));
	xa_destroy(&full);
}

static void nodes_that_are_not_needed_are_freed(void **state)
{
	struct xarray none = XARRAY_INIT(none, 0);
	size_t before = memory_in_use();
	int i;

	if (!MEMORY_IS_COUNTED)
		return;
	for (i = 0; i < 200; i++) {
		/* The first node is there, the second is not. */
		libfence_fail_nth(2);
		assert_int_equal(xa_err(xa_store(&none, 1ul << 20, &none,
						 GFP_KERNEL)), -ENOMEM);
		assert_int_equal(libfence_fail_nth_left(), 0);
	}
	assert_true(xa_empty(&none));
	assert_true(memory_in_use() < before + 16384);
}

#if LFSHIM_CHECKS
static void writers_want_the_lock(void **state)
{
	DEFINE_XARRAY_ALLOC(xa);
	int x;
	u32 id;

	xa_lock(&xa);
	assert_int_equal(__xa_alloc(&xa, &id, &x, xa_limit_32b, GFP_KERNEL), 0);
	__xa_set_mark(&xa, id, XA_MARK_1);
	xa_unlock(&xa);
	assert_warns_like("is not held here",
			  __xa_set_mark(&xa, id, XA_MARK_2));
	assert_warns_like("is not held here",
			  __xa_clear_mark(&xa, id, XA_MARK_1));
	assert_warns_like("is not held here", __xa_erase(&xa, id));
	/* These drop it and take it, so they are given no reason to. */
	assert_warns_like("is not held here",
			  __xa_store(&xa, id, NULL, GFP_ATOMIC));
	assert_warns_like("is not held here",
			  assert_int_equal(__xa_insert(&xa, id + 1, &x,
						       GFP_ATOMIC), 0));
	assert_warns_like("is not held here",
			  assert_int_equal(__xa_alloc(&xa, &id, &x,
						      xa_limit_32b,
						      GFP_ATOMIC), 0));
	xa_destroy(&xa);
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(lowest_free_index_is_given),
		TEST(limits_are_kept),
		TEST(every_index_of_a_range_is_given_once),
		TEST(search_time_does_not_grow_with_the_number_of_entries),
		TEST(alloc1_begins_at_one),
		TEST(null_keeps_its_index_until_it_is_erased),
		TEST(alloc_in_a_plain_array_warns),
		TEST(cyclic_goes_on_where_it_was_and_says_when_it_wrapped),
		TEST(cyclic_wraps_at_the_last_number),
		TEST(cyclic_begins_again_when_there_is_no_memory_ahead),
		TEST(failed_allocation_changes_nothing),
		TEST(a_full_node_ends_at_its_limit),
		TEST(nodes_that_are_not_needed_are_freed),
#if LFSHIM_CHECKS
		TEST(writers_want_the_lock),
#endif
	};

	return TEST_MAIN("xarray-alloc", tests);
}
