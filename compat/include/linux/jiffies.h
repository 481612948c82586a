/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * jiffies, their comparison and their conversion. There is no tick: the value
 * is computed from CLOCK_MONOTONIC when it is read. As in the kernel it starts
 * five minutes before the low 32 bits wrap. Left out: the conversions to and
 * from clock_t and struct timespec64. Implemented in compat/timer.c.
 */
#ifndef _LINUX_JIFFIES_H
#define _LINUX_JIFFIES_H

#include <lfshim/kernel-code.h>
#include <lfshim/host-begin.h>
#include <limits.h>
#include <lfshim/host-end.h>
#include <linux/types.h>
#include <linux/time64.h>

#undef HZ
#define HZ			CONFIG_HZ
#define TICK_NSEC		(NSEC_PER_SEC / HZ)
#define INITIAL_JIFFIES		((unsigned long)(unsigned int)(-300 * HZ))
/* The longest relative timeout with which comparisons are correct. */
#define MAX_JIFFY_OFFSET	((LONG_MAX >> 1) - 1)

/**
 * lfshim_jiffies - the value of jiffies
 *
 * Context: any.
 */
unsigned long lfshim_jiffies(void);
#define jiffies			lfshim_jiffies()

/* The value that does not wrap; on 32-bit systems jiffies is its lower half. */
u64 lfshim_jiffies_64(void);

static inline u64 get_jiffies_64(void)
{
	return lfshim_jiffies_64();
}

#define time_after(a, b)	((long)((b) - (a)) < 0)
#define time_before(a, b)	time_after(b, a)
#define time_after_eq(a, b)	((long)((a) - (b)) >= 0)
#define time_before_eq(a, b)	time_after_eq(b, a)
#define time_is_before_jiffies(a) time_after(jiffies, a)
#define time_is_after_jiffies(a) time_before(jiffies, a)

/*
 * Rounds up, so that a timeout is never shorter than requested. The result fits
 * into an unsigned long, since HZ is at most 1000.
 */
static inline unsigned long lfshim_to_jiffies(unsigned int n,
					      unsigned int per_sec)
{
	return ((u64)n * HZ + per_sec - 1) / per_sec;
}

/* A negative argument is an infinite timeout, as in the kernel. */
static inline unsigned long msecs_to_jiffies(unsigned int m)
{
	return (int)m < 0 ? MAX_JIFFY_OFFSET
			  : lfshim_to_jiffies(m, MSEC_PER_SEC);
}

static inline unsigned long usecs_to_jiffies(unsigned int u)
{
	return lfshim_to_jiffies(u, USEC_PER_SEC);
}

static inline unsigned long nsecs_to_jiffies(u64 n)
{
	return n / TICK_NSEC;
}

static inline unsigned int jiffies_to_msecs(unsigned long j)
{
	return j * MSEC_PER_SEC / HZ;
}

static inline unsigned int jiffies_to_usecs(unsigned long j)
{
	return j * USEC_PER_SEC / HZ;
}

static inline u64 jiffies_to_nsecs(unsigned long j)
{
	return (u64)j * TICK_NSEC;
}

#endif
