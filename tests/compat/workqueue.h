/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Items and queues for the suites of work queues. */
#ifndef TESTS_COMPAT_WORKQUEUE_H
#define TESTS_COMPAT_WORKQUEUE_H

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/preempt.h>
#include <linux/workqueue.h>

/* An item that occupies its worker until @go is completed. */
struct blocker {
	struct work_struct work;
	struct completion running, go;
	atomic_t nr_runs;
	/* Not atomic: runs of one item are ordered, and a wait sees them. */
	int nr_ended;
};

static inline void blocker_fn(struct work_struct *work)
{
	struct blocker *b = container_of(work, struct blocker, work);

	atomic_inc_return(&b->nr_runs);
	complete(&b->running);
	wait_for_completion(&b->go);
	b->nr_ended++;
}

static inline void blocker_init(struct blocker *b)
{
	*b = (struct blocker){ .nr_ended = 0 };
	INIT_WORK(&b->work, blocker_fn);
	init_completion(&b->running);
	init_completion(&b->go);
}

/* Queue @b and wait until it runs. */
static inline void blocker_start(struct blocker *b, struct workqueue_struct *wq)
{
	blocker_init(b);
	assert_true(queue_work(wq, &b->work));
	wait_for_completion(&b->running);
}

struct counted {
	struct work_struct work;
	atomic_t nr_runs;
	int nr_requeue;
	bool in_task, queued;
	pid_t thread;
	struct workqueue_struct *wq;
};

static inline void counted_fn(struct work_struct *work)
{
	struct counted *c = container_of(work, struct counted, work);

	c->in_task = in_task() && !irqs_disabled();
	c->thread = task_pid_nr(current);
	atomic_inc_return(&c->nr_runs);
	if (c->nr_requeue) {
		c->nr_requeue--;
		queue_work(c->wq, work);
	}
}

static inline void counted_init(struct counted *c, struct workqueue_struct *wq)
{
	*c = (struct counted){ .wq = wq };
	INIT_WORK(&c->work, counted_fn);
}

static inline struct workqueue_struct *make(int max_active)
{
	struct workqueue_struct *wq;

	wq = alloc_workqueue("test/%d", WQ_UNBOUND, max_active, max_active);
	assert_non_null(wq);
	return wq;
}

static inline struct workqueue_struct *make_ordered(void)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ordered", 0);

	assert_non_null(wq);
	return wq;
}

#endif
