// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A million fences leak nothing and make the documented number of allocations.
 * Compiled together with the core; see meson.build and count.h.
 */
#include "fixture.h"

#include <malloc.h>
#include <stdio.h>

struct counts counts;

static atomic_t destroyed;

/*
 * The bytes allocated with malloc(); sanitizers and Valgrind replace the
 * allocator.
 */
static size_t bytes_in_use(void)
{
#ifdef __GLIBC__
	return mallinfo2().uordblks;
#else
	return 0;
#endif
}

static bool malloc_is_glibcs(void)
{
	size_t before = bytes_in_use();
	void *p = (kmalloc)(100000, GFP_KERNEL);
	bool is = bytes_in_use() > before;

	(kfree)(p);
	return is;
}

static int clean_setup(void **state)
{
	libfence_barrier();
	memset(&counts, 0, sizeof(counts));
	atomic_set(&destroyed, 0);
	return setup(state);
}

/* Every way in which a driver fence can end. */
static void one_cycle(unsigned int i)
{
	struct job_prep *prep = job_prepare(&(struct job){ .id = i });
	struct job_fence *fence;
	struct libfence *consumer = NULL;

	if (i % 16 == 7) {
		job_prep_free(&prep);
		return;
	}
	fence = job_commit(ctx, &prep);
	if (i % 3)
		consumer = job_fence_get(fence);
	if (i % 1000 == 500)
		job_fence_drop(&fence);
	else
		job_fence_signal(&fence, i % 2 ? 0 : -EIO);
	libfence_put(&consumer);
}

static void a_million_cycles_return_all_memory(void **state)
{
	unsigned int i, n = 1000000 / test_slowness();
	size_t before, after;

	/* Warm up: the threads and their lists are allocated once. */
	for (i = 0; i < 1000; i++)
		if (i % 1000 != 500)
			one_cycle(i);
	libfence_barrier();
	memset(&counts, 0, sizeof(counts));
	before = bytes_in_use();

	test_expect_warnings();
	for (i = 0; i < n; i++)
		one_cycle(i);
	test_expected_warnings((n + 499) / 1000, "was dropped", __FILE__,
			       __LINE__);
	libfence_barrier();
	after = bytes_in_use();

	assert_int_equal(counts.kmalloc, n);
	assert_int_equal(counts.kfree + counts.kfree_rcu, n);
	/* The counts are checked in any case. */
	if (!malloc_is_glibcs()) {
		print_message("# malloc is not glibc's: its own count is not looked at\n");
		return;
	}
	/* malloc()'s per-thread caches count as used: less than 64 KiB here. */
	print_message("# malloc: %zu bytes before, %zu after %u cycles\n",
		      before, after, n);
	assert_true(after <= before + (64 << 10));
}

static void no_call_rcu_for_a_payload_without_a_destructor(void **state)
{
	unsigned int i;

	for (i = 0; i < 10000; i++)
		if (i % 1000 != 500)
			one_cycle(i);
	libfence_barrier();
	assert_int_equal(counts.call_rcu, 0);
}

static void one_call_rcu_for_a_payload_with_a_destructor(void **state)
{
	unsigned int i, n = 10000 / test_slowness();

	for (i = 0; i < n; i++) {
		struct tracked_fence *fence = make_tracked(ctx,
			&(struct tracked){ .destroyed = &destroyed });

		tracked_fence_signal(&fence, 0);
	}
	libfence_barrier();
	assert_int_equal(counts.call_rcu, n);
	assert_int_equal(atomic_read(&destroyed), n);
	assert_int_equal(counts.kmalloc, n);
	assert_int_equal(counts.kfree + counts.kfree_rcu, n);
}

static void ignore(const struct libfence *fence, void *data)
{
}

static void one_allocation_for_a_fence_and_its_payload(void **state)
{
	struct libfence_callback cb;
	struct libfence *consumer;
	struct tracked_prep *prep;
	struct tracked_fence *fence;

	prep = tracked_prepare(&(struct tracked){ .enable_says = true,
						  .destroyed = &destroyed });
	assert_int_equal(counts.kmalloc, 1);
	fence = tracked_commit(ctx, &prep);
	consumer = tracked_fence_get(fence);
	libfence_callback_init(&cb, ignore, NULL);
	assert_int_equal(libfence_callback_register(consumer, &cb), 0);
	assert_int_equal(libfence_wait(consumer, 0), -ETIMEDOUT);
	assert_warns(1, tracked_fence_drop(&fence););
	libfence_callback_unregister(&cb);
	libfence_put(&consumer);
	libfence_barrier();
	assert_int_equal(counts.kmalloc, 1);
	assert_int_equal(counts.kfree + counts.kfree_rcu, 1);
}

static void the_overflow_list_allocates_nothing(void **state)
{
	enum { MANY = 500 };
	static struct job_fence *fences[MANY];
	unsigned int i;

	for (i = 0; i < MANY; i++)
		fences[i] = make_job(ctx, i);
	for (i = 0; i < MANY; i++)
		job_fence_signal(&fences[i * 7 % MANY], 0);
	assert_int_equal(counts.kmalloc, MANY);
}

#define CLEAN_CASE(f)	cmocka_unit_test_setup_teardown(f, clean_setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CLEAN_CASE(a_million_cycles_return_all_memory),
		CLEAN_CASE(no_call_rcu_for_a_payload_without_a_destructor),
		CLEAN_CASE(one_call_rcu_for_a_payload_with_a_destructor),
		CLEAN_CASE(one_allocation_for_a_fence_and_its_payload),
		CLEAN_CASE(the_overflow_list_allocates_nothing),
	};

	return TEST_MAIN("driver-fence-leaks", tests);
}
