/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The format in which another process sees an exported file. Its descriptor is
 * the end of a pipe to read from:
 *
 * - As long as the fence is not signalled, the pipe is empty, and has a label
 *   (compat/host/fd.h): "DRIVER/TIMELINE". A slash in DRIVER is replaced by
 *   LFPRIV_WIRE_SLASH; TIMELINE is the rest and may have slashes. Names that are
 *   too long for the label end with LFPRIV_WIRE_CUT.
 * - When the fence is signalled, the pipe has a struct lfpriv_record. Importers
 *   look at it but leave it there. The exporter removes the label, and closes its
 *   end after that.
 * - If the pipe has neither data nor an end to write to, the exporter exited
 *   before the signal (there is a label), or a process took the record (there is
 *   none).
 *
 * The byte order is that of the machine, since a pipe does not leave it. The
 * label has the version, too.
 */
#ifndef LFPRIV_WIRE_H
#define LFPRIV_WIRE_H

#include <linux/types.h>

#define LFPRIV_WIRE_VERSION	2
#define LFPRIV_WIRE_MAGIC	"libfence"
#define LFPRIV_WIRE_SLASH	'\x1f'
#define LFPRIV_WIRE_CUT		'~'
/* Room for a name and its terminating 0. */
#define LFPRIV_WIRE_NAME	32

struct lfpriv_record {
	char magic[8];
	u32 version;
	/* 1, or a negative errno. */
	s32 status;
	/* CLOCK_MONOTONIC. */
	s64 timestamp;
	char driver[LFPRIV_WIRE_NAME];
	char timeline[LFPRIV_WIRE_NAME];
};

/* record.c: the ->lfshim_wire of a sync_file. */
extern const struct lfshim_file_wire lfpriv_sync_file_wire;

#endif
