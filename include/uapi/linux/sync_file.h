/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* <linux/sync_file.h> for programs that are not kernel code. */
#ifndef __UAPI_LINUX_SYNC_FILE_H
#define __UAPI_LINUX_SYNC_FILE_H

#include <libfence/sync-uapi.h>

/**
 * struct sync_file_result - argument of SYNC_FILE_IOC_RESULT
 * @status: out: status of the fence, as &sync_fence_info.status
 * @pad: out: 0
 * @timestamp_ns: out: time of signalling, CLOCK_MONOTONIC in nanoseconds; 0 if
 *	the fence is not signalled
 *
 * The result of the file's own fence. SYNC_IOC_FILE_INFO gives only a table of
 * the fences that this fence contains. This ioctl is for the library, which
 * owns the file. Users of the descriptor cannot call it.
 */
struct sync_file_result {
	__s32 status;
	__u32 pad;
	__u64 timestamp_ns;
};
#define SYNC_FILE_IOC_RESULT	_IOR('>', 0x80, struct sync_file_result)

/**
 * struct sync_file_names - argument of SYNC_FILE_IOC_NAMES
 * @driver: receives the driver name of the fence
 * @timeline: receives its timeline name
 *
 * Only for the library, as above. It fails with -EINVAL for a fence that
 * consists of others.
 */
struct sync_file_names {
	char driver[32];
	char timeline[32];
};

#define SYNC_FILE_IOC_NAMES	_IOR('>', 0x81, struct sync_file_names)

#endif
