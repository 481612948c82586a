/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The producer's side of fences.
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
 * Memory is prepared ahead, where there is time to wait and to fail. Committing
 * makes it a fence, which cannot fail. A driver fence has one owner, who signals
 * it once, with a result; one that goes away without is signalled all the same,
 * with -ECANCELED and a warning.
 *
 * What ends or moves an object takes the owner's variable by address and clears
 * it. A pointer to a constant object is a borrow, which nothing of that accepts.
 *
 * docs/driver-fences.md teaches all of it in ten minutes.
 */
#ifndef LIBFENCE_DRIVER_FENCE_H
#define LIBFENCE_DRIVER_FENCE_H

#include <libfence/attributes.h>
#include <libfence/fence.h>

LIBFENCE_BEGIN_DECLS

/* A timeline of one driver. */
struct libfence_context;
/* Memory with a payload in it, and no fence yet. */
struct libfence_preparation;
/* A fence that is to be signalled by its one owner. */
struct libfence_driver_fence;

/**
 * libfence_context_destroy_raw - libfence_context_destroy() for bindings
 * @ctx: consumed; NULL does nothing
 */
void libfence_context_destroy_raw(struct libfence_context *ctx);

/**
 * libfence_context_create - make a timeline
 * @driver: name of the driver, copied
 * @timeline: name of the timeline, copied
 * @first: seqno of its first fence; each further one has the next
 * @data: the driver's own, see libfence_context_data(); NULL for none
 *
 * Context: may sleep.
 * Return: the timeline, or NULL when there was no memory, or, with a warning,
 * no name.
 */
struct libfence_context *
libfence_context_create(const char *driver, const char *timeline,
			uint64_t first, void *data)
	LIBFENCE_MUST_CHECK LIBFENCE_ENDED_BY(libfence_context_destroy_raw, 1);

/**
 * libfence_context_destroy - end a timeline
 * @ctx: address of the timeline, which is consumed and cleared; or of NULL
 *
 * The caller sees to it that nobody commits fences on it any more. Those that
 * are not signalled are, with -ECANCELED, and named in a warning; their owners
 * have them still and end them as ever. Returns when no op of a fence of this
 * timeline can be running any more, nor the destructor of a payload whose fence
 * was signalled or dropped before: what they use may go away.
 * Context: may sleep; not inside of libfence_rcu_read_lock().
 */
LIBFENCE_INLINE_ LIBFENCE_NONNULL void
libfence_context_destroy(struct libfence_context **ctx)
{
	struct libfence_context *gone = *ctx;

	*ctx = NULL;
	libfence_context_destroy_raw(gone);
}

/**
 * libfence_context_data - the driver's own data
 * @ctx: borrowed
 */
void *libfence_context_data(const struct libfence_context *ctx)
	LIBFENCE_NONNULL;

/**
 * libfence_context_number - what libfence_fence_context() says of its fences
 * @ctx: borrowed
 */
uint64_t libfence_context_number(const struct libfence_context *ctx)
	LIBFENCE_NONNULL;

/**
 * libfence_barrier - wait for destructors
 *
 * Returns when the destructor has run of every payload and rcu_box that was
 * given up before. For a library that is going to be unloaded.
 * Context: may sleep; not from a destructor.
 */
void libfence_barrier(void);

/**
 * enum libfence_payload_op - which ops a payload type has
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
 * struct libfence_payload_type - a type of payload, without its C type
 * @size: bytes of a payload
 * @destroy: see LIBFENCE_OPS(); or NULL
 * @enable_signaling: see LIBFENCE_OPS(); or NULL
 * @signaled: see LIBFENCE_OPS(); or NULL
 * @set_deadline: see LIBFENCE_OPS(); or NULL
 *
 * What LIBFENCE_PAYLOAD() makes. For language bindings. Constant, and valid for
 * as long as there is anything of that type.
 */
struct libfence_payload_type {
	size_t size;
	void (*destroy)(void *payload);
	bool (*enable_signaling)(void *payload);
	bool (*signaled)(void *payload);
	void (*set_deadline)(void *payload, int64_t deadline);
};

/* The functions below are what the typed ones call; bindings use them. */

/**
 * libfence_preparation_free - give up a preparation
 * @prep: consumed; NULL does nothing
 *
 * The destructor of its payload runs before this returns.
 * Context: any.
 */
void libfence_preparation_free(struct libfence_preparation *prep);

/**
 * libfence_driver_fence_signal_raw - signal a driver fence
 * @fence: consumed; NULL warns: it was consumed before
 * @result: 0 or a negative errno; anything else warns, and counts as -EINVAL
 *
 * All callbacks have run when this returns. The payload is destroyed after a
 * grace period, when no op can be using it any more.
 * Context: any.
 */
void libfence_driver_fence_signal_raw(struct libfence_driver_fence *fence,
				      int result);

/**
 * libfence_driver_fence_drop_raw - give up a driver fence
 * @fence: consumed; NULL does nothing
 *
 * One that is not signalled is, with -ECANCELED and a warning.
 * Context: any.
 */
void libfence_driver_fence_drop_raw(struct libfence_driver_fence *fence);

/**
 * libfence_commit - make a preparation a fence
 * @ctx: the timeline that it goes on, borrowed
 * @prep: consumed
 *
 * Takes the next seqno. Does not fail and does not allocate. A NULL @ctx, which
 * is what is left of one that was destroyed, warns, and the fence is signalled
 * with -ECANCELED at once. A NULL @prep, which is what is left of one that was
 * used before, warns.
 * Context: any.
 * Return: the fence, which is for the caller to signal; NULL for a NULL @prep.
 */
struct libfence_driver_fence *
libfence_commit(struct libfence_context *ctx, struct libfence_preparation *prep)
	LIBFENCE_MUST_CHECK
	LIBFENCE_ENDED_BY(libfence_driver_fence_signal_raw, 1)
	LIBFENCE_ENDED_BY(libfence_driver_fence_drop_raw, 1);

/**
 * libfence_prepare_ops - prepare a fence of a type, with some of its ops only
 * @type: type of the payload; NULL for a fence without one
 * @ops: enum libfence_payload_op bits of what is used of @type
 * @initial: what the payload is a copy of; NULL for zeros
 *
 * The one allocation of a fence's life. The payload is the preparation's from
 * here on, and with it what it refers to.
 * Context: may sleep.
 * Return: the preparation; or NULL when there was no memory, and then what
 * @initial refers to is the caller's as before.
 */
struct libfence_preparation *
libfence_prepare_ops(const struct libfence_payload_type *type, unsigned int ops,
		     const void *initial)
	LIBFENCE_MUST_CHECK
	LIBFENCE_ENDED_BY(libfence_preparation_free, 1)
	LIBFENCE_ENDED_BY(libfence_commit, 2);

/**
 * libfence_prepare - prepare a fence of a type
 * @type: type of the payload; NULL for a fence without one
 * @initial: what the payload is a copy of; NULL for zeros
 *
 * libfence_prepare_ops() with the ops that are not NULL.
 * Context: may sleep.
 * Return: the preparation, or NULL when there was no memory.
 */
struct libfence_preparation *
libfence_prepare(const struct libfence_payload_type *type, const void *initial)
	LIBFENCE_MUST_CHECK
	LIBFENCE_ENDED_BY(libfence_preparation_free, 1)
	LIBFENCE_ENDED_BY(libfence_commit, 2);

/**
 * libfence_preparation_payload - the payload of a preparation
 * @prep: borrowed
 *
 * Return: memory aligned to 16 bytes, valid until the preparation is consumed.
 */
void *libfence_preparation_payload(const struct libfence_preparation *prep)
	LIBFENCE_NONNULL;

/**
 * libfence_driver_fence_payload - the payload of a driver fence
 * @fence: borrowed
 *
 * Return: memory aligned to 16 bytes, valid until the driver fence is consumed.
 * Ops may be using it at the same time.
 */
void *libfence_driver_fence_payload(const struct libfence_driver_fence *fence)
	LIBFENCE_NONNULL;

/**
 * libfence_driver_fence_consumer - what consumers see of a driver fence
 * @fence: borrowed
 *
 * Return: the same fence, borrowed for as long as the driver fence is there;
 * libfence_get() makes a reference of it.
 */
LIBFENCE_INLINE_ LIBFENCE_NONNULL const struct libfence *
libfence_driver_fence_consumer(const struct libfence_driver_fence *fence)
{
	/* Both views begin where the allocation does. */
	return (const struct libfence *)fence;
}

/**
 * struct libfence_signalling - a fence-signalling critical section
 * @begun: it has to be ended
 */
struct libfence_signalling {
	bool begun;
};

/**
 * libfence_signalling_begin - begin a fence-signalling critical section
 *
 * From publishing a fence to signalling it, code must not wait for fences, nor
 * allocate memory in a way that can wait, nor take a lock that is held anywhere
 * while waiting for a fence or allocating. A library that was built with
 * -Dchecks=true reports who does, and where the section began.
 * Context: any. Sections nest.
 * Return: the section, for libfence_signalling_end().
 */
struct libfence_signalling libfence_signalling_begin(void) LIBFENCE_MUST_CHECK;

/**
 * libfence_signalling_end - end a fence-signalling critical section
 * @section: begun by this thread; once it is ended, nothing happens
 */
void libfence_signalling_end(struct libfence_signalling *section)
	LIBFENCE_NONNULL;

/**
 * LIBFENCE_SIGNALLING_GUARD - a section from here to the end of the block
 */
#define LIBFENCE_SIGNALLING_GUARD()					\
	struct libfence_signalling					\
	LIBFENCE_PASTE_(libfence_section_, __LINE__)			\
	LIBFENCE_CLEANUP(libfence_signalling_end) LIBFENCE_UNUSED =	\
		libfence_signalling_begin()

LIBFENCE_END_DECLS

#include <libfence/payload.h>

#endif
