/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Fences as file descriptors. A descriptor can be polled, sent to another
 * process and inherited. In the kernel this is a sync_file. docs/sync-file.md
 * describes the whole feature.
 *
 * libfence_sync_reap() releases the fences of exported descriptors that have
 * been closed. Do not call it under a lock that the release of a fence takes.
 */
#ifndef LIBFENCE_SYNC_H
#define LIBFENCE_SYNC_H

#include <libfence/attributes.h>
#include <libfence/fence.h>

LIBFENCE_BEGIN_DECLS

/**
 * libfence_export - create a descriptor for a fence
 * @fence: borrowed; the descriptor takes its own reference
 * @name: name of the descriptor, copied; bytes after the 31st are cut off. If
 *	it is NULL or empty, the name is made from the names of the fence.
 *
 * The descriptor has the close-on-exec flag. It becomes readable when the fence
 * is signalled, with any result, and not before. Do not read from it: reading
 * consumes the result that all copies of the descriptor share. The caller owns
 * the descriptor and can close() it at any time. Calls the producer's
 * enable_signaling op, unless it has been called before.
 *
 * The process uses two descriptors for this, until the fence is signalled or the
 * returned descriptor and all its copies are closed.
 * Context: may sleep.
 * Return: the descriptor, or a negative errno: -EMFILE or -ENFILE if there are
 * too many descriptors, -ENOMEM.
 */
int libfence_export(const struct libfence *fence, const char *name)
	LIBFENCE_MUST_CHECK __attribute__((__nonnull__(1)));

/**
 * libfence_import - get the fence of a descriptor
 * @fd: any number. The caller keeps the descriptor, and may close it
 *	afterwards.
 * @err: where to store a negative errno on failure; or NULL
 *
 * A descriptor that this process exported, or a copy of it, gives the fence
 * that was exported. If the fence is signalled, and the process had no
 * descriptor of it for a moment, it gives a proxy fence with the same result.
 *
 * A descriptor from another process, received through SCM_RIGHTS or fork(),
 * gives a new proxy fence. The proxy is signalled when the fence of the other
 * process is, with the same error and timestamp. A thread of the library
 * signals all proxies. Two errors are possible besides: -EOWNERDEAD if the
 * other process ends before it signals, -EBADMSG if it sends an invalid
 * message.
 *
 * A sync_file of the running kernel, recognised by its ioctl, also gives a
 * proxy fence.
 *
 * A proxy uses a descriptor of its own until it is signalled. If its last
 * reference is dropped before that, the library stops watching the descriptor.
 * Context: may sleep.
 * Return: a reference, which the caller drops with libfence_put(). On
 * failure NULL, with one of these errors: -EBADF if @fd is not open; -EINVAL if
 * it is not the descriptor of a fence; -EPROTONOSUPPORT if it comes from an
 * incompatible version of the library; -EMFILE; -ENFILE; -ENOMEM; -EAGAIN if
 * the thread cannot be started.
 */
struct libfence *libfence_import(int fd, int *err) LIBFENCE_MUST_CHECK
	LIBFENCE_ENDED_BY(libfence_put_raw, 1);

/**
 * libfence_wrap_fd - create a fence that any descriptor signals
 * @fd: an eventfd, a pidfd, a timerfd, a pipe, a socket or the like. The caller
 *	keeps the descriptor, and may close it afterwards. The library does not
 *	read from it.
 * @err: where to store a negative errno on failure; or NULL
 *
 * The fence is signalled with success when the descriptor becomes readable, and
 * stays signalled if the descriptor is read from afterwards. The thread of
 * libfence_import() signals the fence; this function never does, even if the
 * descriptor is readable already. If other code reads everything before that
 * thread sees the descriptor readable, the fence is not signalled. End of file
 * counts as readable, as it does for poll(). The fence has the error
 * -EOWNERDEAD if there is nothing to read and no writer left, and the error
 * -EIO if poll() reports an error and nothing to read.
 * Context: may sleep.
 * Return: a reference, which the caller drops with libfence_put(). On
 * failure NULL, with one of these errors: -EBADF if @fd is not open; -EPERM if
 * it cannot be polled, or if another process could hold up such a poll: a regular
 * file, an epoll set, a terminal, a socket of an unusual family; -EMFILE; -ENFILE;
 * -ENOMEM;
 * -EAGAIN if the thread cannot be started.
 */
struct libfence *libfence_wrap_fd(int fd, int *err) LIBFENCE_MUST_CHECK
	LIBFENCE_ENDED_BY(libfence_put_raw, 1);

/**
 * libfence_sync_ioctl - the ioctls of sync_files
 * @fd: any descriptor that libfence_import() accepts
 * @request: SYNC_IOC_MERGE, SYNC_IOC_FILE_INFO or SYNC_IOC_SET_DEADLINE of
 *	<libfence/sync-uapi.h>
 * @arg: the struct for @request, owned by the caller. A wrong address is an
 *	error, not a crash.
 *
 * Behaves as ioctl() on a sync_file of the kernel. ioctl() itself does not
 * work on a descriptor of this library.
 * Context: may sleep.
 * Return: 0, or a negative errno:
 * -EBADF if @fd is not open;
 * -ENOTTY for any other @request, and if @fd is not the descriptor of a fence;
 * -EFAULT if @arg or the table that it refers to is not accessible memory;
 * -EINVAL if a member that must be 0 is not, or if the table is too small;
 * -ENOENT if the descriptor to merge with is not the descriptor of a fence;
 * -EMFILE, when merging; -ENOMEM.
 */
int libfence_sync_ioctl(int fd, unsigned long request, void *arg);

/**
 * libfence_sync_wait - wait until a descriptor is readable
 * @fd: any descriptor
 * @timeout_ms: in milliseconds; 0 only tests, a negative value means no limit
 *
 * If a signal handler runs meanwhile, the wait continues for the rest of the
 * time.
 * Context: may sleep. A cancellation point, as poll() is.
 * Return: 0 if the descriptor is readable; -ETIME if it is not in time; -EINVAL
 * if it is not open, or if poll() reports an error.
 */
int libfence_sync_wait(int fd, int timeout_ms);

/**
 * libfence_sync_reap - release the fences of closed descriptors
 *
 * The library is not notified when an exported descriptor is closed. It looks
 * for closed descriptors for about a second after an exported fence is
 * signalled, and after every few hundred exports. Until it finds one, the fence
 * has one reference more and, if it is not signalled, the process has one open
 * descriptor more. Call this function to release them immediately. Descriptors
 * that another thread is releasing at the same time are not counted, and this
 * function does not wait for that thread.
 * Context: may sleep.
 * Return: the number of descriptors that this call released.
 */
unsigned int libfence_sync_reap(void);

LIBFENCE_END_DECLS

#endif
