// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The label and the packet of the pipe behind an exported descriptor; see
 * wire.h. Both are made with the file's ioctls, so that they work with the
 * sync_file.c of a kernel tree, too.
 */

#include <linux/dma-fence.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <linux/sync_file.h>
#include <uapi/linux/sync_file.h>

#include "wire.h"

/*
 * Complete the record with the result of the fence. Returns false if there is none
 * yet. This allocates no memory, because it must not fail: the fence is already
 * signalled, and other processes wait for it.
 */
static bool record_fill(struct file *file, struct lfpriv_record *record)
{
	struct sync_file_info info = { 0 };
	struct sync_file *sync_file;

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

static int sync_file_wire_packet(struct file *file, void *packet)
{
	BUILD_BUG_ON(sizeof(struct lfpriv_record) > LFSHIM_FILE_PACKET_MAX);
	return record_fill(file, packet) ? sizeof(struct lfpriv_record) : 0;
}

/* Get the driver and the timeline name; false if @file is not a sync_file. */
static bool record_get_names(struct file *file, struct lfpriv_record *r)
{
	struct sync_fence_info fence = { 0 };
	struct sync_file_info info = {
		.num_fences = 1,
		.sync_fence_info = (uintptr_t)&fence,
	};
#ifdef SYNC_FILE_IOC_NAMES
	struct sync_file_names names;

	if (!lfshim_file_ioctl(file, SYNC_FILE_IOC_NAMES, &names)) {
		strscpy(r->driver, names.driver);
		strscpy(r->timeline, names.timeline);
		return true;
	}
#endif
	if (lfshim_file_ioctl(file, SYNC_IOC_FILE_INFO, &info)) {
		/* It has several fences, or there was no memory for a table. */
		info.num_fences = 0;
		if (lfshim_file_ioctl(file, SYNC_IOC_FILE_INFO, &info))
			return false;
		strscpy(fence.driver_name, "sync_file");
		strscpy(fence.obj_name, info.name);
	}
	strscpy(r->driver, fence.driver_name);
	strscpy(r->timeline, fence.obj_name);
	return true;
}

/*
 * Append @name to the label, in at most @room characters. A slash is replaced by
 * @slash. Returns the end of the label.
 */
static char *record_append(char *to, const char *name, size_t room, char slash)
{
	size_t i, n = min(strlen(name), room);

	for (i = 0; i < n; i++)
		to[i] = name[i] == '/' ? slash :
			name[i] < ' ' || name[i] > '~' ? '?' : name[i];
	if (name[n] && n)
		to[n - 1] = LFPRIV_WIRE_CUT;
	to[n] = '\0';
	return to + n;
}

/* If both do not fit, the driver's name gives way, but not all of it. */
#define RECORD_DRIVER_MIN	8

static void record_make_label(char *label, const char *driver,
			      const char *timeline)
{
	/* Without the slash between them, and the terminating 0. */
	size_t room = LFSHIM_FILE_LABEL_MAX - 2;
	char *c;

	c = record_append(label, driver,
			  room - min(strlen(timeline), room - RECORD_DRIVER_MIN),
			  LFPRIV_WIRE_SLASH);
	room -= c - label;
	*c++ = '/';
	record_append(c, timeline, room, '/');
}

static bool sync_file_wire_label(struct file *file, char *label, void *packet)
{
	struct lfpriv_record *record = packet;

	if (!record_get_names(file, record))
		return false;
	memcpy(record->magic, LFPRIV_WIRE_MAGIC, sizeof(record->magic));
	record->version = LFPRIV_WIRE_VERSION;
	record_make_label(label, record->driver, record->timeline);
	return true;
}

const struct lfshim_file_wire lfpriv_sync_file_wire = {
	.label = sync_file_wire_label,
	.packet = sync_file_wire_packet,
};
