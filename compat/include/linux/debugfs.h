/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Files for debugging, below a root of the process's own. Nothing of them is
 * seen by the host: lfshim_debugfs_open() is what opens one.
 */
#ifndef _LINUX_DEBUGFS_H
#define _LINUX_DEBUGFS_H

#include <lfshim/kernel-code.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/types.h>

struct dentry;

/**
 * debugfs_create_dir - make a directory
 * @name: copied
 * @parent: NULL for the root
 *
 * Context: may sleep.
 * Return: for debugfs_remove(), or to be left where it is; -ENOMEM as a
 * pointer, which is good as a @parent of what then is not made either.
 */
struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
	LFSHIM(debugfs_create_dir);

/**
 * debugfs_create_file - make a file
 * @name: copied
 * @mode: not looked at
 * @parent: NULL for the root
 * @data: the i_private of the inode that @fops->open gets
 * @fops: borrowed, until the file is removed and all that opened it closed it
 *
 * Context and return: as debugfs_create_dir().
 */
struct dentry *debugfs_create_file(const char *name, umode_t mode,
				   struct dentry *parent, void *data,
				   const struct file_operations *fops)
	LFSHIM(debugfs_create_file);
/* Users that may still be in the file are not waited for in either. */
#define debugfs_create_file_unsafe	debugfs_create_file

/* Remove it, and what is below. Context: may sleep. */
void debugfs_remove(struct dentry *dentry) LFSHIM(debugfs_remove);
#define debugfs_remove_recursive	debugfs_remove

/**
 * lfshim_debugfs_open - open a file
 * @path: from the root, as in "sync/info"
 * @flags: the file's f_flags
 *
 * Context: what @fops->open can do with.
 * Return: for fput(); -ENOENT, -ENOMEM, or the error of @fops->open, as a
 * pointer.
 */
struct file *lfshim_debugfs_open(const char *path, unsigned int flags);

#endif
