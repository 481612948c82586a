/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * anon_inode_getfile() only; anon_inode_getfd() and the secure variants are
 * left out. Implemented in compat/anon_inodes.c.
 */
#ifndef _LINUX_ANON_INODES_H
#define _LINUX_ANON_INODES_H

#include <lfshim/kernel-code.h>
#include <linux/fs.h>

/**
 * anon_inode_getfile - create a file that is in no directory
 * @name: the kind of file; ignored
 * @fops: its operations; borrowed until the file is released
 * @priv: its private_data
 * @flags: its f_flags
 *
 * Context: may sleep.
 * Return: a file with one reference, to be given to fd_install() or fput();
 * ERR_PTR(-ENOMEM).
 */
struct file *anon_inode_getfile(const char *name,
				const struct file_operations *fops, void *priv,
				int flags) LFSHIM(anon_inode_getfile);

#endif
