// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The limits of signalling an exported fence: notify a descriptor. */

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/sizes.h"
#include "limits/limits.h"

/* Sends one packet to each socket; there is one for each exported fence. */
uint64_t raw_send(struct lane *l, unsigned long n)
{
	static int pairs[NR_EXPORTED][2];
	char packet[24] = "";
	unsigned long failed = 0;
	uint64_t t0, total = 0;
	int i;

	for (; n; n -= NR_EXPORTED) {
		for (i = 0; i < NR_EXPORTED; i++)
			if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
				       SOCK_NONBLOCK, 0, pairs[i]))
				die("cannot make a pair of sockets");
		t0 = ticks();
		for (i = 0; i < NR_EXPORTED; i++)
			failed += send(pairs[i][1], packet, sizeof(packet),
				       MSG_DONTWAIT | MSG_NOSIGNAL) !=
				  sizeof(packet);
		total += span(t0, ticks());
		for (i = 0; i < NR_EXPORTED; i++) {
			close(pairs[i][0]);
			close(pairs[i][1]);
		}
	}
	if (failed)
		wrong("%s: a socket did not take a packet", l->name);
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
