// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A descriptor for a fence: libfence_export() of <libfence/sync.h>. */

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

unsigned int libfence_sync_reap(void)
{
	return lfshim_files_reap();
}
EXPORT_SYMBOL(libfence_sync_reap);
