/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The names that programs which use libsync have for fences as descriptors.
 * These work on descriptors that libfence_import() takes. Failures are told of as
 * libsync does: -1 or NULL, and errno.
 */
#ifndef LIBFENCE_LIBSYNC_H
#define LIBFENCE_LIBSYNC_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libfence/sync.h>
#include <libfence/sync-uapi.h>

LIBFENCE_BEGIN_DECLS

static inline LIBFENCE_UNUSED int libsync_result_(int ret)
{
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}

/**
 * sync_wait - wait until a fence is signalled
 * @fd: its descriptor
 * @timeout: in milliseconds; negative: no limit
 *
 * Return: 0; -1 and ETIME when time was up, EINVAL for no descriptor.
 */
static inline LIBFENCE_UNUSED int sync_wait(int fd, int timeout)
{
	return libsync_result_(libfence_sync_wait(fd, timeout));
}

/**
 * sync_merge - a descriptor for two fences together
 * @name: what to call it, cut off after 31 bytes
 * @fd1: a descriptor, which stays as it is
 * @fd2: another
 *
 * Return: the new descriptor; -1 and errno.
 */
static inline LIBFENCE_UNUSED int sync_merge(const char *name, int fd1, int fd2)
{
	struct sync_merge_data data;
	size_t len = strlen(name);
	int ret;

	memset(&data, 0, sizeof(data));
	memcpy(data.name, name,
	       len < sizeof(data.name) ? len : sizeof(data.name) - 1);
	data.fd2 = fd2;
	ret = libfence_sync_ioctl(fd1, SYNC_IOC_MERGE, &data);
	return libsync_result_(ret ? ret : data.fence);
}

/**
 * sync_get_fence_info - the table of the fences
 * @info: from sync_file_info(), borrowed
 *
 * Return: &sync_file_info.num_fences entries, borrowed as long as @info is.
 */
static inline LIBFENCE_UNUSED struct sync_fence_info *
sync_get_fence_info(const struct sync_file_info *info)
{
	return (struct sync_fence_info *)(uintptr_t)info->sync_fence_info;
}

/**
 * sync_file_info_free - end what sync_file_info() gave
 * @info: consumed; or NULL
 */
static inline LIBFENCE_UNUSED void
sync_file_info_free(struct sync_file_info *info)
{
	free(info);
}

/**
 * sync_file_info - what a descriptor stands for
 * @fd: the descriptor
 *
 * Return: for sync_file_info_free(), with the table of all its fences; NULL and
 * errno.
 */
static inline LIBFENCE_UNUSED struct sync_file_info *sync_file_info(int fd)
{
	struct sync_file_info ask, *info;
	int ret;

	memset(&ask, 0, sizeof(ask));
	ret = libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO, &ask);
	if (libsync_result_(ret))
		return NULL;
	info = (struct sync_file_info *)calloc(
		1, sizeof(*info) +
		   ask.num_fences * sizeof(struct sync_fence_info));
	if (!info)
		return NULL;
	info->num_fences = ask.num_fences;
	info->sync_fence_info = (uintptr_t)(info + 1);
	ret = libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO, info);
	if (libsync_result_(ret)) {
		free(info);
		return NULL;
	}
	return info;
}

LIBFENCE_END_DECLS

#endif
