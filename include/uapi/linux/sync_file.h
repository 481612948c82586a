/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What <linux/sync_file.h> is to programs that are not kernel code. */
#ifndef __UAPI_LINUX_SYNC_FILE_H
#define __UAPI_LINUX_SYNC_FILE_H

#include <libfence/sync-uapi.h>

/*
 * How the fence itself went, of which FILE_INFO tells only in a table of all
 * that is in it. For whoever owns the file, not for users of the descriptor.
 */
struct sync_file_result {
	__s32 status;
	__u32 pad;
	__u64 timestamp_ns;
};
#define SYNC_FILE_IOC_RESULT	_IOR('>', 0x80, struct sync_file_result)

#endif
