/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Shared by the suites of the driver-fence layer. */
#ifndef TESTS_DRIVER_FENCE_HELPERS_H
#define TESTS_DRIVER_FENCE_HELPERS_H

#include "../compat/start.h"
#include <errno.h>
#include <string.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-fence.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <libfence/context.h>
#include <libfence/dma-fence.h>
#include <libfence/driver-fence.h>
#include <libfence/libfence.h>
#include <libfence/rcu-box.h>

/* A payload without a destructor. */
struct job {
	int id;
};
LIBFENCE_PAYLOAD(job, struct job);

/* A payload that counts the calls of its ops, with a hook for tests. */
struct tracked {
	int id;
	/* The results of enable_signaling and signaled. */
	bool enable_says, signaled_says;
	atomic_t enabled, polled, deadlines, *destroyed;
	int64_t deadline;
	/* Called by each op if set. */
	void (*hook)(struct tracked *payload, const char *op);
};

static inline void tracked_hook(struct tracked *payload, const char *op)
{
	if (payload->hook)
		payload->hook(payload, op);
}

static inline bool tracked_enable(struct tracked *payload)
{
	atomic_inc(&payload->enabled);
	tracked_hook(payload, "enable_signaling");
	return payload->enable_says;
}

static inline bool tracked_signaled(struct tracked *payload)
{
	atomic_inc(&payload->polled);
	tracked_hook(payload, "signaled");
	return READ_ONCE(payload->signaled_says);
}

static inline void tracked_deadline(struct tracked *payload, int64_t deadline)
{
	atomic_inc(&payload->deadlines);
	WRITE_ONCE(payload->deadline, deadline);
	tracked_hook(payload, "set_deadline");
}

static inline void tracked_destroy(struct tracked *payload)
{
	tracked_hook(payload, "destroy");
	if (payload->destroyed)
		atomic_inc(payload->destroyed);
}

static const LIBFENCE_OPS(struct tracked) tracked_ops = {
	.enable_signaling = tracked_enable,
	.signaled = tracked_signaled,
	.set_deadline = tracked_deadline,
	.destroy = tracked_destroy,
};
LIBFENCE_PAYLOAD_OPS(tracked, struct tracked, tracked_ops);

static inline struct libfence_context *make_context(uint64_t first)
{
	struct libfence_context *ctx;

	ctx = libfence_context_create("driver", "timeline", first, NULL);
	assert_non_null(ctx);
	return ctx;
}

static inline struct job_fence *make_job(struct libfence_context *ctx, int id)
{
	struct job_prep *prep = job_prepare(&(struct job){ .id = id });

	assert_non_null(prep);
	return job_commit(ctx, &prep);
}

static inline struct tracked_fence *
make_tracked(struct libfence_context *ctx, const struct tracked *initial)
{
	struct tracked_prep *prep = tracked_prepare(initial);

	assert_non_null(prep);
	return tracked_commit(ctx, &prep);
}

#endif
