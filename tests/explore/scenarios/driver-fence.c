// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Driver fences: the owner signals or drops them, and destroys their context,
 * while ops run. D1, ... are the races in the table of tests/stress/README.md.
 */

#include "explore.h"

#include <libfence/dma-fence.h>
#include <libfence/driver-fence.h>
#include <libfence/libfence.h>
#include <linux/atomic.h>
#include <linux/slab.h>

/* The destructor of the payload frees this. */
struct job_data {
	bool done;
	int64_t deadline;
};

struct job {
	struct job_data *data;
};

static atomic_t destroyed = ATOMIC_INIT(0);

static bool job_signaled(struct job *job)
{
	return READ_ONCE(job->data->done);
}

static void job_set_deadline(struct job *job, int64_t deadline)
{
	WRITE_ONCE(job->data->deadline, deadline);
}

static void job_destroy(struct job *job)
{
	kfree(job->data);
	atomic_inc(&destroyed);
}

static const LIBFENCE_OPS(struct job) job_ops = {
	.signaled = job_signaled,
	.set_deadline = job_set_deadline,
	.destroy = job_destroy,
};
LIBFENCE_PAYLOAD_OPS(job, struct job, job_ops);

static struct libfence_context *context;
static struct job_data *data;
static struct job_prep *prep;
static struct job_fence *owned;
/* The reference of the consumers. */
static struct libfence *fence;
static int warnings;

static void count_warning(const struct libfence_warning *warning, void *unused)
{
	warnings++;
}

static void make_context(void)
{
	context = libfence_context_create("driver", "timeline", 1, NULL);
	lfx_name(context, "context");
}

static struct job_prep *prepare_job(void)
{
	data = kzalloc_obj(*data);
	lfx_name(data, "data");
	return job_prepare(&(struct job){ .data = data });
}

static void make_job(void)
{
	make_context();
	prep = prepare_job();
	owned = job_commit(context, &prep);
	fence = job_fence_get(owned);
	lfx_name(fence, "fence");
}

static void make_done_job(void)
{
	make_job();
	data->done = true;
}

static void signal_job(void)
{
	job_fence_signal(&owned, 0);
}

static void end_job(void)
{
	lfx_assert(atomic_read(&destroyed) == 1);
	libfence_put(&fence);
	libfence_context_destroy(&context);
}

static void end_successful_job(void)
{
	lfx_assert(libfence_status(fence) == 1);
	end_job();
}

/* D1: the payload stays until the ops that may use it have returned. */

static void poll(void)
{
	libfence_is_signaled(fence);
}

static void set_deadline(void)
{
	libfence_set_deadline(fence, 5);
}

LFX_SCENARIO(job_signal_ops) = {
	.name = "job-signal-ops",
	.what = "an owner signals against is_signaled() and set_deadline()",
	.setup = make_job,
	.threads = {
		{ "owner", signal_job },
		{ "poller", poll },
		{ "consumer", set_deadline },
	},
	.check = end_successful_job,
};

/* D2: the owner signals, and so does an op that says that the work is done. */

static void poll_done(void)
{
	lfx_assert(libfence_is_signaled(fence));
	lfx_assert(libfence_status(fence) == 1);
}

LFX_SCENARIO(job_signal_done) = {
	.name = "job-signal-done",
	.what = "an owner signals a job that is done against two pollers",
	.setup = make_done_job,
	.threads = {
		{ "owner", signal_job },
		{ "poller 1", poll_done },
		{ "poller 2", poll_done },
	},
	.check = end_successful_job,
};

/*
 * The owner drops a job that is done. If no op has said so before, that cancels
 * it, and warns.
 */

static void make_done_job_for_drop(void)
{
	make_done_job();
	libfence_set_warn_hook(count_warning, NULL);
}

static void drop_job(void)
{
	job_fence_drop(&owned);
}

static void poll_dropped(void)
{
	int status;

	lfx_assert(libfence_is_signaled(fence));
	status = libfence_status(fence);
	lfx_assert(status == 1 || status == -ECANCELED);
}

static void end_dropped_job(void)
{
	lfx_assert(libfence_status(fence) == (warnings ? -ECANCELED : 1));
	lfx_assert(warnings <= 1);
	end_job();
}

LFX_SCENARIO(job_drop_done) = {
	.name = "job-drop-done",
	.what = "an owner drops a job that is done against a poller",
	.setup = make_done_job_for_drop,
	.threads = { { "owner", drop_job }, { "poller", poll_dropped } },
	.check = end_dropped_job,
};

/* D3: the result comes with the signal. */

static void fail_job(void)
{
	job_fence_signal(&owned, -EIO);
}

static void read_status(void)
{
	int status = libfence_status(fence);

	lfx_assert(status == 0 || status == -EIO);
	status = libfence_status_racy(fence);
	lfx_assert(status == 0 || status == -EIO);
}

static void end_failed_job(void)
{
	lfx_assert(libfence_status(fence) == -EIO);
	end_job();
}

LFX_SCENARIO(job_fail_status) = {
	.name = "job-fail-status",
	.what = "an owner signals an error against status()",
	.setup = make_job,
	.threads = { { "owner", fail_job }, { "reader", read_status } },
	.check = end_failed_job,
};

static void wait_for_error(void)
{
	lfx_assert(!libfence_wait(fence, LIBFENCE_FOREVER));
	lfx_assert(libfence_status(fence) == -EIO);
}

LFX_SCENARIO(job_fail_wait) = {
	.name = "job-fail-wait",
	.what = "an owner signals an error against two waits",
	.setup = make_job,
	.threads = {
		{ "owner", fail_job },
		{ "waiter 1", wait_for_error },
		{ "waiter 2", wait_for_error },
	},
	.check = end_failed_job,
};

/* D7: the context, with its names, goes when no reader can use it any more. */

static void signal_and_destroy_context(void)
{
	signal_job();
	libfence_context_destroy(&context);
	lfx_assert(atomic_read(&destroyed) == 1);
}

static void read_names(void)
{
	char name[20];

	libfence_driver_name(fence, name, sizeof(name));
	lfx_assert(!strcmp(name, "driver") || !strcmp(name, "detached-driver"));
	libfence_timeline_name(fence, name, sizeof(name));
	lfx_assert(!strcmp(name, "timeline") ||
		   !strcmp(name, "signaled-timeline"));
}

LFX_SCENARIO(context_destroy_names) = {
	.name = "context-destroy-names",
	.what = "an owner signals and destroys the context against names",
	.setup = make_job,
	.threads = {
		{ "owner", signal_and_destroy_context },
		{ "reader", read_names },
	},
	.check = end_successful_job,
};

LFX_SCENARIO(context_destroy_ops) = {
	.name = "context-destroy-ops",
	.what = "an owner signals and destroys the context against ops",
	.setup = make_job,
	.threads = {
		{ "owner", signal_and_destroy_context },
		{ "poller", poll },
		{ "consumer", set_deadline },
	},
	.check = end_successful_job,
};

/*
 * D8: the context is destroyed while the owner signals. One of the two signals;
 * if it is the context, the job is cancelled, and a warning says so.
 */

static void make_job_for_cancel(void)
{
	make_job();
	libfence_set_warn_hook(count_warning, NULL);
}

static void destroy_context(void)
{
	libfence_context_destroy(&context);
	/* From now on, the owner cannot signal it any more. */
	lfx_assert(libfence_status(fence) == (warnings ? -ECANCELED : 1));
}

LFX_SCENARIO(context_destroy_owner) = {
	.name = "context-destroy-owner",
	.what = "an owner signals against the end of the context",
	.setup = make_job_for_cancel,
	.threads = {
		{ "owner", signal_job },
		{ "destroyer", destroy_context },
	},
	.check = end_dropped_job,
};

/* D10: two threads commit to one context. Each fence has its own number. */

static struct job_prep *preps[2];
static u64 seqnos[2];

static void make_two_preparations(void)
{
	make_context();
	preps[0] = prepare_job();
	preps[1] = prepare_job();
}

static void commit_and_signal(int i)
{
	struct job_fence *job = job_commit(context, &preps[i]);

	seqnos[i] = libfence_seqno(job_fence_consumer(job));
	job_fence_signal(&job, 0);
}

static void commit_0(void)
{
	commit_and_signal(0);
}

static void commit_1(void)
{
	commit_and_signal(1);
}

static void check_seqnos(void)
{
	lfx_assert(atomic_read(&destroyed) == 2);
	lfx_assert(seqnos[0] + seqnos[1] == 1 + 2);
	libfence_context_destroy(&context);
}

LFX_SCENARIO(context_two_commits) = {
	.name = "context-two-commits",
	.what = "two threads commit fences to one context, and signal them",
	.setup = make_two_preparations,
	.threads = { { "owner 0", commit_0 }, { "owner 1", commit_1 } },
	.check = check_seqnos,
};

/* D11: a preparation is freed while the context goes, which it does not use. */

static void make_job_and_preparation(void)
{
	make_job();
	preps[0] = prepare_job();
}

static void free_preparation(void)
{
	job_prep_free(&preps[0]);
}

static void signal_then_destroy(void)
{
	signal_job();
	libfence_context_destroy(&context);
}

static void check_two_destroyed(void)
{
	lfx_assert(atomic_read(&destroyed) == 2);
	libfence_put(&fence);
}

LFX_SCENARIO(context_destroy_preparation) = {
	.name = "context-destroy-preparation",
	.what = "a preparation is freed against the end of the context",
	.setup = make_job_and_preparation,
	.threads = {
		{ "owner", signal_then_destroy },
		{ "preparer", free_preparation },
	},
	.check = check_two_destroyed,
};
