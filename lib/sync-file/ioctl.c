// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The functions of <libfence/sync.h> that correspond to those of libsync. */

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

/* As sync_file_get_fence(), but also for descriptors of other processes. */
static struct dma_fence *sync_ioctl_get_fence(int fd)
{
	int unused;

	return lfpriv_import(fd, &unused);
}

/* The ioctls that programs may call. All others are internal to a file. */
static bool sync_ioctl_is_public(unsigned long request)
{
	return request == SYNC_IOC_MERGE || request == SYNC_IOC_FILE_INFO ||
	       request == SYNC_IOC_SET_DEADLINE;
}

static long sync_ioctl_on_file(struct file *file, struct sync_file *s,
			       unsigned long request, void *arg)
{
	if (request == SYNC_IOC_MERGE)
		return sync_file_merge_with(s, arg, sync_ioctl_get_fence);
	return file->f_op->unlocked_ioctl(file, request, (unsigned long)arg);
}

/*
 * An ioctl on a descriptor that this process did not export. Try the ioctl of
 * the host kernel. If the kernel does not know it, use a proxy fence.
 */
static long sync_ioctl_foreign(int fd, unsigned long request, void *arg)
{
	struct dma_fence *fence;
	struct sync_file *s;
	int err;
	long ret;

	ret = lfhost_fd_ioctl(fd, request, arg);
	/* -ENOENT: the kernel does not know the other fd. The library may. */
	if (ret != -ENOTTY && !(request == SYNC_IOC_MERGE && ret == -ENOENT))
		return ret;
	fence = lfpriv_proxy_create(fd, false, &err);
	if (!fence)
		return err == -EINVAL ? -ENOTTY : err;
	s = sync_file_create(fence);
	dma_fence_put(fence);
	if (!s)
		return -ENOMEM;
	ret = sync_ioctl_on_file(s->file, s, request, arg);
	/* Not fput(): this stops the watch immediately. */
	__fput_sync(s->file);
	return ret;
}

int libfence_sync_ioctl(int fd, unsigned long request, void *arg)
{
	struct file *file;
	long ret = -ENOTTY;
	struct sync_file *s;

	file = fget(fd);
	if (!file)
		return sync_ioctl_is_public(request) ?
			       sync_ioctl_foreign(fd, request, arg) :
			       -ENOTTY;
	s = sync_file_from_file(file);
	if (s && sync_ioctl_is_public(request))
		ret = sync_ioctl_on_file(file, s, request, arg);
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
			left = max_t(s64, 0, (end - ktime_get()) /
						     NSEC_PER_MSEC + 1);
	}
}
EXPORT_SYMBOL(libfence_sync_wait);
