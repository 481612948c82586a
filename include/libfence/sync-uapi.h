/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The structures and numbers of sync_file ioctls, as Linux defines them. They
 * are those of the system's <linux/sync_file.h>, which may be included as well,
 * before or after; what it is too old for is added.
 */
#ifndef LIBFENCE_SYNC_UAPI_H
#define LIBFENCE_SYNC_UAPI_H

#ifdef __KERNEL__
#include <linux/ioctl.h>
#include <linux/types.h>
#else
#include <asm/types.h>
#include <sys/ioctl.h>
#endif

/* The guard of the system's header. */
#ifndef _LINUX_SYNC_H
#define _LINUX_SYNC_H

#define SYNC_IOC_MAGIC		'>'

/**
 * struct sync_merge_data - SYNC_IOC_MERGE
 * @name: of the new descriptor, or empty
 * @fd2: what to merge with
 * @fence: out: the new descriptor
 * @flags: 0
 * @pad: 0
 */
struct sync_merge_data {
	char name[32];
	__s32 fd2;
	__s32 fence;
	__u32 flags;
	__u32 pad;
};

/**
 * struct sync_fence_info - one fence of a descriptor
 * @obj_name: name of its timeline
 * @driver_name: name of its driver
 * @status: 0 not signalled, 1 signalled, negative: with that error
 * @flags: 0
 * @timestamp_ns: when it was signalled, CLOCK_MONOTONIC; or 0
 */
struct sync_fence_info {
	char obj_name[32];
	char driver_name[32];
	__s32 status;
	__u32 flags;
	__u64 timestamp_ns;
};

/**
 * struct sync_file_info - SYNC_IOC_FILE_INFO
 * @name: out: of the descriptor
 * @status: out: as of a fence, of all of them
 * @flags: 0
 * @num_fences: in: room in the table, 0 to be told only how many there are;
 *	out: how many there are
 * @pad: 0
 * @sync_fence_info: address of the table
 */
struct sync_file_info {
	char name[32];
	__s32 status;
	__u32 flags;
	__u32 num_fences;
	__u32 pad;
	__u64 sync_fence_info;
};

#define SYNC_IOC_MERGE		_IOWR(SYNC_IOC_MAGIC, 3, struct sync_merge_data)
#define SYNC_IOC_FILE_INFO	_IOWR(SYNC_IOC_MAGIC, 4, struct sync_file_info)
#endif

#ifndef SYNC_IOC_SET_DEADLINE
/**
 * struct sync_set_deadline - SYNC_IOC_SET_DEADLINE
 * @deadline_ns: when it is needed, CLOCK_MONOTONIC
 * @pad: 0
 */
struct sync_set_deadline {
	__u64 deadline_ns;
	__u64 pad;
};
#define SYNC_IOC_SET_DEADLINE	_IOW(SYNC_IOC_MAGIC, 5, struct sync_set_deadline)
#endif

#endif
