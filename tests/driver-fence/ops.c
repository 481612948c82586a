// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The backend ops: each gets the live payload, under RCU. */

#include "fixture.h"
#include <linux/rcupdate.h>

/* The context in which the hook below was called. */
static bool outside_of_rcu, lock_held;
static struct dma_fence *watched;

static int clean_setup(void **state)
{
	outside_of_rcu = lock_held = false;
	watched = NULL;
	return setup(state);
}

static void look_around(struct tracked *payload, const char *op)
{
	if (!strcmp(op, "destroy"))
		return;
	if (payload->id != 77 || !rcu_read_lock_held())
		outside_of_rcu = true;
	if (watched)
		lock_held = spin_is_locked(dma_fence_spinlock(watched));
}

static struct tracked_fence *make(bool enable_says)
{
	struct tracked_fence *fence = make_tracked(ctx, &(struct tracked){
		.id = 77, .enable_says = enable_says, .hook = look_around });

	watched = libfence_to_dma_fence(tracked_fence_consumer(fence));
	return fence;
}

static void enable_signaling_gets_the_payload_once(void **state)
{
	struct tracked_fence *fence = make(true);
	struct tracked *payload = tracked_fence_payload(fence);
	const struct libfence *consumer = tracked_fence_consumer(fence);

	assert_int_equal(libfence_status(consumer), 0);
	assert_int_equal(atomic_read(&payload->enabled), 0);
	assert_int_equal(libfence_wait(consumer, 0), -ETIMEDOUT);
	assert_int_equal(atomic_read(&payload->enabled), 1);
	assert_int_equal(libfence_wait(consumer, 1), -ETIMEDOUT);
	assert_int_equal(atomic_read(&payload->enabled), 1);
	assert_false(outside_of_rcu);
	tracked_fence_signal(&fence, 0);
}

static void enable_signaling_runs_under_the_lock(void **state)
{
	struct tracked_fence *fence = make(true);

	dma_fence_enable_signaling(watched);
	assert_true(lock_held);
	tracked_fence_signal(&fence, 0);
}

static void enable_signaling_may_report_completion(void **state)
{
	struct tracked_fence *fence = make(false);
	struct libfence *consumer = tracked_fence_get(fence);

	assert_int_equal(libfence_wait(consumer, LIBFENCE_FOREVER), 0);
	assert_int_equal(libfence_status(consumer), 1);
	/*
	 * The owner is not notified; signalling again with success is no error.
	 */
	tracked_fence_signal(&fence, 0);
	assert_int_equal(libfence_status(consumer), 1);
	libfence_put(&consumer);
}

static void signaled_is_called_until_the_fence_is_signalled(void **state)
{
	struct tracked_fence *fence = make(true);
	struct tracked *payload = tracked_fence_payload(fence);
	struct libfence *consumer = tracked_fence_get(fence);

	assert_false(libfence_is_signaled(consumer));
	assert_int_equal(atomic_read(&payload->polled), 1);
	assert_false(libfence_is_signaled_racy(consumer));
	assert_int_equal(libfence_status_racy(consumer), 0);
	assert_int_equal(atomic_read(&payload->polled), 1);
	payload->signaled_says = true;
	assert_false(libfence_is_signaled_racy(consumer));
	assert_true(libfence_is_signaled(consumer));
	assert_int_equal(atomic_read(&payload->polled), 2);
	assert_true(libfence_is_signaled(consumer));
	assert_int_equal(libfence_status(consumer), 1);
	assert_int_equal(atomic_read(&payload->polled), 2);
	assert_false(outside_of_rcu);
	tracked_fence_signal(&fence, 0);
	libfence_put(&consumer);
}

static void a_fence_that_an_op_signalled_can_be_dropped(void **state)
{
	struct tracked_fence *fence = make(true);
	struct libfence *consumer = tracked_fence_get(fence);

	tracked_fence_payload(fence)->signaled_says = true;
	assert_true(libfence_is_signaled(consumer));
	/* The fence is signalled, so dropping it does not warn. */
	tracked_fence_drop(&fence);
	assert_int_equal(libfence_status(consumer), 1);
	libfence_put(&consumer);
}

static void an_error_after_an_op_said_done_is_reported(void **state)
{
	struct tracked_fence *fence = make(true);
	struct libfence *consumer = tracked_fence_get(fence);

	tracked_fence_payload(fence)->signaled_says = true;
	assert_true(libfence_is_signaled(consumer));
	assert_warns_like("its result -5 is lost",
			  tracked_fence_signal(&fence, -EIO););
	assert_int_equal(libfence_status(consumer), 1);
	libfence_put(&consumer);
}

static void set_deadline_gets_the_deadline(void **state)
{
	struct tracked_fence *fence = make(true);
	struct tracked *payload = tracked_fence_payload(fence);
	const struct libfence *consumer = tracked_fence_consumer(fence);

	libfence_set_deadline(consumer, 123456789);
	assert_int_equal(atomic_read(&payload->deadlines), 1);
	assert_true(payload->deadline == 123456789);
	libfence_set_deadline(consumer, 5);
	assert_int_equal(atomic_read(&payload->deadlines), 2);
	assert_false(outside_of_rcu);
	assert_false(lock_held);
	tracked_fence_signal(&fence, 0);
}

static void no_op_is_called_once_the_fence_is_signalled(void **state)
{
	static atomic_t *counts[3];
	struct tracked_fence *fence = make(true);
	struct tracked *payload = tracked_fence_payload(fence);
	struct libfence *consumer = tracked_fence_get(fence);
	unsigned int i;

	counts[0] = &payload->enabled;
	counts[1] = &payload->polled;
	counts[2] = &payload->deadlines;
	/* The payload can be read until the grace period ends. */
	rcu_read_lock();
	tracked_fence_signal(&fence, 0);
	libfence_set_deadline(consumer, 1);
	assert_true(libfence_is_signaled(consumer));
	assert_int_equal(libfence_status(consumer), 1);
	dma_fence_enable_signaling(libfence_to_dma_fence(consumer));
	for (i = 0; i < ARRAY_SIZE(counts); i++)
		assert_int_equal(atomic_read(counts[i]), 0);
	rcu_read_unlock();
	libfence_put(&consumer);
}

/* Each op alone: the core treats a missing op as one that is NULL. */

static bool yes(struct job *job)
{
	return true;
}

static const LIBFENCE_OPS(struct job) only_signaled = { .signaled = yes };
LIBFENCE_PAYLOAD_OPS(polled, struct job, only_signaled);
static const LIBFENCE_OPS(struct job) only_enable = { .enable_signaling = yes };
LIBFENCE_PAYLOAD_OPS(enabled, struct job, only_enable);
static const LIBFENCE_OPS(struct job) no_ops;
LIBFENCE_PAYLOAD_OPS(opless, struct job, no_ops);

static void each_op_is_optional(void **state)
{
	struct polled_prep *p = polled_prepare(NULL);
	struct polled_fence *polled = polled_commit(ctx, &p);
	struct enabled_prep *e = enabled_prepare(NULL);
	struct enabled_fence *enabled = enabled_commit(ctx, &e);
	struct opless_prep *o = opless_prepare(NULL);
	struct opless_fence *opless = opless_commit(ctx, &o);
	const struct dma_fence_ops *ops;

	ops = libfence_to_dma_fence(polled_fence_consumer(polled))->ops;
	assert_true(ops->signaled && !ops->enable_signaling &&
		    !ops->set_deadline);
	libfence_set_deadline(polled_fence_consumer(polled), 1);
	assert_true(libfence_is_signaled(polled_fence_consumer(polled)));
	polled_fence_signal(&polled, 0);

	ops = libfence_to_dma_fence(enabled_fence_consumer(enabled))->ops;
	assert_true(!ops->signaled && ops->enable_signaling &&
		    !ops->set_deadline);
	assert_int_equal(libfence_wait(enabled_fence_consumer(enabled), 0),
			 -ETIMEDOUT);
	enabled_fence_signal(&enabled, 0);

	ops = libfence_to_dma_fence(opless_fence_consumer(opless))->ops;
	assert_true(!ops->signaled && !ops->enable_signaling &&
		    !ops->set_deadline);
	opless_fence_signal(&opless, 0);
}

/* For language bindings: a payload type made without the macros. */

static int nr_untyped_enabled, nr_untyped_deadlines, nr_untyped_destroyed;

static bool untyped_enable(void *payload)
{
	nr_untyped_enabled++;
	return true;
}

static bool untyped_signaled(void *payload)
{
	return *(int *)payload == 2;
}

static void untyped_deadline(void *payload, int64_t deadline)
{
	nr_untyped_deadlines += deadline == 77;
}

static void untyped_destroy(void *payload)
{
	nr_untyped_destroyed += *(int *)payload == 2;
}

static void a_payload_type_made_by_hand(void **state)
{
	static const struct libfence_payload_type type = {
		.size = sizeof(int),
		.enable_signaling = untyped_enable,
		.signaled = untyped_signaled,
		.set_deadline = untyped_deadline,
		.destroy = untyped_destroy,
	};
	struct libfence_preparation *prep = libfence_prepare(&type, &(int){ 1 });
	struct libfence_driver_fence *fence;
	const struct libfence *consumer;

	assert_int_equal(*(int *)libfence_preparation_payload(prep), 1);
	fence = libfence_commit(ctx, prep);
	consumer = libfence_driver_fence_consumer(fence);
	assert_false(libfence_is_signaled(consumer));
	dma_fence_enable_signaling(libfence_to_dma_fence(consumer));
	assert_int_equal(nr_untyped_enabled, 1);
	libfence_set_deadline(consumer, 77);
	assert_int_equal(nr_untyped_deadlines, 1);
	*(int *)libfence_driver_fence_payload(fence) = 2;
	assert_true(libfence_is_signaled(consumer));
	libfence_driver_fence_drop_raw(fence);
	libfence_barrier();
	assert_int_equal(nr_untyped_destroyed, 1);
}

#define CLEAN_CASE(f)	cmocka_unit_test_setup_teardown(f, clean_setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CLEAN_CASE(enable_signaling_gets_the_payload_once),
		CLEAN_CASE(enable_signaling_runs_under_the_lock),
		CLEAN_CASE(enable_signaling_may_report_completion),
		CLEAN_CASE(signaled_is_called_until_the_fence_is_signalled),
		CLEAN_CASE(a_fence_that_an_op_signalled_can_be_dropped),
		CLEAN_CASE(an_error_after_an_op_said_done_is_reported),
		CLEAN_CASE(set_deadline_gets_the_deadline),
		CLEAN_CASE(no_op_is_called_once_the_fence_is_signalled),
		CLEAN_CASE(each_op_is_optional),
		CLEAN_CASE(a_payload_type_made_by_hand),
	};

	return TEST_MAIN("driver-fence-ops", tests);
}
