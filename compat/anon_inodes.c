// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Files without a file system; see <linux/anon_inodes.h>. */

#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fs.h>

#include "kernel/internal.h"

struct file *anon_inode_getfile(const char *name,
				const struct file_operations *fops, void *priv,
				int flags)
{
	struct file *file = lfpriv_file_alloc();

	if (!file)
		return ERR_PTR(-ENOMEM);
	file->f_op = fops;
	file->private_data = priv;
	file->f_flags = flags;
	return file;
}
