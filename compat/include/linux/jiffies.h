/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * jiffies, their comparison and their conversion. There is no tick: the value
 * is computed from CLOCK_MONOTONIC when it is read. As in the kernel it starts
 * five minutes before the low 32 bits wrap. Left out: the conversions to and
 * from clock_t, and jiffies_to_timespec64(). Implemented in compat/jiffies.c.
 */
#ifndef _LINUX_JIFFIES_H
#define _LINUX_JIFFIES_H

#include <lfshim/kernel-code.h>
#include <lfshim/host-begin.h>
#include <limits.h>
#include <lfshim/host-end.h>
#include <linux/types.h>
#include <linux/time64.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>

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
#define time_is_before_eq_jiffies(a) time_after_eq(jiffies, a)
#define time_is_after_eq_jiffies(a) time_before_eq(jiffies, a)

/* @a is in [b, c]. */
#define time_in_range(a, b, c)	(time_after_eq(a, b) && time_before_eq(a, c))
#define time_after64(a, b)	((s64)((b) - (a)) < 0)
#define time_before64(a, b)	time_after64(b, a)
#define time_after_eq64(a, b)	((s64)((a) - (b)) >= 0)
#define time_before_eq64(a, b)	time_after_eq64(b, a)

/*
 * A jiffy is NUM/DEN milliseconds, or microseconds, in lowest terms. The
 * conversions to unsigned int wrap as the kernel's do, so the terms matter.
 */
#define LFSHIM_HZ_GCD2(max)						\
	(HZ % 64 == 0 && (max) >= 64 ? 64 : HZ % 32 == 0 && (max) >= 32 ? 32 : \
	 HZ % 16 == 0 && (max) >= 16 ? 16 : HZ % 8 == 0 ? 8 :		\
	 HZ % 4 == 0 ? 4 : HZ % 2 == 0 ? 2 : 1)
#define LFSHIM_HZ_GCD5(max)						\
	(HZ % 625 == 0 && (max) >= 625 ? 625 : HZ % 125 == 0 ? 125 :	\
	 HZ % 25 == 0 ? 25 : HZ % 5 == 0 ? 5 : 1)
#define LFSHIM_HZ_MSEC_GCD	(LFSHIM_HZ_GCD2(8) * LFSHIM_HZ_GCD5(125))
#define LFSHIM_HZ_USEC_GCD	(LFSHIM_HZ_GCD2(64) * LFSHIM_HZ_GCD5(625))
#define HZ_TO_MSEC_NUM		((u64)MSEC_PER_SEC / LFSHIM_HZ_MSEC_GCD)
#define HZ_TO_MSEC_DEN		((u64)HZ / LFSHIM_HZ_MSEC_GCD)
#define HZ_TO_USEC_NUM		((u64)USEC_PER_SEC / LFSHIM_HZ_USEC_GCD)
#define HZ_TO_USEC_DEN		((u64)HZ / LFSHIM_HZ_USEC_GCD)

/* Rounds up; as in the kernel, the result is the lower 32 bits. */
static inline unsigned int jiffies_to_msecs(const unsigned long j)
{
	return (j * HZ_TO_MSEC_NUM + HZ_TO_MSEC_DEN - 1) / HZ_TO_MSEC_DEN;
}

/* Rounds down, unlike jiffies_to_msecs(). */
static inline unsigned int jiffies_to_usecs(const unsigned long j)
{
	return j * HZ_TO_USEC_NUM / HZ_TO_USEC_DEN;
}

/* As in the kernel, this goes through jiffies_to_usecs(): it wraps. */
static inline u64 jiffies_to_nsecs(const unsigned long j)
{
	return (u64)jiffies_to_usecs(j) * NSEC_PER_USEC;
}

static inline unsigned int jiffies_delta_to_msecs(long delta)
{
	return jiffies_to_msecs(delta < 0 ? 0 : delta);
}

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
static inline unsigned long __msecs_to_jiffies(const unsigned int m)
{
	return (int)m < 0 ? MAX_JIFFY_OFFSET
			  : lfshim_to_jiffies(m, MSEC_PER_SEC);
}

static inline unsigned long msecs_to_jiffies(const unsigned int m)
{
	return __msecs_to_jiffies(m);
}

/* A value too large for jiffies_to_usecs() is infinite, as in the kernel. */
static inline unsigned long usecs_to_jiffies(const unsigned int u)
{
	return u > jiffies_to_usecs(MAX_JIFFY_OFFSET)
		       ? MAX_JIFFY_OFFSET
		       : lfshim_to_jiffies(u, USEC_PER_SEC);
}

#define secs_to_jiffies(_secs)	((unsigned long)((_secs) * HZ))

/* Rounds up. A time of too many seconds is infinite. */
static inline unsigned long timespec64_to_jiffies(const struct timespec64 *ts)
{
	if ((u64)ts->tv_sec >= MAX_JIFFY_OFFSET / HZ)
		return MAX_JIFFY_OFFSET;
	return ts->tv_sec * HZ + (ts->tv_nsec + TICK_NSEC - 1) / TICK_NSEC;
}

static inline u64 nsecs_to_jiffies64(u64 n)
{
	return n / TICK_NSEC;
}

static inline unsigned long nsecs_to_jiffies(u64 n)
{
	return nsecs_to_jiffies64(n);
}

#endif
