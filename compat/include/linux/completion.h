/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Completions: each complete() lets one waiter continue. Left out: the
 * accounting of wait_for_completion_io(). Implemented in compat/completion.c.
 */
#ifndef _LINUX_COMPLETION_H
#define _LINUX_COMPLETION_H

#include <lfshim/kernel-code.h>
#include <linux/wait.h>

struct completion {
	/* Protected by wait.lock. UINT_MAX after complete_all(). */
	unsigned int done;
	struct wait_queue_head wait;
};

#define COMPLETION_INITIALIZER(work) \
	{ 0, __WAIT_QUEUE_HEAD_INITIALIZER((work).wait) }
#define COMPLETION_INITIALIZER_ONSTACK(work) \
	(*({ init_completion(&work); &work; }))
#define DECLARE_COMPLETION(work) \
	struct completion work = COMPLETION_INITIALIZER(work)
#define DECLARE_COMPLETION_ONSTACK(work) DECLARE_COMPLETION(work)
/* As in the kernel, a completion has no lockdep map, and @m is not used. */
#define init_completion_map(x, m)	init_completion(x)
#define COMPLETION_INITIALIZER_ONSTACK_MAP(work, map) \
	(*({ init_completion_map(&(work), &(map)); &(work); }))
#define DECLARE_COMPLETION_ONSTACK_MAP(work, map) DECLARE_COMPLETION(work)

static inline void init_completion(struct completion *x)
{
	x->done = 0;
	init_waitqueue_head(&x->wait);
}

static inline void reinit_completion(struct completion *x)
{
	x->done = 0;
}

/* Let one waiter continue; all waiters, from now on. Context: any. */
void complete(struct completion *x) LFSHIM(complete);
void complete_all(struct completion *x) LFSHIM(complete_all);
#define complete_on_current_cpu(x)	complete(x)

/*
 * Each of the following waits until @x is done and takes one count. The
 * timeouts are in jiffies. A waiter that ends for another reason takes no
 * count, and complete() may still use @x afterwards. Context: may sleep.
 */
void wait_for_completion(struct completion *x) LFSHIM(wait_for_completion);
void wait_for_completion_io(struct completion *x)
	LFSHIM(wait_for_completion_io);
/* Return: 0 if the time was up, else the jiffies left, at least 1. */
unsigned long wait_for_completion_timeout(struct completion *x,
					  unsigned long timeout)
	LFSHIM(wait_for_completion_timeout);
unsigned long wait_for_completion_io_timeout(struct completion *x,
					     unsigned long timeout)
	LFSHIM(wait_for_completion_io_timeout);
/*
 * Return: 0; -ERESTARTSYS if a signal ended the wait, for the killable variant
 * a SIGKILL. @state has TASK_ bits.
 */
int wait_for_completion_interruptible(struct completion *x)
	LFSHIM(wait_for_completion_interruptible);
int wait_for_completion_killable(struct completion *x)
	LFSHIM(wait_for_completion_killable);
int wait_for_completion_state(struct completion *x, unsigned int state)
	LFSHIM(wait_for_completion_state);
/* Return: as wait_for_completion_timeout(), or -ERESTARTSYS. */
long wait_for_completion_interruptible_timeout(struct completion *x,
					       unsigned long timeout)
	LFSHIM(wait_for_completion_interruptible_timeout);
long wait_for_completion_killable_timeout(struct completion *x,
					  unsigned long timeout)
	LFSHIM(wait_for_completion_killable_timeout);
/* Takes one count if there is one; returns whether it did. Context: any. */
bool try_wait_for_completion(struct completion *x)
	LFSHIM(try_wait_for_completion);
bool completion_done(struct completion *x) LFSHIM(completion_done);

#endif
