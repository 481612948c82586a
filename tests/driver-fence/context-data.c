// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The data of a context, and the ways from a fence to its context. */

#include "helpers.h"
#include <linux/rcupdate.h>

struct ring {
	int id;
	/* Must be zero when the initialiser gets it. */
	char zeroes[40];
};

/* The argument of the initialiser, and the notes of it and the destructor. */
static struct {
	int result, nr_made, nr_ended, destroyed_then;
	bool was_zero;
	struct ring *ring;
	atomic_t destroyed;
	struct task_struct *ended_by;
} notes;

static int ring_init(struct ring *ring, void *arg)
{
	static const char zeroes[sizeof(ring->zeroes)];

	assert_ptr_equal(arg, &notes);
	notes.was_zero = !ring->id &&
			 !memcmp(ring->zeroes, zeroes, sizeof(zeroes));
	notes.nr_made++;
	notes.ring = ring;
	memset(ring, 7, sizeof(*ring));
	ring->id = 42;
	return notes.result;
}

static void ring_destroy(struct ring *ring)
{
	assert_int_equal(ring->id, 42);
	ring->id = 0;
	/* It may sleep. */
	msleep(1);
	notes.nr_ended++;
	notes.destroyed_then = atomic_read(&notes.destroyed);
	notes.ended_by = current;
}

static const LIBFENCE_CONTEXT_OPS(struct ring) ring_ops = {
	.init = ring_init,
	.destroy = ring_destroy,
};
LIBFENCE_CONTEXT(ring, struct ring, ring_ops);

/* Neither function. */
static const LIBFENCE_CONTEXT_OPS(struct ring) no_ops;
LIBFENCE_CONTEXT(plain_ring, struct ring, no_ops);

static struct libfence_context *found;
static int nr_found;
static bool outside_of_rcu;

static int clean_setup(void **state)
{
	memset(&notes, 0, sizeof(notes));
	found = NULL;
	nr_found = 0;
	outside_of_rcu = false;
	return test_setup(state);
}

static struct libfence_context *make_ring(void)
{
	int err = 77;
	struct libfence_context *ctx =
		ring_context_create("driver", "timeline", 1, &notes, &err);

	assert_non_null(ctx);
	/* Success stores nothing. */
	assert_int_equal(err, 77);
	return ctx;
}

static void the_initialiser_makes_the_data(void **state)
{
	struct libfence_context *ctx = make_ring();

	assert_int_equal(notes.nr_made, 1);
	assert_true(notes.was_zero);
	assert_ptr_equal(ring_context_data(ctx), notes.ring);
	assert_ptr_equal(libfence_context_data(ctx), notes.ring);
	assert_int_equal(ring_context_data(ctx)->id, 42);
	assert_null(ring_context_data(NULL));
	assert_int_equal(notes.nr_ended, 0);
	libfence_context_destroy(&ctx);
	assert_int_equal(notes.nr_ended, 1);
	assert_ptr_equal(notes.ended_by, current);
}

static void the_data_is_aligned_and_apart_from_the_names(void **state)
{
	char name[40] = "", read[40];
	struct libfence_context *ctx;
	struct job_fence *fence;
	unsigned int i;

	for (i = 0; i < sizeof(name) - 1; i++) {
		ctx = ring_context_create("d", name, 1, &notes, NULL);
		assert_non_null(ctx);
		assert_int_equal((uintptr_t)notes.ring % 16, 0);
		fence = make_job(ctx, 1);
		libfence_timeline_name(job_fence_consumer(fence), read,
				       sizeof(read));
		assert_string_equal(read, name);
		job_fence_signal(&fence, 0);
		libfence_context_destroy(&ctx);
		name[i] = 'n';
	}
	assert_int_equal(notes.nr_ended, sizeof(name) - 1);
}

static void both_functions_are_optional(void **state)
{
	struct libfence_context *ctx =
		plain_ring_context_create("d", "t", 1, NULL, NULL);

	assert_non_null(ctx);
	assert_int_equal(plain_ring_context_data(ctx)->id, 0);
	plain_ring_context_data(ctx)->id = 5;
	libfence_context_destroy(&ctx);
	assert_int_equal(notes.nr_ended, 0);
}

static void a_type_made_by_hand(void **state)
{
	static const struct libfence_context_type type = { .size = 1 };
	struct libfence_context *ctx;

	ctx = libfence_context_create_typed("d", "t", 1, &type, NULL, NULL);
	assert_non_null(ctx);
	assert_int_equal(*(char *)libfence_context_data(ctx), 0);
	libfence_context_destroy(&ctx);
	/* Without a type, the argument is the driver's data. */
	ctx = libfence_context_create_typed("d", "t", 1, NULL, &notes, NULL);
	assert_ptr_equal(libfence_context_data(ctx), &notes);
	libfence_context_destroy(&ctx);
}

static void a_failure_has_an_errno(void **state)
{
	struct libfence_context *ctx;
	int err = 0;

	notes.result = -EPROTO;
	ctx = ring_context_create("d", "t", 1, &notes, &err);
	assert_null(ctx);
	assert_int_equal(err, -EPROTO);
	/* Data that the initialiser did not make is not ended. */
	assert_int_equal(notes.nr_ended, 0);
	ctx = ring_context_create("d", "t", 1, &notes, NULL);
	assert_null(ctx);

	notes.result = 5;
	assert_warns_like("returns 0 or a negative errno, not 5",
		ctx = ring_context_create("d", "t", 1, &notes, &err););
	assert_null(ctx);
	assert_int_equal(err, -EINVAL);
	notes.result = -100000;
	err = 0;
	assert_warns(1, ctx = ring_context_create("d", "t", 1, &notes, &err););
	assert_null(ctx);
	assert_int_equal(err, -EINVAL);
	assert_int_equal(notes.nr_made, 4);

	err = 0;
	assert_warns(1, ctx = ring_context_create(NULL, "t", 1, &notes, &err););
	assert_null(ctx);
	assert_int_equal(err, -EINVAL);
	libfence_fail_nth(1);
	ctx = ring_context_create("d", "t", 1, &notes, &err);
	assert_int_equal(libfence_fail_nth_left(), 0);
	assert_null(ctx);
	assert_int_equal(err, -ENOMEM);
	/* The initialiser was not called. */
	assert_int_equal(notes.nr_made, 4);
	assert_int_equal(notes.nr_ended, 0);
}

static void creating_makes_one_allocation(void **state)
{
	struct libfence_context *ctx;

	libfence_fail_nth(2);
	ctx = make_ring();
	assert_int_equal(libfence_fail_nth_left(), 1);
	libfence_fail_nth(0);
	libfence_context_destroy(&ctx);
}

/* From a fence to its context */

static void find(struct tracked *payload, const char *op)
{
	found = libfence_payload_context(payload);
	nr_found++;
	outside_of_rcu |= !rcu_read_lock_held();
	/* In an op and in a destructor, the data is there with the context. */
	if (found)
		assert_int_equal(ring_context_data(found)->id, 42);
}

static const struct tracked finder = { .hook = find, .enable_says = true };

static struct libfence_context *found_by_op(int nr)
{
	struct libfence_context *it = found;

	assert_int_equal(nr_found, nr);
	assert_false(outside_of_rcu);
	found = NULL;
	nr_found = 0;
	return it;
}

static void ops_reach_the_context_and_its_data(void **state)
{
	struct libfence_context *ctx = make_ring();
	struct tracked_fence *fence = make_tracked(ctx, &finder);
	const struct libfence *consumer = tracked_fence_consumer(fence);

	assert_ptr_equal(tracked_fence_context(fence), ctx);
	assert_ptr_equal(libfence_payload_context(tracked_fence_payload(fence)),
			 ctx);
	libfence_is_signaled(consumer);
	assert_ptr_equal(found_by_op(1), ctx);
	/* This calls signaled first. */
	libfence_set_deadline(consumer, 1);
	assert_ptr_equal(found_by_op(2), ctx);
	dma_fence_enable_signaling(libfence_to_dma_fence(consumer));
	assert_ptr_equal(found_by_op(1), ctx);
	tracked_fence_signal(&fence, 0);
	libfence_barrier();
	/* The destructor. */
	assert_ptr_equal(found_by_op(1), ctx);
	libfence_context_destroy(&ctx);
}

static void the_data_ends_after_the_destructors(void **state)
{
	struct libfence_context *ctx = make_ring();
	struct tracked initial = finder;
	struct tracked_fence *fence;
	int i;

	initial.destroyed = &notes.destroyed;
	for (i = 0; i < 10; i++) {
		fence = make_tracked(ctx, &initial);
		tracked_fence_signal(&fence, 0);
	}
	libfence_context_destroy(&ctx);
	assert_int_equal(notes.nr_ended, 1);
	assert_int_equal(notes.destroyed_then, 10);
	assert_non_null(found_by_op(10));
}

static void a_fence_has_no_context_after_its_end(void **state)
{
	struct libfence_context *ctx = make_ring();
	struct tracked_fence *fence = make_tracked(ctx, &finder);
	struct job_fence *job = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(job);

	assert_warns(1, libfence_context_destroy(&ctx););
	assert_int_equal(notes.nr_ended, 1);
	assert_null(tracked_fence_context(fence));
	assert_null(libfence_payload_context(tracked_fence_payload(fence)));
	assert_null(job_fence_context(job));
	tracked_fence_drop(&fence);
	libfence_barrier();
	assert_null(found_by_op(1));
	/* The last reference to the fence is put last. */
	job_fence_signal(&job, 0);
	assert_int_equal(libfence_status(consumer), -ECANCELED);
	libfence_put(&consumer);
	assert_int_equal(notes.nr_ended, 1);
}

static void a_fence_that_never_had_a_context(void **state)
{
	struct job_prep *prep = job_prepare(&(struct job){ .id = 1 });
	struct job_fence *fence;

	assert_null(job_prep_context(prep));
	assert_null(libfence_payload_context(job_prep_payload(prep)));
	assert_warns(1, fence = job_commit(NULL, &prep););
	assert_null(job_fence_context(fence));
	job_fence_drop(&fence);
}

/* Bound preparations */

static void a_bound_preparation_has_its_context(void **state)
{
	struct libfence_context *ctx = make_ring();
	struct job_prep *prep = job_prepare_bound(ctx, &(struct job){ .id = 3 });
	struct job_fence *fence;

	assert_non_null(prep);
	assert_ptr_equal(job_prep_context(prep), ctx);
	assert_ptr_equal(libfence_payload_context(job_prep_payload(prep)), ctx);
	fence = job_commit_bound(&prep);
	assert_null(prep);
	assert_ptr_equal(job_fence_context(fence), ctx);
	assert_int_equal(job_fence_payload(fence)->id, 3);
	assert_true(libfence_seqno(job_fence_consumer(fence)) == 1);
	assert_true(libfence_fence_context(job_fence_consumer(fence)) ==
		    libfence_context_number(ctx));
	assert_int_equal(libfence_status(job_fence_consumer(fence)), 0);
	job_fence_signal(&fence, 0);
	/* It may be committed with its context by name, too. */
	prep = job_prepare_bound(ctx, NULL);
	fence = job_commit(ctx, &prep);
	assert_int_equal(libfence_status(job_fence_consumer(fence)), 0);
	job_fence_signal(&fence, 0);
	libfence_context_destroy(&ctx);
	assert_int_equal(notes.nr_ended, 1);
}

static void a_bound_fence_is_cancelled_with_its_context(void **state)
{
	struct libfence_context *ctx = make_ring();
	struct tracked_prep *prep = tracked_prepare_bound(ctx, &finder);
	struct tracked_fence *fence = tracked_commit_bound(&prep);

	assert_warns(1, libfence_context_destroy(&ctx););
	assert_null(tracked_fence_context(fence));
	assert_int_equal(libfence_status(tracked_fence_consumer(fence)),
			 -ECANCELED);
	tracked_fence_signal(&fence, 0);
	libfence_barrier();
	assert_null(found_by_op(1));
}

/* For mistakes that gcc finds when it compiles the test. */
static void *hidden(void *ptr)
{
	OPTIMIZER_HIDE_VAR(ptr);
	return ptr;
}

static void a_bound_preparation_outlives_its_context(void **state)
{
	struct libfence_context *ctx = make_ring();
	struct tracked_prep *prep = tracked_prepare_bound(ctx, &finder);
	struct tracked_prep *other = tracked_prepare_bound(ctx, &finder);
	struct tracked_prep *freed = tracked_prepare_bound(ctx, &finder);
	struct libfence_context *gone = hidden(ctx);
	struct tracked_fence *fence;

	tracked_prep_free(&freed);
	assert_ptr_equal(found_by_op(1), ctx);
	libfence_context_destroy(&ctx);
	assert_int_equal(notes.nr_ended, 1);
	assert_null(tracked_prep_context(prep));
	assert_warns_like("commit to a context that was destroyed",
			  fence = tracked_commit_bound(&prep););
	assert_int_equal(libfence_status(tracked_fence_consumer(fence)),
			 -ECANCELED);
	assert_null(tracked_fence_context(fence));
	tracked_fence_drop(&fence);
	libfence_barrier();
	assert_null(found_by_op(1));
	/* By name, too: the other preparation still has the memory. */
	assert_warns(1, fence = tracked_commit(gone, &other););
	assert_int_equal(libfence_status(tracked_fence_consumer(fence)),
			 -ECANCELED);
	tracked_fence_drop(&fence);
	libfence_barrier();
	assert_null(found_by_op(1));
}

static void a_bound_preparation_cannot_change_its_context(void **state)
{
	struct libfence_context *ctx = make_ring(), *other = make_context(1);
	struct job_prep *prep = job_prepare_bound(ctx, NULL);
	struct job_fence *fence;

	assert_warns_like("bound to another context",
			  fence = job_commit(other, &prep););
	assert_ptr_equal(job_fence_context(fence), ctx);
	assert_int_equal(libfence_status(job_fence_consumer(fence)), 0);
	job_fence_signal(&fence, 0);
	prep = job_prepare_bound(ctx, NULL);
	assert_warns_like("commit to a context that was destroyed",
			  fence = job_commit(NULL, &prep););
	assert_int_equal(libfence_status(job_fence_consumer(fence)),
			 -ECANCELED);
	job_fence_signal(&fence, 0);
	libfence_context_destroy(&ctx);
	libfence_context_destroy(&other);
}

static void a_bound_commit_needs_a_bound_preparation(void **state)
{
	struct job_prep *prep = hidden(job_prepare(NULL));
	struct job_fence *fence;

	assert_warns(1, fence = job_commit_bound(&prep););
	assert_int_equal(libfence_status(job_fence_consumer(fence)),
			 -ECANCELED);
	job_fence_drop(&fence);
	assert_warns_like("was used before", fence = job_commit_bound(&prep););
	assert_null(fence);
}

static void binding_fails_without_memory_and_loses_nothing(void **state)
{
	struct libfence_context *ctx = make_ring();
	struct job_prep *prep;

	libfence_fail_nth(1);
	prep = job_prepare_bound(ctx, NULL);
	assert_int_equal(libfence_fail_nth_left(), 0);
	assert_null(prep);
	assert_warns(1, prep = (struct job_prep *)
			libfence_prepare_bound(NULL, NULL, 0, NULL););
	assert_null(prep);
	/* It is the last reference: a leak is found by the sanitizer. */
	libfence_context_destroy(&ctx);
	assert_int_equal(notes.nr_ended, 1);
}

#define CLEAN_CASE(f) \
	cmocka_unit_test_setup_teardown(f, clean_setup, test_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CLEAN_CASE(the_initialiser_makes_the_data),
		CLEAN_CASE(the_data_is_aligned_and_apart_from_the_names),
		CLEAN_CASE(both_functions_are_optional),
		CLEAN_CASE(a_type_made_by_hand),
		CLEAN_CASE(a_failure_has_an_errno),
		CLEAN_CASE(creating_makes_one_allocation),
		CLEAN_CASE(ops_reach_the_context_and_its_data),
		CLEAN_CASE(the_data_ends_after_the_destructors),
		CLEAN_CASE(a_fence_has_no_context_after_its_end),
		CLEAN_CASE(a_fence_that_never_had_a_context),
		CLEAN_CASE(a_bound_preparation_has_its_context),
		CLEAN_CASE(a_bound_fence_is_cancelled_with_its_context),
		CLEAN_CASE(a_bound_preparation_outlives_its_context),
		CLEAN_CASE(a_bound_preparation_cannot_change_its_context),
		CLEAN_CASE(a_bound_commit_needs_a_bound_preparation),
		CLEAN_CASE(binding_fails_without_memory_and_loses_nothing),
	};

	return TEST_MAIN("driver-fence-context-data", tests);
}
