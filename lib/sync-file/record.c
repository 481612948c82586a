// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The name and the packet of the socket behind an exported descriptor; see
 * wire.h. Both are made with the file's ioctls, so that they work with the
 * sync_file.c of a kernel tree, too.
 */

#include <linux/dma-fence.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <linux/sync_file.h>
#include <uapi/linux/sync_file.h>

#include "host/sys.h"
#include "wire.h"

/*
 * Fill the record with the result of the fence. Returns false if there is none
 * yet. This allocates no memory, because it must not fail: the fence is already
 * signalled, and other processes wait for it.
 */
static bool record_fill(struct file *file, struct lfpriv_record *record)
{
	struct sync_file_info info = { 0 };
	struct sync_file *sync_file;

	memcpy(record->magic, LFPRIV_WIRE_MAGIC, sizeof(record->magic));
	record->version = LFPRIV_WIRE_VERSION;
#ifdef SYNC_FILE_IOC_RESULT
	struct sync_file_result result;

	if (!lfshim_file_ioctl(file, SYNC_FILE_IOC_RESULT, &result)) {
		record->status = result.status;
		record->timestamp = result.timestamp_ns;
		return result.status;
	}
#endif
	/* The sync_file of a kernel tree, or another kind of file. */
	if (!file->f_op->poll || !(file->f_op->poll(file, NULL) & EPOLLIN))
		return false;
	record->status = 1;
	record->timestamp = ktime_get();
	if (!lfshim_file_ioctl(file, SYNC_IOC_FILE_INFO, &info)) {
		record->status = info.status;
		/* Only a tree's sync_file.c has no SYNC_FILE_IOC_RESULT. */
		sync_file = file->private_data;
		record->timestamp =
			ktime_to_ns(dma_fence_timestamp(sync_file->fence));
	}
	return true;
}

static int sync_file_packet(struct file *file, void *buf, size_t size)
{
	struct lfpriv_record record = { 0 };

	BUILD_BUG_ON(sizeof(record) > LFSHIM_FILE_PACKET_MAX);
	if (!record_fill(file, &record))
		return 0;
	memcpy(buf, &record, sizeof(record));
	return sizeof(record);
}

/* Get the driver and the timeline name; false if @file is not a sync_file. */
static bool record_get_names(struct file *file, struct sync_fence_info *fence)
{
	struct sync_file_info info = {
		.num_fences = 1,
		.sync_fence_info = (uintptr_t)fence,
	};
	char *c;

	memset(fence, 0, sizeof(*fence));
	if (lfshim_file_ioctl(file, SYNC_IOC_FILE_INFO, &info)) {
		/* It has several fences, or there was no memory for a table. */
		info.num_fences = 0;
		if (lfshim_file_ioctl(file, SYNC_IOC_FILE_INFO, &info))
			return false;
		strscpy(fence->driver_name, "sync_file");
		strscpy(fence->obj_name, info.name);
	}
	for (c = fence->driver_name; *c; c++)
		if (*c == '/')
			*c = LFPRIV_WIRE_SLASH;
	return true;
}

static int sync_file_wire_name(struct file *file, char *buf, size_t size)
{
	struct sync_fence_info fence;

	if (!record_get_names(file, &fence))
		return 0;
	return scnprintf(buf, size, LFPRIV_WIRE_PREFIX "%d/%016llx/%s/%s",
			 LFPRIV_WIRE_VERSION,
			 (unsigned long long)lfhost_random(),
			 fence.driver_name, fence.obj_name);
}

const struct lfshim_file_wire lfpriv_sync_file_wire = {
	.name = sync_file_wire_name,
	.packet = sync_file_packet,
};
