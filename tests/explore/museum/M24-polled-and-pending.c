// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A driver kills a channel with a pending fence, which a consumer polls. */
#include "museum.h"

#include <linux/list.h>

struct pending {
	struct dma_fence base;
	struct list_head link;
};

static DEFINE_SPINLOCK(lock);
static LIST_HEAD(list);
static struct pending *pending;

static bool hardware_is_done(struct dma_fence *fence)
{
	return true;
}

static const struct dma_fence_ops polled_ops = {
	.get_driver_name = museum_get_name,
	.get_timeline_name = museum_get_name,
	.signaled = hardware_is_done,
};

static bool flag_is_set(struct pending *p)
{
	return test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &p->base.flags);
}

static void make_pending(void)
{
	pending = kzalloc_obj(*pending);
	dma_fence_init(&pending->base, &polled_ops, &lock, 1, 1);
	lfx_name(pending, "pending");
	/* The list has a reference. */
	dma_fence_get(&pending->base);
	list_add(&pending->link, &list);
}

static void kill_locked(struct pending *p)
{
	dma_fence_set_error(&p->base, -EIO);
	dma_fence_signal_locked(&p->base);
}

static void look_then_lock(void)
{
	struct pending *p = list_first_entry(&list, struct pending, link);

	if (flag_is_set(p))
		return;
	spin_lock(&lock);
	kill_locked(p);
	spin_unlock(&lock);
}

static void lock_then_look(void)
{
	struct pending *p = list_first_entry(&list, struct pending, link);

	spin_lock(&lock);
	if (!flag_is_set(p))
		kill_locked(p);
	spin_unlock(&lock);
}

static void poll_fence(void)
{
	dma_fence_is_signaled(&pending->base);
}

static void put_pending(void)
{
	list_del(&pending->link);
	dma_fence_put(&pending->base);
	dma_fence_put(&pending->base);
}

LFX_SCENARIO(looks_before) = {
	.name = "m24-looks-before",
	.what = "an error for a pending fence against is_signaled()",
	.setup = make_pending,
	.threads = { { "driver", look_then_lock }, { "poll", poll_fence } },
	.check = put_pending,
};

LFX_SCENARIO(looks_under_lock) = {
	.name = "m24-looks-under-lock",
	.what = "the same, and the driver looks under the lock",
	.setup = make_pending,
	.threads = { { "driver", lock_then_look }, { "poll", poll_fence } },
	.check = put_pending,
};
