// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * References to a fence, and data that its callbacks use: how long do they stay
 * valid? H3, ... are the hazards in the table of tests/stress/README.md.
 */

#include "fences.h"

#include <linux/dma-fence.h>
#include <linux/slab.h>

static struct dma_fence *fence;

static void make_fence(void)
{
	fence = new_fence("fence", 1, 1);
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
 * H3, H4, H6: a callback writes to memory. After a wait, a removal, or a lock
 * and an unlock, the callback has finished, and the memory may be freed.
 */

static struct dma_fence_cb writer;
static int *written;

static void write_seven(struct dma_fence *f, struct dma_fence_cb *cb)
{
	*written = 7;
}

static void make_fence_with_writer(void)
{
	written = kzalloc_obj(*written);
	make_fence();
	dma_fence_get(fence);
	dma_fence_add_callback(fence, &writer, write_seven);
}

static void wait_and_free(void)
{
	lfx_assert(!dma_fence_wait(fence, false));
	lfx_assert(*written == 7);
	kfree(written);
	dma_fence_put(fence);
}

LFX_SCENARIO(wait_after_callback) = {
	.name = "wait-after-callback",
	.what = "a signal with a callback against a wait that frees its data",
	.setup = make_fence_with_writer,
	.threads = {
		{ "signaller", signal_and_put }, { "waiter", wait_and_free },
	},
};

static void remove_and_free(void)
{
	bool removed = dma_fence_remove_callback(fence, &writer);

	lfx_assert(*written == (removed ? 0 : 7));
	kfree(written);
	dma_fence_put(fence);
}

LFX_SCENARIO(remove_after_callback) = {
	.name = "remove-after-callback",
	.what = "a signal against remove_callback() and a free of its data",
	.setup = make_fence_with_writer,
	.threads = {
		{ "signaller", signal_and_put }, { "remover", remove_and_free },
	},
};

static bool data_is_freed;

static void lock_and_free(void)
{
	unsigned long flags;

	if (dma_fence_is_signaled(fence)) {
		dma_fence_lock_irqsave(fence, flags);
		dma_fence_unlock_irqrestore(fence, flags);
		lfx_assert(*written == 7);
		kfree(written);
		data_is_freed = true;
	}
	dma_fence_put(fence);
}

static void free_data(void)
{
	if (!data_is_freed)
		kfree(written);
}

LFX_SCENARIO(lock_after_callback) = {
	.name = "lock-after-callback",
	.what = "a signal against a poll, the lock, and a free of the data",
	.setup = make_fence_with_writer,
	.threads = {
		{ "signaller", signal_and_put }, { "poller", lock_and_free },
	},
	.check = free_data,
};

/* The first fence has a callback that signals the second one. */

static struct dma_fence *second;
static struct dma_fence_cb forward, counter;
static int calls;

static void signal_second(struct dma_fence *f, struct dma_fence_cb *cb)
{
	dma_fence_signal(second);
}

static void count_call(struct dma_fence *f, struct dma_fence_cb *cb)
{
	calls++;
}

static void make_two_fences(void)
{
	make_fence();
	second = new_fence("second", 2, 1);
	dma_fence_add_callback(fence, &forward, signal_second);
	dma_fence_add_callback(second, &counter, count_call);
}

static void wait_for_second(void)
{
	lfx_assert(!dma_fence_wait(second, false));
	lfx_assert(calls == 1);
}

static void signal_second_alone(void)
{
	dma_fence_signal(second);
	lfx_assert(calls == 1);
}

static void put_two_fences(void)
{
	lfx_assert(calls == 1);
	put_fence();
	dma_fence_put(second);
}

LFX_SCENARIO(callback_signals_another) = {
	.name = "callback-signals-another",
	.what = "a callback signals a fence against its waiter and a signaller",
	.setup = make_two_fences,
	.threads = {
		{ "signaller", signal_fence },
		{ "signaller 2", signal_second_alone },
		{ "waiter", wait_for_second },
	},
	.check = put_two_fences,
	/* The locks of the two fences have one class. */
	.fails = LFSHIM_CHECKS ? "warning" : NULL,
};

/*
 * H10: a callback drops the last reference. The memory stays until the lock
 * inside it is released, and until readers have left their sections.
 */

static struct dma_fence __rcu *slot;

static void put_in_callback(struct dma_fence *f, struct dma_fence_cb *cb)
{
	RCU_INIT_POINTER(slot, NULL);
	dma_fence_put(f);
}

static void make_fence_of_callback(void)
{
	make_fence();
	rcu_assign_pointer(slot, fence);
	dma_fence_add_callback(fence, &forward, put_in_callback);
}

static void look_under_rcu(void)
{
	struct dma_fence *found;

	rcu_read_lock();
	found = rcu_dereference(slot);
	if (found)
		dma_fence_is_signaled(found);
	rcu_read_unlock();
}

LFX_SCENARIO(callback_drops_last) = {
	.name = "callback-drops-last",
	.what = "a callback puts the last reference against a reader",
	.setup = make_fence_of_callback,
	.threads = {
		{ "signaller", signal_fence }, { "reader", look_under_rcu },
	},
};

/* H8, H13: the owner signals and puts a fence that readers find in a slot. */

static void make_fence_in_slot(void)
{
	make_fence();
	rcu_assign_pointer(slot, fence);
}

static void empty_signal_put(void)
{
	RCU_INIT_POINTER(slot, NULL);
	signal_and_put();
}

LFX_SCENARIO(put_is_signaled) = {
	.name = "put-is-signaled",
	.what = "the last put against is_signaled() under RCU",
	.setup = make_fence_in_slot,
	.threads = {
		{ "owner", empty_signal_put }, { "reader", look_under_rcu },
	},
};

static void get_from_slot(void)
{
	struct dma_fence *found;

	rcu_read_lock();
	found = dma_fence_get_rcu_safe(&slot);
	rcu_read_unlock();
	if (!found)
		return;
	lfx_assert(found == fence);
	dma_fence_get_status(found);
	dma_fence_put(found);
}

LFX_SCENARIO(put_get_rcu) = {
	.name = "put-get-rcu",
	.what = "the last put against get_rcu_safe()",
	.setup = make_fence_in_slot,
	.threads = {
		{ "owner", empty_signal_put }, { "reader", get_from_slot },
	},
};

/* H13: the slot is never empty, so a reader gets one of the two fences. */

static void replace_signal_put(void)
{
	second = new_fence("second", 2, 1);
	rcu_assign_pointer(slot, second);
	signal_and_put();
}

static void get_always(void)
{
	struct dma_fence *found;

	rcu_read_lock();
	found = dma_fence_get_rcu_safe(&slot);
	rcu_read_unlock();
	lfx_assert(found && (found->context == 1 || found->context == 2));
	dma_fence_put(found);
}

static void put_second(void)
{
	lfx_assert(kref_read(&second->refcount) == 1);
	dma_fence_put(second);
}

LFX_SCENARIO(replace_get_rcu) = {
	.name = "replace-get-rcu",
	.what = "a fence replaces another in a slot against get_rcu_safe()",
	.setup = make_fence_in_slot,
	.threads = {
		{ "owner", replace_signal_put }, { "reader", get_always },
	},
	.check = put_second,
};

/*
 * H12: the memory of the fence becomes another fence, which is never in the
 * slot. A reader does not get that fence, and does not keep a reference to it.
 */

static struct kmem_cache *cache;
static struct dma_fence *recycled;

static void release_to_cache(struct dma_fence *f)
{
	kmem_cache_free(cache, f);
}

static const struct dma_fence_ops cached_ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
	.release = release_to_cache,
};

static struct dma_fence *new_cached_fence(u64 context)
{
	struct dma_fence *new = kmem_cache_alloc(cache, GFP_KERNEL);

	dma_fence_init(new, &cached_ops, own_lock(), context, 1);
	return new;
}

static void make_cached_fence(void)
{
	cache = kmem_cache_create("fences", sizeof(struct dma_fence), 0,
				  SLAB_TYPESAFE_BY_RCU, NULL);
	fence = new_cached_fence(1);
	second = new_cached_fence(2);
	rcu_assign_pointer(slot, fence);
}

static void replace_and_recycle(void)
{
	rcu_assign_pointer(slot, second);
	signal_and_put();
	recycled = new_cached_fence(3);
}

static void get_cached(void)
{
	struct dma_fence *found;

	rcu_read_lock();
	found = dma_fence_get_rcu_safe(&slot);
	rcu_read_unlock();
	lfx_assert(found->context != 3);
	dma_fence_put(found);
}

static void put_cached_fences(void)
{
	lfx_assert(kref_read(&recycled->refcount) == 1);
	dma_fence_put(recycled);
	lfx_assert(kref_read(&second->refcount) == 1);
	dma_fence_put(second);
	kmem_cache_destroy(cache);
}

LFX_SCENARIO(recycle_get_rcu) = {
	.name = "recycle-get-rcu",
	.what = "a fence in type-stable memory is recycled; get_rcu_safe()",
	.setup = make_cached_fence,
	.threads = {
		{ "owner", replace_and_recycle }, { "reader", get_cached },
	},
	.check = put_cached_fences,
};
