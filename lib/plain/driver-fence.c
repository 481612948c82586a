// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The producer's side, <libfence/driver-fence.h>: timelines, and fences that
 * have one owner, carry a payload, and are signalled whatever happens.
 *
 * One allocation has it all, the fence in front, so that dma_fence_free() frees
 * it. What its life looks like, and what its memory is meanwhile:
 *
 *	preparation --commit--> attached, unsignalled --signal or drop-->
 *	detached, signalled --a grace period--> payload destroyed
 *	--last reference, a grace period--> freed
 *
 * D1  The owner has a reference until it signals or drops. With a destructor
 *     that reference is handed on to the RCU callback that runs it.
 * D2  A fence that is attached to its timeline is found there by
 *     libfence_context_destroy(). It is detached under its own lock, by its
 *     owner before the owner lets go, or by libfence_context_destroy(), which
 *     does not end before all are. So who has the lock of an attached fence may
 *     touch its timeline.
 * D3  A core that knows nothing of this file may have signalled it before its
 *     owner does, because an op said that the work was done.
 * D4  Ops get at the payload and the timeline under RCU, and only if the fence
 *     was unsignalled in the same read-side section. What they use is ended a
 *     grace period after that.
 */

#include <linux/atomic.h>
#include <linux/dma-fence.h>
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <libfence/dma-fence.h>

#include "destructor.h"

/* A power of two: fences that a timeline finds without a lock. */
#define NR_SLOTS	128
#define PAYLOAD_ALIGN	16

struct libfence_context {
	u64 number;
	void *data;
	/* In @names. */
	const char *driver, *timeline;
	/* The next one to give out. */
	atomic64_t seqno;
	/*
	 * Fences that are attached, at the place that their seqno says. One
	 * that finds another there goes to @crowd.
	 */
	struct libfence_driver_fence *slots[NR_SLOTS];
	/* Protects @crowd. Taken inside of a fence's lock, never around one. */
	spinlock_t lock;
	struct list_head crowd;
	/* There are payloads with a destructor: only ever set. */
	bool has_destructors;
	char names[];
};

struct libfence_driver_fence {
	struct dma_fence base;
	/* Constant; NULL for one that was committed to none. */
	struct libfence_context *ctx;
	/* Constant; its ops are used where @ops says so. */
	const struct libfence_payload_type *type;
	union {
		/* While it is in the crowd, under ctx->lock; */
		struct list_head node;
		/* and when it has been given up, if it has a destructor. */
		struct rcu_head rcu;
	};
	/* How it is attached, under its own lock: neither if it is not. */
	struct libfence_driver_fence **slot;
	bool crowded;
	/* Constant: enum libfence_payload_op */
	u8 ops;
	char payload[] __aligned(PAYLOAD_ALIGN);
};

/* A preparation is one whose base, ctx, and attachment are not there yet. */
static struct libfence_driver_fence *
prepared(const struct libfence_preparation *prep)
{
	return (struct libfence_driver_fence *)prep;
}

static struct libfence_driver_fence *to_driver_fence(struct dma_fence *fence)
{
	return container_of(fence, struct libfence_driver_fence, base);
}

/* Backend ops */

static const char *op_driver_name(struct dma_fence *fence)
{
	struct libfence_context *ctx = to_driver_fence(fence)->ctx;

	return ctx ? ctx->driver : "no-driver";
}

static const char *op_timeline_name(struct dma_fence *fence)
{
	struct libfence_context *ctx = to_driver_fence(fence)->ctx;

	return ctx ? ctx->timeline : "no-timeline";
}

static bool op_enable_signaling(struct dma_fence *fence)
{
	struct libfence_driver_fence *df = to_driver_fence(fence);

	return df->type->enable_signaling(df->payload);
}

static bool op_signaled(struct dma_fence *fence)
{
	struct libfence_driver_fence *df = to_driver_fence(fence);

	return df->type->signaled(df->payload);
}

static void op_set_deadline(struct dma_fence *fence, ktime_t deadline)
{
	struct libfence_driver_fence *df = to_driver_fence(fence);

	df->type->set_deadline(df->payload, ktime_to_ns(deadline));
}

/*
 * The core does something else for a fence that has an op than for one that has
 * not, and less: a table for each combination. None has a release or wait op,
 * so the core forgets the ops of a fence that it signals.
 */
#define OPS(bits)							\
	[bits] = {							\
		.get_driver_name = op_driver_name,			\
		.get_timeline_name = op_timeline_name,			\
		.enable_signaling = (bits) & LIBFENCE_ENABLE_SIGNALING ? \
					    op_enable_signaling : NULL,	\
		.signaled = (bits) & LIBFENCE_SIGNALED ?		\
				    op_signaled : NULL,			\
		.set_deadline = (bits) & LIBFENCE_SET_DEADLINE ?	\
					op_set_deadline : NULL,		\
	}
static const struct dma_fence_ops backend_ops[] = {
	OPS(0), OPS(1), OPS(2), OPS(3), OPS(4), OPS(5), OPS(6), OPS(7),
};

/* Payloads */

static void destroy_payload(struct libfence_driver_fence *df)
{
	run_destructor(df->type->destroy, df->payload);
}

static void destroy_payload_rcu(struct rcu_head *rcu)
{
	struct libfence_driver_fence *df =
		container_of(rcu, struct libfence_driver_fence, rcu);

	destroy_payload(df);
	dma_fence_put(&df->base);
}

void libfence_barrier(void)
{
	rcu_barrier();
}
EXPORT_SYMBOL(libfence_barrier);

/* Preparations */

struct libfence_preparation *
libfence_prepare_ops(const struct libfence_payload_type *type, unsigned int ops,
		     const void *initial)
{
	size_t size = type ? type->size : 0;
	struct libfence_driver_fence *df;

	df = kmalloc(struct_size(df, payload, size), GFP_KERNEL);
	if (!df)
		return NULL;
	df->type = type;
	df->ops = type ? ops : 0;
	if (initial)
		memcpy(df->payload, initial, size);
	else
		memset(df->payload, 0, size);
	return (struct libfence_preparation *)df;
}
EXPORT_SYMBOL(libfence_prepare_ops);

struct libfence_preparation *
libfence_prepare(const struct libfence_payload_type *type, const void *initial)
{
	unsigned int ops = 0;

	if (type && type->enable_signaling)
		ops |= LIBFENCE_ENABLE_SIGNALING;
	if (type && type->signaled)
		ops |= LIBFENCE_SIGNALED;
	if (type && type->set_deadline)
		ops |= LIBFENCE_SET_DEADLINE;
	if (type && type->destroy)
		ops |= LIBFENCE_DESTROY;
	return libfence_prepare_ops(type, ops, initial);
}
EXPORT_SYMBOL(libfence_prepare);

void *libfence_preparation_payload(const struct libfence_preparation *prep)
{
	return prepared(prep)->payload;
}
EXPORT_SYMBOL(libfence_preparation_payload);

void libfence_preparation_free(struct libfence_preparation *prep)
{
	struct libfence_driver_fence *df = prepared(prep);

	if (!df)
		return;
	/* Nobody has ever seen it: there is no grace period to wait for. */
	if (df->ops & LIBFENCE_DESTROY)
		destroy_payload(df);
	kfree(df);
}
EXPORT_SYMBOL(libfence_preparation_free);

/* Attaching and detaching */

static void attach(struct libfence_context *ctx,
		   struct libfence_driver_fence *df)
{
	unsigned long flags;

	df->crowded = false;
	df->slot = &ctx->slots[df->base.seqno % NR_SLOTS];
	/*
	 * Full barrier: the fence is complete before it is found. Pairs with
	 * rcu_dereference() in get_attached().
	 */
	if (likely(!cmpxchg(df->slot, NULL, df)))
		return;
	df->slot = NULL;
	df->crowded = true;
	spin_lock_irqsave(&ctx->lock, flags);
	list_add_tail(&df->node, &ctx->crowd);
	spin_unlock_irqrestore(&ctx->lock, flags);
}

/* With the fence's lock held. Was it attached? */
static bool detach(struct libfence_driver_fence *df)
{
	if (df->slot) {
		/*
		 * Release: with all else that was done to the slot's fence.
		 * Pairs with the cmpxchg() in attach() of the next one there,
		 * and with rcu_dereference() in get_attached().
		 */
		smp_store_release(df->slot, NULL);
		df->slot = NULL;
		return true;
	}
	if (df->crowded) {
		spin_lock(&df->ctx->lock);
		list_del(&df->node);
		spin_unlock(&df->ctx->lock);
		df->crowded = false;
		return true;
	}
	return false;
}

struct libfence_driver_fence *
libfence_commit(struct libfence_context *ctx, struct libfence_preparation *prep)
{
	struct libfence_driver_fence *df = prepared(prep);

	if (WARN(!df, "commit of a preparation that was used before"))
		return NULL;
	df->ctx = ctx;
	if (likely(ctx)) {
		/* Relaxed: the seqno is all that is agreed upon here. */
		u64 seqno = atomic64_fetch_add_relaxed(1, &ctx->seqno);

		dma_fence_init64(&df->base, &backend_ops[df->ops & 7], NULL,
				 ctx->number, seqno);
		if (df->ops & LIBFENCE_DESTROY &&
		    !READ_ONCE(ctx->has_destructors))
			WRITE_ONCE(ctx->has_destructors, true);
		attach(ctx, df);
		return df;
	}
	WARN(1, "commit to a timeline that was destroyed: the fence is signalled with -ECANCELED");
	df->slot = NULL;
	df->crowded = false;
	dma_fence_init64(&df->base, &backend_ops[df->ops & 7], NULL,
			 dma_fence_context_alloc(1), 0);
	dma_fence_set_error(&df->base, -ECANCELED);
	dma_fence_signal(&df->base);
	return df;
}
EXPORT_SYMBOL(libfence_commit);

void *libfence_driver_fence_payload(const struct libfence_driver_fence *fence)
{
	return (void *)fence->payload;
}
EXPORT_SYMBOL(libfence_driver_fence_payload);

/* Signalling and dropping */

enum finish { FINISH_SIGNALS, FINISH_SIGNALLED, FINISH_CANCELED };

/*
 * Detach @df, and signal it with @result unless it is signalled. With interrupts
 * off, which is a read-side section: the timeline stays until its end, and
 * libfence_context_destroy() waits for that before it waits for destructors.
 */
static enum finish finish(struct libfence_driver_fence *df, int result)
{
	/* Committed without a lock of others: it has its own. */
	spinlock_t *lock = &df->base.inline_lock;
	enum finish how = FINISH_SIGNALLED;

	spin_lock(lock);
	if (!detach(df))
		how = FINISH_CANCELED;
	if (!dma_fence_test_signaled_flag(&df->base)) {
		how = FINISH_SIGNALS;
		if (result)
			dma_fence_set_error(&df->base, result);
		dma_fence_signal_locked(&df->base);
	}
	spin_unlock(lock);
	return how;
}

/* The owner's reference goes, and the payload with it. */
static void let_go(struct libfence_driver_fence *df)
{
	if (df->ops & LIBFENCE_DESTROY)
		call_rcu(&df->rcu, destroy_payload_rcu);
	else
		dma_fence_put(&df->base);
}

void libfence_driver_fence_signal_raw(struct libfence_driver_fence *df,
				      int result)
{
	unsigned long flags;
	bool cookie;

	if (WARN(!df, "signal of a driver fence that was consumed before"))
		return;
	if (WARN(result > 0 || result < -MAX_ERRNO,
		 "a result is 0 or a negative errno, not %d: the fence is signalled with -EINVAL",
		 result))
		result = -EINVAL;

	cookie = __dma_fence_begin_signalling(_RET_IP_);
	local_irq_save(flags);
	if (finish(df, result) == FINISH_SIGNALLED)
		WARN(result, "an op said of fence %llu:%llu that it was done: its result %d is lost",
		     (unsigned long long)df->base.context,
		     (unsigned long long)df->base.seqno, result);
	let_go(df);
	local_irq_restore(flags);
	dma_fence_end_signalling(cookie);
}
EXPORT_SYMBOL(libfence_driver_fence_signal_raw);

void libfence_driver_fence_drop_raw(struct libfence_driver_fence *df)
{
	unsigned long flags;
	bool cookie;

	if (!df)
		return;
	cookie = __dma_fence_begin_signalling(_RET_IP_);
	local_irq_save(flags);
	if (finish(df, -ECANCELED) == FINISH_SIGNALS)
		WARN(1, "driver fence %s %s %llu:%llu was dropped without being signalled: it is, with -ECANCELED",
		     op_driver_name(&df->base), op_timeline_name(&df->base),
		     (unsigned long long)df->base.context,
		     (unsigned long long)df->base.seqno);
	let_go(df);
	local_irq_restore(flags);
	dma_fence_end_signalling(cookie);
}
EXPORT_SYMBOL(libfence_driver_fence_drop_raw);

/* Timelines */

struct libfence_context *
libfence_context_create(const char *driver, const char *timeline,
			uint64_t first, void *data)
{
	size_t driver_size, timeline_size;
	struct libfence_context *ctx;

	if (WARN(!driver || !timeline, "a timeline needs two names"))
		return NULL;
	driver_size = strlen(driver) + 1;
	timeline_size = strlen(timeline) + 1;
	ctx = kzalloc(struct_size(ctx, names, size_add(driver_size,
						       timeline_size)),
		      GFP_KERNEL);
	if (!ctx)
		return NULL;
	memcpy(ctx->names, driver, driver_size);
	memcpy(ctx->names + driver_size, timeline, timeline_size);
	ctx->driver = ctx->names;
	ctx->timeline = ctx->names + driver_size;
	ctx->number = dma_fence_context_alloc(1);
	ctx->data = data;
	atomic64_set(&ctx->seqno, first);
	spin_lock_init(&ctx->lock);
	INIT_LIST_HEAD(&ctx->crowd);
	return ctx;
}
EXPORT_SYMBOL(libfence_context_create);

void *libfence_context_data(const struct libfence_context *ctx)
{
	return ctx->data;
}
EXPORT_SYMBOL(libfence_context_data);

uint64_t libfence_context_number(const struct libfence_context *ctx)
{
	return ctx->number;
}
EXPORT_SYMBOL(libfence_context_number);

/* The attached fence with the lowest seqno, with a reference to it, or NULL. */
static struct libfence_driver_fence *get_attached(struct libfence_context *ctx)
{
	struct libfence_driver_fence *df, *first;
	unsigned long flags;
	int i;

	/* Interrupts off: a read-side section, which keeps them from being freed. */
	spin_lock_irqsave(&ctx->lock, flags);
	do {
		first = list_first_entry_or_null(&ctx->crowd,
				struct libfence_driver_fence, node);
		for (i = 0; i < NR_SLOTS; i++) {
			df = rcu_dereference(ctx->slots[i]);
			if (df && (!first || df->base.seqno < first->base.seqno))
				first = df;
		}
		/* One whose owner has let go of it has left its slot by now. */
	} while (first && !dma_fence_get_rcu(&first->base));
	spin_unlock_irqrestore(&ctx->lock, flags);
	return first;
}

/* Seqnos for a warning: "3, 5-9, ...". */
struct seqno_list {
	char text[256];
	int len;
	u64 from, to;
	unsigned int nr;
};

static void seqno_list_flush(struct seqno_list *list)
{
	int room = sizeof(list->text) - list->len;
	const char *sep = list->len ? ", " : "";

	if (list->from == list->to)
		list->len += scnprintf(list->text + list->len, room, "%s%llu",
				       sep, (unsigned long long)list->from);
	else
		list->len += scnprintf(list->text + list->len, room,
				       "%s%llu-%llu", sep,
				       (unsigned long long)list->from,
				       (unsigned long long)list->to);
}

static void seqno_list_add(struct seqno_list *list, u64 seqno)
{
	if (!list->nr++) {
		list->from = seqno;
	} else if (seqno != list->to + 1) {
		seqno_list_flush(list);
		list->from = seqno;
	}
	list->to = seqno;
}

void libfence_context_destroy_raw(struct libfence_context *ctx)
{
	struct libfence_driver_fence *df;
	struct seqno_list left = {};
	unsigned long flags;

	if (!ctx)
		return;
	might_sleep();

	while ((df = get_attached(ctx))) {
		local_irq_save(flags);
		if (finish(df, -ECANCELED) == FINISH_SIGNALS)
			seqno_list_add(&left, df->base.seqno);
		local_irq_restore(flags);
		dma_fence_put(&df->base);
	}
	if (left.nr) {
		seqno_list_flush(&left);
		WARN(1, "timeline %s %s is destroyed with %u unsignalled fences: they are, with -ECANCELED: %s",
		     ctx->driver, ctx->timeline, left.nr, left.text);
	}

	/* Ops that found a fence unsignalled; owners on their way to let_go(). */
	synchronize_rcu();
	if (ctx->has_destructors)
		rcu_barrier();
	kfree(ctx);
}
EXPORT_SYMBOL(libfence_context_destroy_raw);

/* The signalling section */

struct libfence_signalling libfence_signalling_begin(void)
{
	/* The kernel's cookie is true if there is nothing to be ended. */
	return (struct libfence_signalling){
		.begun = !__dma_fence_begin_signalling(_RET_IP_),
	};
}
EXPORT_SYMBOL(libfence_signalling_begin);

void libfence_signalling_end(struct libfence_signalling *section)
{
	if (!section->begun)
		return;
	section->begun = false;
	dma_fence_end_signalling(false);
}
EXPORT_SYMBOL(libfence_signalling_end);
