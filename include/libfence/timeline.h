/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Software timelines: a number that somebody counts up, and fences that are
 * signalled when it reaches their value. A producer for those who have none,
 * to try consumers with; what sw_sync is in Linux.
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
 * Values have 32 bits and wrap around: the 2^31 - 1 values that come next are
 * ahead, and all others are reached.
 *
 * Whoever has a timeline can have anything signalled at any time, or never: this
 * is for experiments and tests, not for fences that others have to rely on.
 */
#ifndef LIBFENCE_TIMELINE_H
#define LIBFENCE_TIMELINE_H

#include <libfence/attributes.h>
#include <libfence/fence.h>

LIBFENCE_BEGIN_DECLS

struct libfence_timeline;

/**
 * libfence_timeline_destroy_raw - libfence_timeline_destroy() for bindings
 * @timeline: consumed; NULL does nothing
 */
void libfence_timeline_destroy_raw(struct libfence_timeline *timeline);

/**
 * libfence_timeline_create - make a timeline, at value 0
 * @name: what libfence_timeline_name() says of its fences, copied; the name of
 *	their driver is "sw_sync"
 *
 * Context: may sleep.
 * Return: the timeline, or NULL when there was no memory, or, with a warning,
 * no name.
 */
struct libfence_timeline *libfence_timeline_create(const char *name)
	LIBFENCE_MUST_CHECK LIBFENCE_ENDED_BY(libfence_timeline_destroy_raw, 1);

/**
 * libfence_timeline_destroy - end a timeline
 * @timeline: address of the timeline, which is consumed and cleared; or of NULL
 *
 * The caller sees to it that no other thread uses it any more. Fences that are
 * not reached are signalled with -ENOENT, in the order of their values. Who has
 * references to fences keeps them. In a callback of this timeline it leaves the
 * signalling to who runs the callback, as libfence_timeline_inc() does.
 * Context: any, but for a callback of a fence that callbacks of this timeline
 * touch.
 */
LIBFENCE_INLINE_ LIBFENCE_NONNULL void
libfence_timeline_destroy(struct libfence_timeline **timeline)
{
	struct libfence_timeline *gone = *timeline;

	*timeline = NULL;
	libfence_timeline_destroy_raw(gone);
}

/**
 * libfence_timeline_fence - make a fence that a value signals
 * @timeline: borrowed
 * @value: the fence is signalled when the timeline gets there
 *
 * A value that is reached gives a fence that is signalled. A value that somebody
 * has an unsignalled fence of may give that fence. A fence that nobody has a
 * reference to any more leaves the timeline. Finding the place of a fence takes
 * as many steps as there are fences with higher values.
 * Context: any, also a callback of this timeline, where one that is not reached
 * is signalled with -ENOENT if libfence_timeline_destroy() has been called.
 * Return: a reference, or NULL when there was no memory.
 */
struct libfence *libfence_timeline_fence(struct libfence_timeline *timeline,
					 uint32_t value)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL
	LIBFENCE_ENDED_BY(libfence_put_raw, 1);

/**
 * libfence_timeline_inc - count up, and signal what that reaches
 * @timeline: borrowed
 * @by: how far; more than 2^31 - 1 is done in steps of that
 *
 * All fences that are reached are signalled, in the order of their values, by
 * one thread at a time. If that is going on already, in another thread or around
 * the callback that this is called from, they are left to it: then the fences
 * are reached when this returns, and libfence_is_signaled() says so, but their
 * callbacks may be yet to run. Otherwise they have run.
 * Context: any, but for a callback of a fence that callbacks of this timeline
 * touch: another thread's may run here.
 */
void libfence_timeline_inc(struct libfence_timeline *timeline, uint32_t by)
	LIBFENCE_NONNULL;

/**
 * libfence_timeline_value - how far is it?
 * @timeline: borrowed
 *
 * What was done before libfence_timeline_inc() is visible with its value.
 * Context: any.
 */
uint32_t libfence_timeline_value(const struct libfence_timeline *timeline)
	LIBFENCE_NONNULL;

/**
 * libfence_timeline_deadline - when is a fence needed?
 * @fence: borrowed; of any timeline, signalled or not
 * @deadline: where the earliest is stored of those that
 *	libfence_set_deadline() was given before the fence was signalled
 *
 * Context: any.
 * Return: 0. -ENOENT when none was given, -EINVAL when @fence is not of
 * libfence_timeline_fence(), and then @deadline is left as it was.
 */
int libfence_timeline_deadline(const struct libfence *fence, int64_t *deadline)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL;

LIBFENCE_END_DECLS

#endif
