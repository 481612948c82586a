/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Typed driver fences: LIBFENCE_PAYLOAD() and LIBFENCE_PAYLOAD_OPS(). Included
 * by <libfence/driver-fence.h>.
 *
 * The macros define static inline functions. To read them as C, let gcc expand
 * them:
 *
 *	printf '%s\n' '#include <libfence/driver-fence.h>' \
 *		'struct job { int id; };' 'LIBFENCE_PAYLOAD(job, struct job);' |
 *	gcc -E -P -x c $(pkg-config --cflags libfence) - |
 *	tail -n 1 | sed 's/[;{}] /&\n/g'
 *
 * The expansion is one line; sed splits it after each statement. clang-format
 * does that more nicely.
 */
#ifndef LIBFENCE_PAYLOAD_H
#define LIBFENCE_PAYLOAD_H

#include <libfence/driver-fence.h>

/**
 * LIBFENCE_OPS - the type of a table of ops
 * @type: type of the payload
 *
 *	static const LIBFENCE_OPS(struct job) job_ops = {
 *		.destroy = free_job,
 *	};
 *
 * Each op is optional. It is called with the payload, which it borrows and
 * which is valid during the call. libfence_payload_context() finds the context.
 *
 * enable_signaling: a consumer waits for the fence or adds a callback. The
 *	driver makes sure that the fence will be signalled without any further
 *	call. Called at most once, with the fence's lock held, so it must not
 *	signal the fence. Returns false if the work is already done: the library
 *	then signals the fence with success.
 * signaled: returns true if the work is done with success. After it has
 *	returned true it must always return true. Any number of threads may call
 *	it at once, with or without the fence's lock. It returns false for work
 *	that has failed: the owner signals the error.
 * set_deadline: a consumer needs the fence at this time (CLOCK_MONOTONIC, in
 *	nanoseconds). Any number of threads may call it at once. The earliest
 *	deadline counts.
 * destroy: the destructor. It frees the objects that the payload refers to, but
 *	not the payload itself. It is an RCU callback: it runs on another
 *	thread, one grace period after the fence was signalled or dropped, when
 *	no op can be running. It must not sleep, wait for a fence, or take a
 *	lock. If a preparation is freed, it runs at once in
 *	libfence_preparation_free().
 *
 * The first three are called inside an RCU read-side section, so they must not
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
/* C++ warns of members that an initializer omits and that have no default. */
#if defined(__cplusplus) && __cplusplus >= 201402L
#define LIBFENCE_NO_OP_	= nullptr
#else
#define LIBFENCE_NO_OP_
#endif

/**
 * LIBFENCE_PAYLOAD - declare fences that carry a payload
 * @name: prefix of the names below, where it is written as NAME
 * @type: the payload type, below TYPE. It has no destructor; a payload that
 *	needs one is declared with LIBFENCE_PAYLOAD_OPS().
 *
 * Defines two types and their functions. A parameter that is a pointer to a
 * pointer is the address of the caller's variable, which is consumed and set to
 * NULL. A pointer to const is borrowed.
 *
 *	struct NAME_prep	a preparation
 *	struct NAME_fence	a driver fence
 *
 *	struct NAME_prep *NAME_prepare(const TYPE *initial)
 *		libfence_prepare(). NULL if there is no memory.
 *	TYPE *NAME_prep_payload(const struct NAME_prep *prep)
 *		libfence_preparation_payload()
 *	void NAME_prep_free(struct NAME_prep **prep)
 *		libfence_preparation_free()
 *	struct NAME_fence *NAME_commit(struct libfence_context *ctx,
 *				       struct NAME_prep **prep)
 *		libfence_commit(). The caller owns the driver fence.
 *
 *	struct NAME_prep *NAME_prepare_bound(struct libfence_context *ctx,
 *					     const TYPE *initial)
 *		libfence_prepare_bound(). NULL if there is no memory.
 *	struct NAME_fence *NAME_commit_bound(struct NAME_prep **prep)
 *		libfence_commit_bound(). The caller owns the driver fence.
 *	struct libfence_context *
 *	NAME_prep_context(const struct NAME_prep *prep)
 *		libfence_preparation_context(). The result is borrowed, or NULL.
 *	struct libfence_context *
 *	NAME_fence_context(const struct NAME_fence *fence)
 *		libfence_driver_fence_context(). Borrowed, or NULL.
 *
 *	TYPE *NAME_fence_payload(const struct NAME_fence *fence)
 *		libfence_driver_fence_payload()
 *	const struct libfence *
 *	NAME_fence_consumer(const struct NAME_fence *fence)
 *		libfence_driver_fence_consumer(). The result is borrowed.
 *	struct libfence *
 *	NAME_fence_get(const struct NAME_fence *fence)
 *		A new reference for a consumer, for libfence_put().
 *	void NAME_fence_signal(struct NAME_fence **fence, int result)
 *		libfence_driver_fence_signal_raw()
 *	void NAME_fence_drop(struct NAME_fence **fence)
 *		libfence_driver_fence_drop_raw()
 *	struct NAME_fence *NAME_fence_take(struct NAME_fence **fence)
 *		Moves the fence out of a variable: returns it, and sets the
 *		variable to NULL.
 *
 *	void *NAME_fence_into_foreign(struct NAME_fence **fence)
 *		The fence as a pointer that a container can store. The pointer
 *		owns the fence.
 *	struct NAME_fence *NAME_fence_from_foreign(void *ptr)
 *		The fence that such a pointer owned, once it is not stored.
 *	const struct NAME_fence *NAME_fence_borrow(const void *ptr)
 *		The fence, borrowed for as long as the pointer stays stored.
 *
 * Context, errors and the details of ownership are documented with the
 * functions that are named here. The functions without one can be called in any
 * context. NAME_prep_free and NAME_fence_drop work with LIBFENCE_CLEANUP().
 *
 * The comment at the top of this file says how to read the expansion.
 */
#define LIBFENCE_PAYLOAD(name, type)					\
	static const struct libfence_payload_type name##_type_ =	\
		{ sizeof(type), NULL, NULL, NULL, NULL };		\
	LIBFENCE_PAYLOAD_FUNCTIONS_(name, type, 0u)

/**
 * LIBFENCE_PAYLOAD_OPS - declare fences whose payload has ops or a destructor
 * @name: prefix of the names
 * @type: the payload type
 * @ops: a constant object of type LIBFENCE_OPS(@type), with static storage
 *
 * Defines the same types and functions as LIBFENCE_PAYLOAD().
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
		LIBFENCE_OP_(ops, enable_signaling,			\
			     LIBFENCE_ENABLE_SIGNALING) |		\
		LIBFENCE_OP_(ops, signaled, LIBFENCE_SIGNALED) |	\
		LIBFENCE_OP_(ops, set_deadline, LIBFENCE_SET_DEADLINE) | \
		LIBFENCE_OP_(ops, destroy, LIBFENCE_DESTROY))

/* The cast: C++ warns of an enumerator and a number in one expression. */
#define LIBFENCE_OP_(ops, op, bit)	((ops).op ? (unsigned int)(bit) : 0u)

/* In the order of the list above. @ops is an expression: the bits. */
#define LIBFENCE_PAYLOAD_FUNCTIONS_(name, type, ops)			\
	struct name##_prep;						\
	struct name##_fence;						\
	LIBFENCE_BYTES_(name##_payload, type);			\
									\
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK struct name##_prep *	\
	name##_prepare(const type *initial)				\
	{								\
		return (struct name##_prep *)				\
			libfence_prepare_ops(&name##_type_, ops, initial); \
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
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK				\
	__attribute__((__nonnull__(1))) struct name##_prep *		\
	name##_prepare_bound(struct libfence_context *ctx,		\
			     const type *initial)			\
	{								\
		return (struct name##_prep *)libfence_prepare_bound(ctx, \
			&name##_type_, ops, initial);			\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK LIBFENCE_NONNULL		\
	struct name##_fence *						\
	name##_commit_bound(struct name##_prep **prep)			\
	{								\
		struct name##_prep *gone = *prep;			\
		struct name##_fence *made;				\
									\
		if (gone)						\
			LIBFENCE_USES_(gone);				\
		*prep = NULL;						\
		made = (struct name##_fence *)libfence_commit_bound(	\
			(struct libfence_preparation *)gone);		\
		LIBFENCE_NO_GUESS_(made);				\
		return made;						\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_NONNULL struct libfence_context *	\
	name##_prep_context(const struct name##_prep *prep)		\
	{								\
		LIBFENCE_USES_(prep);					\
		return libfence_preparation_context(			\
			(const struct libfence_preparation *)prep);	\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_NONNULL struct libfence_context *	\
	name##_fence_context(const struct name##_fence *fence)		\
	{								\
		LIBFENCE_USES_(fence);					\
		return libfence_driver_fence_context(			\
			(const struct libfence_driver_fence *)fence);	\
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
