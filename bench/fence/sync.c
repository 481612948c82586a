// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Export fences, and signal them. */

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

/* Returns the time that exporting takes. */
static uint64_t export_and_signal(struct lane *l, uint64_t *signalled)
{
	uint64_t t0, t1, t2;
	int i;

	for (i = 0; i < NR_EXPORTED; i++)
		bench_fence_init(&exported[i], &bench_fence_ops, 1, i + 1);
	t0 = ticks();
	for (i = 0; i < NR_EXPORTED; i++)
		fds[i] = libfence_export(libfence_borrow_dma_fence(&exported[i]),
					 NULL);
	t1 = ticks();
	for (i = 0; i < NR_EXPORTED; i++)
		if (fds[i] < 0)
			die("cannot export a fence: error %d", fds[i]);
	t2 = ticks();
	for (i = 0; i < NR_EXPORTED; i++)
		dma_fence_signal(&exported[i]);
	*signalled = span(t2, ticks());
	return span(t0, t1);
}

/* Each fence is exported, and signals, once. */
static void close_exported(struct lane *l)
{
	int i;

	for (i = 0; i < NR_EXPORTED; i++) {
		struct pollfd p = { .fd = fds[i], .events = POLLIN };

		/* POLLHUP: the library's end is closed by now. */
		if (poll(&p, 1, 0) != 1 || !(p.revents & POLLIN))
			wrong("%s: a descriptor is not readable", l->name);
		close(fds[i]);
	}
	/* The library's thread may be reaping some of them: wait for it. */
	libfence_sync_reap();
	flush_delayed_fput();
	for (i = 0; i < NR_EXPORTED; i++)
		check_fence(l, &exported[i], true);
}

uint64_t fence_signal_exported(struct lane *l, unsigned long n)
{
	uint64_t signalled, total = 0;

	for (; n; n -= NR_EXPORTED) {
		export_and_signal(l, &signalled);
		total += signalled;
		close_exported(l);
	}
	return total;
}

uint64_t fence_export(struct lane *l, unsigned long n)
{
	uint64_t unused, total = 0;

	for (; n; n -= NR_EXPORTED) {
		total += export_and_signal(l, &unused);
		close_exported(l);
	}
	return total;
}
