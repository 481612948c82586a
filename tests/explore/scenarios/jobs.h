/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* One or two jobs of a driver, each of a context of its own, and their signals. */
#ifndef LFX_JOBS_H
#define LFX_JOBS_H

#include "explore.h"

#include <libfence/driver-fence.h>
#include <libfence/libfence.h>

struct job {
	int id;
};
LIBFENCE_PAYLOAD(job, struct job);

static struct libfence_context *contexts[2];
static struct job_fence *jobs[2];
/* References of the consumers. */
static struct libfence *fences[2];

static inline void make_jobs(int nr)
{
	struct job_prep *prep;
	int i;

	for (i = 0; i < nr; i++) {
		contexts[i] =
			libfence_context_create("driver", "timeline", 1, NULL);
		prep = job_prepare(NULL);
		jobs[i] = job_commit(contexts[i], &prep);
		fences[i] = job_fence_get(jobs[i]);
		lfx_name(fences[i], i ? "fence 1" : "fence 0");
	}
}

static inline void make_job(void)
{
	make_jobs(1);
}

static inline void signal_0(void)
{
	job_fence_signal(&jobs[0], 0);
}

static inline void signal_1(void)
{
	job_fence_signal(&jobs[1], 0);
}

static inline void put_jobs(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		libfence_put(&fences[i]);
		libfence_context_destroy(&contexts[i]);
	}
}

#endif
