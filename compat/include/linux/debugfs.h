/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Directories and files of debugfs, below a root that belongs to the process.
 * Left out: most helpers for single numbers and blobs, and symbolic links. The
 * host does not see these files; lfshim_debugfs_open() opens one. Implemented
 * in compat/debugfs.c.
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
 * debugfs_create_dir - create a directory
 * @name: its name; copied
 * @parent: the directory above it; NULL for the root
 *
 * Context: may sleep.
 * Return: the directory, which the caller may give to debugfs_remove();
 * ERR_PTR(-ENOMEM); ERR_PTR(-EEXIST), with a message, if there is an entry of
 * that name. An error may be given as @parent: the call then creates
 * nothing and returns that error.
 */
struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
	LFSHIM(debugfs_create_dir);

/**
 * debugfs_create_file - create a file
 * @name: its name; copied
 * @mode: ignored
 * @parent: the directory above it; NULL for the root
 * @data: i_private of the inode that is given to @fops->open; borrowed
 * @fops: its operations; borrowed until the file is removed and every open
 *	file of it is closed
 *
 * Context: may sleep.
 * Return: as debugfs_create_dir().
 */
struct dentry *debugfs_create_file(const char *name, umode_t mode,
				   struct dentry *parent, void *data,
				   const struct file_operations *fops)
	LFSHIM(debugfs_create_file);
/* Neither removal waits for users that still have the file open. */
#define debugfs_create_file_unsafe	debugfs_create_file

/*
 * Defines NAME, the operations of a file whose text is a number:
 * @__get(data, &value) returns 0 or an error, and @__fmt prints the value. There
 * are no writes to files, so @__set is not called.
 */
#define DEFINE_DEBUGFS_ATTRIBUTE(__name, __get, __set, __fmt)		\
static int __name##_show(struct seq_file *m, void *unused)		\
{									\
	int (*get)(void *data, u64 *value) = (__get);			\
	int (*set)(void *data, u64 value) = (__set);			\
	u64 value;							\
	int err = get ? get(m->private, &value) : -EACCES;		\
									\
	(void)unused;							\
	(void)set;							\
	if (!err)							\
		seq_printf(m, __fmt, (unsigned long long)value);	\
	return err;							\
}									\
static int __name##_open(struct inode *inode, struct file *file)	\
{									\
	return single_open(file, __name##_show, inode->i_private);	\
}									\
static const struct file_operations __name = {				\
	.owner		= THIS_MODULE,					\
	.open		= __name##_open,				\
	.read		= seq_read,					\
	.llseek		= seq_lseek,					\
	.release	= single_release,				\
}
#define DEFINE_SIMPLE_ATTRIBUTE	DEFINE_DEBUGFS_ATTRIBUTE

/* Registers and their names. The files with their values are left out. */
struct debugfs_reg32 {
	char *name;
	unsigned long offset;
};

struct debugfs_regset32 {
	const struct debugfs_reg32 *regs;
	int nregs;
	void __iomem *base;
	struct device *dev;
};

/* Remove an entry and everything below it. Context: may sleep. */
void debugfs_remove(struct dentry *dentry) LFSHIM(debugfs_remove);
#define debugfs_remove_recursive	debugfs_remove

/**
 * lfshim_debugfs_open - open a file
 * @path: the path from the root, such as "sync/info"
 * @flags: the file's f_flags
 *
 * Context: may sleep; calls the open function of the file's operations.
 * Return: the file with one reference, to be given to fput(); ERR_PTR(-ENOENT
 * or -ENOMEM), or the error of the open function.
 */
struct file *lfshim_debugfs_open(const char *path, unsigned int flags);

#endif
