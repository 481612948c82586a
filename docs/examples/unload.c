// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A driver is unloaded while its jobs are not finished and consumers hold its
 * fences. No consumer waits forever, no call reaches the driver after it is
 * unloaded, and no memory is leaked.
 */
#include <libfence/driver-fence.h>
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libfence/libfence.h>

#define NR_JOBS	8

/* The driver. All of this is freed when it is unloaded. */
static struct driver {
	struct libfence_context *ctx;
	struct job_fence *jobs[NR_JOBS];
	unsigned int destroyed;
	/* Memory that the jobs use; freed last. */
	char *scratch;
} *driver;

struct job {
	char *buffer;
	struct driver *driver;
};

/* Runs after a grace period, on another thread. No locks, no sleeping. */
static void job_destroy(struct job *job)
{
	free(job->buffer);
	__atomic_fetch_add(&job->driver->destroyed, 1, __ATOMIC_RELAXED);
}

/* An op that uses the driver's memory. */
static bool job_signaled(struct job *job)
{
	return job->driver->scratch[0] == 'x';
}

static const LIBFENCE_OPS(struct job) job_ops = {
	.signaled = job_signaled,
	.destroy = job_destroy,
};
LIBFENCE_PAYLOAD_OPS(job, struct job, job_ops);

static void load(void)
{
	unsigned int i;

	driver = calloc(1, sizeof(*driver));
	assert(driver);
	driver->scratch = calloc(1, 100);
	assert(driver->scratch);
	driver->ctx = libfence_context_create("short-lived", "ring", 1, driver);
	assert(driver->ctx);
	for (i = 0; i < NR_JOBS; i++) {
		struct job job = { .buffer = malloc(100), .driver = driver };
		struct job_prep *prep = job_prepare(&job);

		assert(job.buffer && prep);
		driver->jobs[i] = job_commit(driver->ctx, &prep);
	}
}

static void unload(void)
{
	unsigned int i;

	/* Two jobs are finished. The hardware is then switched off. */
	job_fence_signal(&driver->jobs[0], 0);
	job_fence_signal(&driver->jobs[3], -EIO);
	/*
	 * Signals the other fences. When it returns, no op is running, and the
	 * destructors of the two finished jobs have run.
	 */
	libfence_context_destroy(&driver->ctx);
	/* The driver still owns its fences. Dropping them ends the payloads. */
	for (i = 0; i < NR_JOBS; i++)
		job_fence_drop(&driver->jobs[i]);
	/* Wait for the destructors of these payloads. */
	libfence_barrier();
	assert(driver->destroyed == NR_JOBS);
	memset(driver->scratch, 0xff, 100);
	free(driver->scratch);
	memset(driver, 0xff, sizeof(*driver));
	free(driver);
}

static void *wait_for_it(void *arg)
{
	struct libfence *fence = arg;

	/* Also polls, which calls an op of the driver. */
	while (libfence_wait(fence, 1000000) == -ETIMEDOUT)
		if (libfence_is_signaled(fence))
			break;
	return NULL;
}

static unsigned int warnings;

static void count_warning(const struct libfence_warning *warning, void *data)
{
	(void)data;
	printf("as expected: %s\n", warning->message);
	assert(strstr(warning->message, "short-lived/ring"));
	assert(strstr(warning->message, "2-3, 5-8"));
	warnings++;
}

int main(void)
{
	struct libfence *fences[NR_JOBS];
	pthread_t threads[NR_JOBS];
	unsigned int i;

	load();
	for (i = 0; i < NR_JOBS; i++) {
		fences[i] = job_fence_get(driver->jobs[i]);
		if (pthread_create(&threads[i], NULL, wait_for_it, fences[i]))
			return 1;
	}
	libfence_set_warn_hook(count_warning, NULL);
	unload();
	libfence_set_warn_hook(NULL, NULL);
	assert(warnings == 1);

	/* The driver is unloaded. Its fences can still be used. */
	for (i = 0; i < NR_JOBS; i++) {
		char name[32];

		pthread_join(threads[i], NULL);
		assert(libfence_status(fences[i]) == (i == 0 ? 1 :
				i == 3 ? -EIO : -ECANCELED));
		libfence_driver_name(fences[i], name, sizeof(name));
		assert(!strcmp(name, "detached-driver"));
		libfence_put(&fences[i]);
	}
	return 0;
}
