// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * debugfs: a list of all directories and files, with their full paths; see
 * <linux/debugfs.h>.
 */

#include <stdio.h>
#include <linux/anon_inodes.h>
#include <linux/debugfs.h>
#include <linux/list.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "kernel/fork.h"

struct dentry {
	struct list_head node;
	/* NULL for a directory. */
	const struct file_operations *fops;
	void *data;
	char path[];
};

static LIST_HEAD(dentries);
/* Protects the list. The functions of files run after the unlock. */
static DEFINE_SPINLOCK(dentries_lock);

LFPRIV_AT_FORK(debugfs_fork) = {
	.level = LFPRIV_FORK_DEBUGFS,
	.lock = &dentries_lock,
};

/* The caller holds the lock. */
static struct dentry *dentry_find(const char *path)
{
	struct dentry *dentry;

	list_for_each_entry(dentry, &dentries, node)
		if (!strcmp(dentry->path, path))
			return dentry;
	return NULL;
}

struct dentry *debugfs_create_file(const char *name, umode_t mode,
				   struct dentry *parent, void *data,
				   const struct file_operations *fops)
{
	struct dentry *dentry;
	bool exists;
	size_t size;

	if (IS_ERR(parent))
		return parent;
	size = (parent ? strlen(parent->path) + 1 : 0) + strlen(name) + 1;
	dentry = kzalloc(struct_size(dentry, path, size), GFP_KERNEL);
	if (!dentry)
		return ERR_PTR(-ENOMEM);
	snprintf(dentry->path, size, "%s%s%s", parent ? parent->path : "",
		 parent ? "/" : "", name);
	dentry->fops = fops;
	dentry->data = data;
	spin_lock(&dentries_lock);
	exists = dentry_find(dentry->path);
	if (!exists)
		list_add_tail(&dentry->node, &dentries);
	spin_unlock(&dentries_lock);
	if (!exists)
		return dentry;
	pr_err("debugfs: '%s' exists already\n", dentry->path);
	kfree(dentry);
	return ERR_PTR(-EEXIST);
}

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
{
	return debugfs_create_file(name, 0, parent, NULL, NULL);
}

static bool dentry_is_below(const struct dentry *dentry, const char *path,
			    size_t len)
{
	return !strncmp(dentry->path, path, len) && dentry->path[len] == '/';
}

void debugfs_remove(struct dentry *dentry)
{
	struct dentry *d, *next;
	size_t len;

	if (IS_ERR_OR_NULL(dentry))
		return;
	len = strlen(dentry->path);
	spin_lock(&dentries_lock);
	list_for_each_entry_safe(d, next, &dentries, node) {
		if (d != dentry && dentry_is_below(d, dentry->path, len)) {
			list_del(&d->node);
			kfree(d);
		}
	}
	list_del(&dentry->node);
	spin_unlock(&dentries_lock);
	kfree(dentry);
}

struct file *lfshim_debugfs_open(const char *path, unsigned int flags)
{
	const struct file_operations *fops = NULL;
	struct dentry *dentry;
	struct file *file;
	void *data = NULL;
	int err = 0;

	spin_lock(&dentries_lock);
	dentry = dentry_find(path);
	if (dentry) {
		fops = dentry->fops;
		data = dentry->data;
	}
	spin_unlock(&dentries_lock);
	if (!fops)
		return ERR_PTR(-ENOENT);

	file = anon_inode_getfile(path, fops, NULL, flags);
	if (IS_ERR(file))
		return file;
	file->f_inode->i_private = data;
	if (fops->open)
		err = fops->open(file_inode(file), file);
	if (err) {
		/* Without fput(): ->release is for files that were opened. */
		kfree(file);
		return ERR_PTR(err);
	}
	return file;
}
