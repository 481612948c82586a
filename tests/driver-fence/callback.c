// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Callbacks: an object of its owner's, who gets it back in every case. */

#include "fixture.h"
#include <linux/irqflags.h>

struct call {
	int count;
	const struct libfence *fence;
	struct task_struct *task;
	bool locked, irqs_off;
};

static void note_call(const struct libfence *fence, void *data)
{
	struct call *call = data;

	call->count++;
	call->fence = fence;
	call->task = current;
	call->locked = spin_is_locked(
		dma_fence_spinlock(libfence_to_dma_fence(fence)));
	call->irqs_off = irqs_disabled();
}

static void a_callback_runs_once_when_the_fence_is_signalled(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);
	struct libfence_callback cb;
	struct call call = {};

	libfence_callback_init(&cb, note_call, &call);
	assert_int_equal(libfence_callback_register(consumer, &cb), 0);
	assert_int_equal(call.count, 0);
	job_fence_signal(&fence, 0);
	assert_int_equal(call.count, 1);
	assert_ptr_equal(call.fence, consumer);
	assert_true(libfence_callback_unregister(&cb));
	assert_int_equal(call.count, 1);
	libfence_put(&consumer);
}

static void a_callback_runs_in_the_signalling_path(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence_callback cb;
	struct call call = {};

	libfence_callback_init(&cb, note_call, &call);
	assert_int_equal(libfence_callback_register(job_fence_consumer(fence),
						    &cb), 0);
	job_fence_signal(&fence, 0);
	assert_ptr_equal(call.task, current);
	assert_true(call.locked);
	assert_true(call.irqs_off);
	assert_true(libfence_callback_unregister(&cb));
}

static void unregister_returns_false_before_the_call(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence_callback cb;
	struct call call = {};

	libfence_callback_init(&cb, note_call, &call);
	assert_int_equal(libfence_callback_register(job_fence_consumer(fence),
						    &cb), 0);
	assert_false(libfence_callback_unregister(&cb));
	job_fence_signal(&fence, 0);
	assert_int_equal(call.count, 0);
	/* It is not registered any more. */
	assert_false(libfence_callback_unregister(&cb));
}

static void a_signalled_fence_hands_the_callback_back(void **state)
{
	struct job_fence *done = make_job(ctx, 1), *next = make_job(ctx, 2);
	struct libfence *consumer = job_fence_get(done);
	struct libfence_callback cb;
	struct call call = {};

	job_fence_signal(&done, 0);
	libfence_callback_init(&cb, note_call, &call);
	assert_int_equal(libfence_callback_register(consumer, &cb), -ENOENT);
	assert_int_equal(call.count, 0);
	assert_null(cb.fence);
	assert_ptr_equal(cb.data, &call);
	assert_int_equal(
		kref_read(&libfence_to_dma_fence(consumer)->refcount), 1);
	/* The callback can be registered again at once. */
	assert_int_equal(libfence_callback_register(job_fence_consumer(next),
						    &cb), 0);
	job_fence_signal(&next, 0);
	assert_int_equal(call.count, 1);
	assert_true(libfence_callback_unregister(&cb));
	libfence_put(&consumer);
}

static void a_callback_can_be_registered_again_and_again(void **state)
{
	struct libfence_callback cb;
	struct call call = {};
	int i;

	libfence_callback_init(&cb, note_call, &call);
	for (i = 0; i < 10; i++) {
		struct job_fence *fence = make_job(ctx, i);

		assert_int_equal(libfence_callback_register(
			job_fence_consumer(fence), &cb), 0);
		if (i % 2) {
			assert_false(libfence_callback_unregister(&cb));
			job_fence_signal(&fence, 0);
		} else {
			job_fence_signal(&fence, 0);
			assert_true(libfence_callback_unregister(&cb));
		}
	}
	assert_int_equal(call.count, 5);
}

static void a_registration_keeps_the_fence(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence_callback cb;
	struct call call = {};

	libfence_callback_init(&cb, note_call, &call);
	assert_int_equal(libfence_callback_register(job_fence_consumer(fence),
						    &cb), 0);
	job_fence_signal(&fence, -EIO);
	libfence_barrier();
	/* By now the registration has the only reference. */
	assert_int_equal(libfence_status(cb.fence), -EIO);
	assert_true(libfence_callback_unregister(&cb));
}

static void registering_twice_is_refused(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence_callback cb;
	struct call call = {};
	int err = 0;

	libfence_callback_init(&cb, note_call, &call);
	assert_int_equal(libfence_callback_register(job_fence_consumer(fence),
						    &cb), 0);
	assert_warns(1, err = libfence_callback_register(
		job_fence_consumer(fence), &cb););
	assert_int_equal(err, -EBUSY);
	job_fence_signal(&fence, 0);
	assert_int_equal(call.count, 1);
	libfence_callback_unregister(&cb);
}

static void a_callback_without_a_function_is_refused(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence_callback cb = {};
	int err = 0;

	assert_warns(1, err = libfence_callback_register(
		job_fence_consumer(fence), &cb););
	assert_int_equal(err, -EINVAL);
	assert_false(libfence_callback_unregister(&cb));
	job_fence_signal(&fence, 0);
}

static void scope_exit_unregisters(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct call call = {};

	{
		struct libfence_callback cb
			LIBFENCE_CLEANUP(libfence_callback_end) = {};

		libfence_callback_init(&cb, note_call, &call);
		assert_int_equal(libfence_callback_register(
			job_fence_consumer(fence), &cb), 0);
	}
	job_fence_signal(&fence, 0);
	assert_int_equal(call.count, 0);
}

/* A callback may signal other fences, including those of the same context. */

static void signal_next(const struct libfence *fence, void *data)
{
	job_fence_signal(data, libfence_status_racy(fence) - 1);
}

static void a_callback_may_signal_another_fence(void **state)
{
	struct job_fence *first = make_job(ctx, 1), *second = make_job(ctx, 2);
	struct libfence *consumer = job_fence_get(second);
	struct libfence_callback cb;

	libfence_callback_init(&cb, signal_next, &second);
	assert_int_equal(libfence_callback_register(job_fence_consumer(first),
						    &cb), 0);
	job_fence_signal(&first, 0);
	assert_null(second);
	assert_int_equal(libfence_status(consumer), 1);
	libfence_callback_unregister(&cb);
	libfence_put(&consumer);
}

/* Unregistering waits for a callback that is running. */

static struct {
	struct completion entered;
	bool done;
} slow;

static void slow_callback(const struct libfence *fence, void *data)
{
	complete(&slow.entered);
	ndelay(3 * NSEC_PER_MSEC);
	WRITE_ONCE(slow.done, true);
}

static int signal_it(void *data)
{
	struct job_fence *fence = data;

	job_fence_signal(&fence, 0);
	return 0;
}

static void unregister_waits_for_a_callback_in_flight(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence_callback cb;
	struct task_struct *task;

	init_completion(&slow.entered);
	slow.done = false;
	libfence_callback_init(&cb, slow_callback, NULL);
	assert_int_equal(libfence_callback_register(job_fence_consumer(fence),
						    &cb), 0);
	task = start(signal_it, fence);
	wait_for_completion(&slow.entered);
	assert_true(libfence_callback_unregister(&cb));
	assert_true(READ_ONCE(slow.done));
	finish(task);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(a_callback_runs_once_when_the_fence_is_signalled),
		CASE(a_callback_runs_in_the_signalling_path),
		CASE(unregister_returns_false_before_the_call),
		CASE(a_signalled_fence_hands_the_callback_back),
		CASE(a_callback_can_be_registered_again_and_again),
		CASE(a_registration_keeps_the_fence),
		CASE(registering_twice_is_refused),
		CASE(a_callback_without_a_function_is_refused),
		CASE(scope_exit_unregisters),
		CASE(a_callback_may_signal_another_fence),
		CASE(unregister_waits_for_a_callback_in_flight),
	};

	return TEST_MAIN("driver-fence-callback", tests);
}
