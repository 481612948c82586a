// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The end of a context: which fences it finds, in its slots and in its overflow
 * list, and which destructors it waits for. See driver-fence.c.
 */

#include "explore.h"

#include <libfence/driver-fence.h>
#include <libfence/libfence.h>
#include <linux/atomic.h>
#include <linux/errno.h>

/* lib/plain/driver-fence.c has the same number. */
#define NR_SLOTS	128

struct job {
	bool ended;
};

static atomic_t destroyed = ATOMIC_INIT(0);

static void job_destroy(struct job *job)
{
	job->ended = true;
	atomic_inc(&destroyed);
}

static const LIBFENCE_OPS(struct job) job_ops = {
	.destroy = job_destroy,
};
LIBFENCE_PAYLOAD_OPS(job, struct job, job_ops);

struct plain {
	int nr;
};
LIBFENCE_PAYLOAD(plain, struct plain);

static struct libfence_context *context;
static struct job_fence *job;
static struct job_prep *prep;
static struct plain_fence *owned[4];
/* The references of the consumers. */
static struct libfence *fences[4];
static struct libfence_callback callbacks[4];
static int warnings, order[4], nr_called;

static void count_warning(const struct libfence_warning *warning, void *unused)
{
	warnings++;
}

static void make_context(void)
{
	context = libfence_context_create("driver", "timeline", 1, NULL);
	lfx_name(context, "context");
	libfence_set_warn_hook(count_warning, NULL);
}

static struct plain_fence *commit_plain(void)
{
	struct plain_prep *plain = plain_prepare(&(struct plain){ .nr = 1 });

	return plain_commit(context, &plain);
}

/* Fences that come and go: the next ones take the slots again. */
static void use_slots(unsigned int nr)
{
	struct plain_fence *between;

	while (nr--) {
		between = commit_plain();
		plain_fence_signal(&between, 0);
	}
}

static void destroy_context(void)
{
	libfence_context_destroy(&context);
}

/* D8: no reference but that of the owner, who signals. */

static void make_plain(void)
{
	make_context();
	owned[0] = commit_plain();
}

static void signal_plain(void)
{
	plain_fence_signal(&owned[0], 0);
}

static void make_two_plain(void)
{
	make_plain();
	owned[1] = commit_plain();
}

static void drop_second(void)
{
	plain_fence_signal(&owned[1], 0);
}

LFX_SCENARIO(context_destroy_last) = {
	.name = "context-destroy-last",
	.what = "an owner puts the last reference against the context's end",
	.setup = make_plain,
	.threads = {
		{ "owner", signal_plain }, { "destroyer", destroy_context },
	},
};

LFX_SCENARIO(context_destroy_two) = {
	.name = "context-destroy-two",
	.what = "two owners put their references against the context's end",
	.setup = make_two_plain,
	.threads = {
		{ "owner 0", signal_plain }, { "owner 1", drop_second },
		{ "destroyer", destroy_context },
	},
};

/* D8: the destructor of a fence that the owner has signalled is awaited. */

static void make_job(void)
{
	make_context();
	prep = job_prepare(&(struct job){ .ended = false });
	job = job_commit(context, &prep);
}

static void signal_job(void)
{
	job_fence_signal(&job, 0);
}

static void destroy_and_count(void)
{
	destroy_context();
	/* If the context was first, the owner's call comes later. */
	lfx_assert(warnings || atomic_read(&destroyed) == 1);
}

static void check_destroyed(void)
{
	lfx_assert(atomic_read(&destroyed) == 1);
}

LFX_SCENARIO(context_awaits_destructor) = {
	.name = "context-awaits-destructor",
	.what = "an owner signals against the context's end; destructor",
	.setup = make_job,
	.threads = {
		{ "owner", signal_job }, { "destroyer", destroy_and_count },
	},
	.check = check_destroyed,
};

/* D10: the fences 1 and 129 want one slot. */

static void note_order(const struct libfence *fence, void *nr)
{
	order[nr_called++] = (int)(intptr_t)nr;
}

static void hold(int i, bool with_callback)
{
	owned[i] = commit_plain();
	fences[i] = plain_fence_get(owned[i]);
	if (!with_callback)
		return;
	libfence_callback_init(&callbacks[i], note_order, (void *)(intptr_t)i);
	lfx_assert(!libfence_callback_register(fences[i], &callbacks[i]));
}

static void fill_slot(void)
{
	make_context();
	hold(0, false);
	use_slots(NR_SLOTS - 1);
	hold(1, false);
	lfx_assert(libfence_seqno(fences[1]) == 1 + NR_SLOTS);
}

static void signal_first(void)
{
	plain_fence_signal(&owned[0], 0);
}

static void signal_second(void)
{
	plain_fence_signal(&owned[1], 0);
}

static void put_both(void)
{
	lfx_assert(libfence_status(fences[0]) == 1 || warnings);
	lfx_assert(libfence_status(fences[1]) == 1 || warnings);
	libfence_put(&fences[0]);
	libfence_put(&fences[1]);
}

LFX_SCENARIO(context_overflow) = {
	.name = "context-overflow",
	.what = "owners of two fences with one slot against the context's end",
	.setup = fill_slot,
	.threads = {
		{ "owner 0", signal_first }, { "owner 1", signal_second },
		{ "destroyer", destroy_context },
	},
	.check = put_both,
};

/* The context goes by number: 129, and then 130. */

static void fill_two_slots(void)
{
	make_context();
	hold(0, false);
	hold(3, false);
	use_slots(NR_SLOTS - 2);
	hold(1, true);
	hold(2, true);
}

static void check_order(void)
{
	int i;

	lfx_assert(nr_called == 2 && order[0] == 1 && order[1] == 2);
	for (i = 0; i < 4; i++) {
		if (i == 1 || i == 2)
			libfence_callback_unregister(&callbacks[i]);
		/* The owner has signalled the first one. */
		if (i)
			plain_fence_drop(&owned[i]);
		libfence_put(&fences[i]);
	}
}

LFX_SCENARIO(context_overflow_order) = {
	.name = "context-overflow-order",
	.what = "an owner signals against the end of a context with four fences",
	.setup = fill_two_slots,
	.threads = {
		{ "owner", signal_first }, { "destroyer", destroy_context },
	},
	.check = check_order,
};

/* Two threads commit, and the slot of one is that of the other. */

static void commit_first(void)
{
	owned[0] = commit_plain();
}

static void commit_later(void)
{
	use_slots(NR_SLOTS - 1);
	owned[1] = commit_plain();
}

static void cancel_both(void)
{
	int i;

	for (i = 0; i < 2; i++)
		fences[i] = plain_fence_get(owned[i]);
	destroy_context();
	for (i = 0; i < 2; i++) {
		lfx_assert(libfence_status(fences[i]) == -ECANCELED);
		plain_fence_drop(&owned[i]);
		libfence_put(&fences[i]);
	}
}

LFX_SCENARIO(context_one_slot) = {
	.name = "context-one-slot",
	.what = "a commit against 128 commits: the last one has the same slot",
	.setup = make_context,
	.threads = { { "one", commit_first }, { "many", commit_later } },
	.check = cancel_both,
};

/* D11: objects that are not on the context. */

static void prepare_job(void)
{
	make_context();
	prep = job_prepare(&(struct job){ .ended = false });
}

static void free_preparation(void)
{
	job_prep_free(&prep);
	lfx_assert(atomic_read(&destroyed) == 1);
}

LFX_SCENARIO(preparation_free) = {
	.name = "preparation-free",
	.what = "a free of a preparation against the context's end",
	.setup = prepare_job,
	.threads = {
		{ "preparer", free_preparation },
		{ "destroyer", destroy_context },
	},
	.check = check_destroyed,
};

static void commit_nowhere(void)
{
	job = job_commit(NULL, &prep);
	lfx_assert(libfence_status(job_fence_consumer(job)) == -ECANCELED);
	job_fence_signal(&job, 0);
}

LFX_SCENARIO(commit_without_context) = {
	.name = "commit-without-context",
	.what = "a commit without a context against another context's end",
	.setup = prepare_job,
	.threads = {
		{ "owner", commit_nowhere },
		{ "destroyer", destroy_context },
	},
	.check = check_destroyed,
};
