// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Correct use of fences and boxes: there must be no warning. */
#include "../compile-fail/types.h"

int hand_over(int id, const void *what);
int produce(struct libfence_context *ctx, int id);
int consume(const struct libfence *borrow);
struct job_fence *make(struct libfence_context *ctx);
struct job_fence *make_scoped(struct libfence_context *ctx, int id);
int store(struct libfence_context *ctx, void **slot);
void stored_done(void **slot, int err);
int batch(struct libfence_context *ctx);
int pair(struct libfence_context *ctx, struct job_prep *a, struct job_prep *b);
int watch(const struct libfence *borrow, libfence_callback_fn fn);
int set(struct config_box **slot, const struct config *config);
void move(struct config_box **from, struct config_box **to);
int context(void);

int produce(struct libfence_context *ctx, int id)
{
	struct job_prep *prep = job_prepare(NULL);
	struct job_fence *fence;
	struct libfence *consumer;
	int err;

	if (!prep)
		return -1;
	job_prep_payload(prep)->id = id;
	fence = job_commit(ctx, &prep);
	job_fence_payload(fence)->id++;
	consumer = job_fence_get(fence);
	err = hand_over(id, job_fence_payload(fence));
	job_fence_signal(&fence, err);
	err = libfence_wait(consumer, LIBFENCE_FOREVER);
	libfence_put(&consumer);
	return err;
}

int consume(const struct libfence *borrow)
{
	struct libfence *fence = libfence_get(borrow);
	int err = libfence_wait(fence, 1000000);

	if (!err)
		err = libfence_status(fence);
	libfence_put(&fence);
	return err;
}

struct job_fence *make(struct libfence_context *ctx)
{
	struct job_prep *prep = job_prepare(NULL);

	if (!prep)
		return NULL;
	return job_commit(ctx, &prep);
}

struct job_fence *make_scoped(struct libfence_context *ctx, int id)
{
	struct job_prep *prep LIBFENCE_CLEANUP(job_prep_free) =
		job_prepare(NULL);
	struct job_fence *fence LIBFENCE_CLEANUP(job_fence_drop) = NULL;

	if (!prep || hand_over(id, job_prep_payload(prep)))
		return NULL;
	fence = job_commit(ctx, &prep);
	if (hand_over(id, job_fence_payload(fence)))
		return NULL;
	return job_fence_take(&fence);
}

int store(struct libfence_context *ctx, void **slot)
{
	struct job_fence *fence = make(ctx);

	if (!fence)
		return -1;
	*slot = job_fence_into_foreign(&fence);
	return job_fence_payload(job_fence_borrow(*slot))->id;
}

void stored_done(void **slot, int err)
{
	struct job_fence *fence = job_fence_from_foreign(*slot);

	*slot = NULL;
	if (fence)
		job_fence_signal(&fence, err);
}

int batch(struct libfence_context *ctx)
{
	struct job_prep *prep[4];
	struct job_fence *fence[4];
	int i;

	for (i = 0; i < 4; i++) {
		prep[i] = job_prepare(NULL);
		if (!prep[i]) {
			while (i--)
				job_prep_free(&prep[i]);
			return -1;
		}
	}
	for (i = 0; i < 4; i++)
		fence[i] = job_commit(ctx, &prep[i]);
	for (i = 0; i < 4; i++)
		job_fence_signal(&fence[i], 0);
	return 0;
}

int pair(struct libfence_context *ctx, struct job_prep *a, struct job_prep *b)
{
	struct job_fence *first = job_commit(ctx, &a);
	struct job_fence *second = job_commit(ctx, &b);
	struct libfence *consumer = job_fence_get(second);
	int status;

	job_fence_signal(&first, 0);
	job_fence_signal(&second, 0);
	status = libfence_status(consumer);
	libfence_put(&consumer);
	return status;
}

int watch(const struct libfence *borrow, libfence_callback_fn fn)
{
	struct libfence *fence = libfence_get(borrow);
	struct libfence_callback cb;
	bool done = false;
	int err;

	libfence_callback_init(&cb, fn, &done);
	err = libfence_callback_register(fence, &cb);
	libfence_put(&fence);
	if (err)
		return err;
	return libfence_callback_unregister(&cb) && done;
}

int set(struct config_box **slot, const struct config *config)
{
	struct config_box *box = config_box_create(config), *old;

	if (!box)
		return -1;
	if (config_box_read(box)->limit < 0) {
		config_box_drop(&box);
		return -2;
	}
	old = config_box_publish(slot, &box);
	config_box_drop(&old);
	return 0;
}

void move(struct config_box **from, struct config_box **to)
{
	struct config_box *box = NULL, *moved, *old;

	moved = config_box_publish(from, &box);
	old = config_box_publish(to, &moved);
	config_box_drop(&old);
}

int context(void)
{
	struct libfence_context *ctx;
	struct job_fence *fence;

	ctx = libfence_context_create("driver", "timeline", 1, NULL);
	if (!ctx)
		return -1;
	fence = make(ctx);
	if (fence)
		job_fence_signal(&fence, 0);
	libfence_context_destroy(&ctx);
	return 0;
}
