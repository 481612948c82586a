/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Shared by the suites of the plain face for several fences. */
#ifndef TESTS_SEVERAL_H
#define TESTS_SEVERAL_H

#include "../driver-fence/fixture.h"
#include <libfence/event-loop.h>
#include <libfence/reservation.h>
#include <libfence/several.h>

#define MS	1000000

/* Fences in the order of their seqnos, and references to them. */
static inline void make_jobs(struct job_fence **owners,
			     struct libfence **fences, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		owners[i] = make_job(ctx, i);
		fences[i] = job_fence_get(owners[i]);
	}
}

/* Signals those that are not signalled yet, and puts the references. */
static inline void end_jobs(struct job_fence **owners,
			    struct libfence **fences, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (owners[i])
			job_fence_signal(&owners[i], 0);
		libfence_put(&fences[i]);
	}
}

static inline unsigned int references(const struct libfence *fence)
{
	return kref_read(&libfence_to_dma_fence(fence)->refcount);
}

/* A thread that signals a fence some time later. */
struct signal_later {
	struct job_fence *fence;
	unsigned int us;
	int result;
};

static inline int signal_later(void *data)
{
	struct signal_later *later = data;

	usleep_range(later->us, later->us);
	job_fence_signal(&later->fence, later->result);
	return 0;
}

#endif
