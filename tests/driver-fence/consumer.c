// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The consumer's view: waiting, querying, and sharing references. */

#include "fixture.h"

static int signal_soon(void *data)
{
	struct job_fence *fence = data;

	usleep_range(3000, 3000);
	job_fence_signal(&fence, -EIO);
	return 0;
}

static void wait_returns_when_the_fence_is_signalled(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);
	struct task_struct *task = start(signal_soon, fence);

	/*
	 * A wait returns 0 for a failed fence as well; the error is in the
	 * status.
	 */
	assert_int_equal(libfence_wait(consumer, LIBFENCE_FOREVER), 0);
	assert_int_equal(libfence_status(consumer), -EIO);
	assert_int_equal(libfence_wait(consumer, 0), 0);
	assert_int_equal(libfence_wait(consumer, 1), 0);
	finish(task);
	libfence_put(&consumer);
}

static void wait_times_out_in_time_and_not_before(void **state)
{
	static const int64_t timeouts[] = { 0, 1, 100000, 5000000, 21000001 };
	struct job_fence *fence = make_job(ctx, 1);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(timeouts); i++) {
		ktime_t from = ktime_get();

		assert_int_equal(libfence_wait(job_fence_consumer(fence),
					       timeouts[i]), -ETIMEDOUT);
		assert_true(ktime_get() - from >= timeouts[i]);
	}
	job_fence_signal(&fence, 0);
}

/* The op says that the fence is done, and nobody has signalled it. */
static void a_wait_of_no_time_asks_the_op(void **state)
{
	struct tracked_fence *fence = make_tracked(ctx, &(struct tracked){
		.enable_says = true, .signaled_says = true });
	struct libfence *consumer = tracked_fence_get(fence);

	assert_int_equal(libfence_wait(consumer, 0), 0);
	assert_int_equal(libfence_status(consumer), 1);
	tracked_fence_signal(&fence, 0);
	libfence_put(&consumer);
}

static void a_long_timeout_is_not_a_short_one(void **state)
{
	static const int64_t timeouts[] = {
		INT64_MAX - 1, INT64_MAX / 2, 1ll << 62,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(timeouts); i++) {
		struct job_fence *fence = make_job(ctx, 1);
		struct libfence *consumer = job_fence_get(fence);
		struct task_struct *task = start(signal_soon, fence);

		assert_int_equal(libfence_wait(consumer, timeouts[i]), 0);
		finish(task);
		libfence_put(&consumer);
	}
}

static void a_negative_timeout_is_refused(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	int ret = 0;

	assert_warns(1, ret = libfence_wait(job_fence_consumer(fence), -1););
	assert_int_equal(ret, -EINVAL);
	job_fence_signal(&fence, 0);
}

/* is_signaled: the flag is set before the callbacks have run. */

static struct {
	struct completion entered;
	bool go_on, done;
} slow;

static void slow_callback(const struct libfence *fence, void *data)
{
	complete(&slow.entered);
	while (!READ_ONCE(slow.go_on))
		cpu_relax();
	mdelay(2);
	WRITE_ONCE(slow.done, true);
}

static int signal_now(void *data)
{
	struct job_fence *fence = data;

	job_fence_signal(&fence, 0);
	return 0;
}

/*
 * Three ways to find the fence signalled; each has to wait for the callbacks.
 */
static bool ask_is_signaled(struct libfence *f) { return libfence_is_signaled(f); }
static bool ask_status(struct libfence *f) { return libfence_status(f) == 1; }
static bool ask_wait(struct libfence *f) { return !libfence_wait(f, LIBFENCE_FOREVER); }
static bool ask_wait_0(struct libfence *f) { return !libfence_wait(f, 0); }

static void signalled_means_that_the_callbacks_are_done(void **state)
{
	static bool (*const ask[])(struct libfence *) = {
		ask_is_signaled, ask_status, ask_wait, ask_wait_0,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ask); i++) {
		struct job_fence *fence = make_job(ctx, 1);
		struct libfence *consumer = job_fence_get(fence);
		struct libfence_callback cb;
		struct task_struct *task;

		init_completion(&slow.entered);
		slow.go_on = slow.done = false;
		libfence_callback_init(&cb, slow_callback, NULL);
		assert_int_equal(libfence_callback_register(consumer, &cb), 0);
		task = start(signal_now, fence);
		wait_for_completion(&slow.entered);
		/* The racy functions read the flag only. */
		assert_true(libfence_is_signaled_racy(consumer));
		assert_int_equal(libfence_status_racy(consumer), 1);
		assert_false(READ_ONCE(slow.done));
		WRITE_ONCE(slow.go_on, true);
		assert_true(ask[i](consumer));
		assert_true(READ_ONCE(slow.done));
		finish(task);
		libfence_callback_unregister(&cb);
		libfence_put(&consumer);
	}
}

static void the_timestamp_is_the_time_of_signalling(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);
	ktime_t before = ktime_get(), now;

	job_fence_signal(&fence, 0);
	assert_true(libfence_timestamp(consumer) >= before);
	assert_true(libfence_timestamp(consumer) <= ktime_get());
	libfence_put(&consumer);

	fence = make_job(ctx, 2);
	assert_warns(1, now = libfence_timestamp(job_fence_consumer(fence)););
	assert_true(now >= before);
	job_fence_signal(&fence, 0);
}

static void references_are_counted(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *a = job_fence_get(fence), *b = libfence_get(a);
	struct dma_fence *inner = libfence_to_dma_fence(a);

	assert_ptr_equal(a, b);
	assert_int_equal(kref_read(&inner->refcount), 3);
	libfence_put(&b);
	assert_null(b);
	assert_int_equal(kref_read(&inner->refcount), 2);
	assert_null(libfence_get(NULL));
	job_fence_signal(&fence, 0);
	assert_int_equal(kref_read(&inner->refcount), 1);
	libfence_put(&a);
}

static void the_last_reference_may_be_a_consumers(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);

	job_fence_signal(&fence, -ENODATA);
	libfence_barrier();
	assert_int_equal(libfence_status(consumer), -ENODATA);
	assert_int_equal(libfence_seqno(consumer), 1);
	libfence_put(&consumer);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(wait_returns_when_the_fence_is_signalled),
		CASE(wait_times_out_in_time_and_not_before),
		CASE(a_wait_of_no_time_asks_the_op),
		CASE(a_long_timeout_is_not_a_short_one),
		CASE(a_negative_timeout_is_refused),
		CASE(signalled_means_that_the_callbacks_are_done),
		CASE(the_timestamp_is_the_time_of_signalling),
		CASE(references_are_counted),
		CASE(the_last_reference_may_be_a_consumers),
	};

	return TEST_MAIN("driver-fence-consumer", tests);
}
