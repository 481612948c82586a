// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A fence against its model: a flag, an error, and callbacks that run once. */

#include "model.h"
#include "fences.h"

#include <linux/dma-fence.h>
#include <linux/slab.h>

#define CALLBACKS	2

static bool enable_signaling(struct dma_fence *fence)
{
	return true;
}

static const struct dma_fence_ops ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
	.enable_signaling = enable_signaling,
};

struct counted_cb {
	struct dma_fence_cb base;
	int calls;
};

static struct dma_fence *fence;
static struct counted_cb *cbs[CALLBACKS];
static ktime_t begin;

struct state {
	bool signaled, failed;
	/* It is in the list; it was called. */
	bool added[CALLBACKS], called[CALLBACKS];
};

static void make_fence(void)
{
	int i;

	begin = ktime_get();
	fence = new_fence_with("fence", &ops, NULL, 1, 1);
	for (i = 0; i < CALLBACKS; i++) {
		cbs[i] = kzalloc_obj(*cbs[i]);
		INIT_LIST_HEAD(&cbs[i]->base.node);
	}
}

static void free_fence(void)
{
	int i;

	dma_fence_signal(fence);
	dma_fence_put(fence);
	for (i = 0; i < CALLBACKS; i++)
		kfree(cbs[i]);
}

static void signal_state(struct state *s)
{
	int i;

	s->signaled = true;
	for (i = 0; i < CALLBACKS; i++) {
		s->called[i] |= s->added[i];
		s->added[i] = false;
	}
}

/* Was it signalled before? */
static int do_signal(int unused)
{
	return dma_fence_check_and_signal(fence);
}

static int model_signal(void *state, int unused)
{
	struct state *s = state;
	bool was = s->signaled;

	if (!was)
		signal_state(s);
	return was;
}

/* An error is set only before the signal, so both are done under the lock. */
static int do_fail(int unused)
{
	unsigned long flags;
	bool was;

	dma_fence_lock_irqsave(fence, flags);
	was = dma_fence_is_signaled_locked(fence);
	if (!was) {
		dma_fence_set_error(fence, -EIO);
		dma_fence_signal_locked(fence);
	}
	dma_fence_unlock_irqrestore(fence, flags);
	return was;
}

static int model_fail(void *state, int unused)
{
	struct state *s = state;
	bool was = s->signaled;

	if (!was) {
		s->failed = true;
		signal_state(s);
	}
	return was;
}

static int do_is_signaled(int unused)
{
	return dma_fence_is_signaled(fence);
}

static int model_is_signaled(void *state, int unused)
{
	struct state *s = state;

	return s->signaled;
}

static int do_status(int unused)
{
	return dma_fence_get_status(fence);
}

static int model_status(void *state, int unused)
{
	struct state *s = state;

	return s->failed ? -EIO : s->signaled;
}

static void count_call(struct dma_fence *f, struct dma_fence_cb *cb)
{
	container_of(cb, struct counted_cb, base)->calls++;
}

static int do_add(int cb)
{
	return dma_fence_add_callback(fence, &cbs[cb]->base, count_call);
}

static int model_add(void *state, int cb)
{
	struct state *s = state;

	if (s->signaled)
		return -ENOENT;
	s->added[cb] = true;
	return 0;
}

static int do_remove(int cb)
{
	return dma_fence_remove_callback(fence, &cbs[cb]->base);
}

static int model_remove(void *state, int cb)
{
	struct state *s = state;
	bool was = s->added[cb];

	s->added[cb] = false;
	return was;
}

/* Is it signalled: now (0), or in a while (1)? */
static int do_poll(int sleep)
{
	return dma_fence_wait_timeout(fence, false, sleep ? 5 : 0) > 0;
}

static int do_wait(int unused)
{
	return dma_fence_wait(fence, false);
}

static int model_wait(void *state, int unused)
{
	struct state *s = state;

	return s->signaled ? 0 : LFX_BLOCKS;
}

/* 1: it is signalled, and its time is right. */
static int do_time(int unused)
{
	ktime_t time;

	if (!dma_fence_is_signaled(fence))
		return 0;
	time = dma_fence_timestamp(fence);
	return time >= begin && time <= ktime_get() ? 1 : -1;
}

static int do_enable(int unused)
{
	dma_fence_enable_sw_signaling(fence);
	return 0;
}

static int model_enable(void *state, int unused)
{
	return 0;
}

/* The thread that has removed it may look at it. */
static int calls_of(int cb)
{
	return cbs[cb]->calls;
}

static int model_calls_of(void *state, int cb)
{
	struct state *s = state;

	return s->called[cb];
}

LFX_MODEL(fence_model) = {
	.name = "model-fence",
	.what = "a fence with callbacks, errors and waits",
	.setup = make_fence,
	.operations = {
		{ "signal", do_signal, model_signal },
		{ "fail", do_fail, model_fail },
		{ "is_signaled", do_is_signaled, model_is_signaled,
		  .reads = true },
		{ "status", do_status, model_status, .reads = true },
		{ "add", do_add, model_add, .args = CALLBACKS, .once = true },
		{ "remove", do_remove, model_remove, .args = CALLBACKS,
		  .after = "add" },
		{ "called", calls_of, model_calls_of, .args = CALLBACKS,
		  .reads = true, .after = "remove" },
		{ "time", do_time, model_is_signaled, .reads = true },
		{ "poll", do_poll, model_is_signaled, .args = 2, .reads = true },
		{ "wait", do_wait, model_wait, .reads = true,
		  .may_block = true },
		{ "enable", do_enable, model_enable, .reads = true },
	},
	.final = { "called", calls_of, model_calls_of, .args = CALLBACKS },
	.cleanup = free_fence,
	.state_size = sizeof(struct state),
};

/*
 * A fence whose op asks the hardware: from then on it counts as signalled. A thread that
 * has found it unsignalled may find no op to ask, since another thread has signalled it.
 */

static bool hardware;

static bool ask_hardware(struct dma_fence *unused)
{
	return READ_ONCE(hardware);
}

static const struct dma_fence_ops polled_ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
	.signaled = ask_hardware,
};

static void make_polled_fence(void)
{
	fence = new_fence_with("fence", &polled_ops, NULL, 1, 1);
}

static void put_polled_fence(void)
{
	dma_fence_signal(fence);
	dma_fence_put(fence);
}

/* No result: an earlier call that asked the op may have signalled the fence. */
static int do_signal_only(int unused)
{
	dma_fence_signal(fence);
	return 0;
}

static int do_finish(int unused)
{
	WRITE_ONCE(hardware, true);
	return 0;
}

static int model_finish(void *state, int unused)
{
	struct state *s = state;

	s->signaled = true;
	return 0;
}

LFX_MODEL(polled_fence_model) = {
	.name = "model-fence-polled",
	.what = "a fence whose op asks the hardware",
	.setup = make_polled_fence,
	.operations = {
		{ "finish", do_finish, model_finish },
		{ "signal", do_signal_only, model_finish },
		{ "is_signaled", do_is_signaled, model_is_signaled,
		  .reads = true },
		{ "status", do_status, model_status, .reads = true },
	},
	.cleanup = put_polled_fence,
	.state_size = sizeof(struct state),
	.first = "finish,is_signaled+is_signaled",
};
