// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reservation objects: how the cursor of an unlocked iteration keeps its fence.
 * The cursor publishes the fence in a hazard slot and borrows the reference of
 * the list. A writer that removes the fence hands this reference to the cursor.
 */
#include "resv.h"

#include <linux/percpu.h>

static struct dma_resv_iter cursor;
static struct dma_fence *f;

static int released(void)
{
	return mock_called(MOCK_RELEASE);
}

/* Make a fence to which only @obj has a reference, and put the cursor on it. */
static void begin(void)
{
	f = mock_fence_at(dma_fence_context_alloc(1), 1);
	resv_add(&obj, f, READ);
	dma_fence_put(f);
	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	assert_ptr_equal(dma_resv_iter_first_unlocked(&cursor), f);
	assert_non_null(cursor.hazard);
}

/* The ways in which a fence leaves an object */

static void is_replaced(void)
{
	struct dma_fence *later = mock_fence_at(f->context, 2);

	dma_resv_lock(&obj, NULL);
	dma_resv_replace_fences(&obj, f->context, later, READ);
	dma_resv_unlock(&obj);
	dma_fence_put(later);
}

static void is_superseded(void)
{
	struct dma_fence *later = mock_fence_at(f->context, 2);

	resv_add(&obj, later, READ);
	dma_fence_put(later);
}

static void is_signalled_and_overwritten(void)
{
	struct dma_fence *other = mock_fence();

	dma_fence_signal(f);
	resv_add(&obj, other, READ);
	dma_fence_put(other);
}

static void is_signalled_and_left_behind(void)
{
	dma_fence_signal(f);
	dma_resv_lock(&obj, NULL);
	assert_int_equal(dma_resv_reserve_fences(&obj, 100), 0);
	dma_resv_unlock(&obj);
}

static void is_copied_over(void)
{
	struct dma_resv empty;

	dma_resv_init(&empty);
	dma_resv_lock(&obj, NULL);
	assert_int_equal(dma_resv_copy_fences(&obj, &empty), 0);
	dma_resv_unlock(&obj);
	dma_resv_fini(&empty);
}

/* Destroy the object, and make a new one at the same address. */
static void object_is_destroyed(void)
{
	dma_resv_fini(&obj);
	dma_resv_init(&obj);
}

static void (*const ways_out[])(void) = {
	is_replaced, is_superseded, is_signalled_and_overwritten,
	is_signalled_and_left_behind, is_copied_over, object_is_destroyed,
};

/* The ways in which a cursor leaves a fence */

static void ends(void)
{
	dma_resv_iter_end(&cursor);
}

static void goes_on(void)
{
	assert_ptr_not_equal(dma_resv_iter_next_unlocked(&cursor), f);
	dma_resv_iter_end(&cursor);
}

static void begins_again(void)
{
	assert_ptr_not_equal(dma_resv_iter_first_unlocked(&cursor), f);
	dma_resv_iter_end(&cursor);
}

static void (*const ways_on[])(void) = { ends, goes_on, begins_again };

static void a_cursor_has_the_lists_reference(void **state)
{
	begin();
	assert_int_equal(mock_refs(f), 1);
	/* The user of the cursor may take a reference of its own. */
	assert_ptr_equal(dma_fence_get(cursor.fence), f);
	assert_int_equal(mock_refs(f), 2);
	assert_null(dma_resv_iter_next_unlocked(&cursor));
	assert_null(cursor.fence);
	dma_resv_iter_end(&cursor);
	assert_int_equal(mock_refs(f), 2);
	dma_fence_put(f);
	assert_int_equal(mock_refs(f), 1);
}

static void a_cursor_keeps_what_the_list_drops(void **state)
{
	int out, on, before;

	for (out = 0; out < ARRAY_SIZE(ways_out); out++) {
		for (on = 0; on < ARRAY_SIZE(ways_on); on++) {
			begin();
			before = released();
			ways_out[out]();
			rcu_barrier();
			/* The cursor has the reference now. */
			assert_int_equal(released(), before);
			assert_int_equal(mock_refs(f), 1);
			assert_ptr_equal(cursor.fence, f);
			dma_fence_get(f);
			ways_on[on]();
			assert_int_equal(mock_refs(f), 1);
			assert_int_equal(released(), before);
			dma_fence_put(f);
			assert_int_equal(released(), before + 1);
			object_is_destroyed();
		}
	}
}

static void a_cursor_that_has_left_gets_nothing(void **state)
{
	int out, on, before;

	for (out = 0; out < ARRAY_SIZE(ways_out); out++) {
		for (on = 0; on < ARRAY_SIZE(ways_on); on++) {
			begin();
			/* Begin again with a usage that skips the fence. */
			if (ways_on[on] == begins_again) {
				dma_resv_iter_end(&cursor);
				dma_resv_iter_begin(&cursor, &obj, KERNEL);
			}
			ways_on[on]();
			before = released();
			ways_out[out]();
			assert_int_equal(released(), before + 1);
			object_is_destroyed();
		}
	}
}

/* At most one writer hands over a reference, and only to the right fence. */
static void a_cursor_is_handed_over_to_once(void **state)
{
	struct dma_fence *other = mock_fence();
	struct dma_resv second;

	/* The same fence in two objects. */
	begin();
	dma_resv_init(&second);
	resv_add(&second, f, READ);
	resv_add(&second, other, READ);
	assert_int_equal(mock_refs(f), 2);
	dma_resv_fini(&second);
	/* Either object may hand over its reference. */
	assert_between(mock_refs(f), 1, 2);
	assert_int_equal(mock_refs(other), 1);
	is_replaced();
	assert_int_equal(mock_refs(f), 1);
	ends();
	assert_int_equal(released(), 1);
	dma_fence_put(other);
}

/* If all slots are taken, a cursor takes a reference instead. */
static void every_cursor_keeps_its_fence(void **state)
{
	unsigned int i, with_place = 0, n = 8 * nr_cpu_ids + 3;
	struct dma_resv_iter *c = kmalloc_array(n, sizeof(*c), GFP_KERNEL);
	int before;

	begin();
	for (i = 0; i < n; i++) {
		dma_resv_iter_begin(&c[i], &obj, BOOKKEEP);
		assert_ptr_equal(dma_resv_iter_first_unlocked(&c[i]), f);
		with_place += !!c[i].hazard;
		assert_int_equal(mock_refs(f), 1 + i + 1 - with_place);
	}
	assert_between(with_place, 7, n - 4);
	before = released();
	is_replaced();
	assert_int_equal(mock_refs(f), n + 1);
	for (i = 0; i < n; i++) {
		if (i & 1)
			assert_ptr_not_equal(dma_resv_iter_next_unlocked(&c[i]),
					     f);
		dma_resv_iter_end(&c[i]);
		assert_int_equal(mock_refs(f), n - i);
	}
	ends();
	assert_int_equal(released(), before + 1);
	/* The slots are free again. */
	object_is_destroyed();
	begin();
	ends();
	kfree(c);
}

/* A wait takes a reference, so that a long wait does not occupy a slot. */
static void a_wait_has_a_reference(void **state)
{
	struct mock_fence *m = mock_new(&mock_wait_ops,
					dma_fence_context_alloc(1), 1);

	m->wait_result = 1;
	resv_add(&obj, &m->base, READ);
	assert_int_equal(mock_refs(&m->base), 2);
	assert_int_equal(dma_resv_wait_timeout(&obj, READ, false, 5), 1);
	assert_int_equal(mock_called(MOCK_WAIT), 1);
	assert_int_equal(m->wait_refs, 3);
	assert_int_equal(mock_refs(&m->base), 2);
	dma_fence_put(&m->base);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		RESV_TEST(a_cursor_has_the_lists_reference),
		RESV_TEST(a_cursor_keeps_what_the_list_drops),
		RESV_TEST(a_cursor_that_has_left_gets_nothing),
		RESV_TEST(a_cursor_is_handed_over_to_once),
		RESV_TEST(every_cursor_keeps_its_fence),
		RESV_TEST(a_wait_has_a_reference),
	};
	return TEST_MAIN("dma-resv-cursor", tests);
}
