// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Locks of reservation objects: threads lock two objects in opposite orders.
 * One of them is told to back off, and begins again. None of them hangs.
 */

#include "explore.h"

#include <linux/dma-resv.h>

static struct dma_resv objs[2];
/* Plain accesses, with the lock of the object held. */
static int changes[2];
static int expected;

static void make_objects(void)
{
	dma_resv_init(&objs[0]);
	dma_resv_init(&objs[1]);
	lfx_name(&objs[0], "object 0");
	lfx_name(&objs[1], "object 1");
}

static void check_changes(void)
{
	lfx_assert(changes[0] == expected && changes[1] == expected);
	dma_resv_fini(&objs[0]);
	dma_resv_fini(&objs[1]);
}

static void make_objects_for_two(void)
{
	make_objects();
	expected = 2;
}

static void make_objects_for_three(void)
{
	make_objects();
	expected = 3;
}

static void change_both_in_order(int first)
{
	struct ww_acquire_ctx ctx;
	int next = !first, held = first, err;

	ww_acquire_init(&ctx, &reservation_ww_class);
	err = dma_resv_lock(&objs[held], &ctx);
	lfx_assert(!err);
	/* Back off: wait for the other one without holding any. */
	while ((err = dma_resv_lock(&objs[next], &ctx))) {
		lfx_assert(err == -EDEADLK);
		dma_resv_unlock(&objs[held]);
		dma_resv_lock_slow(&objs[next], &ctx);
		held = next;
		next = !held;
	}
	ww_acquire_done(&ctx);
	changes[0]++;
	changes[1]++;
	dma_resv_unlock(&objs[0]);
	dma_resv_unlock(&objs[1]);
	ww_acquire_fini(&ctx);
}

static void change_0_1(void)
{
	change_both_in_order(0);
}

static void change_1_0(void)
{
	change_both_in_order(1);
}

/* The same, but a thread that is told to back off gives up. */
static void try_both_in_order(int first)
{
	struct ww_acquire_ctx ctx;
	int err;

	ww_acquire_init(&ctx, &reservation_ww_class);
	err = dma_resv_lock(&objs[first], &ctx);
	lfx_assert(!err);
	err = dma_resv_lock(&objs[!first], &ctx);
	lfx_assert(!err || err == -EDEADLK);
	if (!err) {
		changes[0]++;
		changes[1]++;
	}
	dma_resv_unlock(&objs[first]);
	if (!err)
		dma_resv_unlock(&objs[!first]);
	ww_acquire_fini(&ctx);
}

static void try_0_1(void)
{
	try_both_in_order(0);
}

static void try_1_0(void)
{
	try_both_in_order(1);
}

/* One of the two at least: the older one. */
static void check_tries(void)
{
	lfx_assert(changes[0] && changes[0] == changes[1]);
	dma_resv_fini(&objs[0]);
	dma_resv_fini(&objs[1]);
}

static void change_0_with(struct ww_acquire_ctx *ctx)
{
	lfx_assert(!dma_resv_lock(&objs[0], ctx));
	changes[0]++;
	changes[1]++;
	dma_resv_unlock(&objs[0]);
}

static void change_0(void)
{
	struct ww_acquire_ctx ctx;

	ww_acquire_init(&ctx, &reservation_ww_class);
	change_0_with(&ctx);
	ww_acquire_fini(&ctx);
}

static void change_0_without(void)
{
	change_0_with(NULL);
}

/* One at a time, without an acquire context. */
static void change_each(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		lfx_assert(!dma_resv_lock(&objs[i], NULL));
		changes[i]++;
		dma_resv_unlock(&objs[i]);
	}
}

LFX_SCENARIO(ww_two) = {
	.name = "ww-two",
	.what = "two threads lock two objects in opposite orders",
	.setup = make_objects_for_two,
	.threads = { { "0, 1", change_0_1 }, { "1, 0", change_1_0 } },
	.check = check_changes,
};

LFX_SCENARIO(ww_give_up) = {
	.name = "ww-give-up",
	.what = "the same, and the thread that has to back off gives up",
	.setup = make_objects,
	.threads = { { "0, 1", try_0_1 }, { "1, 0", try_1_0 } },
	.check = check_tries,
};

/* Three threads wait for one object, with and without a context. */

LFX_SCENARIO(ww_three) = {
	.name = "ww-three",
	.what = "three threads lock one object",
	.setup = make_objects_for_three,
	.threads = {
		{ "one", change_0 }, { "two", change_0 }, { "three", change_0 },
	},
	.check = check_changes,
};

LFX_SCENARIO(ww_no_context) = {
	.name = "ww-no-context",
	.what = "the same, and one of them has no context",
	.setup = make_objects_for_three,
	.threads = {
		{ "one", change_0 }, { "two", change_0 },
		{ "no context", change_0_without },
	},
	.check = check_changes,
};

/* There are too many interleavings of three threads and two objects. */

LFX_SCENARIO(ww_three_two) = {
	.name = "ww-three-two",
	.what = "three threads lock two objects, one in the opposite order",
	.setup = make_objects_for_three,
	.threads = {
		{ "0, 1", change_0_1 },
		{ "1, 0", change_1_0 },
		{ "0, 1 again", change_0_1 },
	},
	.check = check_changes,
};

LFX_SCENARIO(ww_no_context_two) = {
	.name = "ww-no-context-two",
	.what = "the same; the third thread locks one at a time",
	.setup = make_objects_for_three,
	.threads = {
		{ "0, 1", change_0_1 },
		{ "1, 0", change_1_0 },
		{ "one at a time", change_each },
	},
	.check = check_changes,
};

/* trylock() does not wait, and takes no lock that is held. */

static void try_and_change(void)
{
	if (!dma_resv_trylock(&objs[0]))
		return;
	changes[0]++;
	changes[0]--;
	dma_resv_unlock(&objs[0]);
}

LFX_SCENARIO(ww_trylock) = {
	.name = "ww-trylock",
	.what = "trylock() against two threads of which one may give up",
	.setup = make_objects,
	.threads = {
		{ "0, 1", try_0_1 },
		{ "1, 0", try_1_0 },
		{ "tries", try_and_change },
	},
	.check = check_tries,
};

LFX_SCENARIO(ww_trylock_two) = {
	.name = "ww-trylock-two",
	.what = "trylock() against two threads that lock two objects",
	.setup = make_objects_for_two,
	.threads = {
		{ "0, 1", change_0_1 },
		{ "1, 0", change_1_0 },
		{ "tries", try_and_change },
	},
	.check = check_changes,
};
