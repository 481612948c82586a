// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The inline functions of <libfence/libsync.h> as symbols of the library. */

#include <libfence/libsync.h>

int libfence_libsync_wait(int fd, int timeout)
{
	return sync_wait(fd, timeout);
}

int libfence_libsync_merge(const char *name, int fd1, int fd2)
{
	return sync_merge(name, fd1, fd2);
}

struct sync_fence_info *
libfence_libsync_get_fence_info(const struct sync_file_info *info)
{
	return sync_get_fence_info(info);
}

void libfence_libsync_file_info_free(struct sync_file_info *info)
{
	sync_file_info_free(info);
}

struct sync_file_info *libfence_libsync_file_info(int fd)
{
	return sync_file_info(fd);
}
