// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What libsync's functions do with a descriptor: <libfence/sync.h>. */

#include <linux/dma-fence.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/sync_file.h>
#include <uapi/linux/sync_file.h>
#include <libfence/sync.h>

#include "host/fd.h"
#include "import.h"

/* As sync_file_get_fence(), for descriptors of other processes, too. */
static struct dma_fence *get_any_fence(int fd)
{
	int unused;

	return lfpriv_import(fd, &unused);
}

/* What there is besides is the owner's. */
static bool is_for_users(unsigned long request)
{
	return request == SYNC_IOC_MERGE || request == SYNC_IOC_FILE_INFO ||
	       request == SYNC_IOC_SET_DEADLINE;
}

static long sync_file_do(struct file *file, struct sync_file *s,
			 unsigned long request, void *arg)
{
	if (request == SYNC_IOC_MERGE)
		return sync_file_merge_with(s, arg, get_any_fence);
	return file->f_op->unlocked_ioctl(file, request, (unsigned long)arg);
}

/* Not from here: the kernel's, or a fence of ours that stands for it. */
static long foreign_do(int fd, unsigned long request, void *arg)
{
	struct dma_fence *fence;
	struct sync_file *s;
	int err;
	long ret;

	ret = lfhost_fd_ioctl(fd, request, arg);
	/* -ENOENT: the kernel does not know what to merge with. We may. */
	if (ret != -ENOTTY && !(request == SYNC_IOC_MERGE && ret == -ENOENT))
		return ret;
	fence = lfpriv_proxy_create(fd, false, &err);
	if (!fence)
		return err == -EINVAL ? -ENOTTY : err;
	s = sync_file_create(fence);
	dma_fence_put(fence);
	if (!s)
		return -ENOMEM;
	ret = sync_file_do(s->file, s, request, arg);
	/* Nothing is held: the descriptor that it has is free at once. */
	__fput_sync(s->file);
	return ret;
}

int libfence_sync_ioctl(int fd, unsigned long request, void *arg)
{
	struct file *file;
	long ret = -ENOTTY;
	struct sync_file *s;

	lfshim_files_reap();
	file = fget(fd);
	if (!file)
		return is_for_users(request) ? foreign_do(fd, request, arg) :
					       -ENOTTY;
	s = sync_file_from_file(file);
	if (s && is_for_users(request))
		ret = sync_file_do(file, s, request, arg);
	fput(file);
	return ret;
}
EXPORT_SYMBOL(libfence_sync_ioctl);

int libfence_sync_wait(int fd, int timeout_ms)
{
	ktime_t end = ktime_get() + timeout_ms * NSEC_PER_MSEC;
	int ret, left = timeout_ms;

	for (;;) {
		ret = lfhost_fd_wait(fd, left);
		if (ret != -EINTR && ret != -EAGAIN)
			return ret;
		if (timeout_ms >= 0)
			left = max_t(s64, 0, (end - ktime_get()) / NSEC_PER_MSEC + 1);
	}
}
EXPORT_SYMBOL(libfence_sync_wait);
