// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What our sync_file.c has besides, for a kernel tree's in its place. */

#include <linux/file.h>
#include <linux/sync_file.h>
#include <uapi/linux/sync_file.h>

struct sync_file *sync_file_from_file(struct file *file)
{
	return file->private_data;
}

/* It knows the descriptors of this process only. */
long sync_file_merge_with(struct sync_file *sync_file, void __user *arg,
			  struct dma_fence *(*get_fence)(int fd))
{
	struct file *file = sync_file->file;

	return file->f_op->unlocked_ioctl(file, SYNC_IOC_MERGE,
					  (unsigned long)arg);
}
