// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A job is pushed while the only other one is popped. Then the queue is not idle. */
#include "museum.h"

#include <linux/processor.h>

#include <drm/spsc_queue.h>

static struct spsc_queue queue;
static struct spsc_node jobs[2];

static void fill_queue(void)
{
	spsc_queue_init(&queue);
	spsc_queue_push(&queue, &jobs[0]);
}

static void push_and_ask(void)
{
	spsc_queue_push(&queue, &jobs[1]);
	lfx_assert(spsc_queue_count(&queue));
}

static void pop(void)
{
	lfx_assert(spsc_queue_pop(&queue) == &jobs[0]);
}

LFX_SCENARIO(idle) = {
	.name = "m10-idle",
	.what = "push and the question for idle against pop",
	.setup = fill_queue,
	.threads = { { "submitter", push_and_ask }, { "worker", pop } },
};
