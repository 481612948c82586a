// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The functions of ../sync-file/sync_file.c that the sync_file.c of a kernel
 * tree lacks.
 */

#include <linux/file.h>
#include <linux/sync_file.h>
#include <linux/uaccess.h>
#include <uapi/linux/sync_file.h>

#include "host/fd.h"
#include "../sync-file/wire.h"

__attribute__((__constructor__)) static void sync_file_set_wire(void)
{
	lfshim_file_set_default_wire(&lfpriv_sync_file_wire);
}

struct sync_file *sync_file_from_file(struct file *file)
{
	return file->private_data;
}

static long sync_file_ioctl_merge(struct sync_file *sync_file, void __user *arg)
{
	return sync_file->file->f_op->unlocked_ioctl(sync_file->file,
						     SYNC_IOC_MERGE,
						     (unsigned long)arg);
}

/* Make a descriptor of this process for a fence. Consumes the reference. */
static int sync_file_export_fence(struct dma_fence *fence)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct sync_file *sync_file;

	if (fd < 0)
		goto put_fence;
	sync_file = sync_file_create(fence);
	if (!sync_file) {
		put_unused_fd(fd);
		fd = -ENOMEM;
		goto put_fence;
	}
	fd_install(fd, sync_file->file);
put_fence:
	dma_fence_put(fence);
	return fd;
}

/*
 * The tree's SYNC_IOC_MERGE knows descriptors of this process only. For any
 * other descriptor this exports the imported fence, and passes that descriptor.
 */
long sync_file_merge_with(struct sync_file *sync_file, void __user *arg,
			  struct dma_fence *(*get_fence)(int fd))
{
	struct sync_merge_data data;
	struct dma_fence *fence;
	long ret = sync_file_ioctl_merge(sync_file, arg);
	int fd, caller_fd;

	if (ret != -ENOENT || copy_from_user(&data, arg, sizeof(data)))
		return ret;
	fence = get_fence(data.fd2);
	if (!fence)
		return ret;
	fd = sync_file_export_fence(fence);
	if (fd < 0)
		return fd;
	caller_fd = data.fd2;
	data.fd2 = fd;
	ret = -EFAULT;
	if (!copy_to_user(arg, &data, sizeof(data)))
		ret = sync_file_ioctl_merge(sync_file, arg);
	/* Restore the caller's descriptor in the caller's structure. */
	if (!copy_from_user(&data, arg, sizeof(data))) {
		data.fd2 = caller_fd;
		if (copy_to_user(arg, &data, sizeof(data)) && !ret)
			ret = -EFAULT;
	}
	lfhost_fd_close(fd);
	return ret;
}
