// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A driver has a list of its fences, whose release removes them from it. */
#include "museum.h"

#include <linux/list.h>

struct listed {
	struct dma_fence base;
	struct list_head link;
	struct dma_fence_cb cb;
};

/* Protects the list, and is the lock of the fences. */
static DEFINE_SPINLOCK(lock);
static LIST_HEAD(list);
static struct listed *listed;

static void remove_from_list(struct dma_fence *fence)
{
	struct listed *l = container_of(fence, struct listed, base);

	spin_lock(&lock);
	list_del_init(&l->link);
	spin_unlock(&lock);
	kfree(l);
}

static const struct dma_fence_ops listed_ops = {
	.get_driver_name = museum_get_name,
	.get_timeline_name = museum_get_name,
	.release = remove_from_list,
};

/* The poller's: it has a reference until the fence is signalled. */
static void poll_done(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	dma_fence_put(fence);
}

static void poll_fence(void)
{
	listed = kzalloc_obj(*listed);
	dma_fence_init(&listed->base, &listed_ops, &lock, 1, 1);
	lfx_name(listed, "listed");
	list_add(&listed->link, &list);
	lfx_assert(!dma_fence_add_callback(&listed->base, &listed->cb,
					   poll_done));
}

static void signal_with_the_lock(void)
{
	struct listed *l, *next;

	spin_lock(&lock);
	list_for_each_entry_safe(l, next, &list, link)
		dma_fence_signal_locked(&l->base);
	spin_unlock(&lock);
}

static void signal_with_references(void)
{
	struct listed *l, *next;
	LIST_HEAD(done);

	spin_lock(&lock);
	list_for_each_entry_safe(l, next, &list, link) {
		dma_fence_get(&l->base);
		list_move_tail(&l->link, &done);
		dma_fence_signal_locked(&l->base);
	}
	spin_unlock(&lock);
	list_for_each_entry_safe(l, next, &done, link)
		dma_fence_put(&l->base);
}

LFX_SCENARIO(locked) = {
	.name = "m33-locked",
	.what = "a list of fences is signalled, and has no references",
	.setup = poll_fence,
	.threads = { { "interrupt", signal_with_the_lock } },
};

LFX_SCENARIO(unlocked) = {
	.name = "m33-unlocked",
	.what = "a list of fences is signalled, with references",
	.setup = poll_fence,
	.threads = { { "interrupt", signal_with_references } },
};
