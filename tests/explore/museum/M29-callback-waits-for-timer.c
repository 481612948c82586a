// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A timer signals a fence, and a callback of the fence stops the timer. */
#include "museum.h"

#include <linux/jiffies.h>
#include <linux/timer.h>

static struct dma_fence *fence;
static struct dma_fence_cb cb;
static struct timer_list timer;

static void time_is_up(struct timer_list *t)
{
	dma_fence_signal(fence);
}

static void stop_timer(struct dma_fence *f, struct dma_fence_cb *unused)
{
	timer_delete_sync(&timer);
}

static void try_to_stop_timer(struct dma_fence *f, struct dma_fence_cb *unused)
{
	timer_delete(&timer);
}

static void make(dma_fence_func_t func)
{
	fence = museum_fence("fence", 1, 1);
	timer_setup(&timer, time_is_up, 0);
	dma_fence_add_callback(fence, &cb, func);
}

static void make_sync(void)
{
	make(stop_timer);
}

static void make_async(void)
{
	make(try_to_stop_timer);
}

static void start_timer_and_signal(void)
{
	mod_timer(&timer, jiffies + 1);
	dma_fence_signal(fence);
}

static void put_fence(void)
{
	timer_delete_sync(&timer);
	dma_fence_put(fence);
}

LFX_SCENARIO(waits) = {
	.name = "m29-sync",
	.what = "a timer that signals; the callback waits for its function",
	.setup = make_sync,
	.threads = { { "signaller", start_timer_and_signal } },
	.check = put_fence,
};

LFX_SCENARIO(does_not_wait) = {
	.name = "m29-async",
	.what = "a timer that signals; the callback stops it without a wait",
	.setup = make_async,
	.threads = { { "signaller", start_timer_and_signal } },
	.check = put_fence,
};
