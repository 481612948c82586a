// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The producer's side, <libfence/driver-fence.h>: contexts and driver fences. A
 * driver fence has one owner and a payload, and is signalled in every case.
 *
 * A driver fence is one allocation that begins with the dma_fence, so that
 * dma_fence_free() frees it. Its life:
 *
 *	preparation --commit--> attached, unsignalled --signal or drop-->
 *	detached, signalled --a grace period--> payload destroyed
 *	--last reference, a grace period--> freed
 *
 * D1  The owner has a reference until it signals or drops the fence. If the
 *     payload has a destructor, the reference then passes to the RCU callback
 *     that runs the destructor.
 * D2  libfence_context_destroy() finds the fences that are attached to the
 *     context. A fence is detached under its own lock, either by its owner
 *     before the owner's reference is put, or by libfence_context_destroy(),
 *     which does not return before all fences are detached. So code that holds
 *     the lock of an attached fence may use its context.
 * D3  The core, which does not know driver fences, may signal a fence before
 *     its owner does: when an op says that the work is done.
 * D4  Ops use the payload and the context under RCU, and only if the fence was
 *     unsignalled in the same read-side section. Both are valid for at least a
 *     grace period after the fence was signalled. So is the context's data.
 * D5  The memory of a context stays as long as a preparation, a driver fence or
 *     a payload that is not destroyed refers to it. An attached fence needs no
 *     reference for that. A bound preparation has one, and a fence gets one
 *     when libfence_context_destroy() detaches it. The owner's end puts it,
 *     after the destructor of the payload.
 * D6  The data of a context ends in libfence_context_destroy(), after the ops
 *     and after the destructors of the payloads. Those that have a reference
 *     then find no context any more.
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

/* A power of two. The slots of a context are used without a lock. */
#define NR_SLOTS	128
#define PAYLOAD_ALIGN	16

struct libfence_context {
	u64 number;
	/* The driver's, or behind @names if the context owns it. */
	void *data;
	/* Constant; NULL if the context does not own @data. */
	const struct libfence_context_type *type;
	/* That of the driver until it destroys the context, and those of D5. */
	atomic_t refs;
	/* Destroyed: only the references of D5 are left. Never cleared. */
	bool gone;
	/* Point into @names. */
	const char *driver, *timeline;
	/* The seqno of the next fence. */
	atomic64_t seqno;
	/*
	 * Attached fences, each in the slot of its seqno. If the slot is taken,
	 * the fence is attached to @overflow.
	 */
	struct libfence_driver_fence *slots[NR_SLOTS];
	/* Protects @overflow. Nests inside a fence's lock, never around it. */
	spinlock_t lock;
	struct list_head overflow;
	/* Payloads of this context have a destructor. Never cleared. */
	bool has_destructors;
	char names[];
};

struct libfence_driver_fence {
	struct dma_fence base;
	/* Constant from the commit on; NULL if there is no context. */
	struct libfence_context *ctx;
	/* Constant. @ops says which of its functions are used. */
	const struct libfence_payload_type *type;
	union {
		/* Under ctx->lock: in the context's overflow list. */
		struct list_head node;
		/* With a destructor, after the owner has given up the fence. */
		struct rcu_head rcu;
	};
	/*
	 * Under the fence's lock: attached in @slot, or in the overflow list,
	 * or not attached when neither is set.
	 */
	struct libfence_driver_fence **slot;
	bool overflowed;
	/* Until the commit, and under the fence's lock: a reference to @ctx. */
	bool has_ctx_ref;
	/* Constant: enum libfence_payload_op */
	u8 ops;
	char payload[] __aligned(PAYLOAD_ALIGN);
};

/* A preparation is a driver fence without base, slot and overflowed. */
static struct libfence_driver_fence *
from_preparation(const struct libfence_preparation *prep)
{
	return (struct libfence_driver_fence *)prep;
}

static struct libfence_driver_fence *to_driver_fence(struct dma_fence *fence)
{
	return container_of(fence, struct libfence_driver_fence, base);
}

/* Backend ops */

static const char *driver_fence_driver_name(struct dma_fence *fence)
{
	struct libfence_context *ctx = to_driver_fence(fence)->ctx;

	return ctx ? ctx->driver : "no-driver";
}

static const char *driver_fence_timeline_name(struct dma_fence *fence)
{
	struct libfence_context *ctx = to_driver_fence(fence)->ctx;

	return ctx ? ctx->timeline : "no-timeline";
}

static bool driver_fence_enable_signaling(struct dma_fence *fence)
{
	struct libfence_driver_fence *df = to_driver_fence(fence);

	return df->type->enable_signaling(df->payload);
}

static bool driver_fence_signaled(struct dma_fence *fence)
{
	struct libfence_driver_fence *df = to_driver_fence(fence);

	return df->type->signaled(df->payload);
}

static void driver_fence_set_deadline(struct dma_fence *fence,
				      ktime_t deadline)
{
	struct libfence_driver_fence *df = to_driver_fence(fence);

	df->type->set_deadline(df->payload, ktime_to_ns(deadline));
}

/*
 * The core does more work for a fence that has an op, so there is a table for
 * each combination of ops. None has a release or wait op, so the core clears
 * the ops of a fence when it signals the fence.
 */
#define OPS(bits)							\
	[bits] = {							\
		.get_driver_name = driver_fence_driver_name,		\
		.get_timeline_name = driver_fence_timeline_name,	\
		.enable_signaling = (bits) & LIBFENCE_ENABLE_SIGNALING ? \
				driver_fence_enable_signaling : NULL,	\
		.signaled = (bits) & LIBFENCE_SIGNALED ?		\
				    driver_fence_signaled : NULL,	\
		.set_deadline = (bits) & LIBFENCE_SET_DEADLINE ?	\
					driver_fence_set_deadline : NULL, \
	}
static const struct dma_fence_ops backend_ops[] = {
	OPS(0), OPS(1), OPS(2), OPS(3), OPS(4), OPS(5), OPS(6), OPS(7),
};

/* Payloads */

static void driver_fence_destroy_payload(struct libfence_driver_fence *df)
{
	/*
	 * The destructor may use the data of the context. If the context is
	 * destroyed meanwhile, only the read-side section keeps the data.
	 */
	rcu_read_lock();
	run_destructor(df->type->destroy, df->payload);
	rcu_read_unlock();
}

static void context_get(struct libfence_context *ctx)
{
	/* Relaxed: the caller has a reference, or @ctx is not destroyed. */
	atomic_inc(&ctx->refs);
}

static void context_put(struct libfence_context *ctx)
{
	/*
	 * F2: full barrier. Pairs with itself on other threads, and with A2 in
	 * libfence_context_destroy_raw(). Without it, the context may be freed,
	 * or its data ended, before this thread has used it.
	 */
	if (atomic_dec_and_test(&ctx->refs))
		kfree(ctx);
}

/* The last use of the context by a driver fence or a preparation, see D5. */
static void driver_fence_put_context(struct libfence_driver_fence *df)
{
	if (df->has_ctx_ref)
		context_put(df->ctx);
}

/* Put the owner's references. */
static void driver_fence_put(struct libfence_driver_fence *df)
{
	driver_fence_put_context(df);
	dma_fence_put(&df->base);
}

static void driver_fence_destroy_payload_rcu(struct rcu_head *rcu)
{
	struct libfence_driver_fence *df =
		container_of(rcu, struct libfence_driver_fence, rcu);

	driver_fence_destroy_payload(df);
	driver_fence_put(df);
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
	df->ctx = NULL;
	df->has_ctx_ref = false;
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

struct libfence_preparation *
libfence_prepare_bound(struct libfence_context *ctx,
		       const struct libfence_payload_type *type,
		       unsigned int ops, const void *initial)
{
	struct libfence_preparation *prep;
	struct libfence_driver_fence *df;

	if (WARN(!ctx, "a bound preparation needs a context"))
		return NULL;
	prep = libfence_prepare_ops(type, ops, initial);
	if (!prep)
		return NULL;
	df = from_preparation(prep);
	context_get(ctx);
	df->ctx = ctx;
	df->has_ctx_ref = true;
	return prep;
}
EXPORT_SYMBOL(libfence_prepare_bound);

void *libfence_preparation_payload(const struct libfence_preparation *prep)
{
	return from_preparation(prep)->payload;
}
EXPORT_SYMBOL(libfence_preparation_payload);

void libfence_preparation_free(struct libfence_preparation *prep)
{
	struct libfence_driver_fence *df = from_preparation(prep);

	if (!df)
		return;
	/* No other thread has seen it: no grace period is needed. */
	if (df->ops & LIBFENCE_DESTROY) {
		if (df->has_ctx_ref)
			driver_fence_destroy_payload(df);
		else
			run_destructor(df->type->destroy, df->payload);
	}
	driver_fence_put_context(df);
	kfree(df);
}
EXPORT_SYMBOL(libfence_preparation_free);

/* Attaching and detaching */

static void driver_fence_attach(struct libfence_context *ctx,
				struct libfence_driver_fence *df)
{
	unsigned long flags;

	df->overflowed = false;
	df->slot = &ctx->slots[df->base.seqno % NR_SLOTS];
	/*
	 * F1: full barrier. Pairs with A1 in context_get_attached(). Without
	 * it, that function may find the fence before it is initialised.
	 */
	if (likely(!cmpxchg(df->slot, NULL, df)))
		return;
	df->slot = NULL;
	df->overflowed = true;
	spin_lock_irqsave(&ctx->lock, flags);
	list_add_tail(&df->node, &ctx->overflow);
	spin_unlock_irqrestore(&ctx->lock, flags);
}

/* Detach a fence. The fence's lock is held. Returns false if not attached. */
static bool driver_fence_detach(struct libfence_driver_fence *df)
{
	if (df->slot) {
		/*
		 * No partner: a grace period orders the stores of this thread
		 * before libfence_context_destroy_raw() frees the context. The
		 * release is only a precaution.
		 */
		smp_store_release(df->slot, NULL);
		df->slot = NULL;
		return true;
	}
	if (df->overflowed) {
		spin_lock(&df->ctx->lock);
		list_del(&df->node);
		spin_unlock(&df->ctx->lock);
		df->overflowed = false;
		return true;
	}
	return false;
}

/* Give a detached fence a reference to its context. Its lock is held. */
static void driver_fence_get_context(struct libfence_driver_fence *df)
{
	if (df->has_ctx_ref)
		return;
	context_get(df->ctx);
	df->has_ctx_ref = true;
}

struct libfence_driver_fence *
libfence_commit(struct libfence_context *ctx, struct libfence_preparation *prep)
{
	struct libfence_driver_fence *df = from_preparation(prep);

	if (WARN(!df, "commit of a preparation that was used before"))
		return NULL;
	if (!df->has_ctx_ref) {
		df->ctx = ctx;
	} else if (ctx) {
		WARN(ctx != df->ctx, "a preparation that is bound to another context: it is committed to that");
		ctx = READ_ONCE(df->ctx->gone) ? NULL : df->ctx;
	}
	if (likely(ctx)) {
		/* Relaxed: the seqno has to be unique, and orders nothing. */
		u64 seqno = atomic64_fetch_add_relaxed(1, &ctx->seqno);

		dma_fence_init64(&df->base, &backend_ops[df->ops & 7], NULL,
				 ctx->number, seqno);
		if (df->ops & LIBFENCE_DESTROY &&
		    !READ_ONCE(ctx->has_destructors))
			WRITE_ONCE(ctx->has_destructors, true);
		driver_fence_attach(ctx, df);
		return df;
	}
	WARN(1, "commit to a context that was destroyed: the fence is signalled with -ECANCELED");
	df->slot = NULL;
	df->overflowed = false;
	dma_fence_init64(&df->base, &backend_ops[df->ops & 7], NULL,
			 dma_fence_context_alloc(1), 0);
	dma_fence_set_error(&df->base, -ECANCELED);
	dma_fence_signal(&df->base);
	return df;
}
EXPORT_SYMBOL(libfence_commit);

struct libfence_driver_fence *
libfence_commit_bound(struct libfence_preparation *prep)
{
	struct libfence_driver_fence *df = from_preparation(prep);

	return libfence_commit(df ? df->ctx : NULL, prep);
}
EXPORT_SYMBOL(libfence_commit_bound);

void *libfence_driver_fence_payload(const struct libfence_driver_fence *fence)
{
	return (void *)fence->payload;
}
EXPORT_SYMBOL(libfence_driver_fence_payload);

/* From a payload to its context */

static struct libfence_context *
driver_fence_context(const struct libfence_driver_fence *df)
{
	struct libfence_context *ctx = df->ctx;

	/*
	 * Relaxed: a reader that finds a context which is being destroyed is
	 * in a read-side section, which libfence_context_destroy_raw() awaits
	 * before it ends the data.
	 */
	return ctx && !READ_ONCE(ctx->gone) ? ctx : NULL;
}

struct libfence_context *
libfence_preparation_context(const struct libfence_preparation *prep)
{
	return driver_fence_context(from_preparation(prep));
}
EXPORT_SYMBOL(libfence_preparation_context);

struct libfence_context *
libfence_driver_fence_context(const struct libfence_driver_fence *fence)
{
	return driver_fence_context(fence);
}
EXPORT_SYMBOL(libfence_driver_fence_context);

struct libfence_context *libfence_payload_context(const void *payload)
{
	return driver_fence_context(container_of(payload,
		const struct libfence_driver_fence, payload[0]));
}
EXPORT_SYMBOL(libfence_payload_context);

/* Signalling and dropping */

enum finish_result {
	/* This call has signalled the fence. */
	FINISH_SIGNALS,
	/* An op had signalled it. */
	FINISH_SIGNALLED,
	/* It was signalled and not attached: its context was destroyed. */
	FINISH_CANCELED
};

/*
 * Detach @df, and signal it with @result unless it is signalled. The caller is
 * the owner, or libfence_context_destroy(). Interrupts are disabled, which is a
 * read-side section: the context is valid until its end.
 * libfence_context_destroy() waits for that before it waits for destructors.
 */
static enum finish_result driver_fence_finish(struct libfence_driver_fence *df,
					      int result, bool by_owner)
{
	/* libfence_commit() has initialised it with the lock inside. */
	spinlock_t *lock = &df->base.inline_lock;
	enum finish_result how = FINISH_SIGNALLED;

	spin_lock(lock);
	if (!driver_fence_detach(df))
		how = FINISH_CANCELED;
	else if (!by_owner)
		driver_fence_get_context(df);
	if (!dma_fence_test_signaled_flag(&df->base)) {
		how = FINISH_SIGNALS;
		if (result)
			dma_fence_set_error(&df->base, result);
		dma_fence_signal_locked(&df->base);
	}
	spin_unlock(lock);
	return how;
}

/* Put the owner's reference, and have the payload destroyed. */
static void driver_fence_put_owner(struct libfence_driver_fence *df)
{
	if (df->ops & LIBFENCE_DESTROY)
		call_rcu(&df->rcu, driver_fence_destroy_payload_rcu);
	else
		driver_fence_put(df);
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
	if (driver_fence_finish(df, result, true) == FINISH_SIGNALLED)
		WARN(result, "an op has signalled fence %llu:%llu as done: its result %d is lost",
		     (unsigned long long)df->base.context,
		     (unsigned long long)df->base.seqno, result);
	driver_fence_put_owner(df);
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
	if (driver_fence_finish(df, -ECANCELED, true) == FINISH_SIGNALS)
		WARN(1, "driver fence %llu:%llu of context \"%s/%s\" was dropped unsignalled: it is signalled with -ECANCELED",
		     (unsigned long long)df->base.context,
		     (unsigned long long)df->base.seqno,
		     driver_fence_driver_name(&df->base),
		     driver_fence_timeline_name(&df->base));
	driver_fence_put_owner(df);
	local_irq_restore(flags);
	dma_fence_end_signalling(cookie);
}
EXPORT_SYMBOL(libfence_driver_fence_drop_raw);

/* Contexts */

/* With -Dchecks=true, the contexts that were destroyed last. */
#define NR_DESTROYED	16
static struct libfence_context *destroyed[NR_DESTROYED];
static atomic_t next_destroyed;

/* A context was created at this address. */
static void context_forget_destroyed(struct libfence_context *ctx)
{
	unsigned int i;

	/* No partner: it only has to be atomic. */
	for (i = 0; IS_ENABLED(LFSHIM_CHECKS) && i < NR_DESTROYED; i++)
		cmpxchg(&destroyed[i], ctx, NULL);
}

static void context_remember_destroyed(struct libfence_context *ctx,
				       unsigned long ip)
{
	unsigned int i;

	if (!IS_ENABLED(LFSHIM_CHECKS))
		return;
	/* No partner: it only has to be atomic. */
	i = (unsigned int)atomic_inc_return(&next_destroyed) % NR_DESTROYED;
	lfshim_place_note(ctx, ip);
	WRITE_ONCE(destroyed[i], ctx);
}

/* Warns if it was destroyed before. Its memory is not read. */
static bool context_is_destroyed(const struct libfence_context *ctx,
				 unsigned long ip)
{
	unsigned int i;

	for (i = 0; IS_ENABLED(LFSHIM_CHECKS) && i < NR_DESTROYED; i++)
		if (READ_ONCE(destroyed[i]) == ctx) {
			lfshim_report_twice("a context is destroyed", ctx, ip);
			return true;
		}
	return false;
}

/* Data of its own is behind the names. */
static size_t context_data_offset(size_t names_size)
{
	/* Two strings in memory are too short for this to overflow. */
	return ALIGN(sizeof(struct libfence_context) + names_size,
		     PAYLOAD_ALIGN);
}

/* Returns 0, or a negative errno. */
static int context_init_data(struct libfence_context *ctx, size_t offset,
			     const struct libfence_context_type *type,
			     void *arg)
{
	int err;

	if (!type) {
		ctx->data = arg;
		return 0;
	}
	ctx->data = (char *)ctx + offset;
	if (!type->init)
		return 0;
	err = type->init(ctx->data, arg);
	if (WARN(err > 0 || err < -MAX_ERRNO,
		 "an initialiser returns 0 or a negative errno, not %d: it counts as -EINVAL",
		 err))
		return -EINVAL;
	return err;
}

static int context_create(struct libfence_context **res, const char *driver,
			  const char *timeline, uint64_t first,
			  const struct libfence_context_type *type, void *arg)
{
	size_t driver_size, timeline_size, offset, size;
	struct libfence_context *ctx;
	int err;

	if (WARN(!driver || !timeline, "a context needs two names"))
		return -EINVAL;
	driver_size = strlen(driver) + 1;
	timeline_size = strlen(timeline) + 1;
	offset = context_data_offset(driver_size + timeline_size);
	if (check_add_overflow(offset, type ? type->size : 0, &size))
		return -ENOMEM;
	ctx = kzalloc(size, GFP_KERNEL);
	if (!ctx)
		return -ENOMEM;
	err = context_init_data(ctx, offset, type, arg);
	if (err) {
		kfree(ctx);
		return err;
	}
	context_forget_destroyed(ctx);
	memcpy(ctx->names, driver, driver_size);
	memcpy(ctx->names + driver_size, timeline, timeline_size);
	ctx->driver = ctx->names;
	ctx->timeline = ctx->names + driver_size;
	ctx->number = dma_fence_context_alloc(1);
	ctx->type = type;
	atomic_set(&ctx->refs, 1);
	atomic64_set(&ctx->seqno, first);
	spin_lock_init(&ctx->lock);
	INIT_LIST_HEAD(&ctx->overflow);
	*res = ctx;
	return 0;
}

struct libfence_context *
libfence_context_create_typed(const char *driver, const char *timeline,
			      uint64_t first,
			      const struct libfence_context_type *type,
			      void *arg, int *err)
{
	struct libfence_context *ctx = NULL;
	int ret = context_create(&ctx, driver, timeline, first, type, arg);

	if (ret && err)
		*err = ret;
	return ctx;
}
EXPORT_SYMBOL(libfence_context_create_typed);

struct libfence_context *
libfence_context_create(const char *driver, const char *timeline,
			uint64_t first, void *data)
{
	return libfence_context_create_typed(driver, timeline, first, NULL,
					     data, NULL);
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
static struct libfence_driver_fence *
context_get_attached(struct libfence_context *ctx)
{
	struct libfence_driver_fence *df, *first;
	unsigned long flags;
	int i;

	/* Disabled interrupts are a read-side section: no fence is freed. */
	spin_lock_irqsave(&ctx->lock, flags);
	do {
		first = list_first_entry_or_null(&ctx->overflow,
				struct libfence_driver_fence, node);
		for (i = 0; i < NR_SLOTS; i++) {
			/*
			 * A1: acquire. Pairs with F1 in driver_fence_attach().
			 * Without it, the seqno and the reference count may be
			 * read before they are initialised.
			 */
			df = rcu_dereference_check(ctx->slots[i],
						   irqs_disabled());
			if (df && (!first ||
				   df->base.seqno < first->base.seqno))
				first = df;
		}
		/* A fence without references has left its slot: try again. */
	} while (first && !dma_fence_get_rcu(&first->base));
	spin_unlock_irqrestore(&ctx->lock, flags);
	return first;
}

/* Formats seqnos for a warning: "3, 5-9, ...". */
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

	if (!ctx || context_is_destroyed(ctx, _RET_IP_))
		return;
	might_sleep();

	while ((df = context_get_attached(ctx))) {
		local_irq_save(flags);
		if (driver_fence_finish(df, -ECANCELED, false) == FINISH_SIGNALS)
			seqno_list_add(&left, df->base.seqno);
		local_irq_restore(flags);
		dma_fence_put(&df->base);
	}
	if (left.nr) {
		seqno_list_flush(&left);
		WARN(1, "context \"%s/%s\" is destroyed with %u unsignalled fences, now signalled with -ECANCELED: %s",
		     ctx->driver, ctx->timeline, left.nr, left.text);
	}

	context_remember_destroyed(ctx, _RET_IP_);
	/*
	 * Wait for ops that found a fence unsignalled, and for owners that have
	 * not reached driver_fence_put_owner() yet.
	 */
	synchronize_rcu();
	if (ctx->has_destructors)
		rcu_barrier();
	/*
	 * A2: acquire. Pairs with F2 in context_put(). Without it, the data may
	 * be ended before the last destructor of a payload has used it.
	 */
	if (atomic_read_acquire(&ctx->refs) > 1) {
		/* Wait for readers that have found the context, see D6. */
		WRITE_ONCE(ctx->gone, true);
		synchronize_rcu();
	}
	if (ctx->type && ctx->type->destroy)
		ctx->type->destroy(ctx->data);
	context_put(ctx);
}
EXPORT_SYMBOL(libfence_context_destroy_raw);

/* The signalling section */

struct libfence_signalling libfence_signalling_begin(void)
{
	/* The cookie is true if there is nothing to end. */
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
