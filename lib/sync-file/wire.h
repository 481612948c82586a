/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The format in which another process sees an exported file. Its descriptor is
 * a socket:
 *
 * - Its name is "libfence/VERSION/ID/DRIVER/TIMELINE", after the 0 byte of an
 *   abstract name. ID is 16 random hex digits, which no other process can
 *   guess: otherwise it could take the name first. A slash in DRIVER is
 *   replaced by LFPRIV_WIRE_SLASH; TIMELINE is the rest and may have slashes.
 * - When the fence is signalled, it has one packet, a struct lfpriv_record.
 *   Importers look at the packet but do not remove it. If the exporter exits
 *   before that, the socket is at its end.
 *
 * The byte order is that of the machine, since a socket does not leave it.
 */
#ifndef LFPRIV_WIRE_H
#define LFPRIV_WIRE_H

#include <linux/types.h>

#define LFPRIV_WIRE_PREFIX	"libfence/"
#define LFPRIV_WIRE_VERSION	1
#define LFPRIV_WIRE_MAGIC	"libfence"
#define LFPRIV_WIRE_SLASH	'\x1f'

struct lfpriv_record {
	char magic[8];
	u32 version;
	/* 1, or a negative errno. */
	s32 status;
	/* CLOCK_MONOTONIC. */
	s64 timestamp;
};

/* record.c: the ->lfshim_wire of a sync_file. */
extern const struct lfshim_file_wire lfpriv_sync_file_wire;

#endif
