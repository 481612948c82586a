/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Pipes as an exporter makes them, and the operations of a holder. */
#ifndef TESTS_SYNC_FILE_PIPE_H
#define TESTS_SYNC_FILE_PIPE_H

#include "wire.h"
#include "helpers.h"

#include <fcntl.h>

static const struct wire_record good_record __maybe_unused = WIRE_RECORD;

/* The label; an empty string if there is none. */
static inline const char *pipe_label(int fd)
{
	static char label[WIRE_LABEL + 1];

	return wire_get_label(fd, label) == WIRE_MARK ? label : "";
}

/* Like an exporter in another process, which sends p[0]. */
static inline int pipe_export(int p[2], const char *label)
{
	return pipe2(p, O_CLOEXEC | O_NONBLOCK) ?: wire_set_label(p[0], label);
}

static inline bool pipe_signal(int p[2], const struct wire_record *r)
{
	return write(p[1], r, sizeof(*r)) == sizeof(*r);
}

static inline void pipe_close(int p[2])
{
	close(p[0]);
	close(p[1]);
}

/* Take the record out, as a process that has a copy of the descriptor may do. */
static inline int pipe_take(int fd, struct wire_record *r)
{
	return read(fd, r, sizeof(*r));
}

/* There is nothing to read (any more). */
static inline bool pipe_is_empty(int fd)
{
	char byte;
	int n = read(fd, &byte, 1);

	return n == 0 || (n < 0 && errno == EAGAIN);
}

#endif
