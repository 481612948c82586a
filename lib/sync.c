// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Fences as descriptors, <libfence/sync.h>: the plain face of sync_file. */

#include <linux/dma-fence.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/sync_file.h>
#include <uapi/linux/sync_file.h>
#include <libfence/dma-fence.h>
#include <libfence/sync.h>

int libfence_export(const struct libfence *fence, const char *name)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct sync_file *s;

	if (fd < 0)
		return fd;
	s = sync_file_create(libfence_to_dma_fence(fence));
	if (!s) {
		put_unused_fd(fd);
		return -ENOMEM;
	}
	if (name)
		strscpy(s->user_name, name);
	fd_install(fd, s->file);
	return fd;
}
EXPORT_SYMBOL(libfence_export);

struct libfence *libfence_import(int fd, int *err)
{
	struct dma_fence *fence;

	lfshim_files_reap();
	fence = sync_file_get_fence(fd);
	if (!fence && err)
		*err = lfshim_fd_is_open(fd) ? -EINVAL : -EBADF;
	return libfence_from_dma_fence(fence);
}
EXPORT_SYMBOL(libfence_import);

/* What the file has besides is its owner's. */
static bool is_for_users(unsigned long request)
{
	return request == SYNC_IOC_MERGE || request == SYNC_IOC_FILE_INFO ||
	       request == SYNC_IOC_SET_DEADLINE;
}

int libfence_sync_ioctl(int fd, unsigned long request, void *arg)
{
	struct sync_file *s;
	struct file *file;
	long ret = -ENOTTY;

	lfshim_files_reap();
	file = fget(fd);
	if (!file)
		return lfshim_fd_is_open(fd) ? -ENOTTY : -EBADF;
	s = sync_file_from_file(file);
	if (s && is_for_users(request))
		ret = file->f_op->unlocked_ioctl(file, request,
						 (unsigned long)arg);
	fput(file);
	return ret;
}
EXPORT_SYMBOL(libfence_sync_ioctl);

int libfence_sync_wait(int fd, int timeout_ms)
{
	ktime_t end = ktime_get() + timeout_ms * NSEC_PER_MSEC;
	int ret, left = timeout_ms;

	for (;;) {
		ret = lfshim_fd_wait(fd, left);
		if (ret != -EINTR && ret != -EAGAIN)
			return ret;
		if (timeout_ms >= 0)
			left = max_t(s64, 0, (end - ktime_get()) / NSEC_PER_MSEC + 1);
	}
}
EXPORT_SYMBOL(libfence_sync_wait);

unsigned int libfence_sync_reap(void)
{
	return lfshim_files_reap();
}
EXPORT_SYMBOL(libfence_sync_reap);
