/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Software timelines: a counter, and fences that are signalled when the counter
 * reaches their values. This is a producer without hardware, for trying out
 * consumers. It corresponds to sw_sync in Linux.
 *
 *	struct libfence_timeline *timeline = libfence_timeline_create("play");
 *	struct libfence *fence = libfence_timeline_fence(timeline, 2);
 *
 *	libfence_timeline_inc(timeline, 1);
 *	libfence_timeline_inc(timeline, 1);	(signals it)
 *
 *	libfence_put(&fence);
 *	libfence_timeline_destroy(&timeline);
 *
 * Values have 32 bits and wrap around. The 2^31 - 1 values after the current
 * value are in the future. All other values are reached.
 *
 * The owner of a software timeline can signal its fences at any time, or never.
 * Use it for experiments and tests, not for fences that other code depends on.
 */
#ifndef LIBFENCE_TIMELINE_H
#define LIBFENCE_TIMELINE_H

#include <libfence/attributes.h>
#include <libfence/fence.h>

LIBFENCE_BEGIN_DECLS

struct libfence_timeline;

/**
 * libfence_timeline_destroy_raw - libfence_timeline_destroy() for bindings
 * @timeline: consumed; NULL does nothing. The caller's variable is not cleared.
 *
 * Context: as for libfence_timeline_destroy().
 */
void libfence_timeline_destroy_raw(struct libfence_timeline *timeline);

/**
 * libfence_timeline_create - create a software timeline with value 0
 * @name: timeline name of its fences, copied; libfence_timeline_name() returns
 *	it. The driver name of its fences is "sw_sync".
 *
 * Context: may sleep.
 * Return: the software timeline, which the caller owns and ends with
 * libfence_timeline_destroy(). NULL if there is no memory; NULL, with a
 * warning, if @name is NULL.
 */
struct libfence_timeline *libfence_timeline_create(const char *name)
	LIBFENCE_MUST_CHECK LIBFENCE_ENDED_BY(libfence_timeline_destroy_raw, 1);

/**
 * libfence_timeline_destroy - destroy a software timeline
 * @timeline: address of the software timeline, which is consumed and set to
 *	NULL. If the variable is NULL, nothing happens.
 *
 * The caller must make sure that no other thread uses the software timeline any
 * more. Fences that are not reached are signalled with -ENOENT, in the order of
 * their values. References to its fences stay valid.
 *
 * If fences of this software timeline are already being signalled, on another
 * thread or around the callback that makes this call, then that thread also
 * signals these fences, possibly after this function returns.
 * Context: any, except a callback of a fence that the callbacks of this
 * software timeline use too: see libfence_timeline_inc().
 */
LIBFENCE_INLINE_ LIBFENCE_NONNULL void
libfence_timeline_destroy(struct libfence_timeline **timeline)
{
	struct libfence_timeline *gone = *timeline;

	*timeline = NULL;
	libfence_timeline_destroy_raw(gone);
}

/**
 * libfence_timeline_fence - create a fence for a value
 * @timeline: borrowed
 * @value: the fence is signalled when the software timeline reaches this value
 *
 * If @value is already reached, the fence is created signalled. If there is an
 * unsignalled fence for @value, this function may return a new reference to it.
 * When the last reference to a fence is dropped, the fence is removed from the
 * software timeline and is never signalled. This function visits each pending
 * fence that has a higher value.
 * Context: any, including a callback of this software timeline. In a callback
 * that runs after libfence_timeline_destroy() was called, a fence for a value
 * that is not reached is created signalled with -ENOENT.
 * Return: a reference, which the caller drops with libfence_put(); NULL if
 * there is no memory.
 */
struct libfence *libfence_timeline_fence(struct libfence_timeline *timeline,
					 uint32_t value)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL
	LIBFENCE_ENDED_BY(libfence_put_raw, 1);

/**
 * libfence_timeline_inc - increment the value, and signal the fences reached
 * @timeline: borrowed
 * @by: the increment. More than 2^31 - 1 is added in steps of 2^31 - 1.
 *
 * The fences that are reached are signalled in the order of their values, by
 * one thread at a time.
 *
 * If no other call is signalling, this function signals the fences, and their
 * callbacks have run when it returns. Otherwise the fences are left to the call
 * that is signalling, on another thread or around the callback that makes this
 * call. Then the fences are reached when this function returns, and
 * libfence_is_signaled() returns true for them, but their callbacks may not
 * have run yet.
 * Context: any, except a callback of a fence that the callbacks of this
 * software timeline use too. This call may run these callbacks; they would wait
 * for the lock of that fence, which is held around the callback that made the
 * call.
 */
void libfence_timeline_inc(struct libfence_timeline *timeline, uint32_t by)
	LIBFENCE_NONNULL;

/**
 * libfence_timeline_value - the current value
 * @timeline: borrowed
 *
 * A thread that reads a value sees all writes that were made before the
 * libfence_timeline_inc() that produced the value.
 * Context: any.
 * Return: the value.
 */
uint32_t libfence_timeline_value(const struct libfence_timeline *timeline)
	LIBFENCE_NONNULL;

/**
 * libfence_timeline_deadline - the deadline of a fence of a software timeline
 * @fence: borrowed; of any software timeline, signalled or not
 * @deadline: where to store the deadline: CLOCK_MONOTONIC in nanoseconds. It is
 *	the earliest of those that were given to libfence_set_deadline() before
 *	the fence was signalled. Not written on failure.
 *
 * Context: any.
 * Return: 0. -ENOENT if the fence has no deadline. -EINVAL if @fence does not
 * belong to a software timeline.
 */
int libfence_timeline_deadline(const struct libfence *fence, int64_t *deadline)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL;

LIBFENCE_END_DECLS

#endif
