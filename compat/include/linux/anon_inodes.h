/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Files that are in no directory. */
#ifndef _LINUX_ANON_INODES_H
#define _LINUX_ANON_INODES_H

#include <lfshim/kernel-code.h>
#include <linux/fs.h>

/**
 * anon_inode_getfile - make a file
 * @name: what kind it is; not kept
 * @fops: what it does
 * @priv: its private_data
 * @flags: its f_flags
 *
 * Return: with a reference, for fd_install() or fput(); -ENOMEM as a pointer.
 */
struct file *anon_inode_getfile(const char *name,
				const struct file_operations *fops, void *priv,
				int flags) LFSHIM(anon_inode_getfile);

#endif
