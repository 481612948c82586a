// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The enable_signaling op of a fence's driver: it is called once, with the lock
 * held, and may find that the work is done. H22 and H23 are the hazards in the
 * table of tests/stress/README.md.
 */

#include "explore.h"
#include "own-lock.h"

#include <linux/dma-fence.h>
#include <linux/slab.h>

static struct dma_fence *fence;
/* Changed by the op, with the lock held. */
static int enabled;
static int calls;

static const char *get_name(struct dma_fence *f)
{
	return "explore";
}

static void make_fence_with(const struct dma_fence_ops *ops)
{
	fence = kmalloc_obj(*fence);
	dma_fence_init(fence, ops, own_lock(), 1, 1);
	lfx_name(fence, "fence");
}

static void signal_fence(void)
{
	dma_fence_signal(fence);
}

static void count_call(struct dma_fence *f, struct dma_fence_cb *cb)
{
	calls++;
}

static void add_and_remove(void)
{
	struct dma_fence_cb cb;

	if (!dma_fence_add_callback(fence, &cb, count_call))
		dma_fence_remove_callback(fence, &cb);
}

/* Two consumers enable, and a signaller may come before them. */

static bool count_enable(struct dma_fence *f)
{
	enabled++;
	return true;
}

static const struct dma_fence_ops count_ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
	.enable_signaling = count_enable,
};

static void make_fence(void)
{
	make_fence_with(&count_ops);
}

static void check_enabled_once(void)
{
	lfx_assert(enabled <= 1);
	dma_fence_put(fence);
}

LFX_SCENARIO(enable_once) = {
	.name = "enable-once",
	.what = "two add_callback() against a signal: one calls the enable op",
	.setup = make_fence,
	.threads = {
		{ "consumer 1", add_and_remove },
		{ "consumer 2", add_and_remove },
		{ "signaller", signal_fence },
	},
	.check = check_enabled_once,
};

/* H22: the enable op says that the work is done, or signals itself. */

static bool enable_says_done(struct dma_fence *f)
{
	enabled++;
	dma_fence_set_error(f, -EIO);
	return false;
}

static bool enable_signals(struct dma_fence *f)
{
	enable_says_done(f);
	dma_fence_signal_locked(f);
	return false;
}

static const struct dma_fence_ops done_ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
	.enable_signaling = enable_says_done,
};

static const struct dma_fence_ops signal_ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
	.enable_signaling = enable_signals,
};

static void make_done_on_enable(void)
{
	make_fence_with(&done_ops);
}

static void make_signalled_on_enable(void)
{
	make_fence_with(&signal_ops);
}

static void add_to_done(void)
{
	struct dma_fence_cb cb;

	lfx_assert(dma_fence_add_callback(fence, &cb, count_call) == -ENOENT);
	lfx_assert(dma_fence_get_status(fence) == -EIO);
}

static void wait_for_done(void)
{
	lfx_assert(!dma_fence_wait(fence, false));
	lfx_assert(dma_fence_get_status(fence) == -EIO);
}

static void check_done(void)
{
	lfx_assert(enabled == 1 && !calls);
	dma_fence_put(fence);
}

LFX_SCENARIO(enable_says_false) = {
	.name = "enable-says-false",
	.what = "add_callback() and wait(); the op says that work is done",
	.setup = make_done_on_enable,
	.threads = { { "consumer", add_to_done }, { "waiter", wait_for_done } },
	.check = check_done,
};

LFX_SCENARIO(enable_signals_itself) = {
	.name = "enable-signals-itself",
	.what = "the same; the enable op also signals",
	.setup = make_signalled_on_enable,
	.threads = { { "consumer", add_to_done }, { "waiter", wait_for_done } },
	.check = check_done,
};

/*
 * H23: the enable op takes a reference for the interrupt. The interrupt may
 * come at once: it waits for the lock, signals, and drops that reference.
 */

static bool arm(struct dma_fence *f)
{
	dma_fence_get(f);
	enabled = 1;
	return true;
}

static const struct dma_fence_ops arm_ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
	.enable_signaling = arm,
};

static void make_fence_with_interrupt(void)
{
	make_fence_with(&arm_ops);
}

static void interrupt(void)
{
	unsigned long flags;
	bool armed;

	dma_fence_lock_irqsave(fence, flags);
	armed = enabled == 1;
	if (armed) {
		enabled = 2;
		dma_fence_signal_locked(fence);
	}
	dma_fence_unlock_irqrestore(fence, flags);
	if (armed)
		dma_fence_put(fence);
}

static void finish_interrupt(void)
{
	interrupt();
	lfx_assert(enabled == 2 && dma_fence_is_signaled(fence));
	dma_fence_put(fence);
}

LFX_SCENARIO(enable_interrupt) = {
	.name = "enable-interrupt",
	.what = "add_callback() and remove_callback() against the interrupt",
	.setup = make_fence_with_interrupt,
	.threads = {
		{ "consumer", add_and_remove }, { "interrupt", interrupt },
	},
	.check = finish_interrupt,
};
