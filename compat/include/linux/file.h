/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Reserving and installing descriptors, fget() and fput(). Implemented in
 * compat/file.c.
 */
#ifndef _LINUX_FILE_H
#define _LINUX_FILE_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/fs.h>

/**
 * get_unused_fd_flags - reserve a descriptor
 * @flags: O_CLOEXEC or 0
 *
 * Takes everything that fd_install() needs, so that fd_install() cannot fail:
 * two descriptors of the process. The library closes the second one when the
 * file has become readable.
 * Context: may sleep.
 * Return: a descriptor, to be given to fd_install() or put_unused_fd();
 * -EMFILE, -ENFILE, -ENOMEM or another error of the host.
 */
int get_unused_fd_flags(unsigned int flags) LFSHIM(get_unused_fd_flags);
void put_unused_fd(unsigned int fd) LFSHIM(put_unused_fd);

/**
 * fd_install - make a reserved descriptor refer to a file
 * @fd: from get_unused_fd_flags()
 * @file: the file; this consumes the caller's reference. The reference is
 *	dropped after the last copy of the descriptor is closed, in any process.
 *	A file can be installed only once.
 *
 * Calls the file's poll function, which may enable signalling. The descriptor
 * becomes readable when the file does.
 * Context: may sleep.
 */
void fd_install(unsigned int fd, struct file *file) LFSHIM(fd_install);

/**
 * fget - find the file of a descriptor
 * @fd: a descriptor of this process
 *
 * Context: any.
 * Return: the file with a reference, to be given to fput(); NULL if @fd is not
 * open, or does not refer to a file that the library in this process created.
 * The descriptor itself may have been received from another process.
 */
struct file *fget(unsigned int fd) LFSHIM(fget);

/*
 * Drop a reference. The last one queues the release, which runs on a thread of
 * the shim: in process context, without a lock, and while other releases may be
 * blocked. Context: any.
 */
void fput(struct file *file) LFSHIM(fput);
/* The same, but releases in the caller. Context: that of ->release. */
void __fput_sync(struct file *file) LFSHIM(__fput_sync);
/*
 * Wait until the files whose last reference was dropped before this call are
 * released. Context: may sleep; the caller holds no lock that a release function
 * takes.
 */
void flush_delayed_fput(void) LFSHIM(flush_delayed_fput);

/**
 * lfshim_files_reap - release the files whose descriptors are all closed
 *
 * The host does not report when a descriptor is closed. This calls the release
 * functions of the files that it finds. If another thread has just found some,
 * flush_delayed_fput() waits for them afterwards. Without this call, the shim
 * looks after every few hundred reservations, and on the RCU thread for a second
 * after a file became readable.
 * Context: may sleep; the caller holds no lock that a release function takes.
 * Return: the number of descriptors that were found closed.
 */
unsigned int lfshim_files_reap(void);

/* Call the file's ioctl function. @arg is the library's, not user memory. */
long lfshim_file_ioctl(struct file *file, unsigned int cmd, void *arg);

/*
 * A file that is used for a short time. It always has a reference, which the
 * kernel saves if the process has one thread.
 */
struct fd {
	struct file *lfshim_file;
};

#define fd_file(f)	((f).lfshim_file)
#define fd_empty(f)	(!fd_file(f))

/* As fget(); the result may be empty. */
static inline struct fd fdget(unsigned int fd)
{
	return (struct fd){ fget(fd) };
}

static inline void fdput(struct fd f)
{
	if (!fd_empty(f))
		fput(fd_file(f));
}

DEFINE_CLASS(fd, struct fd, fdput(_T), fdget(fd), int fd)

DEFINE_FREE(fput, struct file *, if (!IS_ERR_OR_NULL(_T)) fput(_T))

#endif
