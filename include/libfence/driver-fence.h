/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The producer's view of fences.
 *
 *	struct job { int id; };
 *	LIBFENCE_PAYLOAD(job, struct job);
 *
 *	struct job_prep *prep = job_prepare(&(struct job){ .id = 7 });
 *	struct job_fence *fence = job_commit(ctx, &prep);
 *	struct libfence *consumer = job_fence_get(fence);
 *	...
 *	job_fence_signal(&fence, 0);
 *
 * A fence is made in two steps. Preparing allocates all the memory, may sleep
 * and may fail. Committing turns the preparation into a fence and cannot fail.
 * A driver fence has one owner. The owner signals it once, with a result. If
 * the owner drops it instead, it is signalled with -ECANCELED and a warning is
 * printed.
 *
 * A function that ends or moves an object takes the owner's variable by address
 * and sets it to NULL: the object is "consumed". A pointer to a const object is
 * "borrowed"; functions that consume do not accept it.
 *
 * docs/driver-fences.md is a tutorial.
 */
#ifndef LIBFENCE_DRIVER_FENCE_H
#define LIBFENCE_DRIVER_FENCE_H

#include <libfence/attributes.h>
#include <libfence/fence.h>

LIBFENCE_BEGIN_DECLS

/* A context of one driver: its fences share names and a sequence of numbers. */
struct libfence_context;
/* Memory with a payload in it that is not a fence yet. */
struct libfence_preparation;
/* A fence as its owner sees it: the owner has to signal it. */
struct libfence_driver_fence;

/**
 * libfence_context_destroy_raw - libfence_context_destroy() for bindings
 * @ctx: consumed; NULL does nothing. The caller's variable is not cleared.
 *
 * Context: as for libfence_context_destroy().
 */
void libfence_context_destroy_raw(struct libfence_context *ctx);

/**
 * libfence_context_create - create a context
 * @driver: name of the driver, copied
 * @timeline: timeline name, copied; libfence_timeline_name() returns it
 * @first: seqno of the first fence. Each further fence has the next number.
 * @data: any pointer of the driver's, for libfence_context_data(); or NULL. The
 *	library does not use it, and the driver keeps the object at @data.
 *
 * Context: may sleep.
 * Return: the context, which the caller owns and ends with
 * libfence_context_destroy(). NULL if there is no memory; NULL, with a warning,
 * if @driver or @timeline is NULL. libfence_context_create_typed() says why it
 * fails, with an errno.
 */
struct libfence_context *
libfence_context_create(const char *driver, const char *timeline,
			uint64_t first, void *data)
	LIBFENCE_MUST_CHECK LIBFENCE_ENDED_BY(libfence_context_destroy_raw, 1);

/**
 * struct libfence_context_type - describes the data that a context owns
 * @size: size of the data in bytes
 * @init: makes the data, or is NULL. It gets the data, zeroed and aligned to 16
 *	bytes, and the @arg of libfence_context_create_typed(), which it borrows
 *	or consumes as the driver likes. It returns 0, or a negative errno, with
 *	which the creation fails: it has then undone all that it did. May sleep.
 * @destroy: ends the objects of the data, but not the data itself; or is NULL.
 *	Called once, by libfence_context_destroy() on the thread that calls it,
 *	when no op and no destructor of a payload can use the data any more. May
 *	sleep.
 *
 * LIBFENCE_CONTEXT() in <libfence/context.h> defines one; language bindings
 * fill in their own. It is constant, belongs to the driver, and must stay valid
 * as long as the context.
 */
struct libfence_context_type {
	size_t size;
	int (*init)(void *data, void *arg);
	void (*destroy)(void *data);
};

/**
 * libfence_context_create_typed - create a context that owns data
 * @driver: name of the driver, copied
 * @timeline: timeline name, copied; libfence_timeline_name() returns it
 * @first: seqno of the first fence. Each further fence has the next number.
 * @type: type of the data, borrowed. NULL for a context without data of its
 *	own, as libfence_context_create() makes it; its @data is @arg then.
 * @arg: for the init function of @type
 * @err: where to store a negative errno on failure; or NULL
 *
 * The data is part of the context's only allocation.
 * Context: may sleep.
 * Return: the context, which the caller owns and ends with
 * libfence_context_destroy(). On failure NULL, with one of these errors:
 * -ENOMEM if there is no memory; -EINVAL, with a warning, if @driver or
 * @timeline is NULL; or the error of the init function. If its result is
 * neither 0 nor a negative errno, it warns, and the error is -EINVAL. If the
 * init function was not called, the caller keeps the objects of @arg.
 */
struct libfence_context *
libfence_context_create_typed(const char *driver, const char *timeline,
			      uint64_t first,
			      const struct libfence_context_type *type,
			      void *arg, int *err)
	LIBFENCE_MUST_CHECK LIBFENCE_ENDED_BY(libfence_context_destroy_raw, 1);

/**
 * libfence_context_destroy - destroy a context
 * @ctx: address of the context, which is consumed and set to NULL. If the
 *	variable is NULL, nothing happens.
 *
 * The caller must make sure that no thread prepares fences for the context or
 * commits fences to it any more. Fences of the context that are not signalled
 * are signalled with -ECANCELED, and one warning lists their seqnos. Their
 * owners keep the driver fences, and signal or drop them as usual.
 *
 * When this function returns, no op of a fence of this context is running or
 * will run, and the destructors have run of all payloads whose fences were
 * signalled or dropped before the call. The memory that these use may be freed.
 * If the context owns its data, the destructor of the data has run after all
 * of these. Fences and preparations that are left have no context any more.
 * Context: may sleep, and calls the destructor of the context's data. Not
 * inside libfence_rcu_read_lock(), not from a destructor of a payload or box.
 */
LIBFENCE_INLINE_ LIBFENCE_NONNULL void
libfence_context_destroy(struct libfence_context **ctx)
{
	struct libfence_context *gone = *ctx;

	*ctx = NULL;
	libfence_context_destroy_raw(gone);
}

/**
 * libfence_context_data - the data of a context
 * @ctx: borrowed
 *
 * Context: any.
 * Return: the data that the context owns, borrowed for as long as @ctx is and
 * aligned to 16 bytes. For a context that owns none, the @data that was given
 * to libfence_context_create().
 */
void *libfence_context_data(const struct libfence_context *ctx)
	LIBFENCE_NONNULL;

/**
 * libfence_context_number - the number of a context
 * @ctx: borrowed
 *
 * Context: any.
 * Return: the number that libfence_fence_context() returns for its fences.
 */
uint64_t libfence_context_number(const struct libfence_context *ctx)
	LIBFENCE_NONNULL;

/**
 * libfence_barrier - wait for pending destructors
 *
 * When this function returns, the destructors have run of all payloads and
 * boxes whose owners signalled or dropped them before the call. A library calls
 * it before it is unloaded.
 * Context: may sleep. Not inside libfence_rcu_read_lock(), not from a
 * destructor.
 */
void libfence_barrier(void);

/**
 * enum libfence_payload_op - the ops of a payload type, as bits
 * @LIBFENCE_ENABLE_SIGNALING: enable_signaling
 * @LIBFENCE_SIGNALED: signaled
 * @LIBFENCE_SET_DEADLINE: set_deadline
 * @LIBFENCE_DESTROY: destroy
 */
enum libfence_payload_op {
	LIBFENCE_ENABLE_SIGNALING = 1,
	LIBFENCE_SIGNALED = 2,
	LIBFENCE_SET_DEADLINE = 4,
	LIBFENCE_DESTROY = 8,
};

/**
 * struct libfence_payload_type - describes a payload type without its C type
 * @size: size of a payload in bytes
 * @destroy: see LIBFENCE_OPS(); or NULL
 * @enable_signaling: see LIBFENCE_OPS(); or NULL
 * @signaled: see LIBFENCE_OPS(); or NULL
 * @set_deadline: see LIBFENCE_OPS(); or NULL
 *
 * LIBFENCE_PAYLOAD() defines one; language bindings fill in their own. It is
 * constant, belongs to the driver, and must stay valid as long as there is a
 * preparation, a driver fence or a payload of this type.
 */
struct libfence_payload_type {
	size_t size;
	void (*destroy)(void *payload);
	bool (*enable_signaling)(void *payload);
	bool (*signaled)(void *payload);
	void (*set_deadline)(void *payload, int64_t deadline);
};

/* The typed functions call the functions below. So do language bindings. */

/**
 * libfence_preparation_free - free a preparation that is not needed
 * @prep: consumed; NULL does nothing. The caller's variable is not cleared.
 *
 * The destructor of its payload, if there is one, runs before this function
 * returns.
 * Context: any.
 */
void libfence_preparation_free(struct libfence_preparation *prep);

/**
 * libfence_driver_fence_signal_raw - signal a driver fence
 * @fence: consumed; the caller's variable is not cleared. NULL warns, because
 *	the variable of a fence that was consumed before is NULL.
 * @result: 0 or a negative errno. Any other value warns and counts as -EINVAL.
 *
 * All callbacks have run when this function returns. The payload is destroyed
 * on another thread, one grace period later, when no op can be using it. If an
 * op has said before that the work is done, the fence is already signalled with
 * success: a negative @result is then lost, with a warning.
 * Context: any, except an op or a callback of this fence.
 */
void libfence_driver_fence_signal_raw(struct libfence_driver_fence *fence,
				      int result);

/**
 * libfence_driver_fence_drop_raw - drop a driver fence
 * @fence: consumed; NULL does nothing. The caller's variable is not cleared.
 *
 * If the fence is not signalled, it is signalled with -ECANCELED, with a
 * warning. Callbacks and payload as for libfence_driver_fence_signal_raw().
 * Context: any, except an op or a callback of this fence.
 */
void libfence_driver_fence_drop_raw(struct libfence_driver_fence *fence);

/**
 * libfence_commit - turn a preparation into a fence
 * @ctx: the context that the fence belongs to, borrowed
 * @prep: consumed. The caller's variable is not cleared.
 *
 * The fence gets the next seqno of @ctx. This function does not fail and does
 * not allocate memory.
 *
 * If @ctx is NULL, because the context was destroyed, this function warns and
 * returns a fence that is signalled with -ECANCELED. If @prep is NULL, because
 * it was consumed before, this function warns and returns NULL. If @prep is
 * bound to another context, this function warns and commits it to that.
 * Context: any.
 * Return: the driver fence. The caller owns it and has to signal or drop it.
 */
struct libfence_driver_fence *
libfence_commit(struct libfence_context *ctx, struct libfence_preparation *prep)
	LIBFENCE_MUST_CHECK
	LIBFENCE_ENDED_BY(libfence_driver_fence_signal_raw, 1)
	LIBFENCE_ENDED_BY(libfence_driver_fence_drop_raw, 1);

/**
 * libfence_commit_bound - turn a bound preparation into a fence
 * @prep: from libfence_prepare_bound(), consumed. The caller's variable is not
 *	cleared.
 *
 * libfence_commit() with the context of @prep. If @prep is not bound, or its
 * context was destroyed, this function warns and returns a fence that is
 * signalled with -ECANCELED.
 * Context: any.
 * Return: as libfence_commit().
 */
struct libfence_driver_fence *
libfence_commit_bound(struct libfence_preparation *prep)
	LIBFENCE_MUST_CHECK
	LIBFENCE_ENDED_BY(libfence_driver_fence_signal_raw, 1)
	LIBFENCE_ENDED_BY(libfence_driver_fence_drop_raw, 1);

/**
 * libfence_prepare_ops - prepare a fence, with some of the ops of its type
 * @type: type of the payload, borrowed; NULL for a fence without a payload
 * @ops: the ops of @type that the fence uses, as bits of enum
 *	libfence_payload_op. The function of each op must not be NULL.
 * @initial: the payload becomes a copy of it; NULL gives a payload of zeros.
 *	On success the copy owns the objects that @initial refers to.
 *
 * This is the only allocation in the life of a fence.
 * Context: may sleep.
 * Return: the preparation, which the caller owns and has to commit or free.
 * NULL if there is no memory: the caller then keeps the objects that @initial
 * refers to.
 */
struct libfence_preparation *
libfence_prepare_ops(const struct libfence_payload_type *type, unsigned int ops,
		     const void *initial)
	LIBFENCE_MUST_CHECK
	LIBFENCE_ENDED_BY(libfence_preparation_free, 1)
	LIBFENCE_ENDED_BY(libfence_commit, 2);

/**
 * libfence_prepare - prepare a fence
 * @type: type of the payload, borrowed; NULL for a fence without a payload
 * @initial: the payload becomes a copy of it; NULL gives a payload of zeros.
 *	On success the copy owns the objects that @initial refers to.
 *
 * libfence_prepare_ops() with all ops of @type that are not NULL.
 * Context: may sleep.
 * Return: as libfence_prepare_ops().
 */
struct libfence_preparation *
libfence_prepare(const struct libfence_payload_type *type, const void *initial)
	LIBFENCE_MUST_CHECK
	LIBFENCE_ENDED_BY(libfence_preparation_free, 1)
	LIBFENCE_ENDED_BY(libfence_commit, 2);

/**
 * libfence_prepare_bound - prepare a fence for one context
 * @ctx: the context, borrowed. Must not be NULL: that warns and fails.
 * @type: as for libfence_prepare_ops()
 * @ops: as for libfence_prepare_ops()
 * @initial: as for libfence_prepare_ops()
 *
 * The preparation keeps the memory of @ctx, but not its data, so @ctx may be
 * destroyed before the preparation is committed: it is then without a context,
 * and a commit gives a fence that is signalled with -ECANCELED, with a warning.
 * libfence_preparation_context() and the payload find @ctx before the commit.
 * Context: may sleep.
 * Return: the preparation, for libfence_commit_bound() or
 * libfence_preparation_free(). NULL if there is no memory: the caller keeps
 * the objects that @initial refers to.
 */
struct libfence_preparation *
libfence_prepare_bound(struct libfence_context *ctx,
		       const struct libfence_payload_type *type,
		       unsigned int ops, const void *initial)
	LIBFENCE_MUST_CHECK
	LIBFENCE_ENDED_BY(libfence_preparation_free, 1)
	LIBFENCE_ENDED_BY(libfence_commit, 2)
	LIBFENCE_ENDED_BY(libfence_commit_bound, 1);

/**
 * libfence_preparation_context - the context of a bound preparation
 * @prep: borrowed
 *
 * Context: any.
 * Return: as libfence_driver_fence_context(); NULL if @prep is not bound.
 */
struct libfence_context *
libfence_preparation_context(const struct libfence_preparation *prep)
	LIBFENCE_NONNULL;

/**
 * libfence_driver_fence_context - the context of a driver fence
 * @fence: borrowed
 *
 * Context: any.
 * Return: the context, borrowed until @fence is consumed and until the context
 * is destroyed. NULL if it was destroyed, or if there never was one.
 *
 * While another thread may be destroying the context, call this function and
 * use the result inside one section of libfence_rcu_read_lock(): the context
 * and its data stay until the end of the section. Ops and destructors of
 * payloads are called inside such a section.
 */
struct libfence_context *
libfence_driver_fence_context(const struct libfence_driver_fence *fence)
	LIBFENCE_NONNULL;

/**
 * libfence_payload_context - the context of a payload, for use in ops
 * @payload: the payload of a preparation or a driver fence, borrowed. It has to
 *	be that pointer, not one to a copy or to a member.
 *
 * Context: any.
 * Return: as libfence_driver_fence_context(). In an op it is never NULL. In the
 * destructor of a payload it is NULL if the owner signalled the fence after the
 * context was destroyed.
 */
struct libfence_context *libfence_payload_context(const void *payload)
	LIBFENCE_NONNULL;

/**
 * libfence_preparation_payload - the payload of a preparation
 * @prep: borrowed
 *
 * Context: any.
 * Return: the payload, borrowed until the preparation is consumed. It is
 * aligned to 16 bytes.
 */
void *libfence_preparation_payload(const struct libfence_preparation *prep)
	LIBFENCE_NONNULL;

/**
 * libfence_driver_fence_payload - the payload of a driver fence
 * @fence: borrowed
 *
 * Ops may be using the payload on other threads at the same time.
 * Context: any.
 * Return: the payload, borrowed until the driver fence is consumed. It is
 * aligned to 16 bytes.
 */
void *libfence_driver_fence_payload(const struct libfence_driver_fence *fence)
	LIBFENCE_NONNULL;

/**
 * libfence_driver_fence_consumer - the consumer's view of a driver fence
 * @fence: borrowed
 *
 * Context: any.
 * Return: the same fence, borrowed until the driver fence is consumed. Use
 * libfence_get() to take a reference to it.
 */
LIBFENCE_INLINE_ LIBFENCE_NONNULL const struct libfence *
libfence_driver_fence_consumer(const struct libfence_driver_fence *fence)
{
	/* Both views start at the beginning of the allocation. */
	return (const struct libfence *)fence;
}

/**
 * struct libfence_signalling - a fence-signalling critical section
 * @begun: libfence_signalling_end() has something to end
 */
struct libfence_signalling {
	bool begun;
};

/**
 * libfence_signalling_begin - begin a fence-signalling critical section
 *
 * Code between publishing a fence and signalling it must not wait for a fence.
 * It must not allocate memory in a way that may sleep. It must not take a lock
 * that any thread holds while it waits for a fence or makes such an allocation.
 * A library that was built with -Dchecks=true reports code that breaks these
 * rules, and where the section began.
 * Context: any. Sections nest.
 * Return: the section, for libfence_signalling_end() on the same thread.
 */
struct libfence_signalling libfence_signalling_begin(void) LIBFENCE_MUST_CHECK;

/**
 * libfence_signalling_end - end a fence-signalling critical section
 * @section: from libfence_signalling_begin() on this thread; the caller keeps
 *	the memory. If the section is already ended, nothing happens.
 *
 * Context: any.
 */
void libfence_signalling_end(struct libfence_signalling *section)
	LIBFENCE_NONNULL;

/**
 * LIBFENCE_SIGNALLING_GUARD - a section that ends at the end of the block
 *
 * libfence_signalling_begin() here, and libfence_signalling_end() when control
 * leaves the enclosing block.
 */
#define LIBFENCE_SIGNALLING_GUARD()					\
	struct libfence_signalling					\
	LIBFENCE_PASTE_(libfence_section_, __LINE__)			\
	LIBFENCE_CLEANUP(libfence_signalling_end) LIBFENCE_UNUSED =	\
		libfence_signalling_begin()

LIBFENCE_END_DECLS

#include <libfence/payload.h>

#endif
