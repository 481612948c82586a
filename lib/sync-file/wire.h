/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What another process sees of an exported file. Its descriptor is a socket:
 *
 * - of the name "libfence/VERSION/ID/DRIVER/TIMELINE" (behind the 0 of an
 *   abstract name), ID being 16 random hex digits;
 * - from which one packet can be peeked, a struct lfpriv_record, once the fence
 *   is signalled; or which is at its end when the exporter has gone before.
 *
 * The byte order is the machine's, as the socket does not leave it.
 */
#ifndef LFPRIV_WIRE_H
#define LFPRIV_WIRE_H

#include <linux/types.h>

#define LFPRIV_WIRE_PREFIX	"libfence/"
#define LFPRIV_WIRE_VERSION	1
#define LFPRIV_WIRE_MAGIC	"libfence"

struct lfpriv_record {
	char magic[8];
	u32 version;
	/* 1, or a negative errno. */
	s32 status;
	/* CLOCK_MONOTONIC. */
	s64 timestamp;
};

/* record.c: for the ->lfshim_wire of a sync_file. */
extern const struct lfshim_file_wire lfpriv_sync_file_wire;

#endif
