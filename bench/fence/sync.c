// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Signal exported fences. */

#include <sys/wait.h>
#include <linux/dma-fence.h>
#include <linux/file.h>
#include <libfence/dma-fence.h>
#include <libfence/sync.h>
#include <poll.h>
#include <unistd.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/sizes.h"
#include "fence/fence.h"
#include "fence/lanes.h"

static struct dma_fence exported[NR_EXPORTED];
static int fds[NR_EXPORTED];

/* Each fence is exported, and signals, once. */
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
		/* The library's thread may be reaping some of them: wait for it. */
		libfence_sync_reap();
		flush_delayed_fput();
		for (i = 0; i < NR_EXPORTED; i++)
			check_fence(l, &exported[i], true);
	}
	return total;
}
