/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The consumer's view of a fence. Code that has a reference to a fence can wait
 * for it, add callbacks to it, query it and share it. It cannot signal it.
 *
 * Ownership is in the types:
 *
 * borrowed	A pointer to a const object. The caller keeps its reference,
 *		which must stay valid during the call.
 * reference	A pointer to an object that is not const. The caller owns it and
 *		has to give it back with libfence_put().
 * consumed	The function takes over the caller's reference. It takes the
 *		caller's variable by address and sets it to NULL.
 *
 * "The fence's lock" is the lock inside the fence that protects its callbacks.
 * It is held, with interrupts disabled, while callbacks run.
 */
#ifndef LIBFENCE_FENCE_H
#define LIBFENCE_FENCE_H

#include <libfence/attributes.h>

LIBFENCE_BEGIN_DECLS

struct libfence;

/* A timeout for libfence_wait() that never expires. */
#ifdef __KERNEL__
#define LIBFENCE_FOREVER	S64_MAX
#else
#define LIBFENCE_FOREVER	INT64_MAX
#endif

/**
 * libfence_put_raw - libfence_put() for language bindings
 * @fence: a reference, which is consumed; NULL does nothing
 *
 * The caller's variable is not cleared.
 * Context: as for libfence_put().
 */
void libfence_put_raw(struct libfence *fence);

/**
 * libfence_get_raw - libfence_get() for language bindings
 * @fence: borrowed, or NULL
 *
 * Context: any.
 * Return: a new reference to @fence, or NULL if @fence is NULL.
 */
struct libfence *libfence_get_raw(const struct libfence *fence)
	LIBFENCE_MUST_CHECK LIBFENCE_ENDED_BY(libfence_put_raw, 1);

/**
 * libfence_get - take a reference
 * @fence: borrowed, or NULL
 *
 * Context: any.
 * Return: a new reference to @fence, or NULL if @fence is NULL. The caller
 * gives it back with libfence_put().
 */
LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK struct libfence *
libfence_get(const struct libfence *fence)
{
	struct libfence *ref = libfence_get_raw(fence);

	LIBFENCE_NO_GUESS_(ref);
	return ref;
}

/**
 * libfence_put - drop a reference
 * @fence: address of a reference, which is consumed and set to NULL. If the
 *	variable is NULL, nothing happens.
 *
 * Dropping the last reference releases the fence in the caller's context.
 * Context: any, except under a lock that the release of the fence takes.
 */
LIBFENCE_INLINE_ LIBFENCE_NONNULL void
libfence_put(struct libfence **fence)
{
	struct libfence *gone = *fence;

	*fence = NULL;
	libfence_put_raw(gone);
}

/**
 * libfence_is_signaled - is the fence signalled, with all callbacks finished?
 * @fence: borrowed
 *
 * Returns true only after every callback that was registered before the fence
 * was signalled has finished, so the memory that these callbacks use may be
 * freed. If the fence is not signalled and the producer has a signaled op, that
 * op is called; if it says that the work is done, this function signals the
 * fence. Does not call the enable_signaling op.
 *
 * If callbacks are running on another thread, it waits for them. In a callback
 * or an op it never waits, since a callback of @fence may be asking about the
 * caller's fence at the same time: there the answer is no while any other thread
 * holds the fence's lock, and while a callback of @fence itself is running.
 * Callbacks use libfence_is_signaled_racy() to know whether the fence is
 * signalled.
 * Context: any.
 * Return: true if the fence is signalled, with any result, and all callbacks
 * have finished.
 */
bool libfence_is_signaled(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_is_signaled_racy - is the fence signalled? Callbacks may be running
 * @fence: borrowed
 *
 * Reads a flag and takes no lock. Never calls the producer.
 * Context: any, including a callback of this fence.
 * Return: true if the fence is signalled, with any result.
 */
bool libfence_is_signaled_racy(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_status - the result of a fence
 * @fence: borrowed
 *
 * Calls the producer as libfence_is_signaled() does, and gives the same
 * guarantee about callbacks. In a callback or an op it never waits either: use
 * libfence_status_racy() there.
 * Context: any.
 * Return: 0 if libfence_is_signaled() returns false, 1 if the fence is signalled
 * with success, a negative errno if it is signalled with that error.
 */
int libfence_status(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_status_racy - the result of a fence. Callbacks may be running
 * @fence: borrowed
 *
 * This is the function with which a callback reads the result. It takes no lock
 * and never calls the producer.
 * Context: any, including a callback of this fence.
 * Return: as libfence_status().
 */
int libfence_status_racy(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_wait - wait for a fence
 * @fence: borrowed
 * @timeout: in nanoseconds; 0 only tests, LIBFENCE_FOREVER has no limit
 *
 * Calls the producer's enable_signaling op, unless it has been called before.
 * After success every callback that was registered before the fence was
 * signalled has finished. The wait is never shorter than @timeout. It is longer
 * only by the time that the host takes to wake a thread.
 * Context: may sleep, even if @timeout is 0. Signals do not interrupt the wait.
 * Return: 0 if the fence is signalled, with any result; -ETIMEDOUT if it is not
 * signalled in time; -EINVAL, with a warning, if @timeout is negative. A fence
 * of a kernel-named driver with a wait op may give another negative errno, and
 * counts the timeout in jiffies.
 */
int libfence_wait(const struct libfence *fence, int64_t timeout)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL;

/**
 * libfence_deadline - a time from now, as a deadline
 * @timeout: in nanoseconds; LIBFENCE_FOREVER has no limit. 0 and less give a
 *	deadline in the past: a wait with it only tests.
 *
 * libfence_wait() is the only wait that takes a timeout. The others take a
 * deadline, so that several waits can share one.
 * Context: any.
 * Return: CLOCK_MONOTONIC in nanoseconds, or LIBFENCE_FOREVER.
 */
int64_t libfence_deadline(int64_t timeout);

/**
 * enum libfence_wait_flag - how to wait
 * @LIBFENCE_ANY: libfence_wait_many() waits for the first of the fences
 * @LIBFENCE_ALL: libfence_wait_many() waits for all fences
 * @LIBFENCE_INTERRUPTIBLE: a signal handler that runs on the waiting thread
 *	while it sleeps ends the wait with -EINTR
 *
 * A signal that is blocked or ignored, or that stops and continues the process,
 * ends no wait. SA_RESTART makes no difference. A handler that runs right before
 * the thread sleeps does not end the wait: if it has to, let it write to an
 * eventfd, and wait for a fence of that too (libfence_wrap_fd()).
 */
enum libfence_wait_flag {
	LIBFENCE_ANY = 0,
	LIBFENCE_ALL = 1,
	LIBFENCE_INTERRUPTIBLE = 2,
};

/**
 * libfence_wait_until - wait for a fence until a point in time
 * @fence: borrowed
 * @deadline: CLOCK_MONOTONIC, in nanoseconds; a time in the past only tests,
 *	LIBFENCE_FOREVER has no limit
 * @flags: 0, or LIBFENCE_INTERRUPTIBLE
 *
 * As libfence_wait(), apart from the last two parameters.
 * Context: may sleep.
 * Return: 0 if the fence is signalled, with any result; -ETIMEDOUT if it is not
 * signalled in time; -EINTR; -EINVAL, with a warning, for other flags.
 */
int libfence_wait_until(const struct libfence *fence, int64_t deadline,
			unsigned int flags)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL;

/**
 * libfence_set_deadline - tell the producer when the fence is needed
 * @fence: borrowed
 * @deadline: CLOCK_MONOTONIC, in nanoseconds; a time in the past means now
 *
 * This is a hint. It calls the producer's set_deadline op, if there is one and
 * the fence is not signalled.
 * Context: any, except a callback or an op of this fence.
 */
void libfence_set_deadline(const struct libfence *fence, int64_t deadline)
	LIBFENCE_NONNULL;

/**
 * libfence_timestamp - the time at which the fence was signalled
 * @fence: borrowed, signalled
 *
 * May spin for the few instructions in which another thread has marked the
 * fence as signalled but has not stored the time.
 * Context: any, including a callback of this fence.
 * Return: CLOCK_MONOTONIC in nanoseconds. If the fence is not signalled, this
 * function warns and returns the current time.
 */
int64_t libfence_timestamp(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_fence_context - the number of the context that the fence belongs to
 * @fence: borrowed
 *
 * Fences with the same number are ordered by libfence_seqno().
 * Context: any.
 * Return: the number, which is unique in this process.
 */
uint64_t libfence_fence_context(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_seqno - the sequence number of the fence in its context
 * @fence: borrowed
 *
 * Context: any.
 * Return: the sequence number.
 */
uint64_t libfence_seqno(const struct libfence *fence) LIBFENCE_NONNULL;

/**
 * libfence_driver_name - copy the name of the driver
 * @fence: borrowed
 * @buf: the destination, owned by the caller; may be NULL if @size is 0
 * @size: size of @buf in bytes. A longer name is truncated. Unless @size is 0,
 *	the copy ends with a 0 byte.
 *
 * A signalled fence no longer has access to its driver: its name is
 * "detached-driver".
 * Context: any.
 * Return: the length of the whole name in bytes, without the 0 byte.
 */
size_t libfence_driver_name(const struct libfence *fence, char *buf,
			    size_t size) __attribute__((__nonnull__(1)));

/**
 * libfence_timeline_name - copy the timeline name
 * @fence: borrowed
 * @buf: the destination, owned by the caller; may be NULL if @size is 0
 * @size: size of @buf in bytes. A longer name is truncated. Unless @size is 0,
 *	the copy ends with a 0 byte.
 *
 * The timeline name of a signalled fence is "signaled-timeline".
 * Context: any.
 * Return: the length of the whole name in bytes, without the 0 byte.
 */
size_t libfence_timeline_name(const struct libfence *fence, char *buf,
			      size_t size) __attribute__((__nonnull__(1)));

/**
 * typedef libfence_callback_fn - called when a fence is signalled
 * @fence: the fence, borrowed for the call
 * @data: the pointer that was given to libfence_callback_init()
 *
 * Runs once, on the thread that signals the fence, with the fence's lock held.
 * It must not sleep. It must not call libfence_wait(), nor
 * libfence_callback_unregister() for a callback of any fence. It may signal
 * other fences, register callbacks with them and drop references. It may ask
 * for the state of any fence: see libfence_is_signaled().
 */
typedef void (*libfence_callback_fn)(const struct libfence *fence, void *data);

/**
 * struct libfence_callback - a callback, in memory that the caller owns
 * @fn: the function
 * @data: the pointer that @fn is called with
 * @fence: a reference to the fence while the callback is registered, else NULL
 * @private_: for the library only
 *
 * A callback is initialised once, and then registered with one fence at a time.
 * Registering does not allocate memory. From libfence_callback_register() until
 * libfence_callback_unregister() has returned, the struct must not be moved or
 * freed, even if the function has already run.
 */
struct libfence_callback {
	libfence_callback_fn fn;
	void *data;
	struct libfence *fence;
	void *private_[3];
};

/**
 * libfence_callback_init - initialise a callback
 * @cb: memory that the caller owns, not registered
 * @fn: the function to call
 * @data: passed to @fn. The caller keeps the object that it points to, which
 *	must live as long as the callback is registered.
 *
 * Context: any.
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
 * libfence_callback_register - call a function when a fence is signalled
 * @fence: borrowed; the registration takes its own reference
 * @cb: initialised and not registered. The caller keeps the memory.
 *
 * Calls the producer's enable_signaling op, unless it has been called before.
 * The callback function may run before this function returns. A thread that it
 * wakes may then unregister and free @cb: this function does not access @cb
 * once the callback can run.
 * Context: any, except a callback or an op of this fence.
 * Return: 0 if the callback is registered; the caller must later call
 * libfence_callback_unregister(). -ENOENT if the fence is signalled already:
 * the function is not called, and @cb is not registered. -EBUSY, with a
 * warning, if @cb is registered already. -EINVAL, with a warning, if @cb has no
 * function.
 */
int libfence_callback_register(const struct libfence *fence,
			       struct libfence_callback *cb)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL;

/**
 * libfence_callback_unregister - end the registration of a callback
 * @cb: registered or not. Afterwards the caller may reuse or free it.
 *
 * When this function returns, the callback function is not running and will not
 * run any more. To be sure of that it takes the fence's lock, even if the
 * callback function has already run. Drops the reference of the registration.
 * Context: any, except a callback or an op of any fence. Two callbacks that
 * unregister callbacks of each other's fences would wait for ever. With
 * -Dchecks=true each call in a callback is reported.
 * Return: true if the callback function has run; false if it has not run, or if
 * @cb was not registered.
 */
bool libfence_callback_unregister(struct libfence_callback *cb)
	LIBFENCE_NONNULL;

/**
 * libfence_callback_end - libfence_callback_unregister() for LIBFENCE_CLEANUP()
 * @cb: registered or not. Afterwards the caller may reuse or free it.
 *
 * Context: as for libfence_callback_unregister().
 */
LIBFENCE_INLINE_ LIBFENCE_NONNULL void
libfence_callback_end(struct libfence_callback *cb)
{
	libfence_callback_unregister(cb);
}

/**
 * libfence_into_foreign - turn a reference into a pointer for storage elsewhere
 * @fence: address of a reference, which is consumed and set to NULL
 *
 * For containers that store void pointers.
 * Context: any.
 * Return: a pointer that owns the reference. The owner turns it back with
 * libfence_from_foreign(). The pointer has the alignment of a struct that
 * contains pointers, so its low bits are 0.
 */
LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK LIBFENCE_NONNULL void *
libfence_into_foreign(struct libfence **fence)
{
	struct libfence *moved = *fence;

	*fence = NULL;
	return moved;
}

/**
 * libfence_from_foreign - turn a stored pointer back into a reference
 * @ptr: from libfence_into_foreign(), no longer stored anywhere; or NULL.
 *	The pointer is consumed.
 *
 * Context: any.
 * Return: the reference that @ptr owned, or NULL if @ptr is NULL.
 */
LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK struct libfence *
libfence_from_foreign(void *ptr)
{
	return (struct libfence *)ptr;
}

/**
 * libfence_borrow - use a fence while its pointer is stored
 * @ptr: from libfence_into_foreign(), still stored; or NULL
 *
 * Context: any.
 * Return: the fence, borrowed for as long as @ptr stays stored; or NULL if @ptr
 * is NULL.
 */
LIBFENCE_INLINE_ const struct libfence *
libfence_borrow(const void *ptr)
{
	return (const struct libfence *)ptr;
}

LIBFENCE_END_DECLS

#endif
