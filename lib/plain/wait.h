/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The waits of the plain face, for its other files. */
#ifndef LIBFENCE_PLAIN_WAIT_H
#define LIBFENCE_PLAIN_WAIT_H

#include <linux/dma-fence.h>
#include <linux/hrtimer.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

/*
 * Wait for @fence until @deadline (CLOCK_MONOTONIC in nanoseconds; KTIME_MAX for
 * no limit). @intr: a signal ends the wait. @ip: the call site for lockdep.
 * Returns 0, -ETIMEDOUT or -EINTR, or the error of a wait op.
 */
int lfpriv_fence_wait_until(struct dma_fence *fence, s64 deadline, bool intr,
			    unsigned long ip);

/* Is the time over? Reads no clock for the two special deadlines. */
static inline bool deadline_is_over(s64 deadline)
{
	return deadline <= 0 ||
	       (deadline != KTIME_MAX && ktime_get() >= deadline);
}

/* Sleep until woken, or until @deadline, which is not 0. The state is set. */
static inline void sleep_until(s64 deadline)
{
	ktime_t expires = deadline;

	schedule_hrtimeout(deadline == KTIME_MAX ? NULL : &expires,
			   HRTIMER_MODE_ABS);
}

#endif
