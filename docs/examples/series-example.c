// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The example from the documentation of the patch series "rust / dma_buf: Add
 * abstractions for dma_fence", step by step in C: a context, a fence with data
 * of the driver, a callback with data of the consumer, a fence that is
 * signalled and a fence that is dropped. The comments name the Rust functions.
 */
#include <libfence/driver-fence.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <libfence/libfence.h>

/* DriverData */
struct driver_data {
	int i;
};
LIBFENCE_PAYLOAD(dummy, struct driver_data);

/* CallbackData, and FenceCallback::called() for it */
struct callback_data {
	int i;
};

static void called(const struct libfence *fence, void *data)
{
	struct callback_data *callback_data = data;

	/* The fence is already marked as signalled, and has its result. */
	assert(libfence_is_signaled_racy(fence));
	callback_data->i++;
}

static unsigned int warnings;

static void count_warning(const struct libfence_warning *warning, void *data)
{
	(void)data;
	printf("as expected: %s\n", warning->message);
	warnings++;
}

int main(void)
{
	struct callback_data data = { .i = 9 };
	struct libfence_callback callback;
	struct libfence_context *ctx;
	struct libfence *consumer;
	struct dummy_fence *fence;
	struct dummy_prep *prep;
	bool had_run;
	int err;

	/* FenceContext::new() */
	ctx = libfence_context_create("dummy-driver", "dummy-timeline", 0, NULL);
	assert(ctx);

	/* new_fence_allocation() may fail; new_fence() cannot. */
	prep = dummy_prepare(&(struct driver_data){ .i = 5 });
	assert(prep);
	fence = dummy_commit(ctx, &prep);
	assert(dummy_fence_payload(fence)->i == 5);

	/* ARef::from(fence.as_fence()) */
	consumer = dummy_fence_get(fence);
	assert(!libfence_is_signaled(consumer));

	/* register_callback() */
	libfence_callback_init(&callback, called, &data);
	err = libfence_callback_register(consumer, &callback);
	assert(!err);

	/* fence.signal(Ok(())) */
	dummy_fence_signal(&fence, 0);
	assert(libfence_is_signaled(consumer));
	assert(libfence_status(consumer) == 1);

	/* The registration is dropped. Its data belongs to the caller again. */
	had_run = libfence_callback_unregister(&callback);
	assert(had_run && data.i == 10);

	/* Err(AlreadySignaled(callback)): the callback can be used again. */
	err = libfence_callback_register(consumer, &callback);
	assert(err == -ENOENT);
	libfence_put(&consumer);

	/* A DriverFence that goes out of scope before it is signalled. */
	libfence_set_warn_hook(count_warning, NULL);
	prep = dummy_prepare(NULL);
	assert(prep);
	{
		struct dummy_fence *lost LIBFENCE_CLEANUP(dummy_fence_drop) =
			dummy_commit(ctx, &prep);

		consumer = dummy_fence_get(lost);
	}
	assert(warnings == 1);
	assert(libfence_status(consumer) == -ECANCELED);
	libfence_put(&consumer);

	libfence_context_destroy(&ctx);
	return 0;
}
