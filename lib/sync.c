// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Fences as descriptors, <libfence/sync.h>: the plain face of sync_file. */

#include <linux/dma-fence.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/string.h>
#include <linux/sync_file.h>
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

unsigned int libfence_sync_reap(void)
{
	return lfshim_files_reap();
}
EXPORT_SYMBOL(libfence_sync_reap);
