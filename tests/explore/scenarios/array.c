// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Arrays: the fences in them, here called parts, are signalled while the array
 * is enabled, waited for, polled and released. H18, ... are the hazards in the
 * table of tests/stress/README.md.
 */

#include "fences.h"

#include <linux/dma-fence-array.h>
#include <linux/dma-fence.h>
#include <linux/slab.h>

static struct dma_fence *parts[2], *array;
static struct dma_fence_cb cb;
static int calls;

static void make_parts(spinlock_t *lock)
{
	int i;

	for (i = 0; i < 2; i++)
		parts[i] = new_fence_with(i ? "part 1" : "part 0", &plain_ops,
					  lock, 10 + i, 1);
}

static void make_array_with(spinlock_t *lock)
{
	struct dma_fence **table = kmalloc_objs(*table, 2);
	int i;

	make_parts(lock);
	for (i = 0; i < 2; i++)
		table[i] = dma_fence_get(parts[i]);
	array = &dma_fence_array_create(2, table, 1, 1)->base;
	lfx_name(array, "array");
}

static void make_array(void)
{
	make_array_with(NULL);
}

static void signal_0(void)
{
	dma_fence_signal(parts[0]);
}

static void signal_1(void)
{
	dma_fence_signal(parts[1]);
}

static void fail_1(void)
{
	dma_fence_set_error(parts[1], -EIO);
	dma_fence_signal(parts[1]);
}

static void put_parts(void)
{
	dma_fence_put(parts[0]);
	dma_fence_put(parts[1]);
}

static void check_array(void)
{
	lfx_assert(dma_fence_is_signaled(array));
	dma_fence_put(array);
	put_parts();
}

/* H19, H20: the last part signals the array, with the error of the other. */

static void wait_for_error(void)
{
	lfx_assert(!dma_fence_wait(array, false));
	lfx_assert(dma_fence_get_status(array) == -EIO);
}

LFX_SCENARIO(array_wait) = {
	.name = "array-wait",
	.what = "signals of two parts, one with an error, against a wait",
	.setup = make_array,
	.threads = {
		{ "part 0", signal_0 },
		{ "part 1", fail_1 },
		{ "waiter", wait_for_error },
	},
	.check = check_array,
};

static void see_error(struct dma_fence *fence, struct dma_fence_cb *c)
{
	lfx_assert(fence->error == -EIO);
	calls++;
}

static void make_enabled_array(void)
{
	make_array();
	dma_fence_add_callback(array, &cb, see_error);
}

static void check_called_array(void)
{
	lfx_assert(calls == 1);
	check_array();
}

LFX_SCENARIO(array_error) = {
	.name = "array-error",
	.what = "signals of two parts, one with an error, and a callback",
	.setup = make_enabled_array,
	.threads = { { "part 0", signal_0 }, { "part 1", fail_1 } },
	.check = check_called_array,
};

/* H19: parts are signalled while the array adds its callbacks to them. */

static void count_call(struct dma_fence *fence, struct dma_fence_cb *c)
{
	calls++;
}

static void add_callback(void)
{
	if (dma_fence_add_callback(array, &cb, count_call))
		calls++;
}

LFX_SCENARIO(array_enable) = {
	.name = "array-enable",
	.what = "signals of two parts against add_callback() on the array",
	.setup = make_array,
	.threads = {
		{ "part 0", signal_0 },
		{ "part 1", signal_1 },
		{ "consumer", add_callback },
	},
	.check = check_called_array,
};

static void make_half_signalled_array(void)
{
	make_array();
	signal_0();
}

static void enable(void)
{
	dma_fence_enable_signaling(array);
}

LFX_SCENARIO(array_enable_half) = {
	.name = "array-enable-half",
	.what = "the same; one part is signalled already, two threads enable",
	.setup = make_half_signalled_array,
	.threads = {
		{ "part 1", signal_1 },
		{ "consumer", add_callback },
		{ "enabler", enable },
	},
	.check = check_called_array,
};

/* H18: a part that has called back is not counted twice by a poll. */

static void poll_pending(void)
{
	lfx_assert(!dma_fence_is_signaled(array));
}

static void signal_the_rest(void)
{
	signal_0();
	signal_1();
	check_array();
}

LFX_SCENARIO(array_poll_enable) = {
	.name = "array-poll-enable",
	.what = "a signal of one of two parts against enabling and a poll",
	.setup = make_array,
	.threads = {
		{ "part 0", signal_0 },
		{ "poller", poll_pending },
		{ "enabler", enable },
	},
	.check = signal_the_rest,
};

LFX_SCENARIO(array_poll_enable_half) = {
	.name = "array-poll-enable-half",
	.what = "one part of two is signalled; enabling against is_signaled()",
	.setup = make_half_signalled_array,
	.threads = { { "poller", poll_pending }, { "enabler", enable } },
	.check = signal_the_rest,
};

/* H24: two polls may find that the array is done. It is signalled once. */

static void poll_both(void)
{
	bool both = dma_fence_is_signaled(parts[0]) &&
		    dma_fence_is_signaled(parts[1]);

	if (both)
		lfx_assert(dma_fence_is_signaled(array));
	else if (dma_fence_is_signaled(array))
		lfx_assert(dma_fence_is_signaled(parts[0]) &&
			   dma_fence_is_signaled(parts[1]));
}

LFX_SCENARIO(array_two_pollers) = {
	.name = "array-two-pollers",
	.what = "a signal of the last part against two is_signaled()",
	.setup = make_half_signalled_array,
	.threads = {
		{ "part 1", signal_1 },
		{ "poller 1", poll_both },
		{ "poller 2", poll_both },
	},
	.check = check_array,
};

/* The callbacks on the parts keep the array until the last one has run. */

static void make_watched_array(void)
{
	make_array();
	dma_fence_enable_signaling(array);
}

static void put_array(void)
{
	dma_fence_put(array);
}

LFX_SCENARIO(array_release) = {
	.name = "array-release",
	.what = "the last put of an array against signals of its parts",
	.setup = make_watched_array,
	.threads = {
		{ "part 0", signal_0 },
		{ "part 1", signal_1 },
		{ "owner", put_array },
	},
	.check = put_parts,
};

static void enable_and_put(void)
{
	enable();
	put_array();
}

LFX_SCENARIO(array_enable_release) = {
	.name = "array-enable-release",
	.what = "enabling and the last put against signals of the parts",
	.setup = make_array,
	.threads = {
		{ "part 0", signal_0 },
		{ "part 1", signal_1 },
		{ "owner", enable_and_put },
	},
	.check = put_parts,
};

/* H21: the parts share a lock, which a callback of the array takes. */

static DEFINE_SPINLOCK(shared_lock);

static void take_shared_lock(struct dma_fence *fence, struct dma_fence_cb *c)
{
	unsigned long flags;

	spin_lock_irqsave(&shared_lock, flags);
	calls++;
	spin_unlock_irqrestore(&shared_lock, flags);
}

static void make_array_with_one_lock(void)
{
	make_array_with(&shared_lock);
	dma_fence_add_callback(array, &cb, take_shared_lock);
}

LFX_SCENARIO(array_one_lock) = {
	.name = "array-one-lock",
	.what = "signals of two parts with one lock, which the callback takes",
	.setup = make_array_with_one_lock,
	.threads = { { "part 0", signal_0 }, { "part 1", signal_1 } },
	.check = check_called_array,
};
