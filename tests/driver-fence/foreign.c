// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Fences stored as pointers in other structures, and borrows of stored fences.
 */

#include "fixture.h"

static void a_consumer_fence_can_be_stored_and_borrowed(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence), *again;
	struct dma_fence *inner = libfence_to_dma_fence(consumer);
	void *stored = libfence_into_foreign(&consumer);

	assert_null(consumer);
	/* Storing transfers the reference: the count does not change. */
	assert_int_equal(kref_read(&inner->refcount), 2);
	assert_int_equal(libfence_status(libfence_borrow(stored)), 0);
	again = libfence_get(libfence_borrow(stored));
	assert_int_equal(kref_read(&inner->refcount), 3);
	libfence_put(&again);
	consumer = libfence_from_foreign(stored);
	assert_int_equal(kref_read(&inner->refcount), 2);
	job_fence_signal(&fence, 0);
	libfence_put(&consumer);
}

static void a_driver_fence_can_be_stored_and_borrowed(void **state)
{
	struct job_fence *fence = make_job(ctx, 17);
	void *stored = job_fence_into_foreign(&fence);
	const struct job_fence *borrow = job_fence_borrow(stored);
	struct libfence *consumer;

	assert_null(fence);
	assert_int_equal(job_fence_payload(borrow)->id, 17);
	consumer = job_fence_get(borrow);
	assert_false(libfence_is_signaled(consumer));
	fence = job_fence_from_foreign(stored);
	job_fence_signal(&fence, -EIO);
	assert_int_equal(libfence_status(consumer), -EIO);
	libfence_put(&consumer);
}

/* Tagged pointers and XArrays need the low bits to be clear. */
static void foreign_pointers_are_aligned_as_a_dma_fence_is(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);
	uintptr_t mask = __alignof__(struct dma_fence) - 1;
	void *driver, *user;

	assert_true(mask >= 3);
	driver = job_fence_into_foreign(&fence);
	user = libfence_into_foreign(&consumer);
	assert_int_equal((uintptr_t)driver & mask, 0);
	assert_int_equal((uintptr_t)user & mask, 0);
	fence = job_fence_from_foreign(driver);
	consumer = libfence_from_foreign(user);
	job_fence_signal(&fence, 0);
	libfence_put(&consumer);
}

static void null_in_gives_null_out(void **state)
{
	struct job_fence *fence = NULL;
	struct libfence *consumer = NULL;

	assert_null(job_fence_into_foreign(&fence));
	assert_null(job_fence_from_foreign(NULL));
	assert_null(job_fence_borrow(NULL));
	assert_null(libfence_into_foreign(&consumer));
	assert_null(libfence_from_foreign(NULL));
	assert_null(libfence_borrow(NULL));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(a_consumer_fence_can_be_stored_and_borrowed),
		CASE(a_driver_fence_can_be_stored_and_borrowed),
		CASE(foreign_pointers_are_aligned_as_a_dma_fence_is),
		CASE(null_in_gives_null_out),
	};

	return TEST_MAIN("driver-fence-foreign", tests);
}
