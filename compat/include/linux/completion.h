/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* "It is done", counted: each complete() lets one waiter through. */
#ifndef _LINUX_COMPLETION_H
#define _LINUX_COMPLETION_H

#include <lfshim/kernel-code.h>
#include <linux/wait.h>

struct completion {
	/* UINT_MAX after complete_all(). Protected by wait.lock. */
	unsigned int done;
	struct wait_queue_head wait;
};

#define COMPLETION_INITIALIZER(work) \
	{ 0, __WAIT_QUEUE_HEAD_INITIALIZER((work).wait) }
#define DECLARE_COMPLETION(work) \
	struct completion work = COMPLETION_INITIALIZER(work)
#define DECLARE_COMPLETION_ONSTACK(work) DECLARE_COMPLETION(work)

static inline void init_completion(struct completion *x)
{
	x->done = 0;
	init_waitqueue_head(&x->wait);
}

static inline void reinit_completion(struct completion *x)
{
	x->done = 0;
}

/* Let one waiter, or all for ever, through. Context: any. */
void complete(struct completion *x) LFSHIM(complete);
void complete_all(struct completion *x) LFSHIM(complete_all);

/* The timeouts are in jiffies; 0 when time was up, else at least 1. */
void wait_for_completion(struct completion *x) LFSHIM(wait_for_completion);
unsigned long wait_for_completion_timeout(struct completion *x,
					  unsigned long timeout)
	LFSHIM(wait_for_completion_timeout);
/* 0 or -ERESTARTSYS. */
int wait_for_completion_interruptible(struct completion *x)
	LFSHIM(wait_for_completion_interruptible);
/* Positive as above, 0, or -ERESTARTSYS. */
long wait_for_completion_interruptible_timeout(struct completion *x,
					       unsigned long timeout)
	LFSHIM(wait_for_completion_interruptible_timeout);
/* Never sleeps; true where a count was taken. */
bool try_wait_for_completion(struct completion *x)
	LFSHIM(try_wait_for_completion);
bool completion_done(struct completion *x) LFSHIM(completion_done);

#endif
