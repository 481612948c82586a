// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A software timeline. A thread increments it every 2 ms, like a display that
 * shows one frame after the other. Consumers wait for the fences of frames.
 */
#include <libfence/timeline.h>
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#define NR_FRAMES	10

static void *display(void *arg)
{
	struct libfence_timeline *frames = arg;
	int i;

	for (i = 0; i < NR_FRAMES; i++) {
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
		/* Signals the fence of this frame, and runs its callbacks. */
		libfence_timeline_inc(frames, 1);
	}
	return NULL;
}

static void shown(const struct libfence *fence, void *data)
{
	int *nr = data;

	assert(libfence_seqno(fence) == (uint64_t)++*nr);
}

int main(void)
{
	struct libfence_timeline *frames = libfence_timeline_create("frames");
	struct libfence_callback callbacks[NR_FRAMES];
	struct libfence *fence, *never;
	int64_t deadline;
	pthread_t thread;
	int i, nr = 0;
	char name[32];

	if (!frames)
		return 1;

	/* One fence for each frame, and a callback on it. */
	for (i = 0; i < NR_FRAMES; i++) {
		fence = libfence_timeline_fence(frames, i + 1);
		assert(fence);
		libfence_callback_init(&callbacks[i], shown, &nr);
		if (libfence_callback_register(fence, &callbacks[i]))
			return 1;
		/* The registration has its own reference. */
		libfence_put(&fence);
	}

	if (pthread_create(&thread, NULL, display, frames))
		return 1;

	/* A consumer sets a deadline for a frame, and waits for it. */
	fence = libfence_timeline_fence(frames, NR_FRAMES);
	assert(fence);
	libfence_timeline_name(fence, name, sizeof(name));
	printf("waiting for %s %d\n", name, NR_FRAMES);
	libfence_set_deadline(fence, 1000);
	if (libfence_timeline_deadline(fence, &deadline) == 0)
		printf("its deadline is %lld ns\n", (long long)deadline);
	if (libfence_wait(fence, LIBFENCE_FOREVER))
		return 1;
	assert(libfence_status(fence) == 1);
	assert(libfence_timeline_value(frames) == NR_FRAMES);
	libfence_put(&fence);
	pthread_join(thread, NULL);

	/* A frame that is never shown. */
	never = libfence_timeline_fence(frames, NR_FRAMES + 1);
	assert(never);
	assert(libfence_wait(never, 1000000) == -ETIMEDOUT);
	libfence_timeline_destroy(&frames);
	assert(libfence_status(never) == -ENOENT);
	libfence_put(&never);

	for (i = 0; i < NR_FRAMES; i++)
		libfence_callback_unregister(&callbacks[i]);
	printf("%d frames were shown\n", nr);
	return nr != NR_FRAMES;
}
