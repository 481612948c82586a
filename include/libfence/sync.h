/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Fences as file descriptors, which can be polled, sent to another process and
 * inherited: what the kernel calls a sync_file. docs/sync-file.md has the whole
 * story.
 *
 * Each of these functions also releases what descriptors that were closed have
 * stood for: they must not be called under a lock that releasing a fence takes.
 */
#ifndef LIBFENCE_SYNC_H
#define LIBFENCE_SYNC_H

#include <libfence/attributes.h>
#include <libfence/fence.h>

LIBFENCE_BEGIN_DECLS

/**
 * libfence_export - make a descriptor that stands for a fence
 * @fence: borrowed; the descriptor has a reference of its own
 * @name: what to call it, cut off after 31 bytes; NULL or empty makes a name
 *	from the fence's
 *
 * The descriptor is close-on-exec. It is readable once the fence is signalled,
 * with whatever result, and not before; nothing is to be read from it, as that
 * would take from others what they have to see. close() ends it at any time.
 * Has the producer's enable_signaling op called.
 *
 * Takes two descriptors of the process, until the one that is returned and all
 * copies of it are closed.
 * Context: may sleep.
 * Return: the descriptor, or a negative errno: -EMFILE, -ENFILE, -ENOMEM.
 */
int libfence_export(const struct libfence *fence, const char *name)
	LIBFENCE_MUST_CHECK __attribute__((__nonnull__(1)));

/**
 * libfence_import - the fence that a descriptor stands for
 * @fd: any number; it stays the caller's
 * @err: where a negative errno goes when there is none; or NULL
 *
 * A descriptor from this process, or a copy of one, gives the very same fence.
 *
 * One from another process, which came by SCM_RIGHTS or fork(), gives a new
 * fence that is signalled when the other one is, with the same error and
 * timestamp, by a thread of the library's, of which there is one for all.
 * -EOWNERDEAD is its error when that process ends before that, and -EBADMSG
 * when something else than a fence has come from there. As long as it is not
 * signalled it has a descriptor of its own. Dropped before, it waits no more.
 *
 * So does a sync_file of the kernel's, known by its ioctl.
 * Context: may sleep.
 * Return: a reference; or NULL, with -EBADF when the descriptor is closed,
 * -EINVAL when it stands for something else, -EPROTONOSUPPORT when for a fence
 * of a newer library, -EMFILE, -ENOMEM, or -EAGAIN when there is no thread.
 */
struct libfence *libfence_import(int fd, int *err) LIBFENCE_MUST_CHECK
	LIBFENCE_ENDED_BY(libfence_put_raw, 1);

/**
 * libfence_wrap_fd - make a fence of anything that becomes readable
 * @fd: an eventfd, a pidfd, a timerfd, a pipe, a socket ...; it stays the
 *	caller's, and nothing is read from it
 * @err: where a negative errno goes when there is none; or NULL
 *
 * The fence is signalled with success once the descriptor is readable, be it
 * for a moment only; by the thread that libfence_import() has, never before
 * this returns. Its error is -EOWNERDEAD when there is nothing to read and
 * nobody left who could write, and -EIO when there is another error. The end of
 * a stream is something to read, as it is for poll().
 * Context: may sleep.
 * Return: a reference; or NULL, with -EBADF, -EMFILE, -ENOMEM, -EAGAIN, and
 * -EPERM for what cannot be waited for, such as a regular file.
 */
struct libfence *libfence_wrap_fd(int fd, int *err) LIBFENCE_MUST_CHECK
	LIBFENCE_ENDED_BY(libfence_put_raw, 1);

/**
 * libfence_sync_ioctl - what ioctl() does with the kernel's sync_files
 * @fd: a descriptor that libfence_import() takes
 * @request: SYNC_IOC_MERGE, SYNC_IOC_FILE_INFO or SYNC_IOC_SET_DEADLINE of
 *	<libfence/sync-uapi.h>
 * @arg: the structure that belongs to it; a wrong address is an error
 *
 * Context: may sleep.
 * Return: 0, or a negative errno, as the kernel's ioctl: -EFAULT where @arg or
 * the table it refers to is not there; -EINVAL where a member is not 0 that has
 * to be, or the table is too small; -ENOMEM; -ENOTTY for other requests, and
 * for descriptors that stand for something else. Merging: -EMFILE; -ENOENT
 * where the other descriptor does not stand for a fence. -EBADF: @fd is closed.
 */
int libfence_sync_ioctl(int fd, unsigned long request, void *arg);

/**
 * libfence_sync_wait - wait until a descriptor is readable
 * @fd: any
 * @timeout_ms: in milliseconds; negative: no limit
 *
 * The time goes on while signal handlers run.
 * Context: may sleep.
 * Return: 0, -ETIME, or -EINVAL when there is no such descriptor.
 */
int libfence_sync_wait(int fd, int timeout_ms);

/**
 * libfence_sync_reap - release what closed descriptors have stood for
 *
 * The library is not told when a descriptor is closed. It looks when one of
 * these functions is called, and for about a second after a fence that was
 * exported is signalled. Until then the fence has one more reference, and the
 * process one more descriptor. This is for who wants it done now, but for what
 * another thread is at already.
 * Context: may sleep.
 * Return: how many descriptors there were.
 */
unsigned int libfence_sync_reap(void);

LIBFENCE_END_DECLS

#endif
