// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Several fences: waits for any and for all of them, merges, and their parts. */

#include "explore.h"

#include <linux/dma-fence-chain.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <libfence/dma-fence.h>
#include <libfence/several.h>

#include "jobs.h"

/* A callback on each fence, which writes into memory of its own. */
static struct libfence_callback writers[2];
static int *written[2];
static bool timed_out;

static void write_seven(const struct libfence *fence, void *to)
{
	*(int *)to = 7;
}

static void add_writers(int nr)
{
	int i;

	make_jobs(nr);
	for (i = 0; i < nr; i++) {
		written[i] = kzalloc_obj(*written[i]);
		libfence_callback_init(&writers[i], write_seven, written[i]);
		lfx_assert(!libfence_callback_register(fences[i], &writers[i]));
	}
}

static void make_written_job(void)
{
	add_writers(1);
}

static void make_written_jobs(void)
{
	add_writers(2);
}

/* The callback has finished: its memory is free. */
static void free_written(size_t i)
{
	lfx_assert(*written[i] == 7);
	kfree(written[i]);
	written[i] = NULL;
}

static void check_writers(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (fences[i])
			lfx_assert(libfence_callback_unregister(&writers[i]));
		kfree(written[i]);
	}
	put_jobs();
}

static void fail_1(void)
{
	job_fence_signal(&jobs[1], -EIO);
}

/* Any of them: the index is that of a signalled fence. */

static void wait_for_any(void)
{
	size_t index = 2;
	int statuses[2];

	lfx_assert(!libfence_wait_many(fences, 2, LIBFENCE_ANY,
				       LIBFENCE_FOREVER, &index, statuses));
	lfx_assert(index < 2 && statuses[index] == 1);
	free_written(index);
}

LFX_SCENARIO(many_any) = {
	.name = "many-any",
	.what = "two signals against a wait for any, which frees a callback's data",
	.setup = make_written_jobs,
	.threads = {
		{ "owner 0", signal_0 }, { "owner 1", signal_1 },
		{ "waiter", wait_for_any },
	},
	.check = check_writers,
};

/* There is nothing at index 0, and the same fence twice. */

static void wait_for_any_until(int64_t deadline, unsigned int flags, int error)
{
	struct libfence *array[] = { NULL, fences[0], fences[0] };
	size_t index = 3;
	int statuses[3], err;

	err = libfence_wait_many(array, 3, LIBFENCE_ANY | flags, deadline,
				 &index, statuses);
	lfx_assert(!err || err == error);
	lfx_assert(!statuses[0]);
	if (err) {
		lfx_assert(index == 3);
		timed_out = true;
		return;
	}
	lfx_assert(index == 1 && statuses[1] == 1 && statuses[2] == 1);
	free_written(0);
}

static void wait_for_any_a_while(void)
{
	wait_for_any_until(libfence_deadline(2000000), 0, -ETIMEDOUT);
}

LFX_SCENARIO(many_any_time) = {
	.name = "many-any-time",
	.what = "a signal against a wait for any whose time may be up",
	.setup = make_written_job,
	.threads = { { "owner", signal_0 },
		     { "waiter", wait_for_any_a_while } },
	.check = check_writers,
};

static void ask_for_any(void)
{
	wait_for_any_until(0, 0, -ETIMEDOUT);
}

LFX_SCENARIO(many_any_test) = {
	.name = "many-any-test",
	.what = "a signal against a wait for any whose time is up",
	.setup = make_written_job,
	.threads = { { "owner", signal_0 }, { "waiter", ask_for_any } },
	.check = check_writers,
};

static void wait_for_any_interruptible(void)
{
	wait_for_any_until(LIBFENCE_FOREVER, LIBFENCE_INTERRUPTIBLE, -EINTR);
}

LFX_SCENARIO(many_any_interrupted) = {
	.name = "many-any-interrupted",
	.what = "a signal against a wait for any that a POSIX signal may end",
	.setup = make_written_job,
	.threads = {
		{ "owner", signal_0 },
		{ "waiter", wait_for_any_interruptible },
	},
	.check = check_writers,
	.signals = 1,
};

/* So many fences need memory, which may fail. */

static void wait_for_any_of_many(void)
{
	struct libfence *array[17] = { [16] = fences[0] };
	size_t index = 17;
	int err;

	err = libfence_wait_many(array, 17, LIBFENCE_ANY, LIBFENCE_FOREVER,
				 &index, NULL);
	lfx_assert(!err || err == -ENOMEM);
	if (err)
		return;
	lfx_assert(index == 16);
	free_written(0);
}

LFX_SCENARIO(many_any_memory) = {
	.name = "many-any-memory",
	.what = "a signal against a wait for any, and its allocation may fail",
	.setup = make_written_job,
	.threads = { { "owner", signal_0 },
		     { "waiter", wait_for_any_of_many } },
	.check = check_writers,
	.failing_allocations = 1,
};

/* All of them: each callback has finished, and the first error is found. */

static void wait_for_all(void)
{
	size_t index = 3;
	int statuses[2];

	lfx_assert(!libfence_wait_many(fences, 2, LIBFENCE_ALL,
				       LIBFENCE_FOREVER, &index, statuses));
	lfx_assert(index == 1 && statuses[0] == 1 && statuses[1] == -EIO);
	free_written(0);
	free_written(1);
}

LFX_SCENARIO(many_all) = {
	.name = "many-all",
	.what = "two signals, one of an error, against a wait for all",
	.setup = make_written_jobs,
	.threads = {
		{ "owner 0", signal_0 }, { "owner 1", fail_1 },
		{ "waiter", wait_for_all },
	},
	.check = check_writers,
};

static void wait_for_all_a_while(void)
{
	struct libfence *array[] = { fences[0], NULL };
	size_t index = 3;
	int err, statuses[2];

	err = libfence_wait_many(array, 2, LIBFENCE_ALL,
				 libfence_deadline(2000000), &index, statuses);
	lfx_assert(!err || err == -ETIMEDOUT);
	lfx_assert(index == (err ? 3 : 2));
	if (!err)
		free_written(0);
}

LFX_SCENARIO(many_all_time) = {
	.name = "many-all-time",
	.what = "a signal against a wait for all whose time may be up",
	.setup = make_written_job,
	.threads = { { "owner", signal_0 },
		     { "waiter", wait_for_all_a_while } },
	.check = check_writers,
};

/* A merge: the result is done when both are, and not before. */

static struct libfence *merged;

static void make_two_jobs(void)
{
	make_jobs(2);
}

static void merge_and_wait(void)
{
	int status;

	merged = libfence_merge(fences, 2);
	lfx_assert(merged);
	lfx_assert(!libfence_wait(merged, LIBFENCE_FOREVER));
	lfx_assert(libfence_is_signaled_racy(fences[0]) &&
		   libfence_is_signaled_racy(fences[1]));
	status = libfence_status(merged);
	lfx_assert(status == 1 || status == -EIO);
	libfence_put(&merged);
}

LFX_SCENARIO(merge_wait) = {
	.name = "merge-wait",
	.what = "two signals, one of an error, against a merge and a wait for it",
	.setup = make_two_jobs,
	.threads = {
		{ "owner 0", signal_0 }, { "owner 1", fail_1 },
		{ "merger", merge_and_wait },
	},
	.check = put_jobs,
};

/* The position has a reference to the fence that is being gone through. */

static void make_merged_jobs(void)
{
	make_jobs(2);
	merged = libfence_merge(fences, 2);
	lfx_assert(merged && merged != fences[0] && merged != fences[1]);
}

static void go_through_and_put(void)
{
	const struct libfence *part;
	struct libfence_parts parts;
	int nr = 0;

	part = libfence_parts_first(&parts, merged);
	libfence_put(&merged);
	while (part) {
		lfx_assert(libfence_status_racy(part) >= 0);
		nr++;
		part = libfence_parts_next(&parts);
	}
	lfx_assert(nr == 2);
}

LFX_SCENARIO(parts_put) = {
	.name = "parts-put",
	.what = "the signals of both parts against a loop that puts the whole",
	.setup = make_merged_jobs,
	.threads = {
		{ "owner 0", signal_0 }, { "owner 1", signal_1 },
		{ "looks", go_through_and_put },
	},
	.check = put_jobs,
};

/* Another fence takes the place of the first link while the merge counts. */

static struct dma_fence *chain;

static void make_chain_of_jobs(void)
{
	struct dma_fence_chain *link = dma_fence_chain_alloc();

	make_jobs(2);
	dma_fence_chain_init(link,
			     dma_fence_get(libfence_to_dma_fence(fences[0])),
			     dma_fence_get(libfence_to_dma_fence(fences[1])),
			     1);
	chain = &link->base;
	merged = libfence_from_dma_fence(dma_fence_get(chain));
}

static void merge_chain(void)
{
	struct libfence *both = libfence_merge(&merged, 1);

	lfx_assert(both);
	libfence_put(&merged);
	lfx_assert(!libfence_wait(both, LIBFENCE_FOREVER));
	lfx_assert(libfence_is_signaled_racy(fences[0]) &&
		   libfence_is_signaled_racy(fences[1]));
	libfence_put(&both);
}

static void signal_both_and_put(void)
{
	signal_0();
	signal_1();
	dma_fence_put(chain);
}

LFX_SCENARIO(merge_chain_wait) = {
	.name = "merge-wait-chain",
	.what = "the signals of a chain's parts against a merge of the chain",
	.setup = make_chain_of_jobs,
	.threads = {
		{ "owner", signal_both_and_put }, { "merger", merge_chain },
	},
	.check = put_jobs,
};
