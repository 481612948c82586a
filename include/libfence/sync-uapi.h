/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The structures and numbers of the sync_file ioctls, as Linux defines them.
 * The system's <linux/sync_file.h> defines the same ones. A program may include
 * both headers, in any order: this one then adds only the definitions that an
 * old system lacks.
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

/* The include guard of the system's header. */
#ifndef _LINUX_SYNC_H
#define _LINUX_SYNC_H

#define SYNC_IOC_MAGIC		'>'

/**
 * struct sync_merge_data - argument of SYNC_IOC_MERGE
 * @name: in: name of the new descriptor; if it is empty, the name is made from
 *	the names of the merged fence
 * @fd2: in: the descriptor to merge with; the caller keeps it
 * @fence: out: the new descriptor, which the caller owns
 * @flags: in: must be 0
 * @pad: in: must be 0
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
 * @obj_name: out: its timeline name
 * @driver_name: out: its driver name
 * @status: out: 0 if it is not signalled, 1 if it is signalled with success, a
 *	negative errno if it is signalled with that error
 * @flags: out: 0
 * @timestamp_ns: out: time of signalling, CLOCK_MONOTONIC in nanoseconds; 0 if
 *	it is not signalled
 */
struct sync_fence_info {
	char obj_name[32];
	char driver_name[32];
	__s32 status;
	__u32 flags;
	__u64 timestamp_ns;
};

/**
 * struct sync_file_info - argument of SYNC_IOC_FILE_INFO
 * @name: out: name of the descriptor
 * @status: out: status of all fences together, as &sync_fence_info.status
 * @flags: in: must be 0
 * @num_fences: in: number of entries in the table; 0 asks only for the number
 *	of fences, and then there need not be a table. out: number of fences.
 * @pad: in: must be 0
 * @sync_fence_info: in: address of the table, which the caller owns: an array
 *	of struct sync_fence_info
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
 * struct sync_set_deadline - argument of SYNC_IOC_SET_DEADLINE
 * @deadline_ns: in: time at which the fence is needed, CLOCK_MONOTONIC in
 *	nanoseconds
 * @pad: in: must be 0
 */
struct sync_set_deadline {
	__u64 deadline_ns;
	__u64 pad;
};
#define SYNC_IOC_SET_DEADLINE	_IOW(SYNC_IOC_MAGIC, 5, struct sync_set_deadline)
#endif

#endif
