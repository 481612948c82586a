// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Software timelines: fences are made, dropped and waited for while threads
 * increment the value. S1, S2 and H33 are the races in the tables of
 * tests/stress/README.md.
 */

#include "explore.h"

#include <libfence/dma-fence.h>
#include <libfence/timeline.h>
#include <linux/slab.h>

static struct libfence_timeline *timeline;
static struct libfence *fences[2];
static struct dma_fence_cb cbs[2];
/* The order of the callbacks, which are never called at the same time. */
static int calls, first_call = -1;

static void make_timeline(void)
{
	timeline = libfence_timeline_create("timeline");
	lfx_name(timeline, "timeline");
}

static void note_call(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	if (!calls++)
		first_call = cb - cbs;
}

static void add_fence(int i)
{
	fences[i] = libfence_timeline_fence(timeline, i + 1);
	dma_fence_add_callback(libfence_to_dma_fence(fences[i]), &cbs[i],
			       note_call);
	lfx_name(fences[i], i ? "fence 2" : "fence 1");
}

static void make_fence(void)
{
	make_timeline();
	add_fence(0);
}

static void make_two_fences(void)
{
	make_fence();
	add_fence(1);
}

static void increment(void)
{
	libfence_timeline_inc(timeline, 1);
}

static void destroy_timeline(void)
{
	libfence_put(&fences[0]);
	libfence_put(&fences[1]);
	libfence_timeline_destroy(&timeline);
}

/* S1: the value reaches a fence while the fence is made. */

static void make_and_wait(void)
{
	struct libfence *fence = libfence_timeline_fence(timeline, 1);

	lfx_assert(!libfence_wait(fence, LIBFENCE_FOREVER));
	lfx_assert(libfence_status(fence) == 1);
	libfence_put(&fence);
}

LFX_SCENARIO(timeline_make_wait) = {
	.name = "timeline-make-wait",
	.what = "inc() against making a fence and waiting for it",
	.setup = make_timeline,
	.threads = { { "owner", increment }, { "consumer", make_and_wait } },
	.check = destroy_timeline,
};

/* S2: two threads increment. Fences are signalled in their order. */

static void increment_and_poll(void)
{
	increment();
	lfx_assert(libfence_timeline_value(timeline) >= 1);
	lfx_assert(libfence_is_signaled(fences[0]));
}

static void check_order(void)
{
	lfx_assert(calls == 2 && first_call == 0);
	lfx_assert(libfence_is_signaled(fences[1]));
	destroy_timeline();
}

LFX_SCENARIO(timeline_two_increments) = {
	.name = "timeline-two-increments",
	.what = "two inc() that reach a fence each",
	.setup = make_two_fences,
	.threads = {
		{ "owner 1", increment_and_poll },
		{ "owner 2", increment_and_poll },
	},
	.check = check_order,
};

/* A fence leaves the timeline when its last reference is dropped. */

static void make_unwatched_fence(void)
{
	make_timeline();
	fences[0] = libfence_timeline_fence(timeline, 1);
	lfx_name(fences[0], "fence 1");
}

static void put_fence(void)
{
	libfence_put(&fences[0]);
}

LFX_SCENARIO(timeline_put) = {
	.name = "timeline-put",
	.what = "the last put of a fence against inc()",
	.setup = make_unwatched_fence,
	.threads = { { "owner", increment }, { "consumer", put_fence } },
	.check = destroy_timeline,
};

/*
 * H33: a fence is made for the value of a fence whose last reference is being
 * dropped. It is signalled when the value is reached.
 */

static void make_same_value(void)
{
	fences[1] = libfence_timeline_fence(timeline, 1);
	lfx_assert(!libfence_is_signaled(fences[1]));
}

static void check_reached(void)
{
	increment();
	lfx_assert(libfence_status(fences[1]) == 1);
	destroy_timeline();
}

LFX_SCENARIO(timeline_put_make) = {
	.name = "timeline-put-make",
	.what = "the last put of a fence against a fence for the same value",
	.setup = make_unwatched_fence,
	.threads = {
		{ "consumer 1", put_fence }, { "consumer 2", make_same_value },
	},
	.check = check_reached,
};

static void make_same_value_any(void)
{
	fences[1] = libfence_timeline_fence(timeline, 1);
}

LFX_SCENARIO(timeline_put_make_increment) = {
	.name = "timeline-put-make-increment",
	.what = "the same against inc()",
	.setup = make_unwatched_fence,
	.threads = {
		{ "consumer 1", put_fence },
		{ "consumer 2", make_same_value_any },
		{ "owner", increment },
	},
	.check = check_reached,
};

/* Fences that are not reached are signalled by the end of the timeline. */

static void end_timeline(void)
{
	libfence_timeline_destroy(&timeline);
}

static void wait_for_end(void)
{
	lfx_assert(!libfence_wait(fences[0], LIBFENCE_FOREVER));
	lfx_assert(libfence_status(fences[0]) == -ENOENT);
	put_fence();
}

LFX_SCENARIO(timeline_destroy_wait) = {
	.name = "timeline-destroy-wait",
	.what = "the end of a timeline against a wait and the last put",
	.setup = make_unwatched_fence,
	.threads = { { "owner", end_timeline }, { "waiter", wait_for_end } },
};
