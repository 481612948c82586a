// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Conformance vectors for reservation objects; see conformance.c. */
#include "resv.h"

static void x37_reserving_nothing(void **state)
{
	struct dma_resv obj;
	int ret = 0;

	dma_resv_init(&obj);
	dma_resv_lock(&obj, NULL);
	if (CORE_BEFORE(612, "dma_resv_reserve_fences() with a count of 0 succeeds without a warning")) {
		assert_int_equal(dma_resv_reserve_fences(&obj, 0), 0);
	} else {
		assert_warns(1, ret = dma_resv_reserve_fences(&obj, 0));
		assert_int_equal(ret, -EINVAL);
	}
	dma_resv_unlock(&obj);
	dma_resv_fini(&obj);
}

static void x38_one_context(void **state)
{
	struct dma_fence *f = mock_fence_at(7, 5), *g = mock_fence_at(7, 5);
	struct dma_fence *weak = mock_fence_at(7, 6);
	struct dma_fence *strong = mock_fence_at(7, 7);
	struct dma_resv obj;

	dma_resv_init(&obj);
	resv_add(&obj, f, READ);
	resv_add(&obj, g, READ);
	assert_string_equal(resv_text(&obj), "r5 r5");
	resv_add(&obj, weak, BOOKKEEP);
	assert_string_equal(resv_text(&obj), "r5 r5 b6");
	resv_add(&obj, strong, WRITE);
	assert_string_equal(resv_text(&obj), "w7 r5 b6");
	dma_resv_fini(&obj);
	dma_fence_put(f);
	dma_fence_put(g);
	dma_fence_put(weak);
	dma_fence_put(strong);
}

static void x39_waiting(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_resv obj;

	dma_resv_init(&obj);
	assert_int_equal(dma_resv_wait_timeout(&obj, READ, true, 0), 1);
	assert_int_equal(dma_resv_wait_timeout(&obj, READ, true, 8), 8);
	resv_add(&obj, f, READ);
	assert_int_equal(dma_resv_wait_timeout(&obj, WRITE, true, 0), 1);
	assert_int_equal(dma_resv_wait_timeout(&obj, WRITE, true, 8), 8);
	assert_int_equal(dma_resv_wait_timeout(&obj, READ, true, 0), 0);
	dma_resv_fini(&obj);
	dma_fence_put(f);
}

static void x40_singleton(void **state)
{
	struct dma_fence *f = mock_fence(), *g = mock_fence();
	struct dma_fence *single = (void *)1;
	struct dma_resv obj;

	dma_resv_init(&obj);
	assert_int_equal(dma_resv_get_singleton(&obj, READ, &single), 0);
	assert_null(single);
	resv_add(&obj, f, READ);
	assert_int_equal(dma_resv_get_singleton(&obj, READ, &single), 0);
	assert_ptr_equal(single, f);
	dma_fence_put(single);
	resv_add(&obj, g, WRITE);
	assert_int_equal(dma_resv_get_singleton(&obj, READ, &single), 0);
	assert_true(dma_fence_is_array(single));
	assert_int_equal(to_dma_fence_array(single)->num_fences, 2);
	dma_fence_put(single);
	dma_resv_fini(&obj);
	dma_fence_put(f);
	dma_fence_put(g);
}

static void x41_one_of_three_is_signalled(void **state)
{
	struct dma_resv obj, copy;
	struct dma_resv_iter cursor;
	struct dma_fence *f;
	int i, n;

	dma_resv_init(&obj);
	dma_resv_init(&copy);
	dma_resv_lock(&obj, NULL);
	dma_resv_reserve_fences(&obj, 3);
	for (i = 0; i < 3; i++) {
		f = mock_fence_at(dma_fence_context_alloc(1), i);
		dma_resv_add_fence(&obj, f, i);
		dma_fence_put(f);
	}
	dma_fence_signal(f);
	n = 0;
	dma_resv_for_each_fence(&cursor, &obj, BOOKKEEP, f)
		n++;
	assert_int_equal(n, 3);
	dma_resv_unlock(&obj);
	n = 0;
	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	dma_resv_for_each_fence_unlocked(&cursor, f)
		n++;
	dma_resv_iter_end(&cursor);
	assert_int_equal(n, 2);
	dma_resv_lock(&copy, NULL);
	assert_int_equal(dma_resv_copy_fences(&copy, &obj), 0);
	dma_resv_unlock(&copy);
	assert_string_equal(resv_text(&copy), "k0 w1");
	dma_resv_fini(&obj);
	dma_resv_fini(&copy);
}

static void x42_the_list_becomes_null(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_resv obj, empty;
	struct dma_resv_iter cursor;

	dma_resv_init(&obj);
	dma_resv_init(&empty);
	resv_add(&obj, f, READ);
	dma_resv_iter_begin(&cursor, &obj, READ);
	assert_ptr_equal(dma_resv_iter_first_unlocked(&cursor), f);
	dma_resv_lock(&obj, NULL);
	dma_resv_copy_fences(&obj, &empty);
	dma_resv_unlock(&obj);
	if (CORE_KERNEL("an unlocked iteration whose list becomes NULL returns the same fence for ever")) {
		assert_ptr_equal(dma_resv_iter_next_unlocked(&cursor), f);
	} else {
		assert_null(dma_resv_iter_next_unlocked(&cursor));
		assert_true(dma_resv_iter_is_restarted(&cursor));
		assert_null(dma_resv_iter_next_unlocked(&cursor));
		assert_false(dma_resv_iter_is_restarted(&cursor));
	}
	dma_resv_iter_end(&cursor);
	assert_int_equal(mock_refs(f), 1);
	dma_resv_fini(&obj);
	dma_resv_fini(&empty);
	dma_fence_put(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(x37_reserving_nothing),
		MOCK_TEST(x38_one_context),
		MOCK_TEST(x39_waiting),
		MOCK_TEST(x40_singleton),
		MOCK_TEST(x41_one_of_three_is_signalled),
		MOCK_TEST(x42_the_list_becomes_null),
	};

	return TEST_MAIN("conformance-resv", tests);
}
