// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Comparing seqnos, the names of a fence, and the kind of a fence. */
#include "mock.h"

#include <linux/seq_file.h>

/* Seqnos */

#if !CORE_HAS(dma_fence_init64)
static const char *a_name(struct dma_fence *fence)
{
	return "a name";
}

static const struct dma_fence_ops ops64 = {
	.use_64bit_seqno = true,
	.get_driver_name = a_name,
	.get_timeline_name = a_name,
};
#endif

static void later_compares_32_bits_that_wrap_or_64_that_do_not(void **state)
{
	static const struct {
		u64 a, b;
		bool later32, later64;
	} rows[] = {
		{ 2, 1, true, true },
		{ 1, 2, false, false },
		{ 7, 7, false, false },
		{ 0, U32_MAX, true, false },
		{ U32_MAX, 0, false, true },
		{ 0x7fffffff, 0, true, true },
		{ 0x80000001, 0, false, true },
		{ 1ULL << 32, 5, false, true },
		{ (1ULL << 32) + 6, 5, true, true },
		{ U64_MAX, 0, false, true },
		{ 0, U64_MAX, true, false },
	};
	struct dma_fence *f32 = kmalloc_obj(*f32), *f64 = kmalloc_obj(*f64);
	int i;

	dma_fence_init(f32, &mock_names_ops, MOCK_LOCK(&mock_lock), 1, 1);
#if CORE_HAS(dma_fence_init64)
	dma_fence_init64(f64, &mock_names_ops, NULL, 1, 1);
#else
	dma_fence_init(f64, &ops64, &mock_lock, 1, 1);
#endif
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(__dma_fence_is_later(f32, rows[i].a, rows[i].b),
				 rows[i].later32);
		assert_int_equal(__dma_fence_is_later(f64, rows[i].a, rows[i].b),
				 rows[i].later64);
	}
	dma_fence_put(f32);
	dma_fence_put(f64);
}

static void later_picks_the_later_unless_it_is_signalled(void **state)
{
	struct dma_fence *a = mock_fence_at(7, 1), *b = mock_fence_at(7, 2);
	struct dma_fence *twin = mock_fence_at(7, 2);

	assert_false(dma_fence_is_later(a, b));
	assert_true(dma_fence_is_later(b, a));
	assert_false(dma_fence_is_later(b, b));
	assert_true(dma_fence_is_later_or_same(b, b));
	assert_true(dma_fence_is_later_or_same(b, a));
	assert_false(dma_fence_is_later_or_same(a, b));

	assert_ptr_equal(dma_fence_later(a, b), b);
	assert_ptr_equal(dma_fence_later(b, a), b);
	/* Neither is later: the second is returned. */
	assert_ptr_equal(dma_fence_later(b, twin), twin);
	assert_int_equal(mock_refs(b), 1);

	/* Only the later fence is polled. */
	mock_done_at(b, 1);
	assert_null(dma_fence_later(a, b));
	assert_true(dma_fence_test_signaled_flag(b));
	assert_null(dma_fence_later(b, a));
	assert_int_equal(to_mock(a)->polls, 0);
	dma_fence_put(a);
	dma_fence_put(b);
	dma_fence_put(twin);
}

static void comparing_across_contexts_warns(void **state)
{
	struct dma_fence *a = mock_fence_at(7, 1), *b = mock_fence_at(8, 2);

	assert_warns(1, assert_false(dma_fence_is_later(b, a)));
	assert_warns(1, assert_false(dma_fence_is_later_or_same(b, a)));
	assert_warns(1, assert_null(dma_fence_later(b, a)));
	assert_true(dma_fence_is_later_or_same(a, a));
	dma_fence_put(a);
	dma_fence_put(b);
}

/* Names */

static void describe_prints_names_until_signalled(void **state)
{
	struct dma_fence *f = mock_fence_at(U64_MAX, 12345678901234ULL);
	struct seq_file m;

	rcu_read_lock();
	assert_string_equal(dma_fence_driver_name(f), MOCK_DRIVER);
	assert_string_equal(dma_fence_timeline_name(f), MOCK_TIMELINE);
	rcu_read_unlock();

	if (mock_describes_otherwise()) {
		lfshim_seq_open(&m);
		dma_fence_describe(f, &m);
		assert_string_equal(lfshim_seq_text(&m),
				    MOCK_DRIVER " " MOCK_TIMELINE
				    " seq 12345678901234 unsignalled\n");
		lfshim_seq_release(&m);
		dma_fence_put(f);
		return;
	}
	lfshim_seq_open(&m);
	dma_fence_describe(f, &m);
	assert_string_equal(lfshim_seq_text(&m),
			    "18446744073709551615:12345678901234 "
			    MOCK_TIMELINE " " MOCK_DRIVER " unsignalled\n");
	lfshim_seq_release(&m);

	/* It polls the fence. A signalled fence is printed without names. */
	mock_done_at(f, 1);
	lfshim_seq_open(&m);
	dma_fence_describe(f, &m);
	assert_string_equal(lfshim_seq_text(&m),
			    "18446744073709551615:12345678901234   signalled\n");
	lfshim_seq_release(&m);
	dma_fence_put(f);
}

static void describe_without_memory_prints_nothing(void **state)
{
	struct dma_fence *f;
	struct seq_file m;

	test_not_in_a_kernel("a kernel allocates the buffer beforehand");
	f = mock_fence();
	lfshim_seq_open(&m);
	libfence_fail_nth(1);
	dma_fence_describe(f, &m);
	assert_true(mock_alloc_failed());
	assert_string_equal(lfshim_seq_text(&m), "");
	assert_int_equal(mock_refs(f), 1);
	lfshim_seq_release(&m);
	dma_fence_put(f);
}

static void plain_fences_are_no_containers(void **state)
{
	struct dma_fence *f = mock_fence();

	assert_false(dma_fence_is_array(f));
	assert_false(dma_fence_is_chain(f));
	assert_false(dma_fence_is_container(f));
	dma_fence_signal(f);
	assert_false(dma_fence_is_container(f));
	dma_fence_put(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(later_compares_32_bits_that_wrap_or_64_that_do_not),
		MOCK_TEST(later_picks_the_later_unless_it_is_signalled),
		MOCK_TEST(comparing_across_contexts_warns),
		MOCK_TEST(describe_prints_names_until_signalled),
		MOCK_TEST(describe_without_memory_prints_nothing),
		MOCK_TEST(plain_fences_are_no_containers),
	};

	return TEST_MAIN("dma-fence-seqno", tests);
}
