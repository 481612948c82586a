// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Preparing, committing, signalling and dropping: the producer's side of a
 * fence.
 */

#include "fixture.h"

/* The four rules */

static void count_call(const struct libfence *fence, void *data)
{
	++*(int *)data;
}

static void rule_1_a_fence_is_signalled_exactly_once(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);
	struct libfence_callback cb;
	int64_t at;
	int calls = 0;

	libfence_callback_init(&cb, count_call, &calls);
	assert_int_equal(libfence_callback_register(consumer, &cb), 0);
	assert_int_equal(libfence_status(consumer), 0);
	job_fence_signal(&fence, 0);
	assert_int_equal(calls, 1);
	at = libfence_timestamp(consumer);
	/* The owner's variable was cleared, so it cannot be signalled again. */
	assert_null(fence);
	assert_warns_like("consumed before", job_fence_signal(&fence, -EIO););
	assert_int_equal(calls, 1);
	assert_int_equal(libfence_status(consumer), 1);
	assert_true(libfence_timestamp(consumer) == at);
	libfence_callback_unregister(&cb);
	libfence_put(&consumer);
}

static void rule_2_a_fence_is_signalled_whatever_its_owner_does(void **state)
{
	struct job_fence *signalled = make_job(ctx, 1);
	struct job_fence *dropped = make_job(ctx, 2);
	struct job_fence *forgotten = make_job(ctx, 3);
	struct libfence *consumers[] = {
		job_fence_get(signalled), job_fence_get(dropped),
		job_fence_get(forgotten),
	};
	unsigned int i;

	job_fence_signal(&signalled, 0);
	assert_warns(1, job_fence_drop(&dropped););
	assert_warns(1, libfence_context_destroy(&ctx););
	for (i = 0; i < ARRAY_SIZE(consumers); i++) {
		assert_true(libfence_is_signaled(consumers[i]));
		libfence_put(&consumers[i]);
	}
	job_fence_drop(&forgotten);
}

static void rule_3_an_error_is_set_before_signalling(void **state)
{
	static const int errors[] = { -EIO, -ENODATA, -ETIME, -1, -4095 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		struct job_fence *fence = make_job(ctx, 1);
		struct libfence *consumer = job_fence_get(fence);

		assert_int_equal(libfence_status(consumer), 0);
		assert_int_equal(libfence_to_dma_fence(consumer)->error, 0);
		job_fence_signal(&fence, errors[i]);
		assert_int_equal(libfence_status(consumer), errors[i]);
		libfence_put(&consumer);
	}
}


static void see_status(const struct libfence *fence, void *data)
{
	*(int *)data = libfence_status_racy(fence);
}

static void rule_3_callbacks_see_the_error(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence_callback cb;
	int status = 0;

	libfence_callback_init(&cb, see_status, &status);
	assert_int_equal(libfence_callback_register(job_fence_consumer(fence),
						    &cb), 0);
	job_fence_signal(&fence, -EIO);
	assert_int_equal(status, -EIO);
	assert_true(libfence_callback_unregister(&cb));
}

static void rule_4_every_pointer_is_backed_by_a_reference(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	const struct libfence *borrow = job_fence_consumer(fence);
	struct dma_fence *inner = libfence_to_dma_fence(borrow);
	struct libfence *consumer;
	struct libfence_callback cb;

	/* Only the owner's reference: a borrow takes none. */
	assert_int_equal(kref_read(&inner->refcount), 1);
	consumer = libfence_get(borrow);
	assert_int_equal(kref_read(&inner->refcount), 2);
	libfence_callback_init(&cb, count_call, &(int){ 0 });
	assert_int_equal(libfence_callback_register(consumer, &cb), 0);
	assert_int_equal(kref_read(&inner->refcount), 3);
	job_fence_signal(&fence, 0);
	assert_int_equal(kref_read(&inner->refcount), 2);
	libfence_callback_unregister(&cb);
	assert_int_equal(kref_read(&inner->refcount), 1);
	libfence_put(&consumer);
	assert_null(consumer);
}

/* Results */

static void an_invalid_result_becomes_einval(void **state)
{
	static const int wrong[] = { 1, 4096, -4096, INT_MIN, INT_MAX };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct job_fence *fence = make_job(ctx, 1);
		struct libfence *consumer = job_fence_get(fence);

		assert_warns_like("a result is 0 or a negative errno",
				  job_fence_signal(&fence, wrong[i]););
		assert_int_equal(libfence_status(consumer), -EINVAL);
		libfence_put(&consumer);
	}
}

/* Dropping */

static void drop_signals_with_ecanceled_and_warns(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);
	struct libfence_callback cb;
	int status = 0;

	libfence_callback_init(&cb, see_status, &status);
	assert_int_equal(libfence_callback_register(consumer, &cb), 0);
	assert_warns_like("of context \"driver/timeline\" was dropped",
			  job_fence_drop(&fence););
	assert_null(fence);
	assert_int_equal(libfence_status(consumer), -ECANCELED);
	assert_int_equal(status, -ECANCELED);
	assert_true(libfence_callback_unregister(&cb));
	libfence_put(&consumer);
}

static void dropping_nothing_does_nothing(void **state)
{
	struct job_fence *fence = NULL;
	struct job_prep *prep = NULL;
	struct libfence *consumer = NULL;
	struct libfence_context *none = NULL;

	job_fence_drop(&fence);
	job_prep_free(&prep);
	libfence_put(&consumer);
	libfence_context_destroy(&none);
}

static struct libfence *leaves_scope(bool signals)
{
	struct job_fence *fence LIBFENCE_CLEANUP(job_fence_drop) =
		make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);

	if (signals)
		job_fence_signal(&fence, 0);
	return consumer;
}

static void scope_exit_drops(void **state)
{
	struct libfence *consumer;

	assert_warns_like("was dropped", consumer = leaves_scope(false););
	assert_int_equal(libfence_status(consumer), -ECANCELED);
	libfence_put(&consumer);
	consumer = leaves_scope(true);
	assert_int_equal(libfence_status(consumer), 1);
	libfence_put(&consumer);
}

static struct job_fence *moved_out(struct libfence **consumer)
{
	struct job_fence *fence LIBFENCE_CLEANUP(job_fence_drop) =
		make_job(ctx, 1);

	*consumer = job_fence_get(fence);
	return job_fence_take(&fence);
}

static void a_fence_can_be_moved_out_of_a_scope(void **state)
{
	struct libfence *consumer;
	struct job_fence *fence = moved_out(&consumer);

	assert_int_equal(libfence_status(consumer), 0);
	job_fence_signal(&fence, 0);
	libfence_put(&consumer);
}

LIBFENCE_DEFINE_FREE(job)

static void kernel_cleanup_works_too(void **state)
{
	struct libfence *left = NULL;

	test_expect_warnings();
	{
		struct job_fence *fence __free(job_fence) = make_job(ctx, 1);
		struct job_fence *kept __free(job_fence) = make_job(ctx, 2);
		struct job_prep *prep __free(job_prep) =
			job_prepare(&(struct job){ .id = 3 });
		struct libfence *consumer __free(libfence) =
			job_fence_get(fence);
		struct job_fence *moved = no_free_ptr(kept);

		assert_non_null(prep);
		job_fence_signal(&moved, 0);
		left = libfence_get(consumer);
	}
	test_expected_warnings(1, "was dropped", __FILE__, __LINE__);
	assert_int_equal(libfence_status(left), -ECANCELED);
	libfence_put(&left);
}

/* Preparing and committing */

static void the_payload_is_there_from_the_start(void **state)
{
	struct job_prep *prep = job_prepare(&(struct job){ .id = 42 });
	struct job_fence *fence;

	assert_int_equal(job_prep_payload(prep)->id, 42);
	job_prep_payload(prep)->id++;
	fence = job_commit(ctx, &prep);
	assert_null(prep);
	assert_int_equal(job_fence_payload(fence)->id, 43);
	job_fence_signal(&fence, 0);
	prep = job_prepare(NULL);
	assert_int_equal(job_prep_payload(prep)->id, 0);
	job_prep_free(&prep);
	assert_null(prep);
}

static void commit_takes_the_next_seqno(void **state)
{
	struct job_prep *first = job_prepare(NULL), *second = job_prepare(NULL);
	struct job_fence *a, *b;

	/* Seqnos follow the order of commits, not of preparations. */
	b = job_commit(ctx, &second);
	a = job_commit(ctx, &first);
	assert_int_equal(libfence_seqno(job_fence_consumer(b)), 1);
	assert_int_equal(libfence_seqno(job_fence_consumer(a)), 2);
	assert_true(libfence_fence_context(job_fence_consumer(a)) ==
		    libfence_context_number(ctx));
	job_fence_signal(&a, 0);
	job_fence_signal(&b, 0);
}

static void one_allocation_in_preparing_and_none_after(void **state)
{
	enum { MANY = 1000 };
	struct libfence_callback cb;
	struct libfence *consumer;
	struct job_fence *fence;
	struct job_prep *prep;

	libfence_callback_init(&cb, count_call, &(int){ 0 });
	libfence_fail_nth(MANY);
	prep = job_prepare(&(struct job){ .id = 1 });
	assert_int_equal(libfence_fail_nth_left(), MANY - 1);
	fence = job_commit(ctx, &prep);
	consumer = job_fence_get(fence);
	assert_int_equal(libfence_callback_register(consumer, &cb), 0);
	job_fence_signal(&fence, 0);
	libfence_callback_unregister(&cb);
	assert_int_equal(libfence_wait(consumer, 0), 0);
	libfence_put(&consumer);
	assert_int_equal(libfence_fail_nth_left(), MANY - 1);

	prep = job_prepare(NULL);
	fence = job_commit(ctx, &prep);
	assert_warns(1, job_fence_drop(&fence););
	assert_int_equal(libfence_fail_nth_left(), MANY - 2);
	libfence_fail_nth(0);
}

static void preparing_fails_without_memory_and_loses_nothing(void **state)
{
	struct job initial = { .id = 7 };
	struct job_prep *prep;

	libfence_fail_nth(1);
	prep = job_prepare(&initial);
	assert_null(prep);
	assert_int_equal(libfence_fail_nth_left(), 0);
	assert_int_equal(initial.id, 7);
	prep = job_prepare(&initial);
	assert_non_null(prep);
	job_prep_free(&prep);
}

static void commit_does_not_fail_without_memory(void **state)
{
	struct job_prep *prep = job_prepare(NULL);
	struct job_fence *fence;

	libfence_fail_nth(1);
	fence = job_commit(ctx, &prep);
	job_fence_signal(&fence, 0);
	assert_int_equal(libfence_fail_nth_left(), 1);
	libfence_fail_nth(0);
}

static void a_preparation_is_used_once(void **state)
{
	struct job_prep *prep = job_prepare(NULL);
	struct job_fence *fence = job_commit(ctx, &prep), *again;

	assert_warns_like("used before", again = job_commit(ctx, &prep););
	assert_null(again);
	job_fence_signal(&fence, 0);
}

static void commit_to_a_destroyed_context_gives_a_canceled_fence(void **state)
{
	struct job_prep *prep = job_prepare(&(struct job){ .id = 5 });
	struct libfence *consumer;
	struct job_fence *fence;
	char name[32];

	libfence_context_destroy(&ctx);
	assert_null(ctx);
	assert_warns_like("context that was destroyed",
			  fence = job_commit(ctx, &prep););
	assert_non_null(fence);
	assert_null(prep);
	assert_int_equal(job_fence_payload(fence)->id, 5);
	consumer = job_fence_get(fence);
	assert_int_equal(libfence_status(consumer), -ECANCELED);
	libfence_driver_name(consumer, name, sizeof(name));
	assert_string_equal(name, "detached-driver");
	job_fence_signal(&fence, 0);
	assert_int_equal(libfence_status(consumer), -ECANCELED);
	libfence_put(&consumer);
}

/* Views */

static void both_views_are_one_allocation_with_one_count(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	const struct libfence *consumer = job_fence_consumer(fence);
	struct dma_fence *inner = libfence_to_dma_fence(consumer);

	assert_ptr_equal(fence, consumer);
	assert_ptr_equal(fence, inner);
	assert_ptr_equal(libfence_borrow_dma_fence(inner), consumer);
	/* The payload follows the fence in the same allocation. */
	assert_true((char *)job_fence_payload(fence) > (char *)inner);
	assert_true((char *)job_fence_payload(fence) - (char *)inner < 256);
	assert_true(ksize(inner) >= (size_t)((char *)job_fence_payload(fence) -
					     (char *)inner) + sizeof(struct job));
	job_fence_signal(&fence, 0);
}

static void the_kernel_named_face_sees_the_same_fence(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);
	struct dma_fence *inner = libfence_into_dma_fence(&consumer);

	assert_null(consumer);
	assert_false(dma_fence_is_signaled(inner));
	job_fence_signal(&fence, -EIO);
	assert_int_equal(dma_fence_get_status(inner), -EIO);
	consumer = libfence_from_dma_fence(inner);
	libfence_put(&consumer);
}

static void a_fence_of_any_driver_can_be_consumed(void **state)
{
	struct libfence *consumer =
		libfence_from_dma_fence(dma_fence_get_stub());

	assert_true(libfence_is_signaled(consumer));
	assert_int_equal(libfence_wait(consumer, LIBFENCE_FOREVER), 0);
	libfence_put(&consumer);
}

static void a_fence_without_a_payload(void **state)
{
	struct libfence_preparation *prep = libfence_prepare(NULL, NULL);
	struct libfence_driver_fence *fence = libfence_commit(ctx, prep);
	struct libfence *consumer =
		libfence_get(libfence_driver_fence_consumer(fence));

	libfence_driver_fence_signal_raw(fence, -EIO);
	assert_int_equal(libfence_status(consumer), -EIO);
	libfence_put(&consumer);
}

/* The signalling section */

static void sections_nest_and_end_once(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence_signalling outer = libfence_signalling_begin();

	{
		LIBFENCE_SIGNALLING_GUARD();
		job_fence_signal(&fence, 0);
	}
	libfence_signalling_end(&outer);
	assert_false(outer.begun);
	libfence_signalling_end(&outer);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(rule_1_a_fence_is_signalled_exactly_once),
		CASE(rule_2_a_fence_is_signalled_whatever_its_owner_does),
		CASE(rule_3_an_error_is_set_before_signalling),
		CASE(rule_3_callbacks_see_the_error),
		CASE(rule_4_every_pointer_is_backed_by_a_reference),
		CASE(an_invalid_result_becomes_einval),
		CASE(drop_signals_with_ecanceled_and_warns),
		CASE(dropping_nothing_does_nothing),
		CASE(scope_exit_drops),
		CASE(a_fence_can_be_moved_out_of_a_scope),
		CASE(kernel_cleanup_works_too),
		CASE(the_payload_is_there_from_the_start),
		CASE(commit_takes_the_next_seqno),
		CASE(one_allocation_in_preparing_and_none_after),
		CASE(preparing_fails_without_memory_and_loses_nothing),
		CASE(commit_does_not_fail_without_memory),
		CASE(a_preparation_is_used_once),
		CASE(commit_to_a_destroyed_context_gives_a_canceled_fence),
		CASE(both_views_are_one_allocation_with_one_count),
		CASE(the_kernel_named_face_sees_the_same_fence),
		CASE(a_fence_of_any_driver_can_be_consumed),
		CASE(a_fence_without_a_payload),
		CASE(sections_nest_and_end_once),
	};

	return TEST_MAIN("driver-fence", tests);
}
