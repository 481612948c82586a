// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * debugfs: a list of all directories and files, with their full paths; see
 * <linux/debugfs.h>.
 */

#include <stdio.h>
#include <linux/anon_inodes.h>
#include <linux/debugfs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

struct dentry {
	struct list_head node;
	/* NULL for a directory. */
	const struct file_operations *fops;
	void *data;
	char path[];
};

static LIST_HEAD(dentries);
/* Protects the list. The functions of files run after the unlock. */
static DEFINE_MUTEX(dentries_lock);

struct dentry *debugfs_create_file(const char *name, umode_t mode,
				   struct dentry *parent, void *data,
				   const struct file_operations *fops)
{
	struct dentry *dentry;
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
	mutex_lock(&dentries_lock);
	list_add_tail(&dentry->node, &dentries);
	mutex_unlock(&dentries_lock);
	return dentry;
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
	mutex_lock(&dentries_lock);
	list_for_each_entry_safe(d, next, &dentries, node) {
		if (d != dentry && dentry_is_below(d, dentry->path, len)) {
			list_del(&d->node);
			kfree(d);
		}
	}
	list_del(&dentry->node);
	mutex_unlock(&dentries_lock);
	kfree(dentry);
}

struct file *lfshim_debugfs_open(const char *path, unsigned int flags)
{
	struct file *file = ERR_PTR(-ENOENT);
	struct dentry *dentry;
	int err = 0;

	mutex_lock(&dentries_lock);
	list_for_each_entry(dentry, &dentries, node) {
		if (!dentry->fops || strcmp(dentry->path, path))
			continue;
		file = anon_inode_getfile(path, dentry->fops, NULL, flags);
		if (!IS_ERR(file))
			file->f_inode->i_private = dentry->data;
		break;
	}
	mutex_unlock(&dentries_lock);

	if (!IS_ERR(file) && file->f_op->open)
		err = file->f_op->open(file_inode(file), file);
	if (err) {
		/* Without fput(): ->release is for files that were opened. */
		kfree(file);
		return ERR_PTR(err);
	}
	return file;
}
