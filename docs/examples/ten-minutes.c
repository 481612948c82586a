// SPDX-License-Identifier: GPL-2.0 OR MIT
/* One producer, one consumer: the program of docs/driver-fences.md. */
#include <libfence/driver-fence.h>
#include <pthread.h>
#include <stdio.h>

/* The payload of our fences. The macro defines job_prepare() and so on. */
struct job {
	int id;
};
LIBFENCE_PAYLOAD(job, struct job);

static void *consumer(void *arg)
{
	/* A reference of our own, which is put at the end of the function. */
	struct libfence *fence LIBFENCE_CLEANUP(libfence_put) =
		libfence_from_foreign(arg);

	if (libfence_wait(fence, LIBFENCE_FOREVER) == 0)
		printf("signalled: %d\n", libfence_status(fence));
	return NULL;
}

int main(void)
{
	struct libfence_context *ctx;
	struct libfence *shared;
	struct job_fence *fence;
	struct job_prep *prep;
	pthread_t thread;

	/* A context: names of the driver and the timeline, the first seqno. */
	ctx = libfence_context_create("my-driver", "ring 0", 1, NULL);
	if (!ctx)
		return 1;

	/* Allocate all memory here, where waiting and failing are allowed. */
	prep = job_prepare(&(struct job){ .id = 7 });
	if (!prep)
		return 1;

	/* Now it is a fence, which we have to signal. This cannot fail. */
	fence = job_commit(ctx, &prep);

	/* Consumers get references, with which they cannot signal it. */
	shared = job_fence_get(fence);
	if (pthread_create(&thread, NULL, consumer,
			   libfence_into_foreign(&shared)))
		return 1;

	printf("working on job %d\n", job_fence_payload(fence)->id);
	job_fence_signal(&fence, 0);

	pthread_join(thread, NULL);
	libfence_context_destroy(&ctx);
	return 0;
}
