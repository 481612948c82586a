// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The limits of exporting a fence, and of signalling it: notify a descriptor. */

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/sizes.h"
#include "limits/limits.h"

/* A pipe whose memory is allocated, as an exported fence has it. */
static void make_pipe(int fds[2])
{
	char byte = 0;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) || write(fds[1], &byte, 1) != 1 ||
	    read(fds[0], &byte, 1) != 1)
		die("cannot make a pipe");
}

static void close_pipes(int pipes[NR_EXPORTED][2])
{
	int i;

	for (i = 0; i < NR_EXPORTED; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}

/* Writes one packet to each pipe; there is one for each exported fence. */
uint64_t raw_pipe_write(struct lane *l, unsigned long n)
{
	static int pipes[NR_EXPORTED][2];
	char packet[88] = "";
	unsigned long failed = 0;
	uint64_t t0, total = 0;
	int i;

	for (; n; n -= NR_EXPORTED) {
		for (i = 0; i < NR_EXPORTED; i++)
			make_pipe(pipes[i]);
		t0 = ticks();
		for (i = 0; i < NR_EXPORTED; i++)
			failed += write(pipes[i][1], packet, sizeof(packet)) !=
				  sizeof(packet);
		total += span(t0, ticks());
		close_pipes(pipes);
	}
	if (failed)
		wrong("%s: a pipe did not take a packet", l->name);
	return total;
}

/* Makes pipes that have a label. */
uint64_t raw_make_pipe(struct lane *l, unsigned long n)
{
	static int pipes[NR_EXPORTED][2];
	struct timespec times[2] = { { 1, 2 }, { 3, 4 } };
	unsigned long failed = 0;
	uint64_t t0, total = 0;
	struct stat st;
	int i;

	for (; n; n -= NR_EXPORTED) {
		t0 = ticks();
		for (i = 0; i < NR_EXPORTED; i++) {
			make_pipe(pipes[i]);
			failed += fstat(pipes[i][0], &st) ||
				  futimens(pipes[i][0], times);
		}
		total += span(t0, ticks());
		close_pipes(pipes);
	}
	if (failed)
		wrong("%s: a pipe did not take a label", l->name);
	return total;
}

uint64_t raw_eventfd_write(struct lane *l, unsigned long n)
{
	static int fds[NR_EXPORTED];
	unsigned long failed = 0;
	uint64_t one = 1, t0, total = 0;
	int i;

	for (; n; n -= NR_EXPORTED) {
		for (i = 0; i < NR_EXPORTED; i++) {
			fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
			if (fds[i] < 0)
				die("cannot make an eventfd");
		}
		t0 = ticks();
		for (i = 0; i < NR_EXPORTED; i++)
			failed += write(fds[i], &one, sizeof(one)) != sizeof(one);
		total += span(t0, ticks());
		for (i = 0; i < NR_EXPORTED; i++)
			close(fds[i]);
	}
	if (failed)
		wrong("%s: an eventfd did not take a write", l->name);
	return total;
}
