// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The ops of a fence's driver: consumers call them while the driver signals the
 * fence, waits for a grace period, and frees the data of the ops. H8, ... are
 * the hazards in the table of tests/stress/README.md.
 */

#include "explore.h"
#include "own-lock.h"

#include <linux/dma-fence.h>
#include <linux/slab.h>

/* The data of the ops, in memory that the driver frees. */
struct driver {
	char name[8];
	bool done;
	ktime_t deadline;
	int enabled;
};

static struct driver *driver;
static struct dma_fence *fence;
static int calls;

static const char *get_name(struct dma_fence *f)
{
	lfx_assert(driver->name[0] == 'd');
	return driver->name;
}

static bool is_done(struct dma_fence *f)
{
	return READ_ONCE(driver->done);
}

#if CORE_HAS(dma_fence_set_deadline)
static void take_deadline(struct dma_fence *f, ktime_t deadline)
{
	WRITE_ONCE(driver->deadline, deadline);
}
#endif

/* Plain accesses: the op is called with the lock held. */
static bool enable(struct dma_fence *f)
{
	driver->enabled++;
	return true;
}

static const struct dma_fence_ops driver_ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
	.enable_signaling = enable,
	.signaled = is_done,
#if CORE_HAS(dma_fence_set_deadline)
	.set_deadline = take_deadline,
#endif
};

static void make_fence_with(const struct dma_fence_ops *ops)
{
	driver = kzalloc_obj(*driver);
	driver->name[0] = 'd';
	fence = kmalloc_obj(*fence);
	dma_fence_init(fence, ops, own_lock(), 1, 1);
	lfx_name(driver, "driver");
	lfx_name(fence, "fence");
}

static void make_fence(void)
{
	make_fence_with(&driver_ops);
}

static void signal_and_free(void)
{
	dma_fence_signal(fence);
	synchronize_rcu();
	kfree(driver);
}

static void put_fence(void)
{
	dma_fence_put(fence);
}

static void put_and_free(void)
{
	dma_fence_put(fence);
	kfree(driver);
}

/* H8, H9: the driver frees its data a grace period after the signal. */

static void read_names(void)
{
	const char *name;

	rcu_read_lock();
	name = dma_fence_driver_name(fence);
	lfx_assert(name[0] == 'd');
	name = dma_fence_timeline_name(fence);
	lfx_assert(name[0] == 'd' || name[0] == 's');
	rcu_read_unlock();
}

LFX_SCENARIO(driver_gone_names) = {
	.name = "driver-gone-names",
	.what = "the names against signal, synchronize_rcu() and kfree()",
	.setup = make_fence,
	.threads = { { "driver", signal_and_free }, { "reader", read_names } },
	.check = put_fence,
};

/* Signalling does not clear ops that have a release op. */
static const struct dma_fence_ops release_ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
	.signaled = is_done,
	.release = dma_fence_free,
};

static void make_fence_with_release(void)
{
	make_fence_with(&release_ops);
}

LFX_SCENARIO(driver_gone_names_release) = {
	.name = "driver-gone-names-release",
	.what = "the same for ops that signalling does not clear",
	.setup = make_fence_with_release,
	.threads = { { "driver", signal_and_free }, { "reader", read_names } },
	.check = put_fence,
};

static void poll(void)
{
	dma_fence_is_signaled(fence);
}

LFX_SCENARIO(driver_gone_poll) = {
	.name = "driver-gone-poll",
	.what = "is_signaled() against signal, synchronize_rcu() and kfree()",
	.setup = make_fence,
	.threads = { { "driver", signal_and_free }, { "poller", poll } },
	.check = put_fence,
};

/*
 * is_signaled() looks at the flag before its section begins, in Linux 7.3, too. So
 * what such ops use has to live until the release op.
 */
LFX_SCENARIO(driver_gone_poll_release) = {
	.name = "driver-gone-poll-release",
	.what = "the same for ops that signalling does not clear: too early",
	.setup = make_fence_with_release,
	.threads = { { "driver", signal_and_free }, { "poller", poll } },
	.check = put_fence,
	.fails = "use after free",
};

#if CORE_HAS(dma_fence_set_deadline)
static void set_deadline(void)
{
	dma_fence_set_deadline(fence, 5);
}

LFX_SCENARIO(driver_gone_deadline) = {
	.name = "driver-gone-deadline",
	.what = "set_deadline() against signal, synchronize_rcu() and kfree()",
	.setup = make_fence,
	.threads = {
		{ "driver", signal_and_free },
		{ "consumer 1", set_deadline },
		{ "consumer 2", set_deadline },
	},
	.check = put_fence,
};
#endif

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

LFX_SCENARIO(driver_gone_add) = {
	.name = "driver-gone-add",
	.what = "add_callback() against signal, synchronize_rcu() and kfree()",
	.setup = make_fence,
	.threads = {
		{ "driver", signal_and_free }, { "consumer", add_and_remove },
	},
	.check = put_fence,
};

/*
 * A driver that does not wait for a grace period (a race of several drivers in
 * Linux until 2026). Only the enable op is called with the lock held.
 */

static void signal_and_free_early(void)
{
	dma_fence_signal(fence);
	kfree(driver);
}

LFX_SCENARIO(driver_gone_early_name) = {
	.name = "driver-gone-early-names",
	.what = "the names under RCU against signal and kfree()",
	.setup = make_fence,
	.threads = {
		{ "driver", signal_and_free_early }, { "reader", read_names },
	},
	.check = put_fence,
	.fails = "use after free",
};

LFX_SCENARIO(driver_gone_early_poll) = {
	.name = "driver-gone-early-poll",
	.what = "is_signaled() against signal and kfree()",
	.setup = make_fence,
	.threads = { { "driver", signal_and_free_early }, { "poller", poll } },
	.check = put_fence,
	.fails = "use after free",
};

#if CORE_HAS(dma_fence_set_deadline)
LFX_SCENARIO(driver_gone_early_deadline) = {
	.name = "driver-gone-early-deadline",
	.what = "set_deadline() against signal and kfree()",
	.setup = make_fence,
	.threads = {
		{ "driver", signal_and_free_early },
		{ "consumer", set_deadline },
	},
	.check = put_fence,
	.fails = "use after free",
};
#endif

LFX_SCENARIO(driver_gone_early_add) = {
	.name = "driver-gone-early-add",
	.what = "add_callback() against signal and kfree()",
	.setup = make_fence,
	.threads = {
		{ "driver", signal_and_free_early },
		{ "consumer", add_and_remove },
	},
	.check = put_fence,
};

/*
 * H24: two pollers find that the work is done, and both signal. The callback
 * runs once, and both are told that the fence is signalled.
 */

static struct dma_fence_cb counter;
static bool told[2];

static void make_done_fence(void)
{
	make_fence();
	dma_fence_add_callback(fence, &counter, count_call);
	driver->done = true;
}

static void poll_as_1(void)
{
	told[0] = dma_fence_is_signaled(fence);
}

static void poll_as_2(void)
{
	told[1] = dma_fence_is_signaled(fence);
}

static void check_pollers(void)
{
	lfx_assert(calls == 1);
	lfx_assert(told[0] && told[1]);
	put_and_free();
}

LFX_SCENARIO(two_pollers) = {
	.name = "two-pollers",
	.what = "two is_signaled(), and the op says that the work is done",
	.setup = make_done_fence,
	.threads = { { "poller 1", poll_as_1 }, { "poller 2", poll_as_2 } },
	.check = check_pollers,
};
