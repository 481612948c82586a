// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Software timelines, <libfence/timeline.h>.
 *
 *	created --> pending --(value reached, or destroyed)--> reached
 *	     --> signalled --> last reference, a grace period --> freed
 *
 * T1  Each fence has its own lock, so a callback may use other fences of its
 *     timeline. The timeline's lock nests inside the fences' locks. While it is
 *     held, no fence is signalled and no reference is dropped, because both
 *     take a fence's lock or the timeline's lock.
 * T2  The timeline has no reference to a pending fence. The release of a fence
 *     removes it from the list. Code that finds a fence in the list uses it
 *     only if dma_fence_get_rcu() succeeds.
 * T3  The list of reached fences has a reference to each. One thread at a time
 *     removes fences from the list and signals them. Other threads, and
 *     callbacks of that thread, only add fences to the list. So fences are
 *     signalled in order and without recursion.
 * T4  A thread that polls a fence and finds its value reached may signal it
 *     before the thread of T3 does.
 * T5  Each fence has a reference to its timeline until it is released. Names
 *     are read under RCU, so the timeline is freed a grace period after that.
 */

#include <linux/dma-fence.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kref.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <libfence/dma-fence.h>
#include <libfence/timeline.h>

struct libfence_timeline {
	/* Held by the owner, by each fence, and by the signalling thread. */
	struct kref refcount;
	/* Constant. */
	u64 number;
	/* Protects the members below, and those of a fence that say so. */
	spinlock_t lock;
	/* Written under the lock, read without it. */
	u32 value;
	/* A thread is signalling the reached fences. */
	bool signalling;
	/* The owner has destroyed the timeline. */
	bool destroyed;
	/*
	 * Fences that are not reached, in the order of their values. All values
	 * are less than 2^31 ahead of @value, so any two can be compared.
	 */
	struct list_head pending;
	/*
	 * Empty as long as fences are made in the order of their values.
	 * Otherwise it has all pending fences, until there are none.
	 */
	struct rb_root tree;
	/* Fences to be signalled, in this order, with a reference to each. */
	struct list_head reached;
	struct rcu_head rcu;
	/* Constant. */
	char name[];
};

struct timeline_fence {
	struct dma_fence base;
	/* Constant. */
	struct libfence_timeline *timeline;
	/* Under the timeline's lock: in pending, in reached, or in no list. */
	struct list_head node;
	/* In the timeline's tree, or cleared. */
	struct rb_node tree_node;
	/* Written under the timeline's lock when the fence is reached. */
	int error;
	/* Under the timeline's lock: the earliest deadline, if there is one. */
	bool has_deadline;
	ktime_t deadline;
};

static struct timeline_fence *to_timeline_fence(struct dma_fence *fence)
{
	return container_of(fence, struct timeline_fence, base);
}

static void timeline_free(struct kref *kref)
{
	struct libfence_timeline *timeline =
		container_of(kref, struct libfence_timeline, refcount);

	kfree_rcu(timeline, rcu);
}

/* Ops */

static const char *timeline_fence_driver_name(struct dma_fence *fence)
{
	return "sw_sync";
}

static const char *timeline_fence_timeline_name(struct dma_fence *fence)
{
	return to_timeline_fence(fence)->timeline->name;
}

static bool is_reached(struct timeline_fence *f, u32 value)
{
	return !__dma_fence_is_later(&f->base, f->base.seqno, value);
}

static bool timeline_fence_signaled(struct dma_fence *fence)
{
	struct timeline_fence *f = to_timeline_fence(fence);

	/*
	 * A1: acquire. Pairs with R1 in timeline_advance(). Without it, a
	 * thread that finds the fence signalled may not see the work that was
	 * done before the value was increased.
	 */
	return is_reached(f, smp_load_acquire(&f->timeline->value));
}

static void timeline_fence_set_deadline(struct dma_fence *fence,
					ktime_t deadline)
{
	struct timeline_fence *f = to_timeline_fence(fence);
	unsigned long flags;

	spin_lock_irqsave(&f->timeline->lock, flags);
	if (!f->has_deadline || deadline < f->deadline) {
		f->deadline = deadline;
		f->has_deadline = true;
	}
	spin_unlock_irqrestore(&f->timeline->lock, flags);
}

/* Remove a fence from the list that it is in. The timeline's lock is held. */
static void timeline_fence_unlink(struct timeline_fence *f)
{
	list_del_init(&f->node);
	if (!RB_EMPTY_NODE(&f->tree_node)) {
		rb_erase(&f->tree_node, &f->timeline->tree);
		RB_CLEAR_NODE(&f->tree_node);
	}
}

static void timeline_fence_release(struct dma_fence *fence)
{
	struct timeline_fence *f = to_timeline_fence(fence);
	struct libfence_timeline *timeline = f->timeline;
	unsigned long flags;

	spin_lock_irqsave(&timeline->lock, flags);
	timeline_fence_unlink(f);
	spin_unlock_irqrestore(&timeline->lock, flags);
	kref_put(&timeline->refcount, timeline_free);
	dma_fence_free(fence);
}

/*
 * Signalling does not clear these ops, because there is a release op.
 * libfence_timeline_deadline() relies on this.
 */
static const struct dma_fence_ops timeline_ops = {
	.get_driver_name = timeline_fence_driver_name,
	.get_timeline_name = timeline_fence_timeline_name,
	.signaled = timeline_fence_signaled,
	.release = timeline_fence_release,
	.set_deadline = timeline_fence_set_deadline,
};

/* Reaching and signalling */

/* Move a pending fence to the reached list. The timeline's lock is held. */
static void timeline_fence_reach(struct timeline_fence *f, int error)
{
	timeline_fence_unlink(f);
	/* No references left: the release op is waiting for the lock. */
	if (!dma_fence_get_rcu(&f->base))
		return;
	f->error = error;
	list_add_tail(&f->node, &f->timeline->reached);
}

static struct timeline_fence *first_fence(struct list_head *list)
{
	return list_first_entry_or_null(list, struct timeline_fence, node);
}

/*
 * Increase the value by at most INT_MAX. With more, a fence that is passed
 * could appear to be ahead again. The timeline's lock is held.
 */
static void timeline_advance(struct libfence_timeline *timeline, u32 by)
{
	u32 value = timeline->value + by;
	struct timeline_fence *f;

	/*
	 * R1: release. Pairs with A1 in timeline_fence_signaled() and A2 in
	 * libfence_timeline_value(). Without it, a thread that sees the new
	 * value may not see the work that was done before.
	 */
	smp_store_release(&timeline->value, value);
	while ((f = first_fence(&timeline->pending)) && is_reached(f, value))
		timeline_fence_reach(f, 0);
}

static void timeline_fence_signal(struct timeline_fence *f)
{
	unsigned long flags;

	dma_fence_lock_irqsave(&f->base, flags);
	if (f->error && !dma_fence_test_signaled_flag(&f->base))
		dma_fence_set_error(&f->base, f->error);
	dma_fence_signal_locked(&f->base);
	dma_fence_unlock_irqrestore(&f->base, flags);
}

/*
 * Signal the reached fences, unless another thread is signalling. Releases the
 * timeline's lock, which was taken with @flags. Takes a reference, because a
 * callback may destroy the timeline.
 */
static void timeline_signal_and_unlock(struct libfence_timeline *timeline,
				       unsigned long flags)
{
	struct timeline_fence *f;

	if (timeline->signalling || list_empty(&timeline->reached)) {
		spin_unlock_irqrestore(&timeline->lock, flags);
		return;
	}
	timeline->signalling = true;
	kref_get(&timeline->refcount);
	while ((f = first_fence(&timeline->reached))) {
		list_del_init(&f->node);
		spin_unlock_irqrestore(&timeline->lock, flags);
		timeline_fence_signal(f);
		dma_fence_put(&f->base);
		spin_lock_irqsave(&timeline->lock, flags);
	}
	timeline->signalling = false;
	spin_unlock_irqrestore(&timeline->lock, flags);
	kref_put(&timeline->refcount, timeline_free);
}

void libfence_timeline_inc(struct libfence_timeline *timeline, uint32_t by)
{
	unsigned long flags;
	bool cookie;

	cookie = __dma_fence_begin_signalling(_RET_IP_);
	spin_lock_irqsave(&timeline->lock, flags);
	for (; by > INT_MAX; by -= INT_MAX)
		timeline_advance(timeline, INT_MAX);
	timeline_advance(timeline, by);
	timeline_signal_and_unlock(timeline, flags);
	dma_fence_end_signalling(cookie);
}
EXPORT_SYMBOL(libfence_timeline_inc);

uint32_t libfence_timeline_value(const struct libfence_timeline *timeline)
{
	/*
	 * A2: acquire. Pairs with R1 in timeline_advance(). Without it, the
	 * caller may not see the work that was done before the value was
	 * increased.
	 */
	return smp_load_acquire(&timeline->value);
}
EXPORT_SYMBOL(libfence_timeline_value);

/* Timelines */

struct libfence_timeline *libfence_timeline_create(const char *name)
{
	struct libfence_timeline *timeline;
	size_t size;

	if (WARN(!name, "a software timeline needs a name"))
		return NULL;
	size = strlen(name) + 1;
	timeline = kzalloc(struct_size(timeline, name, size), GFP_KERNEL);
	if (!timeline)
		return NULL;
	kref_init(&timeline->refcount);
	timeline->number = dma_fence_context_alloc(1);
	spin_lock_init(&timeline->lock);
	INIT_LIST_HEAD(&timeline->pending);
	timeline->tree = RB_ROOT;
	INIT_LIST_HEAD(&timeline->reached);
	memcpy(timeline->name, name, size);
	return timeline;
}
EXPORT_SYMBOL(libfence_timeline_create);

void libfence_timeline_destroy_raw(struct libfence_timeline *timeline)
{
	struct timeline_fence *f;
	unsigned long flags;
	bool cookie;

	if (!timeline)
		return;
	cookie = __dma_fence_begin_signalling(_RET_IP_);
	spin_lock_irqsave(&timeline->lock, flags);
	timeline->destroyed = true;
	while ((f = first_fence(&timeline->pending)))
		timeline_fence_reach(f, -ENOENT);
	timeline_signal_and_unlock(timeline, flags);
	dma_fence_end_signalling(cookie);
	kref_put(&timeline->refcount, timeline_free);
}
EXPORT_SYMBOL(libfence_timeline_destroy_raw);

/* Fences */

static struct timeline_fence *
timeline_make_fence(struct libfence_timeline *timeline, u32 value)
{
	struct timeline_fence *f;

	/* Callbacks may call this, and must not sleep. */
	f = kzalloc(sizeof(*f), GFP_ATOMIC);
	if (!f)
		return NULL;
	kref_get(&timeline->refcount);
	f->timeline = timeline;
	INIT_LIST_HEAD(&f->node);
	RB_CLEAR_NODE(&f->tree_node);
	dma_fence_init(&f->base, &timeline_ops, NULL, timeline->number, value);
	return f;
}

/* Put all pending fences into the tree, which is empty. */
static void timeline_build_tree(struct libfence_timeline *timeline)
{
	struct rb_node *last = NULL;
	struct timeline_fence *f;

	list_for_each_entry(f, &timeline->pending, node) {
		rb_link_node(&f->tree_node, last,
			     last ? &last->rb_right : &timeline->tree.rb_node);
		rb_insert_color(&f->tree_node, &timeline->tree);
		last = &f->tree_node;
	}
}

/*
 * Insert @f, which is not reached, into the pending list. Returns @f; or, with
 * a new reference, a pending fence that has the same value. The timeline's lock
 * is held.
 */
static struct timeline_fence *timeline_insert(struct timeline_fence *f)
{
	struct libfence_timeline *timeline = f->timeline;
	struct rb_node **link = &timeline->tree.rb_node, *parent = NULL;
	/* The last fence that is not later than @f, or NULL. */
	struct timeline_fence *before = NULL, *at = NULL;

	if (!list_empty(&timeline->pending))
		at = list_last_entry(&timeline->pending, struct timeline_fence,
				     node);
	if (RB_EMPTY_ROOT(&timeline->tree)) {
		/* Usually fences are made in the order of their values. */
		if (at && dma_fence_is_later(&at->base, &f->base))
			timeline_build_tree(timeline);
		else
			before = at;
	}
	while (*link) {
		parent = *link;
		at = rb_entry(parent, struct timeline_fence, tree_node);
		if (dma_fence_is_later(&at->base, &f->base)) {
			link = &parent->rb_left;
		} else {
			before = at;
			link = &parent->rb_right;
		}
	}
	/*
	 * Of several fences with this value, only the last can have references:
	 * the others had none when it was inserted.
	 */
	if (before && before->base.seqno == f->base.seqno &&
	    dma_fence_get_rcu(&before->base))
		return before;
	list_add(&f->node, before ? &before->node : &timeline->pending);
	if (parent) {
		rb_link_node(&f->tree_node, parent, link);
		rb_insert_color(&f->tree_node, &timeline->tree);
	}
	return f;
}

/*
 * Signal a fence that no other thread has seen. The caller may be a callback, with the
 * lock of another fence held: for lockdep, this lock is inside that one.
 */
static void timeline_signal_new(struct timeline_fence *f, int error)
{
	unsigned long flags;

	if (error)
		dma_fence_set_error(&f->base, error);
	spin_lock_irqsave_nested(dma_fence_spinlock(&f->base), flags,
				 SINGLE_DEPTH_NESTING);
	dma_fence_signal_locked(&f->base);
	dma_fence_unlock_irqrestore(&f->base, flags);
}

struct libfence *libfence_timeline_fence(struct libfence_timeline *timeline,
					 uint32_t value)
{
	struct timeline_fence *f = timeline_make_fence(timeline, value);
	struct timeline_fence *found = f;
	bool reached, destroyed;
	unsigned long flags;

	if (!f)
		return NULL;
	spin_lock_irqsave(&timeline->lock, flags);
	reached = is_reached(f, timeline->value);
	destroyed = timeline->destroyed;
	if (!reached && !destroyed)
		found = timeline_insert(f);
	spin_unlock_irqrestore(&timeline->lock, flags);

	if (reached || destroyed) {
		timeline_signal_new(f, reached ? 0 : -ENOENT);
	} else if (found != f) {
		dma_fence_put(&f->base);
	}
	return libfence_from_dma_fence(&found->base);
}
EXPORT_SYMBOL(libfence_timeline_fence);

int libfence_timeline_deadline(const struct libfence *fence, int64_t *deadline)
{
	struct dma_fence *inner = libfence_to_dma_fence(fence);
	struct timeline_fence *f = to_timeline_fence(inner);
	unsigned long flags;
	int err = -ENOENT;

	if (rcu_access_pointer(inner->ops) != &timeline_ops)
		return -EINVAL;
	spin_lock_irqsave(&f->timeline->lock, flags);
	if (f->has_deadline) {
		*deadline = ktime_to_ns(f->deadline);
		err = 0;
	}
	spin_unlock_irqrestore(&f->timeline->lock, flags);
	return err;
}
EXPORT_SYMBOL(libfence_timeline_deadline);
