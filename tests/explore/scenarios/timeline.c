// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Software timelines: counting up, and making and dropping fences meanwhile. */

#include "explore.h"

#include <libfence/dma-fence.h>
#include <libfence/libfence.h>
#include <libfence/timeline.h>

static struct libfence_timeline *timeline;
/* Also while libfence_timeline_destroy() runs, which clears @timeline. */
static struct libfence_timeline *timeline_in_use;
static struct libfence *dropped, *made, *fences[2];
static struct libfence_callback callbacks[2];
static int called;

static void make_timeline(void)
{
	timeline = libfence_timeline_create("line");
	lfx_name(timeline, "timeline");
}

static void make_one(void)
{
	make_timeline();
	dropped = libfence_timeline_fence(timeline, 1);
}

static void count_up(void)
{
	libfence_timeline_inc(timeline, 1);
}

static void drop_it(void)
{
	libfence_put(&dropped);
}

static void end_made(void)
{
	if (made)
		lfx_assert(libfence_is_signaled(made));
	libfence_put(&made);
	libfence_timeline_destroy(&timeline);
}

/* S1: the value is reached while the fence is made. */

static void make_it(void)
{
	made = libfence_timeline_fence(timeline, 1);
}

static void end_made_by_flag(void)
{
	/* An op is not asked. */
	lfx_assert(dma_fence_test_signaled_flag(libfence_to_dma_fence(made)));
	end_made();
}

LFX_SCENARIO(timeline_make_inc) = {
	.name = "timeline-make-inc",
	.what = "a fence is made while its value is reached",
	.setup = make_timeline,
	.threads = { { "maker", make_it }, { "counter", count_up } },
	.check = end_made_by_flag,
};

/* S2: two threads count up, and the fences are signalled in order. */

static void first_callback(const struct libfence *fence, void *unused)
{
	WRITE_ONCE(called, 1);
	WRITE_ONCE(called, 2);
}

static void second_callback(const struct libfence *fence, void *unused)
{
	lfx_assert(READ_ONCE(called) == 2);
	WRITE_ONCE(called, 3);
}

static void make_two(void)
{
	int i;

	make_timeline();
	for (i = 0; i < 2; i++) {
		fences[i] = libfence_timeline_fence(timeline, 1 + i);
		libfence_callback_init(&callbacks[i], i ? second_callback :
							  first_callback, NULL);
		lfx_assert(!libfence_callback_register(fences[i],
						       &callbacks[i]));
	}
}

static void end_two(void)
{
	int i;

	lfx_assert(called == 3);
	for (i = 0; i < 2; i++) {
		libfence_callback_unregister(&callbacks[i]);
		libfence_put(&fences[i]);
	}
	libfence_timeline_destroy(&timeline);
}

LFX_SCENARIO(timeline_two_incs) = {
	.name = "timeline-two-incs",
	.what = "two threads count up; one fence for each value",
	.setup = make_two,
	.threads = { { "counter 1", count_up }, { "counter 2", count_up } },
	.check = end_two,
};

/* H33: a fence without references is neither found nor signalled. */

static void make_and_count_up(void)
{
	make_it();
	count_up();
	lfx_assert(libfence_is_signaled(made));
}

LFX_SCENARIO(timeline_drop_make) = {
	.name = "timeline-drop-make",
	.what = "the last put of a fence against another fence of its value",
	.setup = make_one,
	.threads = { { "owner", drop_it }, { "maker", make_and_count_up } },
	.check = end_made,
};

LFX_SCENARIO(timeline_drop_inc) = {
	.name = "timeline-drop-inc",
	.what = "the last put of a fence against its value",
	.setup = make_one,
	.threads = { { "owner", drop_it }, { "counter", count_up } },
	.check = end_made,
};

/* The owner destroys the timeline, and fences live longer. */

static void destroy_timeline(void)
{
	libfence_timeline_destroy(&timeline);
}

static void wait_for_it(void)
{
	lfx_assert(!libfence_wait(dropped, LIBFENCE_FOREVER));
	lfx_assert(libfence_status(dropped) == -ENOENT);
	drop_it();
}

LFX_SCENARIO(timeline_destroy_wait) = {
	.name = "timeline-destroy-wait",
	.what = "the end of a timeline against a wait and the last put",
	.setup = make_one,
	.threads = { { "owner", destroy_timeline }, { "waiter", wait_for_it } },
};

/* A callback puts the last references to its fence and to the timeline. */

static struct dma_fence_cb raw_callback;

static void put_all_in_callback(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	libfence_timeline_destroy(&timeline);
	drop_it();
}

/* The callback has no reference to the fence. */
static void make_one_with_callback(void)
{
	make_one();
	lfx_assert(!dma_fence_add_callback(libfence_to_dma_fence(dropped),
					   &raw_callback, put_all_in_callback));
}

static void check_ended(void)
{
	lfx_assert(!timeline && !dropped);
}

LFX_SCENARIO(timeline_destroy_callback) = {
	.name = "timeline-destroy-callback",
	.what = "a callback destroys the timeline that signals its fence",
	.setup = make_one_with_callback,
	.threads = { { "counter", count_up } },
	.check = check_ended,
};

/* A fence that a callback makes while its timeline ends is signalled, too. */

static void make_in_callback(const struct libfence *fence, void *unused)
{
	made = libfence_timeline_fence(timeline_in_use, 2);
}

static void make_one_that_makes(void)
{
	make_one();
	timeline_in_use = timeline;
	libfence_callback_init(&callbacks[0], make_in_callback, NULL);
	lfx_assert(!libfence_callback_register(dropped, &callbacks[0]));
}

static void check_both_ended(void)
{
	lfx_assert(made && libfence_status(made) == -ENOENT);
	lfx_assert(libfence_status(dropped) == -ENOENT);
	libfence_callback_unregister(&callbacks[0]);
	libfence_put(&made);
	drop_it();
}

LFX_SCENARIO(timeline_destroy_make) = {
	.name = "timeline-destroy-make",
	.what = "the end of a timeline, and a callback that makes a fence of it",
	.setup = make_one_that_makes,
	.threads = { { "owner", destroy_timeline } },
	.check = check_both_ended,
};
