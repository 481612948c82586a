// SPDX-License-Identifier: GPL-2.0 OR MIT
/* IDs: the lowest free one, limits, cycles, walks, and failures. */

#include "helpers.h"
#include <errno.h>
#include <limits.h>
#include <linux/idr.h>
#include <libfence/libfence.h>

static int objects[8];

static void an_object_gets_the_lowest_free_id(void **state)
{
	DEFINE_IDR(idr);

	assert_true(idr_is_empty(&idr));
	assert_int_equal(idr_alloc(&idr, &objects[0], 0, 0, GFP_KERNEL), 0);
	assert_int_equal(idr_alloc(&idr, &objects[1], 0, 0, GFP_KERNEL), 1);
	assert_int_equal(idr_alloc(&idr, &objects[2], 0, 0, GFP_KERNEL), 2);
	assert_ptr_equal(idr_find(&idr, 1), &objects[1]);
	assert_ptr_equal(idr_remove(&idr, 1), &objects[1]);
	assert_null(idr_find(&idr, 1));
	assert_null(idr_remove(&idr, 1));
	assert_int_equal(idr_alloc(&idr, &objects[3], 0, 0, GFP_KERNEL), 1);
	assert_false(idr_is_empty(&idr));
	idr_destroy(&idr);
	assert_true(idr_is_empty(&idr));
}

static void the_end_is_not_given(void **state)
{
	DEFINE_IDR(idr);
	u32 id = 7;

	assert_int_equal(idr_alloc(&idr, &objects[0], 5, 7, GFP_KERNEL), 5);
	assert_int_equal(idr_alloc(&idr, &objects[0], 5, 7, GFP_KERNEL), 6);
	assert_int_equal(idr_alloc(&idr, &objects[0], 5, 7, GFP_KERNEL), -ENOSPC);
	/* Here the maximum is given. */
	assert_int_equal(idr_alloc_u32(&idr, &objects[0], &id, 7, GFP_KERNEL), 0);
	assert_int_equal(id, 7);
	id = 6;
	assert_int_equal(idr_alloc_u32(&idr, &objects[0], &id, 7, GFP_KERNEL),
			 -ENOSPC);
	assert_int_equal(id, 6);
	assert_warns(1, assert_int_equal(
		idr_alloc(&idr, &objects[0], -1, 0, GFP_KERNEL), -EINVAL));
	idr_destroy(&idr);
}

static void a_null_keeps_its_id(void **state)
{
	DEFINE_IDR(idr);

	assert_int_equal(idr_alloc(&idr, NULL, 0, 0, GFP_KERNEL), 0);
	assert_null(idr_find(&idr, 0));
	assert_int_equal(idr_alloc(&idr, &objects[1], 0, 0, GFP_KERNEL), 1);
	assert_null(idr_replace(&idr, &objects[0], 0));
	assert_ptr_equal(idr_find(&idr, 0), &objects[0]);
	assert_ptr_equal(idr_replace(&idr, &objects[2], 1), &objects[1]);
	assert_ptr_equal(idr_replace(&idr, &objects[2], 2), ERR_PTR(-ENOENT));
	assert_int_equal(idr_alloc(&idr, &objects[3], 0, 0, GFP_KERNEL), 2);
	idr_destroy(&idr);
}

static void a_cyclic_id_is_not_given_again_at_once(void **state)
{
	DEFINE_IDR(idr);
	int i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(idr_alloc_cyclic(&idr, &objects[0], 1, 4,
						  GFP_KERNEL), 1 + i);
		idr_remove(&idr, 1 + i);
	}
	assert_int_equal(idr_get_cursor(&idr), 4);
	/* At the end it begins again. */
	assert_int_equal(idr_alloc_cyclic(&idr, &objects[0], 1, 4, GFP_KERNEL), 1);
	assert_int_equal(idr_alloc_cyclic(&idr, &objects[0], 1, 4, GFP_KERNEL), 2);
	assert_int_equal(idr_alloc_cyclic(&idr, &objects[0], 1, 4, GFP_KERNEL), 3);
	assert_int_equal(idr_alloc_cyclic(&idr, &objects[0], 1, 4, GFP_KERNEL),
			 -ENOSPC);
	idr_destroy(&idr);
}

static void ids_begin_at_the_base(void **state)
{
	struct idr idr;
	int id = 0;

	idr_init_base(&idr, 10);
	assert_int_equal(idr_alloc(&idr, &objects[0], 0, 0, GFP_KERNEL), 10);
	assert_int_equal(idr_alloc(&idr, &objects[1], 12, 0, GFP_KERNEL), 12);
	assert_ptr_equal(idr_find(&idr, 12), &objects[1]);
	assert_ptr_equal(idr_get_next(&idr, &id), &objects[0]);
	assert_int_equal(id, 10);
	assert_ptr_equal(idr_replace(&idr, &objects[2], 12), &objects[1]);
	assert_ptr_equal(idr_remove(&idr, 12), &objects[2]);
	assert_int_equal(idr_alloc(&idr, &objects[3], 0, 10, GFP_KERNEL), -ENOSPC);
	idr_destroy(&idr);
}

static int count(int id, void *p, void *data)
{
	int *sum = data;

	*sum += id;
	return p == &objects[2] ? 77 : 0;
}

static void a_walk_sees_each_object_once(void **state)
{
	static const int ids[] = { 3, 64, 5000 };
	DEFINE_IDR(idr);
	unsigned long ul, tmp;
	int i, id, sum = 0;
	void *entry;

	for (i = 0; i < 3; i++)
		idr_alloc(&idr, &objects[i], ids[i], ids[i] + 1, GFP_KERNEL);
	i = 0;
	idr_for_each_entry(&idr, entry, id) {
		assert_int_equal(id, ids[i]);
		assert_ptr_equal(entry, &objects[i]);
		i++;
	}
	assert_int_equal(i, 3);
	assert_null(entry);
	i = 0;
	idr_for_each_entry_ul(&idr, entry, tmp, ul)
		assert_int_equal(ul, ids[i++]);
	assert_int_equal(i, 3);
	id = 4;
	i = 1;
	idr_for_each_entry_continue(&idr, entry, id)
		assert_int_equal(id, ids[i++]);
	assert_int_equal(i, 3);
	assert_int_equal(idr_for_each(&idr, count, &sum), 77);
	assert_int_equal(sum, 3 + 64 + 5000);
	idr_destroy(&idr);
}

static void a_failed_allocation_gives_no_id(void **state)
{
	DEFINE_IDR(idr);
	DEFINE_IDA(ida);

	libfence_fail_nth(1);
	assert_int_equal(idr_alloc(&idr, &objects[0], 0, 0, GFP_KERNEL), -ENOMEM);
	assert_true(idr_is_empty(&idr));
	libfence_fail_nth(1);
	assert_int_equal(ida_alloc(&ida, GFP_KERNEL), -ENOMEM);
	assert_true(ida_is_empty(&ida));
	assert_int_equal(idr_alloc(&idr, &objects[0], 0, 0, GFP_KERNEL), 0);
	idr_destroy(&idr);
}

static void the_caller_may_hold_the_lock_of_an_idr(void **state)
{
	DEFINE_IDR(idr);
	unsigned long flags;

	idr_lock_irqsave(&idr, flags);
	assert_int_equal(idr_alloc(&idr, &objects[0], 0, 0, GFP_ATOMIC), 0);
	assert_ptr_equal(idr_replace(&idr, &objects[1], 0), &objects[0]);
	assert_ptr_equal(idr_remove(&idr, 0), &objects[1]);
	idr_unlock_irqrestore(&idr, flags);
	idr_destroy(&idr);
}

static void an_ida_gives_the_lowest_free_id(void **state)
{
	DEFINE_IDA(ida);
	int i;

	for (i = 0; i < 200; i++)
		assert_int_equal(ida_alloc(&ida, GFP_KERNEL), i);
	assert_true(ida_exists(&ida, 100));
	ida_free(&ida, 100);
	assert_false(ida_exists(&ida, 100));
	assert_int_equal(ida_find_first_range(&ida, 100, 200), 101);
	assert_int_equal(ida_alloc_min(&ida, 150, GFP_KERNEL), 200);
	assert_int_equal(ida_alloc_max(&ida, 199, GFP_KERNEL), 100);
	assert_int_equal(ida_alloc_max(&ida, 199, GFP_KERNEL), -ENOSPC);
	assert_int_equal(ida_alloc_range(&ida, 300, 300, GFP_KERNEL), 300);
	assert_int_equal(ida_alloc_range(&ida, 300, 300, GFP_KERNEL), -ENOSPC);
	assert_int_equal(ida_alloc_range(&ida, INT_MAX, UINT_MAX, GFP_KERNEL),
			 INT_MAX);
	assert_int_equal(ida_alloc_min(&ida, INT_MAX, GFP_KERNEL), -ENOSPC);
	assert_warns_like("which is not allocated", ida_free(&ida, 1000));
	ida_destroy(&ida);
	assert_true(ida_is_empty(&ida));
	assert_int_equal(ida_find_first(&ida), -ENOENT);
}

#define NR_THREADS	4
#define NR_IDS		300

struct many {
	struct ida ida;
	unsigned char taken[NR_THREADS * NR_IDS];
};

static int take_many(void *data)
{
	struct many *many = data;
	int i, id;

	for (i = 0; i < NR_IDS; i++) {
		id = ida_alloc(&many->ida, GFP_KERNEL);
		if (id < 0 || id >= NR_THREADS * NR_IDS ||
		    __atomic_fetch_add(&many->taken[id], 1, __ATOMIC_RELAXED))
			return 1;
	}
	return 0;
}

static void threads_get_different_ids(void **state)
{
	struct task_struct *threads[NR_THREADS];
	static struct many many;
	int i;

	ida_init(&many.ida);
	for (i = 0; i < NR_THREADS; i++)
		threads[i] = start(take_many, &many);
	for (i = 0; i < NR_THREADS; i++)
		assert_int_equal(finish(threads[i]), 0);
	assert_int_equal(ida_alloc(&many.ida, GFP_KERNEL), NR_THREADS * NR_IDS);
	ida_destroy(&many.ida);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(an_object_gets_the_lowest_free_id),
		TEST(the_end_is_not_given),
		TEST(a_null_keeps_its_id),
		TEST(a_cyclic_id_is_not_given_again_at_once),
		TEST(ids_begin_at_the_base),
		TEST(a_walk_sees_each_object_once),
		TEST(a_failed_allocation_gives_no_id),
		TEST(the_caller_may_hold_the_lock_of_an_idr),
		TEST(an_ida_gives_the_lowest_free_id),
		TEST(threads_get_different_ids),
	};

	return TEST_MAIN("idr", tests);
}
