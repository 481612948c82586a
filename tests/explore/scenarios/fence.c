// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A fence is signalled while other threads add callbacks, wait, look at its
 * state, and drop references. H1, ... are the hazards in the table of
 * tests/stress/README.md.
 */

#include "fences.h"

#include <linux/dma-fence.h>
#include <linux/slab.h>

static struct dma_fence *fence;

static void make_fence(void)
{
	fence = new_fence("fence", 1, 1);
}

/* Each of two threads has a reference. */
static void make_shared_fence(void)
{
	make_fence();
	dma_fence_get(fence);
}

static void signal_fence(void)
{
	dma_fence_signal(fence);
}

static void signal_and_put(void)
{
	dma_fence_signal(fence);
	dma_fence_put(fence);
}

static void put_fence(void)
{
	dma_fence_put(fence);
}

/*
 * H1, H4: a consumer adds a callback, removes it, and frees its memory at once.
 * The callback runs once, or it was removed, or the fence was signalled before.
 */

struct counted_cb {
	struct dma_fence_cb base;
	int *calls;
};

static struct consumer {
	int calls, expected;
} consumers[LFX_SCENARIO_THREADS + 1];

static void count_call(struct dma_fence *f, struct dma_fence_cb *cb)
{
	++*container_of(cb, struct counted_cb, base)->calls;
}

static void add_then_remove(struct counted_cb *cb)
{
	struct consumer *me = &consumers[lfx_self()];

	cb->calls = &me->calls;
	if (!dma_fence_add_callback(fence, &cb->base, count_call))
		me->expected = !dma_fence_remove_callback(fence, &cb->base);
	lfx_assert(me->calls == me->expected);
}

static void add_remove_free(void)
{
	struct counted_cb *cb = kmalloc_obj(*cb);

	add_then_remove(cb);
	kfree(cb);
}

static void check_calls(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(consumers); i++)
		lfx_assert(consumers[i].calls == consumers[i].expected);
	put_fence();
}

LFX_SCENARIO(signal_add_remove) = {
	.name = "signal-add-remove",
	.what = "a signal against add and remove of a callback, and kfree()",
	.setup = make_fence,
	.threads = {
		{ "signaller", signal_fence }, { "consumer", add_remove_free },
	},
	.check = check_calls,
};

LFX_SCENARIO(signal_add_remove_two) = {
	.name = "signal-add-remove-two",
	.what = "the same with two consumers",
	.setup = make_fence,
	.threads = {
		{ "signaller", signal_fence },
		{ "consumer 1", add_remove_free },
		{ "consumer 2", add_remove_free },
	},
	.check = check_calls,
};

/* H4: the callback is in a stack frame that ends when it was removed. */
static noinline void add_remove_on_stack(void)
{
	struct counted_cb cb;

	add_then_remove(&cb);
}

LFX_SCENARIO(signal_stack_callback) = {
	.name = "signal-stack-callback",
	.what = "a signal against a callback in a stack frame that ends",
	.setup = make_fence,
	.threads = {
		{ "signaller", signal_fence },
		{ "consumer", add_remove_on_stack },
	},
	.check = check_calls,
};

/* H5, H6, H7: the callback of a waiter is on its stack. */

static void wait_and_put(void)
{
	lfx_assert(!dma_fence_wait(fence, false));
	lfx_assert(dma_fence_is_signaled(fence));
	dma_fence_put(fence);
}

LFX_SCENARIO(signal_wait) = {
	.name = "signal-wait",
	.what = "a signal against a wait; both put the fence",
	.setup = make_shared_fence,
	.threads = {
		{ "signaller", signal_and_put },
		{ "waiter", wait_and_put },
	},
};

/* All of it at once: the callback of one thread stays until the signal. */

static struct counted_cb lasting;

static void add_lasting(void)
{
	struct consumer *me = &consumers[lfx_self()];

	lasting.calls = &me->calls;
	me->expected = !dma_fence_add_callback(fence, &lasting.base, count_call);
}

static void wait_for_fence(void)
{
	lfx_assert(!dma_fence_wait(fence, false));
	lfx_assert(dma_fence_is_signaled(fence));
}

LFX_SCENARIO(signal_four_threads) = {
	.name = "signal-four-threads",
	.what = "a signal, two callbacks of which one is removed, and a wait",
	.setup = make_fence,
	.threads = {
		{ "signaller", signal_fence },
		{ "adder", add_lasting },
		{ "remover", add_remove_free },
		{ "waiter", wait_for_fence },
	},
	.check = check_calls,
};

static void make_fence_of_three(void)
{
	make_shared_fence();
	dma_fence_get(fence);
}

LFX_SCENARIO(signal_two_waiters) = {
	.name = "signal-two-waiters",
	.what = "a signal against two waits; all put the fence",
	.setup = make_fence_of_three,
	.threads = {
		{ "signaller", signal_and_put },
		{ "waiter 1", wait_and_put },
		{ "waiter 2", wait_and_put },
	},
};

static void wait_a_while_and_put(void)
{
	long left = dma_fence_wait_timeout(fence, false, 5);

	lfx_assert(left >= 0 && left <= 5);
	if (left)
		lfx_assert(dma_fence_is_signaled(fence));
	dma_fence_put(fence);
}

LFX_SCENARIO(signal_wait_timeout) = {
	.name = "signal-wait-timeout",
	.what = "a signal against a wait whose time may be up",
	.setup = make_shared_fence,
	.threads = {
		{ "signaller", signal_and_put },
		{ "waiter", wait_a_while_and_put },
	},
};

/* Two threads signal: one of them is the first, and the waiter continues. */

static bool was_signalled[2];

static void signal_as_1(void)
{
	was_signalled[0] = dma_fence_check_and_signal(fence);
}

static void signal_as_2(void)
{
	was_signalled[1] = dma_fence_check_and_signal(fence);
}

static void only_wait(void)
{
	lfx_assert(!dma_fence_wait(fence, false));
}

static void check_first_signaller(void)
{
	lfx_assert(was_signalled[0] != was_signalled[1]);
	put_fence();
}

LFX_SCENARIO(two_signallers_wait) = {
	.name = "two-signallers-wait",
	.what = "two signals and a wait",
	.setup = make_fence,
	.threads = {
		{ "signaller 1", signal_as_1 },
		{ "signaller 2", signal_as_2 },
		{ "waiter", only_wait },
	},
	.check = check_first_signaller,
};

/* A wait for the first of two fences. */

static struct dma_fence *pair[2];

static void make_pair(void)
{
	pair[0] = new_fence("fence 0", 1, 1);
	pair[1] = new_fence("fence 1", 2, 1);
}

static void put_pair(void)
{
	dma_fence_put(pair[0]);
	dma_fence_put(pair[1]);
}

static void signal_0(void)
{
	dma_fence_signal(pair[0]);
}

static void signal_1(void)
{
	dma_fence_signal(pair[1]);
}

static void wait_for_any(void)
{
	u32 first = 9;
	long left;

	left = dma_fence_wait_any_timeout(pair, 2, false, MAX_SCHEDULE_TIMEOUT,
					  &first);
	lfx_assert(left > 0);
	lfx_assert(first < 2 && dma_fence_is_signaled(pair[first]));
}

LFX_SCENARIO(wait_any) = {
	.name = "wait-any",
	.what = "signals of two fences against a wait for any of them",
	.setup = make_pair,
	.threads = {
		{ "signaller 0", signal_0 },
		{ "signaller 1", signal_1 },
		{ "waiter", wait_for_any },
	},
	.check = put_pair,
};

static void wait_a_while_for_any(void)
{
	u32 first = 9;
	long left = dma_fence_wait_any_timeout(pair, 2, false, 5, &first);

	lfx_assert(left >= 0 && left <= 5);
	lfx_assert(first == (left ? 1 : 9));
	if (left)
		lfx_assert(dma_fence_is_signaled(pair[1]));
}

LFX_SCENARIO(wait_any_timeout) = {
	.name = "wait-any-timeout",
	.what = "a signal against a wait for any fence whose time may be up",
	.setup = make_pair,
	.threads = {
		{ "signaller", signal_1 }, { "waiter", wait_a_while_for_any },
	},
	.check = put_pair,
};

/* H2: after the flag, the timestamp is there, and not the list of callbacks. */

static ktime_t begin;

static void make_fence_at_begin(void)
{
	begin = ktime_get();
	make_fence();
}

static void read_timestamp(void)
{
	ktime_t time;

	if (!dma_fence_is_signaled(fence))
		return;
	time = dma_fence_timestamp(fence);
	lfx_assert(time >= begin && time <= ktime_get());
}

LFX_SCENARIO(signal_timestamp) = {
	.name = "signal-timestamp",
	.what = "a signal against is_signaled() and timestamp()",
	.setup = make_fence_at_begin,
	.threads = {
		{ "signaller", signal_fence }, { "reader", read_timestamp },
	},
	.check = put_fence,
};

/* H36: the error comes with the signal. */

static void signal_with_error(void)
{
	dma_fence_set_error(fence, -EIO);
	dma_fence_signal(fence);
}

static void read_status(void)
{
	int status = dma_fence_get_status(fence);

	lfx_assert(status == 0 || status == -EIO);
	if (dma_fence_is_signaled(fence))
		lfx_assert(fence->error == -EIO);
}

LFX_SCENARIO(signal_error) = {
	.name = "signal-error",
	.what = "an error and a signal against get_status()",
	.setup = make_fence,
	.threads = {
		{ "signaller", signal_with_error }, { "reader", read_status },
	},
	.check = put_fence,
};
