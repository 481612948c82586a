// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A test of vk-sync.c and vk-queue.c. */
#include <assert.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "vk-queue.h"

#define SECONDS(n)	((uint64_t)libfence_deadline((n) * 1000000000LL))
#define NOW		0	/* a deadline in the past */

static uint64_t value_of(struct lf_sync *sync)
{
	uint64_t value;

	assert(!lf_sync_get_value(sync, &value));
	return value;
}

static void test_binary(struct lf_device *device)
{
	struct lf_sync a, b, signalled;
	struct lf_sync_wait both[2] = { { &a, 0 }, { &b, 0 } };

	assert(!lf_sync_init(device, &a, 0, 0) && !lf_sync_init(device, &b, 0, 0));
	assert(!lf_sync_init(device, &signalled, 0, 1));
	assert(value_of(&a) == 0 && value_of(&signalled) == 1);
	assert(lf_sync_wait(&a, 0, LF_SYNC_WAIT_COMPLETE, NOW) == -ETIMEDOUT);
	assert(lf_sync_wait(&a, 0, LF_SYNC_WAIT_PENDING, NOW) == -ETIMEDOUT);
	assert(!lf_sync_signal(&a, 0) && value_of(&a) == 1);
	assert(!lf_sync_wait(&a, 0, LF_SYNC_WAIT_COMPLETE, NOW));
	assert(!lf_sync_wait_many(2, both, LF_SYNC_WAIT_ANY, NOW));
	assert(lf_sync_wait_many(2, both, 0, NOW) == -ETIMEDOUT);
	assert(!lf_sync_wait_many(0, NULL, 0, NOW));
	/* A wait is satisfied again and again, until the reset; so is a signal. */
	assert(!lf_sync_signal(&a, 0) && !lf_sync_move(&b, &a) && value_of(&a) == 0 && value_of(&b) == 1);
	assert(!lf_sync_reset(&b) && value_of(&b) == 0);
	assert(!lf_sync_move(&signalled, &a) && value_of(&signalled) == 0);
	lf_sync_finish(&a);
	lf_sync_finish(&b);
	lf_sync_finish(&signalled);
}

static void test_timeline(struct lf_device *device)
{
	struct lf_sync t;

	assert(!lf_sync_init(device, &t, LF_SYNC_IS_TIMELINE, 1ull << 40));
	assert(value_of(&t) == 1ull << 40);
	assert(!lf_sync_wait(&t, 0, LF_SYNC_WAIT_COMPLETE, NOW));
	assert(!lf_sync_wait(&t, 1ull << 40, LF_SYNC_WAIT_COMPLETE, NOW));
	assert(lf_sync_wait(&t, (1ull << 40) + 1, LF_SYNC_WAIT_COMPLETE, NOW) == -ETIMEDOUT);
	assert(!lf_sync_signal(&t, (1ull << 40) + 5) && value_of(&t) == (1ull << 40) + 5);
	assert(!lf_sync_wait(&t, (1ull << 40) + 3, LF_SYNC_WAIT_COMPLETE, NOW));
	lf_sync_finish(&t);
}

/* A submission of which this test holds the fence. */
static struct job_fence *submit(struct libfence_context *ctx, struct lf_sync *sync,
				uint64_t value)
{
	struct job_prep *prep = job_prepare(&(struct job){ .arg = 0 });
	struct lf_point *point = calloc(1, sizeof(*point));
	struct job_fence *fence;

	assert(prep && point);
	fence = job_commit(ctx, &prep);
	point->value = value;
	lf_sync_submit(sync, point, job_fence_get(fence));
	return fence;
}

static void test_pending(struct lf_device *device)
{
	struct libfence_context *ctx = libfence_context_create("vk-sync", "test", 1, NULL);
	struct lf_sync binary, t;
	struct lf_sync_wait both[2] = { { &binary, 0 }, { &t, 2 } };
	struct job_fence *fences[4];
	struct libfence **collected = NULL;
	size_t n = 0;
	uint64_t value;

	assert(ctx && !lf_sync_init(device, &binary, 0, 0));
	assert(!lf_sync_init(device, &t, LF_SYNC_IS_TIMELINE, 0));
	fences[0] = submit(ctx, &t, 1);
	assert(lf_sync_wait(&t, 2, LF_SYNC_WAIT_PENDING, NOW) == -ETIMEDOUT);
	fences[1] = submit(ctx, &t, 3);
	assert(!lf_sync_wait(&t, 2, LF_SYNC_WAIT_PENDING, NOW));
	assert(lf_sync_wait_many(2, both, LF_SYNC_WAIT_PENDING, NOW) == -ETIMEDOUT);
	assert(!lf_sync_wait_many(2, both, LF_SYNC_WAIT_PENDING | LF_SYNC_WAIT_ANY, NOW));
	fences[2] = submit(ctx, &binary, 0);
	assert(!lf_sync_wait_many(2, both, LF_SYNC_WAIT_PENDING, NOW));
	assert(lf_sync_wait_many(2, both, LF_SYNC_WAIT_ANY, NOW) == -ETIMEDOUT);
	/* A submission waits for all points up to the value. */
	assert(!lf_sync_collect(&t, 2, &collected, &n) && n == 2);
	assert(lf_sync_collect(&t, 4, &collected, &n) == -EAGAIN && n == 2);
	while (n)
		libfence_put(&collected[--n]);
	/* The value does not pass a point that is pending. */
	job_fence_signal(&fences[1], 0);
	assert(value_of(&t) == 0);
	assert(lf_sync_wait(&t, 3, LF_SYNC_WAIT_COMPLETE, NOW) == -ETIMEDOUT);
	job_fence_signal(&fences[0], 0);
	assert(value_of(&t) == 3);
	assert(!lf_sync_wait_many(2, both, LF_SYNC_WAIT_ANY, NOW));
	fences[3] = submit(ctx, &t, 5);
	assert(!lf_sync_collect(&t, 2, &collected, &n) && n == 0);
	free(collected);
	/* Work that fails is a lost device for those who wait for it. */
	job_fence_signal(&fences[2], -EIO);
	assert(lf_sync_wait(&binary, 0, LF_SYNC_WAIT_COMPLETE, NOW) == -ENODEV);
	assert(lf_sync_get_value(&binary, &value) == -ENODEV);
	job_fence_signal(&fences[3], -EIO);
	assert(lf_sync_wait(&t, 5, LF_SYNC_WAIT_COMPLETE, NOW) == -ENODEV);
	assert(lf_sync_get_value(&t, &value) == -ENODEV);
	assert(lf_sync_result(-ENODEV) == -4);
	lf_sync_finish(&binary);
	lf_sync_finish(&t);
	libfence_context_destroy(&ctx);
}

static void test_descriptors(struct lf_device *device)
{
	struct libfence_context *ctx = libfence_context_create("vk-sync", "test", 1, NULL);
	struct job_fence *fence;
	struct lf_sync a, b;
	int fd, other, i;

	assert(ctx && !lf_sync_init(device, &a, 0, 0) && !lf_sync_init(device, &b, 0, 0));
	assert(lf_sync_export_sync_file(&a, &fd) == -EINVAL);
	fence = submit(ctx, &a, 0);
	assert(!lf_sync_export_sync_file(&a, &fd) && !lf_sync_import_sync_file(&b, fd));
	assert(!lf_sync_reset(&a));	/* changes neither the descriptor nor b */
	assert(lf_sync_wait(&b, 0, LF_SYNC_WAIT_COMPLETE, NOW) == -ETIMEDOUT);
	job_fence_signal(&fence, 0);
	assert(!lf_sync_wait(&b, 0, LF_SYNC_WAIT_COMPLETE, NOW));
	assert(!lf_sync_import_sync_file(&a, -1) && value_of(&a) == 1);
	assert(lf_sync_import_opaque_fd(&a, fd) == -EINVAL);
	close(fd);

	/* An opaque descriptor shares later changes, and outlives its sync. */
	assert(!lf_sync_export_opaque_fd(&a, &fd) && !lf_sync_export_opaque_fd(&a, &other));
	assert(!lf_sync_import_opaque_fd(&b, fd));
	close(fd);
	assert(!lf_sync_reset(&a) && value_of(&b) == 0);
	assert(!lf_sync_signal(&b, 0) && value_of(&a) == 1);
	lf_sync_finish(&a);
	lf_sync_finish(&b);
	assert(!lf_sync_init(device, &a, 0, 0) && !lf_sync_import_opaque_fd(&a, other));
	assert(value_of(&a) == 1);
	assert(!lf_sync_init(device, &b, LF_SYNC_IS_TIMELINE, 0));
	assert(lf_sync_import_opaque_fd(&b, other) == -EINVAL);
	close(other);
	/* Closed descriptors cost nothing. */
	for (i = 0; i < 100; i++) {
		assert(!lf_sync_export_opaque_fd(&a, &fd));
		close(fd);
	}
	fd = dup(0);
	other = dup(0);		/* the second lowest number that is free */
	assert(fd >= 0 && other >= 0 && other < 50);
	close(fd);
	close(other);
	lf_sync_finish(&a);
	lf_sync_finish(&b);
	libfence_context_destroy(&ctx);
}

/* Another process cannot share a payload. This runs while there is one thread. */
static void test_foreign(void)
{
	struct lf_device none = { NULL };
	struct lf_sync a;
	int fd, status;

	assert(!lf_sync_init(&none, &a, 0, 0) && !lf_sync_export_opaque_fd(&a, &fd));
	if (!fork())
		_exit(lf_sync_import_opaque_fd(&a, fd) != -EINVAL);
	assert(wait(&status) > 0 && !status);
	assert(!lf_sync_import_opaque_fd(&a, fd));
	close(fd);
	lf_sync_finish(&a);
}

static int rendered, presented, checked;	/* the thread of the device only */

static int render(int frame)
{
	assert(rendered++ == frame && presented >= frame - 1);
	return 0;
}

static int present(int frame)
{
	assert(presented++ == frame && rendered > frame);
	return 0;
}

static int check(int expected)
{
	checked++;
	return expected;
}

/* One binary semaphore for all frames, and two timelines. */
static void test_frames(struct device *device)
{
	struct queue graphics, display;
	struct lf_sync drawn, done, shown;
	struct lf_sync_wait signals[2] = { { &drawn, QUEUE_BINARY }, { &done, 0 } };
	struct lf_sync_wait wait_drawn = { &drawn, QUEUE_BINARY }, wait_shown = { &shown, 0 };
	int frame, frames = 200;

	queue_init(&graphics, device, "graphics");
	queue_init(&display, device, "display");
	assert(!lf_sync_init(&device->base, &drawn, 0, 0));
	assert(!lf_sync_init(&device->base, &done, LF_SYNC_IS_TIMELINE, 0));
	assert(!lf_sync_init(&device->base, &shown, LF_SYNC_IS_TIMELINE, 0));
	for (frame = 0; frame < frames; frame++) {
		/* Two buffers: wait on the device for the one before the last. */
		wait_shown.value = frame > 1 ? frame - 1 : 0;
		signals[1].value = frame + 1;
		assert(!queue_submit(&graphics, (struct job){ render, frame }, 1,
				     &wait_shown, 2, signals));
		wait_shown.value = frame + 1;
		assert(!queue_submit(&display, (struct job){ present, frame }, 1,
				     &wait_drawn, 1, &wait_shown));
		/* And never be more than eight frames ahead. */
		if (frame >= 8)
			assert(!lf_sync_wait(&shown, frame - 7, 0, SECONDS(60)));
	}
	assert(!lf_sync_wait(&done, frames, 0, SECONDS(60)));
	assert(!lf_sync_wait(&shown, frames, 0, SECONDS(60)));
	assert(value_of(&done) == 200 && value_of(&shown) == 200 && value_of(&drawn) == 0);
	queue_finish(&graphics);
	queue_finish(&display);
	assert(rendered == frames && presented == frames);
	lf_sync_finish(&drawn);
	lf_sync_finish(&done);
	lf_sync_finish(&shown);
}

/* A wait that is submitted before the signal, on the host too; and a failure. */
static void test_order(struct device *device)
{
	struct queue first, second;
	struct lf_sync t, end;
	struct job_fence *fence;
	struct lf_sync_wait four = { &t, 4 }, one = { &t, 1 }, two = { &t, 2 }, three = { &t, 3 };
	struct lf_sync_wait ended = { &end, QUEUE_BINARY }, either[2] = { { &end, 0 }, three };

	queue_init(&first, device, "first");
	queue_init(&second, device, "second");
	assert(!lf_sync_init(&device->base, &t, LF_SYNC_IS_TIMELINE, 0));
	assert(!lf_sync_init(&device->base, &end, 0, 0));
	assert(!queue_submit(&first, (struct job){ check, 0 }, 1, &two, 1, &three));
	assert(!queue_submit(&second, (struct job){ check, 0 }, 1, &one, 1, &two));
	assert(lf_sync_wait(&t, 2, LF_SYNC_WAIT_PENDING,
			    libfence_deadline(2000000)) == -ETIMEDOUT);
	assert(lf_sync_wait_many(2, either, LF_SYNC_WAIT_ANY,
				 libfence_deadline(2000000)) == -ETIMEDOUT);
	assert(!lf_sync_signal(&t, 1));
	assert(!lf_sync_wait_many(2, either, LF_SYNC_WAIT_ANY, SECONDS(60)));
	assert(value_of(&t) == 3);
	/* A queue keeps its order, even if only the first submission has to wait. */
	fence = submit(first.ctx, &end, 0);
	assert(!queue_submit(&first, (struct job){ check, 0 }, 1, &ended, 0, NULL));
	assert(!queue_submit(&first, (struct job){ check, 0 }, 0, NULL, 1, &four));
	assert(!lf_sync_wait(&t, 4, LF_SYNC_WAIT_PENDING, SECONDS(60)));
	assert(lf_sync_wait(&t, 4, 0, libfence_deadline(2000000)) == -ETIMEDOUT);
	job_fence_signal(&fence, 0);
	assert(!lf_sync_wait(&t, 4, 0, SECONDS(60)));
	assert(!queue_submit(&first, (struct job){ check, -EIO }, 0, NULL, 1, &ended));
	assert(!queue_submit(&second, (struct job){ check, 0 }, 1, &ended, 1, &ended));
	assert(lf_sync_wait(&end, 0, 0, SECONDS(60)) == -ENODEV);
	queue_finish(&first);
	queue_finish(&second);
	assert(checked == 5);	/* the last job was not executed */
	lf_sync_finish(&t);
	lf_sync_finish(&end);
}

int main(void)
{
	struct lf_device base;
	struct device device;

	test_foreign();
	base.ctx = libfence_context_create("vk-sync", "test", 1, NULL);
	assert(base.ctx);
	test_descriptors(&base);
	test_binary(&base);
	test_timeline(&base);
	test_pending(&base);
	device_init(&device);
	test_frames(&device);
	test_order(&device);
	device_finish(&device);
	libfence_context_destroy(&base.ctx);
	return 0;
}
