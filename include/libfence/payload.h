/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Typed driver fences: LIBFENCE_PAYLOAD(). Included by <libfence/driver-fence.h>. */
#ifndef LIBFENCE_PAYLOAD_H
#define LIBFENCE_PAYLOAD_H

#include <libfence/driver-fence.h>

/**
 * LIBFENCE_OPS - the type of a table of what a driver does for its fences
 * @type: type of the payload
 *
 *	static const LIBFENCE_OPS(struct job) job_ops = {
 *		.destroy = free_job,
 *	};
 *
 * Each is optional, and gets the payload, which is alive during the call.
 *
 * enable_signaling: somebody waits: see to it that the fence is signalled
 *	without being asked again. Called once at most, with the fence's lock
 *	held, so it must not signal the fence. False says that the work is done:
 *	the fence is signalled with success.
 * signaled: is the work done, with success? Once true, always true. Called by
 *	any number of threads at once, with the fence's lock held or not. Work
 *	that has failed is no reason to say true: its owner states the error.
 * set_deadline: somebody needs the fence by then (CLOCK_MONOTONIC, ns). Called
 *	by any number of threads at once; the earliest counts.
 * destroy: end what the payload refers to; its own memory is not to be freed.
 *	Called a grace period after the fence was signalled or dropped, on
 *	another thread, when no op can be running any more. As an RCU callback it
 *	must not sleep, wait for a fence, or take a lock.
 *
 * The first three are called inside of an RCU read-side section: they must not
 * sleep either.
 */
#define LIBFENCE_OPS(type)						\
	struct {							\
		bool (*enable_signaling)(type *payload) LIBFENCE_NO_OP_; \
		bool (*signaled)(type *payload) LIBFENCE_NO_OP_;	\
		void (*set_deadline)(type *payload, int64_t deadline)	\
			LIBFENCE_NO_OP_;				\
		void (*destroy)(type *payload) LIBFENCE_NO_OP_;		\
	}
/* C++ warns of those that are left out, unless they have a value to begin with. */
#if defined(__cplusplus) && __cplusplus >= 201402L
#define LIBFENCE_NO_OP_	= nullptr
#else
#define LIBFENCE_NO_OP_
#endif

/**
 * LIBFENCE_PAYLOAD - declare fences that carry a payload
 * @name: what the names below begin with
 * @type: the payload, without anything that would have to be ended
 *
 * Gives two types, and the functions on them:
 *
 *	struct NAME_prep	a preparation
 *	struct NAME_fence	a driver fence
 *
 *	struct NAME_prep *NAME_prepare(const TYPE *initial)
 *		NULL when there was no memory; NULL for @initial gives zeros
 *	TYPE *NAME_prep_payload(const struct NAME_prep *prep)
 *	void NAME_prep_free(struct NAME_prep **prep)
 *	struct NAME_fence *NAME_commit(struct libfence_context *ctx,
 *				       struct NAME_prep **prep)
 *
 *	TYPE *NAME_fence_payload(const struct NAME_fence *fence)
 *	const struct libfence *
 *	NAME_fence_consumer(const struct NAME_fence *fence)	a borrow
 *	struct libfence *
 *	NAME_fence_get(const struct NAME_fence *fence)		a reference
 *	void NAME_fence_signal(struct NAME_fence **fence, int result)
 *	void NAME_fence_drop(struct NAME_fence **fence)
 *	struct NAME_fence *NAME_fence_take(struct NAME_fence **fence)
 *		moves it out of a variable
 *
 *	void *NAME_fence_into_foreign(struct NAME_fence **fence)
 *	struct NAME_fence *NAME_fence_from_foreign(void *ptr)
 *	const struct NAME_fence *NAME_fence_borrow(const void *ptr)
 *
 * Those with a _free or _drop work with LIBFENCE_CLEANUP(). What each does is
 * with the libfence_ function that it calls.
 */
#define LIBFENCE_PAYLOAD(name, type)					\
	static const struct libfence_payload_type name##_type_ =	\
		{ sizeof(type), NULL, NULL, NULL, NULL };		\
	LIBFENCE_PAYLOAD_FUNCTIONS_(name, type,				\
		libfence_prepare_ops(&name##_type_, 0, initial))

/**
 * LIBFENCE_PAYLOAD_OPS - declare fences whose payload has ops or a destructor
 * @name: what the names begin with
 * @type: the payload
 * @ops: a constant LIBFENCE_OPS(@type)
 *
 * The same types and functions as LIBFENCE_PAYLOAD().
 */
#define LIBFENCE_PAYLOAD_OPS(name, type, ops)				\
	static LIBFENCE_UNUSED void name##_payload_destroy(void *payload) \
	{								\
		(ops).destroy((type *)payload);				\
	}								\
	static LIBFENCE_UNUSED bool					\
	name##_payload_enable_signaling(void *payload)			\
	{								\
		return (ops).enable_signaling((type *)payload);		\
	}								\
	static LIBFENCE_UNUSED bool name##_payload_signaled(void *payload) \
	{								\
		return (ops).signaled((type *)payload);			\
	}								\
	static LIBFENCE_UNUSED void					\
	name##_payload_set_deadline(void *payload, int64_t deadline)	\
	{								\
		(ops).set_deadline((type *)payload, deadline);		\
	}								\
	static const struct libfence_payload_type name##_type_ = {	\
		sizeof(type), name##_payload_destroy,			\
		name##_payload_enable_signaling,			\
		name##_payload_signaled, name##_payload_set_deadline	\
	};								\
	LIBFENCE_PAYLOAD_FUNCTIONS_(name, type,				\
		libfence_prepare_ops(&name##_type_,			\
			LIBFENCE_OP_(ops, enable_signaling,		\
				     LIBFENCE_ENABLE_SIGNALING) |	\
			LIBFENCE_OP_(ops, signaled, LIBFENCE_SIGNALED) | \
			LIBFENCE_OP_(ops, set_deadline,			\
				     LIBFENCE_SET_DEADLINE) |		\
			LIBFENCE_OP_(ops, destroy, LIBFENCE_DESTROY),	\
			initial))

/* Both of one type: C++ warns of an enumerator and a number. */
#define LIBFENCE_OP_(ops, op, bit)	((ops).op ? (unsigned int)(bit) : 0u)

/* In the order of the list above; @prepare sees initial. */
#define LIBFENCE_PAYLOAD_FUNCTIONS_(name, type, prepare)		\
	struct name##_prep;						\
	struct name##_fence;						\
	LIBFENCE_BYTES_(name##_payload, type);			\
									\
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK struct name##_prep *	\
	name##_prepare(const type *initial)				\
	{								\
		return (struct name##_prep *)prepare;			\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_NONNULL type *			\
	name##_prep_payload(const struct name##_prep *prep)		\
	{								\
		LIBFENCE_USES_(prep);					\
		return (type *)libfence_preparation_payload(		\
			(const struct libfence_preparation *)prep);	\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_NONNULL void				\
	name##_prep_free(struct name##_prep **prep)			\
	{								\
		struct name##_prep *gone = *prep;			\
									\
		if (gone)						\
			LIBFENCE_USES_(gone);				\
		*prep = NULL;						\
		libfence_preparation_free(				\
			(struct libfence_preparation *)gone);		\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK				\
	__attribute__((__nonnull__(2))) struct name##_fence *		\
	name##_commit(struct libfence_context *ctx,			\
		      struct name##_prep **prep)			\
	{								\
		struct name##_prep *gone = *prep;			\
		struct name##_fence *made;				\
									\
		if (gone)						\
			LIBFENCE_USES_(gone);				\
		*prep = NULL;						\
		made = (struct name##_fence *)libfence_commit(ctx,	\
			(struct libfence_preparation *)gone);		\
		LIBFENCE_NO_GUESS_(made);				\
		return made;						\
	}								\
									\
	LIBFENCE_INLINE_ LIBFENCE_NONNULL type *			\
	name##_fence_payload(const struct name##_fence *fence)		\
	{								\
		LIBFENCE_USES_(fence);					\
		return (type *)libfence_driver_fence_payload(		\
			(const struct libfence_driver_fence *)fence);	\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_NONNULL const struct libfence *	\
	name##_fence_consumer(const struct name##_fence *fence)		\
	{								\
		LIBFENCE_USES_(fence);					\
		return libfence_driver_fence_consumer(			\
			(const struct libfence_driver_fence *)fence);	\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK LIBFENCE_NONNULL		\
	struct libfence *						\
	name##_fence_get(const struct name##_fence *fence)		\
	{								\
		return libfence_get(name##_fence_consumer(fence));	\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_NONNULL void				\
	name##_fence_signal(struct name##_fence **fence, int result)	\
	{								\
		struct name##_fence *gone = *fence;			\
									\
		if (gone)						\
			LIBFENCE_USES_(gone);				\
		*fence = NULL;						\
		libfence_driver_fence_signal_raw(			\
			(struct libfence_driver_fence *)gone, result);	\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_NONNULL void				\
	name##_fence_drop(struct name##_fence **fence)			\
	{								\
		struct name##_fence *gone = *fence;			\
									\
		if (gone)						\
			LIBFENCE_USES_(gone);				\
		*fence = NULL;						\
		libfence_driver_fence_drop_raw(				\
			(struct libfence_driver_fence *)gone);		\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK LIBFENCE_NONNULL		\
	struct name##_fence *						\
	name##_fence_take(struct name##_fence **fence)			\
	{								\
		struct name##_fence *moved = *fence;			\
									\
		*fence = NULL;						\
		return moved;						\
	}								\
									\
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK LIBFENCE_NONNULL void *	\
	name##_fence_into_foreign(struct name##_fence **fence)		\
	{								\
		return name##_fence_take(fence);			\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK struct name##_fence *	\
	name##_fence_from_foreign(void *ptr)				\
	{								\
		return (struct name##_fence *)ptr;			\
	}								\
	LIBFENCE_INLINE_ const struct name##_fence *			\
	name##_fence_borrow(const void *ptr)				\
	{								\
		return (const struct name##_fence *)ptr;		\
	}								\
	struct name##_fence

#endif
