// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Callbacks: an object of its owner's, which gets it back in every case. */

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

/* Two callbacks that ask about each other's fence */

static struct asker {
	struct job_fence *job;
	struct libfence *fence;
	struct libfence_callback cb;
	struct asker *other;
	bool running, asked;
	bool signaled, racy, own;
	int status, status_racy;
} askers[2];

/* Spins, since a callback must not sleep. */
static void spin_until(const bool *flag)
{
	unsigned long end = jiffies + PATIENCE_S * HZ;

	while (!READ_ONCE(*flag) && time_before(jiffies, end))
		cpu_relax();
}

static void ask_about_the_other(const struct libfence *fence, void *data)
{
	struct asker *me = data;

	WRITE_ONCE(me->running, true);
	spin_until(&me->other->running);
	me->signaled = libfence_is_signaled(me->other->fence);
	me->status = libfence_status(me->other->fence);
	me->own = libfence_is_signaled(fence);
	me->racy = libfence_is_signaled_racy(me->other->fence);
	me->status_racy = libfence_status_racy(me->other->fence);
	WRITE_ONCE(me->asked, true);
	/* Both callbacks run until both have asked. */
	spin_until(&me->other->asked);
}

static int signal_asker(void *data)
{
	struct asker *a = data;

	job_fence_signal(&a->job, -EIO);
	return 0;
}

static void callbacks_that_ask_about_each_other_do_not_hang(void **state)
{
	struct task_struct *tasks[2];
	int i;

	memset(askers, 0, sizeof(askers));
	for (i = 0; i < 2; i++) {
		askers[i].other = &askers[!i];
		askers[i].job = make_job(ctx, i);
		askers[i].fence = job_fence_get(askers[i].job);
		libfence_callback_init(&askers[i].cb, ask_about_the_other,
				       &askers[i]);
		assert_int_equal(libfence_callback_register(
			askers[i].fence, &askers[i].cb), 0);
	}
	for (i = 0; i < 2; i++)
		tasks[i] = start(signal_asker, &askers[i]);
	for (i = 0; i < 2; i++)
		finish(tasks[i]);
	for (i = 0; i < 2; i++) {
		assert_true(askers[i].asked);
		/* A callback of that fence was running all the time. */
		assert_false(askers[i].signaled);
		assert_int_equal(askers[i].status, 0);
		assert_false(askers[i].own);
		assert_true(askers[i].racy);
		assert_int_equal(askers[i].status_racy, -EIO);
		/* Outside of callbacks the answers are the same as ever. */
		assert_true(libfence_is_signaled(askers[i].fence));
		assert_int_equal(libfence_status(askers[i].fence), -EIO);
		assert_true(libfence_callback_unregister(&askers[i].cb));
		libfence_put(&askers[i].fence);
	}
}

static struct libfence *finished;

static void ask_about_a_finished_fence(const struct libfence *fence, void *data)
{
	*(int *)data = libfence_is_signaled(finished) ?
		       libfence_status(finished) : 0;
}

static void a_callback_sees_that_another_fence_has_finished(void **state)
{
	struct job_fence *first = make_job(ctx, 1), *fence = make_job(ctx, 2);
	struct libfence_callback cb;
	int status = 0;

	finished = job_fence_get(first);
	libfence_callback_init(&cb, ask_about_a_finished_fence, &status);
	assert_int_equal(libfence_callback_register(job_fence_consumer(fence),
						    &cb), 0);
	job_fence_signal(&first, -EPERM);
	job_fence_signal(&fence, 0);
	assert_int_equal(status, -EPERM);
	assert_true(libfence_callback_unregister(&cb));
	libfence_put(&finished);
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
	mdelay(3);
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
		CASE(callbacks_that_ask_about_each_other_do_not_hang),
		CASE(a_callback_sees_that_another_fence_has_finished),
		CASE(unregister_waits_for_a_callback_in_flight),
	};

	return TEST_MAIN("driver-fence-callback", tests);
}
