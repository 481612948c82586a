// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Signalling a fence that a descriptor stands for. */

#include <sys/wait.h>
#include <linux/dma-fence.h>
#include <libfence/dma-fence.h>
#include <libfence/sync.h>
#include <poll.h>
#include <unistd.h>

#include "fence.h"

static struct dma_fence exported[NR_EXPORTED];
static int fds[NR_EXPORTED];

/* Each descriptor is told of one signal, as there is one in its life. */
static uint64_t signal_exported(struct lane *l)
{
	uint64_t t0;
	int i;

	for (i = 0; i < NR_EXPORTED; i++) {
		bench_fence_init(&exported[i], &bench_fence_ops, 1, i + 1);
		fds[i] = libfence_export(libfence_borrow_dma_fence(&exported[i]),
					 NULL);
		if (fds[i] < 0)
			die("cannot export a fence: error %d", fds[i]);
	}
	t0 = ticks();
	for (i = 0; i < NR_EXPORTED; i++)
		dma_fence_signal(&exported[i]);
	return span(t0, ticks());
}

uint64_t fence_signal_exported(struct lane *l, unsigned long n)
{
	uint64_t total = 0;
	int i;

	for (; n; n -= NR_EXPORTED) {
		total += signal_exported(l);
		for (i = 0; i < NR_EXPORTED; i++) {
			struct pollfd p = { .fd = fds[i], .events = POLLIN };

			if (poll(&p, 1, 0) != 1 || p.revents != POLLIN)
				wrong("%s: a descriptor is not readable", l->name);
			close(fds[i]);
		}
		/* The library's thread may have some of them at this moment. */
		libfence_sync_reap();
		rcu_barrier();
		for (i = 0; i < NR_EXPORTED; i++)
			check_fence(l, &exported[i], true);
	}
	return total;
}
