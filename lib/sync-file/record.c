// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The name and the packet of the socket behind an exported descriptor: wire.h.
 * Both are made of the file's ioctls, so that the sync_file.c of a kernel tree can
 * be used, too.
 */

#include <linux/dma-fence.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/string.h>
#include <linux/sync_file.h>
#include <uapi/linux/sync_file.h>

#include "wire.h"

/*
 * The result of the fence; false when there is none yet. Without an allocation: the
 * fence is signalled already, and its waiters have to learn of it.
 */
static bool get_record(struct file *file, struct lfpriv_record *record)
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
		/* Only the sync_file.c of a tree has no SYNC_FILE_IOC_RESULT. */
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
	if (!get_record(file, &record))
		return 0;
	memcpy(buf, &record, sizeof(record));
	return sizeof(record);
}

/* The names of driver and timeline; false when the file is no sync_file. */
static bool get_names(struct file *file, struct sync_fence_info *fence)
{
	struct sync_file_info info = {
		.num_fences = 1,
		.sync_fence_info = (uintptr_t)fence,
	};
	char *c;

	memset(fence, 0, sizeof(*fence));
	if (lfshim_file_ioctl(file, SYNC_IOC_FILE_INFO, &info)) {
		/* Of several fences, or there was no memory for a table. */
		info.num_fences = 0;
		if (lfshim_file_ioctl(file, SYNC_IOC_FILE_INFO, &info))
			return false;
		strscpy(fence->driver_name, "sync_file");
		strscpy(fence->obj_name, info.name);
	}
	for (c = fence->driver_name; *c; c++)
		if (*c == '/')
			*c = '_';
	return true;
}

static int sync_file_wire_name(struct file *file, char *buf, size_t size)
{
	struct sync_fence_info fence;

	if (!get_names(file, &fence))
		return 0;
	return scnprintf(buf, size, LFPRIV_WIRE_PREFIX "%d/%016llx/%s/%s",
			 LFPRIV_WIRE_VERSION,
			 (unsigned long long)get_random_u64(),
			 fence.driver_name, fence.obj_name);
}

const struct lfshim_file_wire lfpriv_sync_file_wire = {
	.name = sync_file_wire_name,
	.packet = sync_file_packet,
};
