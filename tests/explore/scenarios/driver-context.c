// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The contexts of driver fences: they are destroyed while fences on them are
 * used, committed and signalled. D7, ... are the races in the table of
 * tests/stress/README.md.
 */

#include "explore.h"

#include <libfence/dma-fence.h>
#include <libfence/driver-fence.h>
#include <libfence/libfence.h>
#include <linux/atomic.h>
#include <linux/slab.h>
#include <linux/string.h>

/* The number of slots of a context: lib/plain/driver-fence.c. */
#define NR_SLOTS 128

/* A payload with ops and a destructor that frees what the ops use. */
struct job {
	int *data;
	atomic_t *destroyed;
};

static bool job_signaled(struct job *job)
{
	return READ_ONCE(*job->data);
}

static void job_set_deadline(struct job *job, int64_t deadline)
{
	lfx_assert(!READ_ONCE(*job->data));
}

static void job_destroy(struct job *job)
{
	kfree(job->data);
	atomic_inc(job->destroyed);
}

static const LIBFENCE_OPS(struct job) job_ops = {
	.signaled = job_signaled,
	.set_deadline = job_set_deadline,
	.destroy = job_destroy,
};
LIBFENCE_PAYLOAD_OPS(job, struct job, job_ops);

/* A payload with nothing: the owner's reference is put at once. */
struct plain {
	int unused;
};
LIBFENCE_PAYLOAD(plain, struct plain);

static struct libfence_context *context;
static struct job_prep *prep;
static struct job_fence *job;
static struct plain_fence *plains[2];
/* The reference of the consumers. */
static struct libfence *fence;
static atomic_t destroyed;
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

static struct job_prep *prepare_job(atomic_t *count)
{
	struct job new = { .data = kzalloc_obj(int), .destroyed = count };

	return job_prepare(&new);
}

static struct plain_fence *new_plain(void)
{
	struct plain_prep *plain = plain_prepare(NULL);

	return plain_commit(context, &plain);
}

static void make_job(void)
{
	make_context();
	prep = prepare_job(&destroyed);
	job = job_commit(context, &prep);
	fence = job_fence_get(job);
	lfx_name(fence, "fence");
}

static void signal_job(void)
{
	job_fence_signal(&job, 0);
}

static void destroy_context(void)
{
	libfence_context_destroy(&context);
}

/* The destructors of fences that were signalled before have run. */
static void signal_and_destroy_context(void)
{
	signal_job();
	destroy_context();
	lfx_assert(atomic_read(&destroyed) == 1);
}

static void put_fence(void)
{
	lfx_assert(libfence_status(fence) == (warnings ? -ECANCELED : 1));
	lfx_assert(warnings <= 1 && atomic_read(&destroyed) == 1);
	libfence_put(&fence);
}

/*
 * D7: the context, with its names, goes when no reader can use it any more. It
 * does not have to wait for a destructor.
 */

static void make_plain(void)
{
	make_context();
	libfence_set_warn_hook(count_warning, NULL);
	plains[0] = new_plain();
}

static void make_shared_plain(void)
{
	make_plain();
	fence = plain_fence_get(plains[0]);
}

static void signal_plain(void)
{
	plain_fence_signal(&plains[0], 0);
}

static void signal_plain_and_destroy_context(void)
{
	signal_plain();
	destroy_context();
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

static void put_plain(void)
{
	lfx_assert(libfence_status(fence) == 1 && !warnings);
	libfence_put(&fence);
}

LFX_SCENARIO(context_destroy_names) = {
	.name = "context-destroy-names",
	.what = "an owner signals and destroys the context against names",
	.setup = make_shared_plain,
	.threads = {
		{ "owner", signal_plain_and_destroy_context },
		{ "reader", read_names },
	},
	.check = put_plain,
};

static void poll(void)
{
	libfence_is_signaled(fence);
}

static void set_deadline(void)
{
	libfence_set_deadline(fence, 5);
}

LFX_SCENARIO(context_destroy_ops) = {
	.name = "context-destroy-ops",
	.what = "an owner signals and destroys the context against ops",
	.setup = make_job,
	.threads = {
		{ "owner", signal_and_destroy_context },
		{ "poller", poll },
		{ "consumer", set_deadline },
	},
	.check = put_fence,
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

static void destroy_context_of_job(void)
{
	destroy_context();
	/* From now on, the owner cannot signal it any more. */
	lfx_assert(libfence_status(fence) == (warnings ? -ECANCELED : 1));
}

LFX_SCENARIO(context_destroy_owner) = {
	.name = "context-destroy-owner",
	.what = "an owner signals against the end of the context",
	.setup = make_job_for_cancel,
	.threads = {
		{ "owner", signal_job },
		{ "destroyer", destroy_context_of_job },
	},
	.check = put_fence,
};

/* D8: the destructors of fences that were signalled before have run. */

static void poll_and_destroy_context(void)
{
	bool was_signalled = libfence_is_signaled(fence);

	destroy_context();
	if (was_signalled)
		lfx_assert(atomic_read(&destroyed) == 1);
}

LFX_SCENARIO(context_destroy_signalled) = {
	.name = "context-destroy-signalled",
	.what = "an owner signals against a poll and the end of the context",
	.setup = make_job_for_cancel,
	.threads = {
		{ "owner", signal_job },
		{ "destroyer", poll_and_destroy_context },
	},
	.check = put_fence,
};

/* D8, D9: the context finds a fence whose only reference the owner puts. */

LFX_SCENARIO(context_destroy_last) = {
	.name = "context-destroy-last",
	.what = "an owner signals the only reference against the context's end",
	.setup = make_plain,
	.threads = {
		{ "owner", signal_plain }, { "destroyer", destroy_context },
	},
};

/* D10: two threads commit to one context. Each fence has its own number. */

static struct job_prep *preps[2];
static u64 seqnos[2];

static void make_two_preparations(void)
{
	make_context();
	preps[0] = prepare_job(&destroyed);
	preps[1] = prepare_job(&destroyed);
}

static void commit_and_signal(int i)
{
	struct job_fence *new = job_commit(context, &preps[i]);

	seqnos[i] = libfence_seqno(job_fence_consumer(new));
	job_fence_signal(&new, 0);
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
	destroy_context();
}

LFX_SCENARIO(context_two_commits) = {
	.name = "context-two-commits",
	.what = "two threads commit fences to one context, and signal them",
	.setup = make_two_preparations,
	.threads = { { "owner 0", commit_0 }, { "owner 1", commit_1 } },
	.check = check_seqnos,
};

/*
 * D10: the slot of a new fence may be taken. The end of the context finds the
 * fence, in the slot or on the overflow list.
 */

static void make_taken_slot(void)
{
	struct plain_fence *between;
	int i;

	make_plain();
	for (i = 1; i < NR_SLOTS; i++) {
		between = new_plain();
		plain_fence_signal(&between, 0);
	}
}

static void commit_to_taken_slot(void)
{
	plains[1] = new_plain();
}

static void check_both_cancelled(void)
{
	fence = plain_fence_get(plains[1]);
	lfx_assert(!libfence_is_signaled(fence));
	destroy_context();
	lfx_assert(warnings == 1 && libfence_status(fence) == -ECANCELED);
	plain_fence_drop(&plains[1]);
	libfence_put(&fence);
}

LFX_SCENARIO(context_taken_slot) = {
	.name = "context-taken-slot",
	.what = "a commit to the slot of a fence against its signal",
	.setup = make_taken_slot,
	.threads = {
		{ "owner", signal_plain },
		{ "committer", commit_to_taken_slot },
	},
	.check = check_both_cancelled,
};

static void make_overflow(void)
{
	make_taken_slot();
	commit_to_taken_slot();
	signal_plain();
}

static void signal_overflowed(void)
{
	plain_fence_signal(&plains[1], 0);
}

LFX_SCENARIO(context_destroy_overflow) = {
	.name = "context-destroy-overflow",
	.what = "a signal of an overflowed fence against the context's end",
	.setup = make_overflow,
	.threads = {
		{ "owner", signal_overflowed },
		{ "destroyer", destroy_context },
	},
};

/* D11: a preparation is freed while the context goes, which it does not use. */

static atomic_t preparation_destroyed;

static void make_job_and_preparation(void)
{
	make_job();
	prep = prepare_job(&preparation_destroyed);
}

static void free_preparation(void)
{
	job_prep_free(&prep);
	lfx_assert(atomic_read(&preparation_destroyed) == 1);
}

LFX_SCENARIO(context_destroy_preparation) = {
	.name = "context-destroy-preparation",
	.what = "a preparation is freed against the end of the context",
	.setup = make_job_and_preparation,
	.threads = {
		{ "owner", signal_and_destroy_context },
		{ "preparer", free_preparation },
	},
	.check = put_fence,
};
