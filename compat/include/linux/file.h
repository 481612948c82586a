/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Descriptors of the process, and the files behind them. */
#ifndef __LINUX_FILE_H
#define __LINUX_FILE_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/fs.h>

/**
 * get_unused_fd_flags - reserve a descriptor
 * @flags: O_CLOEXEC or 0
 *
 * All that installing needs is had here: two descriptors of the process.
 * Context: may sleep.
 * Return: for fd_install() or put_unused_fd(); -EMFILE, -ENFILE, -ENOMEM ...
 */
int get_unused_fd_flags(unsigned int flags) LFSHIM(get_unused_fd_flags);
void put_unused_fd(unsigned int fd) LFSHIM(put_unused_fd);

/**
 * fd_install - make a descriptor stand for a file
 * @fd: reserved
 * @file: consumes the reference, which lives as long as there is a descriptor
 *	anywhere; installed at most once
 *
 * Asks the file's poll, so what that enables is enabled now. Once the file is
 * readable the descriptor is.
 * Context: may sleep.
 */
void fd_install(unsigned int fd, struct file *file) LFSHIM(fd_install);

/**
 * fget - the file that a descriptor of this process stands for
 *
 * Return: with a reference, for fput(); NULL when it is closed, or no file of
 * this process's library, whichever process it came from.
 */
struct file *fget(unsigned int fd) LFSHIM(fget);

/* Any context: what the last one does, another thread does a little later. */
void fput(struct file *file) LFSHIM(fput);
/* The same at once. Context: any that the file's release can do with. */
void __fput_sync(struct file *file) LFSHIM(__fput_sync);

/**
 * lfshim_files_reap - release the files whose descriptors are all closed
 *
 * The host does not say so when one is closed. Called where files are made and
 * looked up, too, and a few times after one has become readable.
 * Context: may sleep, no lock that a release takes.
 * Return: how many descriptors that were.
 */
unsigned int lfshim_files_reap(void);

/* What an ioctl(2) would do. The argument is not user memory, but ours. */
long lfshim_file_ioctl(struct file *file, unsigned int cmd, void *arg);

DEFINE_FREE(fput, struct file *, if (!IS_ERR_OR_NULL(_T)) fput(_T))

#endif
