/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Reservations: which fences use a buffer, and how. A program has one
 * reservation for each buffer. Before work begins, it locks the reservations of
 * all buffers of the work, finds out what the work has to wait for, and adds the
 * fence of the work.
 *
 *	struct libfence_reservation *objects[2] = { source, target };
 *	struct libfence_locks *locks;
 *
 *	err = libfence_reservation_lock_many(objects, 2, 1, 0, &locks);
 *	...
 *	libfence_reservation_add(source, fence, LIBFENCE_USAGE_READ);
 *	libfence_reservation_add(target, fence, LIBFENCE_USAGE_WRITE);
 *	libfence_locks_release(&locks);
 *
 * These are the kernel's reservation objects. A reservation makes no thread
 * wait for a fence. It says for which fences work has to wait.
 */
#ifndef LIBFENCE_RESERVATION_H
#define LIBFENCE_RESERVATION_H

#include <libfence/attributes.h>
#include <libfence/fence.h>

LIBFENCE_BEGIN_DECLS

/* The fences of one buffer. */
struct libfence_reservation;
/* Reservations that one thread has locked together. */
struct libfence_locks;

/**
 * enum libfence_usage - how the work of a fence uses the buffer
 * @LIBFENCE_USAGE_KERNEL: it moves or clears the memory; all other work waits
 * @LIBFENCE_USAGE_WRITE: it writes
 * @LIBFENCE_USAGE_READ: it reads
 * @LIBFENCE_USAGE_BOOKKEEP: it needs the memory to stay. Work that reads or
 *	writes need not wait. Code that frees the memory has to.
 *
 * A function that looks for a usage finds fences of this usage and of all
 * before it: with LIBFENCE_USAGE_READ, also those that write.
 */
enum libfence_usage {
	LIBFENCE_USAGE_KERNEL,
	LIBFENCE_USAGE_WRITE,
	LIBFENCE_USAGE_READ,
	LIBFENCE_USAGE_BOOKKEEP,
};

/**
 * libfence_reservation_destroy_raw - libfence_reservation_destroy() for bindings
 * @object: consumed; NULL does nothing. The caller's variable is not cleared.
 *
 * Context: as for libfence_reservation_destroy().
 */
void libfence_reservation_destroy_raw(struct libfence_reservation *object);

/**
 * libfence_reservation_create - create a reservation without fences
 *
 * Context: may sleep.
 * Return: the reservation, which the caller owns and ends with
 * libfence_reservation_destroy(). NULL if there is no memory.
 */
struct libfence_reservation *libfence_reservation_create(void)
	LIBFENCE_MUST_CHECK
	LIBFENCE_ENDED_BY(libfence_reservation_destroy_raw, 1);

/**
 * libfence_reservation_destroy - destroy a reservation
 * @object: address of the reservation, which is consumed and set to NULL. If the
 *	variable is NULL, nothing happens. No thread uses it any more.
 *
 * Drops its fences, signalled or not.
 * Context: as for libfence_put().
 */
LIBFENCE_INLINE_ LIBFENCE_NONNULL void
libfence_reservation_destroy(struct libfence_reservation **object)
{
	struct libfence_reservation *gone = *object;

	*object = NULL;
	libfence_reservation_destroy_raw(gone);
}

/**
 * libfence_reservation_lock - lock one reservation
 * @object: borrowed; not locked by this thread
 *
 * Only one thread at a time has a reservation locked. A thread that has locked
 * one and locks another one can wait for ever: use
 * libfence_reservation_lock_many(). A library built with -Dchecks=true reports
 * this.
 * Context: may sleep.
 */
void libfence_reservation_lock(struct libfence_reservation *object)
	LIBFENCE_NONNULL;

/**
 * libfence_reservation_unlock - unlock one reservation
 * @object: borrowed; locked by libfence_reservation_lock() on this thread
 *
 * Context: any.
 */
void libfence_reservation_unlock(struct libfence_reservation *object)
	LIBFENCE_NONNULL;

/**
 * libfence_locks_release_raw - libfence_locks_release() for bindings
 * @locks: consumed; NULL does nothing. The caller's variable is not cleared.
 *
 * Context: as for libfence_locks_release().
 */
void libfence_locks_release_raw(struct libfence_locks *locks);

/**
 * libfence_reservation_lock_many - lock several reservations
 * @objects: @n reservations or NULLs, in any order, borrowed; none of them is
 *	locked by this thread. The same one may occur several times. May be NULL
 *	if @n is 0.
 * @n: the number of entries
 * @room: how many calls of libfence_reservation_add() for each of them must not
 *	fail afterwards; 0 if they may
 * @flags: 0, or LIBFENCE_INTERRUPTIBLE
 * @locks: gets the locks, which the caller releases on this thread with
 *	libfence_locks_release(); NULL on failure
 *
 * Threads that lock the same reservations in different orders do not wait for
 * each other for ever: the one that began later gives up its locks, and
 * begins again. A thread holds the locks of one call at a time.
 * Context: may sleep.
 * Return: 0, with all of them locked. On failure none is: -EINTR; -ENOMEM;
 * -EINVAL, with a warning, for other flags, and if @objects is NULL and @n is
 * not 0.
 */
int libfence_reservation_lock_many(struct libfence_reservation *const *objects,
				   size_t n, unsigned int room,
				   unsigned int flags,
				   struct libfence_locks **locks)
	LIBFENCE_MUST_CHECK __attribute__((__nonnull__(5)));

/**
 * libfence_locks_release - unlock reservations that were locked together
 * @locks: address of the variable, which is consumed and set to NULL. If the
 *	variable is NULL, nothing happens.
 *
 * Context: any, on the thread that locked.
 */
LIBFENCE_INLINE_ LIBFENCE_NONNULL void
libfence_locks_release(struct libfence_locks **locks)
{
	struct libfence_locks *gone = *locks;

	*locks = NULL;
	libfence_locks_release_raw(gone);
}

/**
 * libfence_reservation_add - add a fence to a reservation
 * @object: borrowed; locked by this thread
 * @fence: borrowed; the reservation takes its own reference. Of a merged fence,
 *	each part is added.
 * @usage: how the work of @fence uses the buffer
 *
 * Replaces a fence that is signalled, or an earlier one of the same context that
 * needs no longer wait.
 * Context: may sleep, unless there is room for the fence: from
 * libfence_reservation_lock_many(), one for each part.
 * Return: 0; -ENOMEM, with nothing added; -EINVAL, with a warning, if @object is
 * not locked, or if @usage is none.
 */
int libfence_reservation_add(struct libfence_reservation *object,
			     const struct libfence *fence,
			     enum libfence_usage usage)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL;

/**
 * libfence_usage_to_wait_for - the usage that has to be waited for
 * @write: the work writes to the buffer; else it only reads
 *
 * Context: any.
 * Return: the usage to look for: LIBFENCE_USAGE_READ for work that writes, which
 * waits for all that read or write; else LIBFENCE_USAGE_WRITE.
 */
LIBFENCE_INLINE_ enum libfence_usage
libfence_usage_to_wait_for(bool write)
{
	return write ? LIBFENCE_USAGE_READ : LIBFENCE_USAGE_WRITE;
}

/**
 * libfence_reservation_wait - wait for the fences of a reservation
 * @object: borrowed; need not be locked
 * @usage: the usage to look for
 * @deadline: CLOCK_MONOTONIC, in nanoseconds; a time in the past only tests,
 *	LIBFENCE_FOREVER has no limit
 * @flags: 0, or LIBFENCE_INTERRUPTIBLE
 *
 * May or may not wait for fences that are added meanwhile.
 * Context: may sleep.
 * Return: 0 if all of them are signalled, with any result; -ETIMEDOUT; -EINTR;
 * -EINVAL, with a warning, for other flags or usages.
 */
int libfence_reservation_wait(struct libfence_reservation *object,
			      enum libfence_usage usage, int64_t deadline,
			      unsigned int flags)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL;

/**
 * libfence_reservation_is_signaled - are the fences of a reservation signalled?
 * @object: borrowed; need not be locked
 * @usage: the usage to look for
 *
 * Context: any.
 * Return: true if all of them are signalled, with any result.
 */
bool libfence_reservation_is_signaled(struct libfence_reservation *object,
				      enum libfence_usage usage)
	LIBFENCE_NONNULL;

/**
 * libfence_reservation_merge - one fence for all that has to be waited for
 * @object: borrowed; need not be locked
 * @usage: the usage to look for
 *
 * libfence_merge() of those fences of the reservation, at the time of the call.
 * Context: may sleep.
 * Return: a reference, which the caller drops with libfence_put(). NULL if there
 * is no memory.
 */
struct libfence *
libfence_reservation_merge(struct libfence_reservation *object,
			   enum libfence_usage usage)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL
	LIBFENCE_ENDED_BY(libfence_put_raw, 1);

LIBFENCE_END_DECLS

#endif
