/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The functions of libsync, for programs that use it. They work on all
 * descriptors that libfence_import() accepts. They report failures as libsync
 * does: they return -1 or NULL, and set errno. All of them may sleep, except
 * sync_get_fence_info(), and must not be called under a lock that the release
 * of a fence takes.
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
 * @timeout: in milliseconds; 0 only tests, a negative value means no limit
 *
 * Context: may sleep.
 * Return: 0 if the fence is signalled, with any result. -1 and ETIME if it is
 * not signalled in time, -1 and EINVAL if @fd is not open.
 */
static inline LIBFENCE_UNUSED int sync_wait(int fd, int timeout)
{
	return libsync_result_(libfence_sync_wait(fd, timeout));
}

/**
 * sync_merge - create a descriptor for two fences together
 * @name: name of the new descriptor, copied; bytes after the 31st are cut off
 * @fd1: the first descriptor; the caller keeps it
 * @fd2: the second descriptor; the caller keeps it
 *
 * The new descriptor becomes readable when both fences are signalled.
 * Context: may sleep.
 * Return: the new descriptor, which the caller owns; -1 and errno, as for
 * SYNC_IOC_MERGE with libfence_sync_ioctl().
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
 * sync_get_fence_info - the table of fences in a struct sync_file_info
 * @info: from sync_file_info(), borrowed
 *
 * Context: any.
 * Return: &sync_file_info.num_fences entries, borrowed until @info is freed.
 */
static inline LIBFENCE_UNUSED struct sync_fence_info *
sync_get_fence_info(const struct sync_file_info *info)
{
	return (struct sync_fence_info *)(uintptr_t)info->sync_fence_info;
}

/**
 * sync_file_info_free - free the result of sync_file_info()
 * @info: consumed; NULL does nothing
 *
 * Context: as for free().
 */
static inline LIBFENCE_UNUSED void
sync_file_info_free(struct sync_file_info *info)
{
	free(info);
}

/**
 * sync_file_info - the state of a descriptor and the table of its fences
 * @fd: the descriptor; the caller keeps it
 *
 * Context: may sleep.
 * Return: a struct that the caller owns and frees with sync_file_info_free();
 * NULL and errno, as for SYNC_IOC_FILE_INFO with libfence_sync_ioctl().
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

/*
 * The same functions as symbols of the library, for language bindings. They have
 * other names: a library that exports libsync's names would take the place of
 * libsync in a program that is linked with both.
 */

/**
 * libfence_libsync_wait - sync_wait() for language bindings
 * @fd: as for sync_wait()
 * @timeout: as for sync_wait()
 *
 * Context: as for sync_wait().
 * Return: as sync_wait().
 */
int libfence_libsync_wait(int fd, int timeout);

/**
 * libfence_libsync_merge - sync_merge() for language bindings
 * @name: as for sync_merge()
 * @fd1: as for sync_merge()
 * @fd2: as for sync_merge()
 *
 * Context: as for sync_merge().
 * Return: as sync_merge(): the caller owns the new descriptor.
 */
int libfence_libsync_merge(const char *name, int fd1, int fd2)
	LIBFENCE_NONNULL;

/**
 * libfence_libsync_get_fence_info - sync_get_fence_info() for language bindings
 * @info: from libfence_libsync_file_info(), borrowed
 *
 * Context: any.
 * Return: as sync_get_fence_info(): borrowed until @info is freed.
 */
struct sync_fence_info *
libfence_libsync_get_fence_info(const struct sync_file_info *info)
	LIBFENCE_NONNULL;

/**
 * libfence_libsync_file_info_free - sync_file_info_free() for language bindings
 * @info: consumed; NULL does nothing
 *
 * Context: as for free().
 */
void libfence_libsync_file_info_free(struct sync_file_info *info);

/**
 * libfence_libsync_file_info - sync_file_info() for language bindings
 * @fd: the descriptor; the caller keeps it
 *
 * Context: as for sync_file_info().
 * Return: as sync_file_info(): a struct that the caller owns and frees with
 * libfence_libsync_file_info_free(); NULL and errno.
 */
struct sync_file_info *libfence_libsync_file_info(int fd) LIBFENCE_MUST_CHECK;

LIBFENCE_END_DECLS

#endif
