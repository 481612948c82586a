/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The consumer's view of a fence: it can be waited for, called back on, asked
 * and shared, by anybody who has a reference. It cannot be signalled.
 *
 * A pointer to a constant fence is a borrow: somebody else's reference keeps it
 * alive. A pointer to one that is not constant is a reference of one's own, to
 * be given back by libfence_put(), which takes it by address and clears it.
 */
#ifndef LIBFENCE_FENCE_H
#define LIBFENCE_FENCE_H

#include <libfence/attributes.h>

LIBFENCE_BEGIN_DECLS

struct libfence;

/* For libfence_wait(): no limit. */
#ifdef __KERNEL__
#define LIBFENCE_FOREVER	S64_MAX
#else
#define LIBFENCE_FOREVER	INT64_MAX
#endif

/**
 * libfence_put_raw - libfence_put() for language bindings
 * @fence: consumes the reference; NULL does nothing
 */
void libfence_put_raw(struct libfence *fence);

/**
 * libfence_get_raw - libfence_get() for language bindings
 * @fence: borrowed, or NULL
 *
 * Return: a reference to @fence, or NULL for NULL.
 */
struct libfence *libfence_get_raw(const struct libfence *fence)
	LIBFENCE_MUST_CHECK LIBFENCE_ENDED_BY(libfence_put_raw, 1);

/**
 * libfence_get - take a reference
 * @fence: borrowed, or NULL
 *
 * Context: any.
 * Return: a reference to @fence, or NULL for NULL.
 */
LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK struct libfence *
libfence_get(const struct libfence *fence)
{
	struct libfence *ref = libfence_get_raw(fence);

	LIBFENCE_NO_GUESS_(ref);
	return ref;
}

/**
 * libfence_put - give a reference back
 * @fence: address of a reference, which is consumed and cleared; or of NULL
 *
 * Context: any, but for a lock that releasing a fence takes.
 */
LIBFENCE_INLINE_ LIBFENCE_NONNULL void
libfence_put(struct libfence **fence)
{
	struct libfence *gone = *fence;

	*fence = NULL;
	libfence_put_raw(gone);
}

/**
 * libfence_is_signaled - is the fence signalled, and are its callbacks done?
 * @fence: borrowed
 *
 * True only once every callback has finished that was registered before the
 * fence was signalled: what they use may be freed. Asks the producer's signaled
 * op, if there is one and the fence is not signalled.
 * Context: any, but for a callback of this fence, where it deadlocks.
 */
bool libfence_is_signaled(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_is_signaled_racy - is the fence signalled? Callbacks may be running
 * @fence: borrowed
 *
 * Reads the flag and takes no lock. Never asks the producer.
 * Context: any.
 */
bool libfence_is_signaled_racy(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_status - how did it go?
 * @fence: borrowed
 *
 * Asks the producer as libfence_is_signaled() does, with the same guarantee.
 * Context: any, but for a callback of this fence: see libfence_status_racy().
 * Return: 0 when not signalled, 1 when signalled with success, a negative errno
 * when signalled with that error.
 */
int libfence_status(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_status_racy - how did it go? Callbacks may be running
 * @fence: borrowed
 *
 * What a callback uses to learn the result. Never asks the producer.
 * Context: any.
 * Return: as libfence_status().
 */
int libfence_status_racy(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_wait - wait for a fence
 * @fence: borrowed
 * @timeout: in nanoseconds; 0 only looks, LIBFENCE_FOREVER has no limit
 *
 * Has the producer's enable_signaling op called. After success every callback
 * has finished. The time is counted in ticks of the library, 1 ms by default:
 * never less than what was asked for, and up to two of them more.
 * Context: may sleep.
 * Return: 0 when the fence is signalled, with whatever result; -ETIMEDOUT;
 * -EINVAL and a warning when @timeout is negative.
 */
int libfence_wait(const struct libfence *fence, int64_t timeout)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL;

/**
 * libfence_set_deadline - say when the fence is needed
 * @fence: borrowed
 * @deadline: CLOCK_MONOTONIC, in nanoseconds
 *
 * A hint to the producer's set_deadline op.
 * Context: any, but for a callback of this fence.
 */
void libfence_set_deadline(const struct libfence *fence, int64_t deadline)
	LIBFENCE_NONNULL;

/**
 * libfence_timestamp - when was the fence signalled?
 * @fence: borrowed, signalled
 *
 * Context: any.
 * Return: CLOCK_MONOTONIC in nanoseconds. A fence that is not signalled: warns,
 * and returns the time it is.
 */
int64_t libfence_timestamp(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_fence_context - the number of the timeline that the fence is on
 * @fence: borrowed
 */
uint64_t libfence_fence_context(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_seqno - the place of the fence on its timeline
 * @fence: borrowed
 */
uint64_t libfence_seqno(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_driver_name - copy the name of the driver
 * @fence: borrowed
 * @buf: where to; NULL if @size is 0
 * @size: bytes there; the name is cut off to fit, with a terminating 0
 *
 * A signalled fence has forgotten its driver: "detached-driver".
 * Context: any.
 * Return: the length of the whole name.
 */
size_t libfence_driver_name(const struct libfence *fence, char *buf,
			    size_t size) __attribute__((__nonnull__(1)));

/**
 * libfence_timeline_name - copy the name of the timeline
 * @fence: borrowed
 * @buf: where to; NULL if @size is 0
 * @size: bytes there; the name is cut off to fit, with a terminating 0
 *
 * Of a signalled fence: "signaled-timeline".
 * Context: any.
 * Return: the length of the whole name.
 */
size_t libfence_timeline_name(const struct libfence *fence, char *buf,
			      size_t size) __attribute__((__nonnull__(1)));

/**
 * typedef libfence_callback_fn - what is called when a fence is signalled
 * @fence: the fence, borrowed for the call
 * @data: as given to libfence_callback_init(), borrowed for the call
 *
 * Runs once, on the thread that signals, with the fence's lock held. It must
 * not sleep, and must not do to this fence what takes that lock: register,
 * unregister, wait, libfence_is_signaled(), libfence_status(). It may signal
 * other fences and drop references.
 */
typedef void (*libfence_callback_fn)(const struct libfence *fence, void *data);

/**
 * struct libfence_callback - a callback, in memory of its owner's
 * @fn: the function
 * @data: what it is given
 * @fence: the fence while registered, with a reference; NULL otherwise
 * @private_: the library's
 *
 * Prepared once, then registered with one fence at a time; registering
 * allocates nothing. From registering until libfence_callback_unregister() has
 * returned it must not move and must not be freed, whether it has run or not.
 */
struct libfence_callback {
	libfence_callback_fn fn;
	void *data;
	struct libfence *fence;
	void *private_[3];
};

/**
 * libfence_callback_init - prepare a callback
 * @cb: memory of the caller's, not registered
 * @fn: what to call
 * @data: what to give it; has to live as long as the callback is registered
 */
LIBFENCE_INLINE_ __attribute__((__nonnull__(1, 2))) void
libfence_callback_init(struct libfence_callback *cb, libfence_callback_fn fn,
		       void *data)
{
	cb->fn = fn;
	cb->data = data;
	cb->fence = NULL;
}

/**
 * libfence_callback_register - have a callback called when a fence is signalled
 * @fence: borrowed; the registration has a reference of its own
 * @cb: prepared, and not registered
 *
 * The function may run before this returns, and whom it tells may unregister
 * @cb by then: nothing here touches it any more.
 * Context: any, but for a callback of this fence. With the enable_signaling op
 * of the producer called.
 * Return: 0, and libfence_callback_unregister() is to follow at some time.
 * -ENOENT when the fence is signalled: the function is not called, and @cb is
 * the owner's as before, with all it refers to. -EBUSY and a warning when it is
 * registered already, -EINVAL and a warning when it was not prepared.
 */
int libfence_callback_register(const struct libfence *fence,
			       struct libfence_callback *cb)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL;

/**
 * libfence_callback_unregister - take a callback back
 * @cb: registered or not
 *
 * When this returns the function is not running and never will again; so it
 * takes the fence's lock, also where the callback has run already.
 * Context: any, but for a callback of this fence.
 * Return: true if the function had run; false if it had not, or @cb was not
 * registered.
 */
bool libfence_callback_unregister(struct libfence_callback *cb)
	LIBFENCE_NONNULL;

/**
 * libfence_callback_end - libfence_callback_unregister() for LIBFENCE_CLEANUP()
 * @cb: registered or not
 */
LIBFENCE_INLINE_ LIBFENCE_NONNULL void
libfence_callback_end(struct libfence_callback *cb)
{
	libfence_callback_unregister(cb);
}

/**
 * libfence_into_foreign - turn a reference into a pointer that anything stores
 * @fence: address of a reference, which is consumed and cleared
 *
 * Return: a pointer that owns the reference until libfence_from_foreign(); its
 * low bits are clear as those of a struct that has a pointer in it.
 */
LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK LIBFENCE_NONNULL void *
libfence_into_foreign(struct libfence **fence)
{
	struct libfence *moved = *fence;

	*fence = NULL;
	return moved;
}

/**
 * libfence_from_foreign - the way back
 * @ptr: from libfence_into_foreign(), no longer stored; or NULL
 *
 * Return: the reference.
 */
LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK struct libfence *
libfence_from_foreign(void *ptr)
{
	return (struct libfence *)ptr;
}

/**
 * libfence_borrow - look at a fence while it is stored
 * @ptr: from libfence_into_foreign(), and still stored; or NULL
 *
 * Return: the fence, for as long as it stays stored.
 */
LIBFENCE_INLINE_ const struct libfence *
libfence_borrow(const void *ptr)
{
	return (const struct libfence *)ptr;
}

LIBFENCE_END_DECLS

#endif
