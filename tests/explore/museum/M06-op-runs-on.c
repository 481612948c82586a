// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A driver signals its fence and frees a ring that the ops of the fence read. */
#include "museum.h"

#include <linux/rcupdate.h>

struct ring {
	int value;
};

static struct ring *ring;
static struct dma_fence *fence;

static const char *name_of_ring(struct dma_fence *f)
{
	return ring->value ? "busy" : "idle";
}

static bool ring_is_done(struct dma_fence *f)
{
	return ring->value < 0;
}

static bool enable_ring(struct dma_fence *f)
{
	ring->value++;
	return true;
}

static void hurry_ring(struct dma_fence *f, ktime_t deadline)
{
	ring->value++;
}

static const struct dma_fence_ops name_ops = {
	.get_driver_name = name_of_ring,
	.get_timeline_name = name_of_ring,
};

static const struct dma_fence_ops signaled_ops = {
	.get_driver_name = museum_get_name,
	.get_timeline_name = museum_get_name,
	.signaled = ring_is_done,
};

static const struct dma_fence_ops enable_ops = {
	.get_driver_name = museum_get_name,
	.get_timeline_name = museum_get_name,
	.enable_signaling = enable_ring,
};

static const struct dma_fence_ops deadline_ops = {
	.get_driver_name = museum_get_name,
	.get_timeline_name = museum_get_name,
	.set_deadline = hurry_ring,
};

static void make(const struct dma_fence_ops *ops)
{
	ring = kzalloc_obj(*ring);
	lfx_name(ring, "ring");
	fence = museum_fence_ops("fence", ops, NULL, 1, 1);
}

static void make_name(void)
{
	make(&name_ops);
}

static void make_signaled(void)
{
	make(&signaled_ops);
}

static void make_enable(void)
{
	make(&enable_ops);
}

static void make_deadline(void)
{
	make(&deadline_ops);
}

static void finish(void)
{
	dma_fence_signal(fence);
	kfree(ring);
}

static void finish_after_grace_period(void)
{
	dma_fence_signal(fence);
	synchronize_rcu();
	kfree(ring);
}

static void read_name(void)
{
	rcu_read_lock();
	dma_fence_driver_name(fence);
	rcu_read_unlock();
}

static void ask(void)
{
	dma_fence_is_signaled(fence);
}

static void enable(void)
{
	dma_fence_enable_sw_signaling(fence);
}

static void hurry(void)
{
	dma_fence_set_deadline(fence, 1);
}

static void put_fence(void)
{
	dma_fence_put(fence);
}

#define SCENARIO(ident, scenario, text, make_it, free_it, use_it)	\
	LFX_SCENARIO(ident) = {						\
		.name = scenario,					\
		.what = text,						\
		.setup = make_it,					\
		.threads = { { "driver", free_it }, { "user", use_it } }, \
		.check = put_fence,					\
	}

SCENARIO(signaled, "m06-signaled", "signal and kfree() against is_signaled()",
	 make_signaled, finish, ask);
SCENARIO(signaled_grace_period, "m06-signaled-grace-period",
	 "signal, grace period and kfree() against is_signaled()",
	 make_signaled, finish_after_grace_period, ask);
SCENARIO(deadline, "m06-deadline", "signal and kfree() against set_deadline()",
	 make_deadline, finish, hurry);
SCENARIO(deadline_grace_period, "m06-deadline-grace-period",
	 "signal, grace period and kfree() against set_deadline()",
	 make_deadline, finish_after_grace_period, hurry);
SCENARIO(name, "m06-name", "signal and kfree() against driver_name()",
	 make_name, finish, read_name);
SCENARIO(name_grace_period, "m06-name-grace-period",
	 "signal, grace period and kfree() against driver_name()", make_name,
	 finish_after_grace_period, read_name);
SCENARIO(enable_it, "m06-enable",
	 "signal and kfree() against enable_signaling()", make_enable, finish,
	 enable);
