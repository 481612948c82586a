// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Deadlines, and waiting for any or all of several fences. */

#include "several.h"
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MANY	40

/* One fence, until a deadline */

static void deadlines_are_absolute_and_exact(void **state)
{
	static const int64_t timeouts[] = { 1, 1000, 150000, 3 * MS + 1 };
	struct job_fence *fence = make_job(ctx, 1);
	int64_t best = INT64_MAX;
	int64_t end;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(timeouts); i++) {
		const int64_t deadline = libfence_deadline(timeouts[i]);

		assert_int_equal(libfence_wait_until(job_fence_consumer(fence),
						     deadline, 0), -ETIMEDOUT);
		assert_true(ktime_get() >= deadline);
	}
	/* A tick is 1 ms. The best of some waits of 100 us is shorter. */
	end = libfence_deadline(test_patience_s() * 200ll * MS);
	while (best > MS / 2 && ktime_get() < end) {
		const int64_t from = ktime_get();

		assert_int_equal(libfence_wait(job_fence_consumer(fence),
					       MS / 10), -ETIMEDOUT);
		best = min(best, (int64_t)(ktime_get() - from));
	}
	assert_between(best, MS / 10, MS * (int64_t)test_slowness() * 9 / 10);
	job_fence_signal(&fence, 0);
}

static void deadlines_in_the_past_only_test(void **state)
{
	static const int64_t past[] = { 0, 1, -1, INT64_MIN };
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(past); i++)
		assert_int_equal(libfence_wait_until(consumer, past[i], 0),
				 -ETIMEDOUT);
	job_fence_signal(&fence, -EIO);
	for (i = 0; i < ARRAY_SIZE(past); i++)
		assert_int_equal(libfence_wait_until(consumer, past[i], 0), 0);
	libfence_put(&consumer);
}

static void a_deadline_is_made_of_a_timeout(void **state)
{
	const int64_t now = ktime_get();

	assert_between(libfence_deadline(5000ll * MS) - now, 5000ll * MS,
		       65000ll * MS);
	assert_true(libfence_deadline(LIBFENCE_FOREVER) == LIBFENCE_FOREVER);
	assert_true(libfence_deadline(INT64_MAX - 1) == LIBFENCE_FOREVER);
	assert_true(libfence_deadline(0) == 0);
	assert_true(libfence_deadline(-5) == 0);
	assert_true(libfence_deadline(INT64_MIN) == 0);
}

static void unknown_flags_are_refused(void **state)
{
	struct job_fence *owner = make_job(ctx, 1);
	struct libfence *fence = job_fence_get(owner);
	size_t index = 77;
	int err = 0;

	assert_warns(1, err = libfence_wait_until(fence, 0, LIBFENCE_ALL););
	assert_int_equal(err, -EINVAL);
	assert_warns(1, err = libfence_wait_many(&fence, 1, 4, 0, &index, NULL););
	assert_int_equal(err, -EINVAL);
	assert_warns(1, err = libfence_wait_many(NULL, 1, 0, 0, &index, NULL););
	assert_int_equal(err, -EINVAL);
	assert_int_equal(index, 77);
	end_jobs(&owner, &fence, 1);
}

/* A fence of a kernel-named driver with a wait op. */
static signed long wait_op_result;

static signed long wait_op(struct dma_fence *fence, bool intr,
			   signed long timeout)
{
	return timeout == MAX_SCHEDULE_TIMEOUT ? wait_op_result : 0;
}

static const char *wait_op_name(struct dma_fence *fence)
{
	return "wait-op";
}

static void a_wait_op_is_called(void **state)
{
	static const struct dma_fence_ops ops = {
		.get_driver_name = wait_op_name,
		.get_timeline_name = wait_op_name,
		.wait = wait_op,
	};
	struct dma_fence *kernel = kmalloc_obj(*kernel);
	struct libfence *fence = libfence_from_dma_fence(kernel);

	dma_fence_init(kernel, &ops, NULL, dma_fence_context_alloc(1), 1);
	wait_op_result = 3;
	assert_int_equal(libfence_wait_until(fence, LIBFENCE_FOREVER, 0), 0);
	wait_op_result = -ERESTARTSYS;
	assert_int_equal(libfence_wait_until(fence, LIBFENCE_FOREVER,
					     LIBFENCE_INTERRUPTIBLE), -EINTR);
	assert_int_equal(libfence_wait(fence, MS), -ETIMEDOUT);
	dma_fence_signal(kernel);
	assert_int_equal(libfence_wait(fence, 0), 0);
	libfence_put(&fence);
}

/* Interruption */

static atomic_t handled;

static void on_signal(int sig)
{
	atomic_inc(&handled);
}

struct sender {
	struct task_struct *waiter;
	/* Signalled after three handlers have run; or NULL. */
	struct job_fence *fence;
};

/*
 * Sends repeatedly: a handler that runs before the system call begins does not
 * interrupt the sleep.
 */
static int keep_sending(void *data)
{
	struct sender *s = data;

	while (!kthread_should_stop()) {
		if (test_asleep(s->waiter))
			syscall(SYS_tgkill, getpid(), s->waiter->pid, SIGUSR1);
		usleep_range(500, 1000);
		if (s->fence && atomic_read(&handled) >= 3)
			job_fence_signal(&s->fence, 0);
	}
	return 0;
}

/* Three ways to wait for the fence. */
static int wait_in_a_way(unsigned int way, struct libfence *fence,
			 int64_t deadline, unsigned int flags)
{
	struct libfence *two[2] = { NULL, fence };

	if (!way)
		return libfence_wait_until(fence, deadline, flags);
	return libfence_wait_many(two, 2, flags | (way - 1), deadline, NULL,
				  NULL);
}

static void wait_with_signals(unsigned int way, int64_t deadline,
			      unsigned int flags, int sa_flags)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = sa_flags };
	struct job_fence *owner = make_job(ctx, 1);
	struct libfence *fence = job_fence_get(owner);
	struct sender sender = { current, flags ? NULL : owner };
	struct task_struct *task;
	struct sigaction old;

	atomic_set(&handled, 0);
	assert_int_equal(sigaction(SIGUSR1, &sa, &old), 0);
	task = start(keep_sending, &sender);
	assert_int_equal(wait_in_a_way(way, fence, deadline, flags),
			 flags ? -EINTR : 0);
	assert_between(atomic_read(&handled), flags ? 1 : 3, INT_MAX);
	kthread_stop(task);
	put_task_struct(task);
	sigaction(SIGUSR1, &old, NULL);
	/* It has ended this wait only. */
	if (flags)
		assert_int_equal(wait_in_a_way(way, fence,
					       libfence_deadline(1000), flags),
				 -ETIMEDOUT);
	if (flags)
		job_fence_signal(&owner, 0);
	assert_int_equal(references(fence), 1);
	libfence_put(&fence);
}

static void a_handler_ends_an_interruptible_wait(void **state)
{
	unsigned int way;

	for (way = 0; way < 3; way++) {
		wait_with_signals(way, LIBFENCE_FOREVER, LIBFENCE_INTERRUPTIBLE,
				  SA_RESTART);
		wait_with_signals(way, INT64_MAX / 2, LIBFENCE_INTERRUPTIBLE, 0);
	}
}

static void a_handler_does_not_end_other_waits(void **state)
{
	unsigned int way;

	for (way = 0; way < 3; way++)
		wait_with_signals(way, way ? LIBFENCE_FOREVER : INT64_MAX / 2,
				  0, 0);
}

/* Several fences */

static void any_returns_the_lowest_index(void **state)
{
	struct job_fence *owners[4];
	struct libfence *fences[4];
	int statuses[4];
	size_t index = 9;

	make_jobs(owners, fences, 4);
	assert_int_equal(libfence_wait_many(fences, 4, LIBFENCE_ANY, 0, &index,
					    statuses), -ETIMEDOUT);
	assert_int_equal(index, 9);
	assert_int_equal(statuses[0] | statuses[1] | statuses[2] | statuses[3],
			 0);
	job_fence_signal(&owners[3], -EIO);
	assert_int_equal(libfence_wait_many(fences, 4, LIBFENCE_ANY,
					    LIBFENCE_FOREVER, &index,
					    statuses), 0);
	assert_int_equal(index, 3);
	assert_int_equal(statuses[2], 0);
	assert_int_equal(statuses[3], -EIO);
	job_fence_signal(&owners[1], 0);
	assert_int_equal(libfence_wait_many(fences, 4, LIBFENCE_ANY, 0, &index,
					    NULL), 0);
	assert_int_equal(index, 1);
	end_jobs(owners, fences, 4);
}

static void all_waits_for_all_and_names_the_first_that_failed(void **state)
{
	struct job_fence *owners[4];
	struct libfence *fences[4];
	int statuses[4];
	size_t index = 9;

	make_jobs(owners, fences, 4);
	job_fence_signal(&owners[3], 0);
	job_fence_signal(&owners[0], 0);
	job_fence_signal(&owners[2], -EIO);
	assert_int_equal(libfence_wait_many(fences, 4, LIBFENCE_ALL,
					    libfence_deadline(MS), &index,
					    statuses), -ETIMEDOUT);
	assert_int_equal(index, 9);
	assert_int_equal(statuses[0], 1);
	assert_int_equal(statuses[1], 0);
	assert_int_equal(statuses[2], -EIO);
	assert_int_equal(libfence_wait_many(fences, 4, LIBFENCE_ALL, 0, NULL,
					    NULL), -ETIMEDOUT);
	job_fence_signal(&owners[1], -ENODEV);
	assert_int_equal(libfence_wait_many(fences, 4, LIBFENCE_ALL, 0, &index,
					    statuses), 0);
	assert_int_equal(index, 1);
	assert_int_equal(statuses[1], -ENODEV);
	/* None of these two has failed. */
	libfence_put(&fences[2]);
	libfence_put(&fences[1]);
	assert_int_equal(libfence_wait_many(fences, 4, LIBFENCE_ALL, 0, &index,
					    NULL), 0);
	assert_int_equal(index, 4);
	end_jobs(owners, fences, 4);
}

static void no_fence_is_all_and_not_any(void **state)
{
	struct libfence *none[2] = { NULL, NULL };
	int statuses[2] = { 5, 5 };
	size_t index = 9;

	assert_int_equal(libfence_wait_many(NULL, 0, LIBFENCE_ANY,
					    LIBFENCE_FOREVER, &index, NULL),
			 -ENOENT);
	assert_int_equal(libfence_wait_many(none, 2, LIBFENCE_ANY, 0, &index,
					    statuses), -ENOENT);
	assert_int_equal(index, 9);
	assert_int_equal(statuses[0], 5);
	assert_int_equal(libfence_wait_many(NULL, 0, LIBFENCE_ALL, 0, &index,
					    NULL), 0);
	assert_int_equal(index, 0);
	assert_int_equal(libfence_wait_many(none, 2, LIBFENCE_ALL, 0, &index,
					    statuses), 0);
	assert_int_equal(index, 2);
	assert_int_equal(statuses[0], 0);
}

/* Signalled while this thread sleeps; the same fence occurs twice. */
static void a_sleeping_wait_ends(void **state)
{
	static const unsigned int flags[] = { LIBFENCE_ANY, LIBFENCE_ALL };
	static const size_t sizes[] = { 3, 16, 17, MANY };
	unsigned int k, s;

	for (k = 0; k < 2; k++) {
		for (s = 0; s < ARRAY_SIZE(sizes); s++) {
			const size_t n = sizes[s];
			struct job_fence *owners[MANY];
			struct libfence *fences[MANY];
			struct signal_later later = { .us = 3000,
						      .result = -EIO };
			struct task_struct *task;
			size_t index = MANY, i;
			int statuses[MANY];

			make_jobs(owners, fences, n);
			libfence_put(&fences[1]);
			fences[1] = libfence_get(fences[n - 1]);
			if (flags[k] == LIBFENCE_ALL)
				for (i = 0; i < n - 1; i++)
					job_fence_signal(&owners[i], 0);
			later.fence = owners[n - 1];
			owners[n - 1] = NULL;
			task = start(signal_later, &later);
			assert_int_equal(libfence_wait_many(fences, n,
				flags[k], LIBFENCE_FOREVER, &index, statuses),
				0);
			assert_int_equal(index, 1);
			assert_int_equal(statuses[1], -EIO);
			assert_int_equal(statuses[n - 1], -EIO);
			finish(task);
			/* No callback is left, and no reference. */
			assert_int_equal(references(fences[1]), 2);
			end_jobs(owners, fences, n);
		}
	}
}

static void any_only_allocates_for_many(void **state)
{
	struct job_fence *owners[MANY];
	struct libfence *fences[MANY];
	size_t index = 9;

	make_jobs(owners, fences, MANY);
	libfence_fail_nth(1);
	assert_int_equal(libfence_wait_many(fences, 16, LIBFENCE_ANY,
					    libfence_deadline(20 * MS), &index,
					    NULL), -ETIMEDOUT);
	assert_int_equal(libfence_wait_many(fences, MANY, LIBFENCE_ALL,
					    libfence_deadline(1000), &index,
					    NULL), -ETIMEDOUT);
	assert_int_equal(libfence_wait_many(fences, MANY, LIBFENCE_ANY, 0,
					    &index, NULL), -ETIMEDOUT);
	assert_int_equal(libfence_fail_nth_left(), 1);
	/* So long that it is not over when the memory is needed. */
	assert_int_equal(libfence_wait_many(fences, MANY, LIBFENCE_ANY,
					    libfence_deadline(60000ll * MS),
					    &index, NULL), -ENOMEM);
	assert_int_equal(libfence_fail_nth_left(), 0);
	assert_int_equal(index, 9);
	job_fence_signal(&owners[MANY - 1], 0);
	libfence_fail_nth(1);
	assert_int_equal(libfence_wait_many(fences, MANY, LIBFENCE_ANY,
					    libfence_deadline(1000), &index,
					    NULL), 0);
	libfence_fail_nth(0);
	assert_int_equal(index, MANY - 1);
	end_jobs(owners, fences, MANY);
}

/* The ops of the producers */

static void every_producer_is_enabled(void **state)
{
	static const unsigned int flags[] = { LIBFENCE_ANY, LIBFENCE_ALL };
	unsigned int k, i;

	/* Also if the time is over from the start. */
	for (k = 0; k < 4; k++) {
		struct tracked_fence *owners[3];
		struct libfence *fences[3];
		int64_t deadline = k < 2 ? libfence_deadline(MS) : 0;

		for (i = 0; i < 3; i++) {
			owners[i] = make_tracked(ctx, &(struct tracked){
				.enable_says = true });
			fences[i] = tracked_fence_get(owners[i]);
		}
		assert_int_equal(libfence_wait_many(fences, 3, flags[k % 2],
						    deadline, NULL, NULL),
				 -ETIMEDOUT);
		for (i = 0; i < 3; i++) {
			assert_int_equal(atomic_read(
				&tracked_fence_payload(owners[i])->enabled), 1);
			tracked_fence_signal(&owners[i], 0);
			libfence_put(&fences[i]);
		}
	}
}

/* The op says that the fence is done, and nobody has signalled it. */
static void the_signaled_op_is_asked(void **state)
{
	static const unsigned int flags[] = { LIBFENCE_ANY, LIBFENCE_ALL };
	static const int64_t timeouts[] = { 0, 1000 };
	unsigned int k, i;

	for (k = 0; k < 2; k++) {
		for (i = 0; i < 2; i++) {
			struct tracked_fence *owner = make_tracked(ctx,
				&(struct tracked){ .enable_says = true,
						   .signaled_says = true });
			struct libfence *fence = tracked_fence_get(owner);
			size_t index = 9;

			assert_int_equal(libfence_wait_many(&fence, 1, flags[k],
				libfence_deadline(timeouts[i]), &index, NULL),
				0);
			assert_int_equal(index, k);
			tracked_fence_signal(&owner, 0);
			libfence_put(&fence);
		}
	}
}

/* Success means that the callbacks have finished. */

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

static void success_means_that_the_callbacks_are_done(void **state)
{
	static const unsigned int flags[] = { LIBFENCE_ANY, LIBFENCE_ALL };
	unsigned int k;

	for (k = 0; k < 2; k++) {
		struct job_fence *owner = make_job(ctx, 1);
		struct libfence *fences[2] = { NULL, job_fence_get(owner) };
		struct signal_later later = { .fence = owner };
		struct libfence_callback cb;
		struct task_struct *task;

		init_completion(&slow.entered);
		slow.go_on = slow.done = false;
		libfence_callback_init(&cb, slow_callback, NULL);
		assert_int_equal(libfence_callback_register(fences[1], &cb), 0);
		task = start(signal_later, &later);
		wait_for_completion(&slow.entered);
		WRITE_ONCE(slow.go_on, true);
		assert_int_equal(libfence_wait_many(fences, 2, flags[k],
						    LIBFENCE_FOREVER, NULL,
						    NULL), 0);
		assert_true(READ_ONCE(slow.done));
		finish(task);
		libfence_callback_unregister(&cb);
		libfence_put(&fences[1]);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(deadlines_are_absolute_and_exact),
		CASE(deadlines_in_the_past_only_test),
		CASE(a_deadline_is_made_of_a_timeout),
		CASE(unknown_flags_are_refused),
		CASE(a_wait_op_is_called),
		CASE(a_handler_ends_an_interruptible_wait),
		CASE(a_handler_does_not_end_other_waits),
		CASE(any_returns_the_lowest_index),
		CASE(all_waits_for_all_and_names_the_first_that_failed),
		CASE(no_fence_is_all_and_not_any),
		CASE(a_sleeping_wait_ends),
		CASE(any_only_allocates_for_many),
		CASE(every_producer_is_enabled),
		CASE(the_signaled_op_is_asked),
		CASE(success_means_that_the_callbacks_are_done),
	};

	return TEST_MAIN("several-wait", tests);
}
