/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Several fences: waiting for any or all of them, merging them into one, and
 * going through the parts of a merged fence.
 *
 *	struct libfence *fences[2] = { upload, render };
 *	struct libfence *both = libfence_merge(fences, 2);
 *	size_t index;
 *
 *	err = libfence_wait_many(fences, 2, LIBFENCE_ANY,
 *				 libfence_deadline(5000000), &index, NULL);
 *
 * A function that takes an array of fences borrows all of them, and changes
 * neither the array nor the references in it. An array may contain the same
 * fence several times. It may contain NULL, which stands for no fence: an entry
 * can be put with libfence_put(), and the others waited for again.
 *
 * docs/several-fences.md is a tutorial.
 */
#ifndef LIBFENCE_SEVERAL_H
#define LIBFENCE_SEVERAL_H

#include <libfence/attributes.h>
#include <libfence/fence.h>

LIBFENCE_BEGIN_DECLS

/**
 * libfence_wait_many - wait for any or all of several fences
 * @fences: @n fences or NULLs, borrowed; may be NULL if @n is 0
 * @n: the number of entries
 * @flags: LIBFENCE_ANY or LIBFENCE_ALL; and LIBFENCE_INTERRUPTIBLE
 * @deadline: CLOCK_MONOTONIC, in nanoseconds; a time in the past only tests,
 *	LIBFENCE_FOREVER has no limit
 * @index: on success gets the lowest index, with LIBFENCE_ANY of a fence that is
 *	signalled, with LIBFENCE_ALL of one that has failed, or @n if none has;
 *	or NULL
 * @statuses: gets the status of each fence, as libfence_status_racy(), and 0 for
 *	NULL, also if the wait fails, except for -EINVAL and -ENOENT; or NULL
 *
 * Calls the enable_signaling ops of all producers; with LIBFENCE_ANY only if no
 * fence is signalled. After success with LIBFENCE_ANY, every callback that was
 * registered before the fence at @index was signalled has finished. With
 * LIBFENCE_ALL, those of all fences have.
 *
 * LIBFENCE_ANY allocates memory if it has to sleep and @n is more than 16.
 * LIBFENCE_ALL never does.
 * Context: may sleep.
 * Return: 0 if any or all of the fences are signalled, with any result.
 * -ETIMEDOUT; -EINTR; -ENOMEM. -ENOENT with LIBFENCE_ANY if there is no fence.
 * (With LIBFENCE_ALL that is success.) -EINVAL, with a warning, for other flags,
 * and if @fences is NULL and @n is not 0.
 */
int libfence_wait_many(struct libfence *const *fences, size_t n,
		       unsigned int flags, int64_t deadline, size_t *index,
		       int *statuses) LIBFENCE_MUST_CHECK;

/**
 * libfence_merge - make one fence of several
 * @fences: @n fences or NULLs, borrowed; may be NULL if @n is 0. Merged fences
 *	are replaced by their parts.
 * @n: the number of entries
 *
 * The result is signalled when all of them are. Fences that are signalled are
 * left out, and so is their result. Of the fences with the same
 * libfence_fence_context(), only the one with the latest seqno is kept. If one
 * fence remains, it is the result itself. If none remains, the result is a fence
 * that is signalled with success. The time is n log n.
 *
 * The first part that fails gives the merged fence its error, if the merged
 * fence has been waited for, has a callback or was exported by then. Otherwise
 * its status is success: the parts have the errors.
 * Context: may sleep.
 * Return: a reference, which the caller drops with libfence_put(). NULL if there
 * is no memory; NULL, with a warning, if @fences is NULL and @n is not 0.
 */
struct libfence *libfence_merge(struct libfence *const *fences, size_t n)
	LIBFENCE_MUST_CHECK LIBFENCE_ENDED_BY(libfence_put_raw, 1);

/**
 * libfence_create_signaled - a fence that is signalled from the start
 * @result: 0 or a negative errno. Any other value warns and counts as -EINVAL.
 *
 * Its timestamp is the time of the call.
 * Context: may sleep.
 * Return: a reference, which the caller drops with libfence_put(). NULL if there
 * is no memory.
 */
struct libfence *libfence_create_signaled(int result)
	LIBFENCE_MUST_CHECK LIBFENCE_ENDED_BY(libfence_put_raw, 1);

/**
 * struct libfence_parts - a position among the parts of a fence
 * @private_: for the library only
 *
 *	struct libfence_parts parts;
 *	const struct libfence *part;
 *
 *	for (part = libfence_parts_first(&parts, fence); part;
 *	     part = libfence_parts_next(&parts))
 *		...
 *
 * Code that leaves the loop early calls libfence_parts_end().
 */
struct libfence_parts {
	void *private_[3];
};

/**
 * libfence_parts_first - begin to go through the parts of a fence
 * @parts: memory of the caller's, which need not be initialised. It holds a
 *	reference until the end.
 * @fence: borrowed; a merged fence, any other fence, which is its own only part,
 *	or NULL, which has none
 *
 * Parts that are signalled may be left out.
 * Context: any.
 * Return: the first part, borrowed until the next call with @parts; or NULL.
 */
const struct libfence *
libfence_parts_first(struct libfence_parts *parts, const struct libfence *fence)
	LIBFENCE_MUST_CHECK __attribute__((__nonnull__(1)));

/**
 * libfence_parts_next - the next part
 * @parts: from libfence_parts_first()
 *
 * Context: any.
 * Return: the part, borrowed until the next call with @parts; NULL after the
 * last one: @parts has no reference any more.
 */
const struct libfence *libfence_parts_next(struct libfence_parts *parts)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL;

/**
 * libfence_parts_end - end the iteration before the last part
 * @parts: from libfence_parts_first(). After the last part nothing happens.
 *
 * Context: as for libfence_put().
 */
void libfence_parts_end(struct libfence_parts *parts) LIBFENCE_NONNULL;

LIBFENCE_END_DECLS

#endif
