// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A job is pushed while the worker empties the queue as long as it counts. */
#include "museum.h"

#include <linux/processor.h>

#include <drm/spsc_queue.h>

static struct spsc_queue queue;
static struct spsc_node jobs[2];
static int nr_done;
static bool was_first;

static void run_jobs(void)
{
	do {
		if (spsc_queue_pop(&queue))
			nr_done++;
		else
			cpu_relax();
	} while (spsc_queue_count(&queue));
}

static void fill_queue(void)
{
	spsc_queue_init(&queue);
	spsc_queue_push(&queue, &jobs[0]);
}

static void push(void)
{
	was_first = spsc_queue_push(&queue, &jobs[1]);
}

/* A push of the first job wakes the worker again. */
static void check_done(void)
{
	if (was_first)
		run_jobs();
	lfx_assert(nr_done == 2);
}

LFX_SCENARIO(push_pop) = {
	.name = "m09-push",
	.what = "push against a worker that pops while the queue counts",
	.setup = fill_queue,
	.threads = { { "submitter", push }, { "worker", run_jobs } },
	.check = check_done,
	.lkmm = true,
};
