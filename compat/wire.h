/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What another process sees of an exported file. Its descriptor is a socket:
 *
 * - of the name "libfence/VERSION/ID/DRIVER/TIMELINE" (behind the 0 of an
 *   abstract name), ID being 16 random hex digits;
 * - from which one packet can be peeked, a struct lfshim_record, once the fence
 *   is signalled; or which is at its end when the exporter has gone before.
 *
 * The byte order is the machine's, as the socket does not leave it.
 */
#ifndef LFSHIM_WIRE_H
#define LFSHIM_WIRE_H

#include <linux/types.h>

struct file;

#define LFSHIM_WIRE_PREFIX	"libfence/"
#define LFSHIM_WIRE_VERSION	1
#define LFSHIM_WIRE_MAGIC	"libfence"

struct lfshim_record {
	char magic[8];
	u32 version;
	/* 1, or a negative errno. */
	s32 status;
	/* CLOCK_MONOTONIC. */
	s64 timestamp;
};

/* sync.c: when the signalled fence of a sync_file was signalled. */
s64 lfshim_sync_file_timestamp(struct file *file);

#endif
