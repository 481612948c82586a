// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Software timelines, <libfence/timeline.h>.
 *
 *	made --> pending --(value gets there, or destroyed)--> reached
 *	     --> signalled --> last reference, a grace period --> freed
 *
 * T1  Each fence has a lock of its own, so that a callback may do with other
 *     fences of its timeline what it likes. The timeline's lock is taken inside
 *     of fences' locks. Inside of it no fence is signalled, and no reference
 *     dropped, both of which take a fence's lock or the timeline's.
 * T2  The timeline has no reference to a pending fence. Whoever drops the last
 *     one takes it out: who finds it before that must try to get one, and leave
 *     the fence alone if it cannot.
 * T3  A reached fence comes with a reference. One thread at a time takes them
 *     from the list and signals them; who reaches more meanwhile, its callbacks
 *     included, only adds to the list. So they are signalled in order, and not
 *     recursively.
 * T4  A poller that finds the value reached may signal the fence before that
 *     thread does.
 * T5  Each fence has a reference to its timeline until it is released. Names are
 *     read under RCU, so the timeline is freed a grace period after that.
 */

#include <linux/dma-fence.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kref.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <libfence/dma-fence.h>
#include <libfence/timeline.h>

struct libfence_timeline {
	/* The owner's, each fence's, and that of who is signalling. */
	struct kref refcount;
	/* Constant. */
	u64 number;
	/* Protects all that follows, and what the fences say that it does. */
	spinlock_t lock;
	/* Written under the lock, read without. */
	u32 value;
	/* Somebody is signalling what is reached. */
	bool signalling;
	/* Nothing will be reached any more. */
	bool destroyed;
	/*
	 * Not reached, in the order of values: all are less than 2^31 ahead of
	 * @value, so any two compare.
	 */
	struct list_head pending;
	/* To be signalled, in that order, with a reference to each. */
	struct list_head reached;
	struct rcu_head rcu;
	/* Constant. */
	char name[];
};

struct timeline_fence {
	struct dma_fence base;
	/* Constant. */
	struct libfence_timeline *timeline;
	/* Under the timeline's lock: pending, reached, or an empty list. */
	struct list_head node;
	/* Written under the timeline's lock before it is reached. */
	int error;
	/* Under the timeline's lock: the earliest, if there is one. */
	bool has_deadline;
	ktime_t deadline;
};

static struct timeline_fence *to_timeline_fence(struct dma_fence *fence)
{
	return container_of(fence, struct timeline_fence, base);
}

static void free_timeline(struct kref *kref)
{
	struct libfence_timeline *timeline =
		container_of(kref, struct libfence_timeline, refcount);

	kfree_rcu(timeline, rcu);
}

/* Ops */

static const char *op_driver_name(struct dma_fence *fence)
{
	return "sw_sync";
}

static const char *op_timeline_name(struct dma_fence *fence)
{
	return to_timeline_fence(fence)->timeline->name;
}

static bool is_reached(struct timeline_fence *f, u32 value)
{
	return !__dma_fence_is_later(&f->base, f->base.seqno, value);
}

static bool op_signaled(struct dma_fence *fence)
{
	struct timeline_fence *f = to_timeline_fence(fence);

	/*
	 * Acquire: who finds it signalled like this sees what was done before.
	 * Pairs with the release in advance().
	 */
	return is_reached(f, smp_load_acquire(&f->timeline->value));
}

static void op_set_deadline(struct dma_fence *fence, ktime_t deadline)
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

static void op_release(struct dma_fence *fence)
{
	struct timeline_fence *f = to_timeline_fence(fence);
	struct libfence_timeline *timeline = f->timeline;
	unsigned long flags;

	spin_lock_irqsave(&timeline->lock, flags);
	list_del_init(&f->node);
	spin_unlock_irqrestore(&timeline->lock, flags);
	kref_put(&timeline->refcount, free_timeline);
	dma_fence_free(fence);
}

/* There is a release op: signalling does not clear them (see deadlines). */
static const struct dma_fence_ops timeline_ops = {
	.get_driver_name = op_driver_name,
	.get_timeline_name = op_timeline_name,
	.signaled = op_signaled,
	.release = op_release,
	.set_deadline = op_set_deadline,
};

/* Reaching and signalling */

/* A pending fence is to be signalled. With the timeline's lock held. */
static void reach(struct timeline_fence *f, int error)
{
	list_del_init(&f->node);
	/* None left: its release is waiting for the lock. */
	if (!dma_fence_get_rcu(&f->base))
		return;
	f->error = error;
	list_add_tail(&f->node, &f->timeline->reached);
}

static struct timeline_fence *first_of(struct list_head *list)
{
	return list_first_entry_or_null(list, struct timeline_fence, node);
}

/* By at most INT_MAX, or a fence could be passed and be ahead again. Locked. */
static void advance(struct libfence_timeline *timeline, u32 by)
{
	u32 value = timeline->value + by;
	struct timeline_fence *f;

	/*
	 * Release: what was done before it is counted up. Pairs with the
	 * acquires in op_signaled() and libfence_timeline_value().
	 */
	smp_store_release(&timeline->value, value);
	while ((f = first_of(&timeline->pending)) && is_reached(f, value))
		reach(f, 0);
}

static void signal_one(struct timeline_fence *f)
{
	unsigned long flags;

	dma_fence_lock_irqsave(&f->base, flags);
	if (f->error && !dma_fence_test_signaled_flag(&f->base))
		dma_fence_set_error(&f->base, f->error);
	dma_fence_signal_locked(&f->base);
	dma_fence_unlock_irqrestore(&f->base, flags);
}

/*
 * Signal what is reached, unless somebody does. Releases the timeline's lock,
 * which was taken with @flags. A callback may destroy the timeline: hence the
 * reference.
 */
static void signal_reached_and_unlock(struct libfence_timeline *timeline,
				      unsigned long flags)
{
	struct timeline_fence *f;

	if (timeline->signalling || list_empty(&timeline->reached)) {
		spin_unlock_irqrestore(&timeline->lock, flags);
		return;
	}
	timeline->signalling = true;
	kref_get(&timeline->refcount);
	while ((f = first_of(&timeline->reached))) {
		list_del_init(&f->node);
		spin_unlock_irqrestore(&timeline->lock, flags);
		signal_one(f);
		dma_fence_put(&f->base);
		spin_lock_irqsave(&timeline->lock, flags);
	}
	timeline->signalling = false;
	spin_unlock_irqrestore(&timeline->lock, flags);
	kref_put(&timeline->refcount, free_timeline);
}

void libfence_timeline_inc(struct libfence_timeline *timeline, uint32_t by)
{
	unsigned long flags;
	bool cookie;

	cookie = __dma_fence_begin_signalling(_RET_IP_);
	spin_lock_irqsave(&timeline->lock, flags);
	for (; by > INT_MAX; by -= INT_MAX)
		advance(timeline, INT_MAX);
	advance(timeline, by);
	signal_reached_and_unlock(timeline, flags);
	dma_fence_end_signalling(cookie);
}
EXPORT_SYMBOL(libfence_timeline_inc);

uint32_t libfence_timeline_value(const struct libfence_timeline *timeline)
{
	/* Acquire: pairs with the release in advance(). */
	return smp_load_acquire(&timeline->value);
}
EXPORT_SYMBOL(libfence_timeline_value);

/* Timelines */

struct libfence_timeline *libfence_timeline_create(const char *name)
{
	struct libfence_timeline *timeline;
	size_t size;

	if (WARN(!name, "a timeline needs a name"))
		return NULL;
	size = strlen(name) + 1;
	timeline = kzalloc(struct_size(timeline, name, size), GFP_KERNEL);
	if (!timeline)
		return NULL;
	kref_init(&timeline->refcount);
	timeline->number = dma_fence_context_alloc(1);
	spin_lock_init(&timeline->lock);
	INIT_LIST_HEAD(&timeline->pending);
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
	while ((f = first_of(&timeline->pending)))
		reach(f, -ENOENT);
	signal_reached_and_unlock(timeline, flags);
	dma_fence_end_signalling(cookie);
	kref_put(&timeline->refcount, free_timeline);
}
EXPORT_SYMBOL(libfence_timeline_destroy_raw);

/* Fences */

static struct timeline_fence *make_fence(struct libfence_timeline *timeline,
					 u32 value)
{
	struct timeline_fence *f;

	/* In a callback there is no waiting for memory. */
	f = kzalloc(sizeof(*f), GFP_ATOMIC);
	if (!f)
		return NULL;
	kref_get(&timeline->refcount);
	f->timeline = timeline;
	INIT_LIST_HEAD(&f->node);
	dma_fence_init(&f->base, &timeline_ops, NULL, timeline->number, value);
	return f;
}

/*
 * Put @f, which is not reached, where it belongs. With the timeline's lock held.
 * Returns @f; or, with a new reference, the fence that has that value already.
 */
static struct timeline_fence *insert(struct timeline_fence *f)
{
	struct timeline_fence *at;

	/* Most are made in the order of their values: look from the end. */
	list_for_each_entry_reverse(at, &f->timeline->pending, node) {
		if (dma_fence_is_later(&at->base, &f->base))
			continue;
		/*
		 * Of several with the same value the last one alone can have
		 * references left: the others had none when it was put here.
		 */
		if (at->base.seqno == f->base.seqno &&
		    dma_fence_get_rcu(&at->base))
			return at;
		break;
	}
	/* Behind @at, or in front of all, where @at is the list's head. */
	list_add(&f->node, &at->node);
	return f;
}

struct libfence *libfence_timeline_fence(struct libfence_timeline *timeline,
					 uint32_t value)
{
	struct timeline_fence *f = make_fence(timeline, value), *found = f;
	bool reached, destroyed;
	unsigned long flags;

	if (!f)
		return NULL;
	spin_lock_irqsave(&timeline->lock, flags);
	reached = is_reached(f, timeline->value);
	destroyed = timeline->destroyed;
	if (!reached && !destroyed)
		found = insert(f);
	spin_unlock_irqrestore(&timeline->lock, flags);

	if (reached || destroyed) {
		/* Nobody else has seen it. */
		if (!reached)
			dma_fence_set_error(&f->base, -ENOENT);
		dma_fence_signal(&f->base);
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
