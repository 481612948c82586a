/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * struct timespec64 and the units of time. Left out: adding, rounding and the
 * tests for valid values.
 */
#ifndef _LINUX_TIME64_H
#define _LINUX_TIME64_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/math64.h>

typedef s64 time64_t;

struct timespec64 {
	time64_t tv_sec;
	long tv_nsec;
};

/*
 * These have 64 bits. On 64-bit systems the type is long, as in the kernel. On
 * 32-bit systems the kernel's have 32 bits, and there a product with
 * NSEC_PER_SEC overflows from 3 seconds on.
 */
#define MSEC_PER_SEC	INT64_C(1000)
#define USEC_PER_MSEC	INT64_C(1000)
#define NSEC_PER_USEC	INT64_C(1000)
#define NSEC_PER_MSEC	INT64_C(1000000)
#define USEC_PER_SEC	INT64_C(1000000)
#define NSEC_PER_SEC	INT64_C(1000000000)

static inline s64 timespec64_to_ns(const struct timespec64 *ts)
{
	return ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec;
}

/* tv_nsec is never negative. */
static inline struct timespec64 ns_to_timespec64(s64 ns)
{
	struct timespec64 ts = { ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };

	if (ts.tv_nsec < 0) {
		ts.tv_sec--;
		ts.tv_nsec += NSEC_PER_SEC;
	}
	return ts;
}

/* Negative if @a is earlier than @b, 0 if they are equal. */
static inline int timespec64_compare(const struct timespec64 *a,
				     const struct timespec64 *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec ? -1 : 1;
	return a->tv_nsec - b->tv_nsec;
}

static inline bool timespec64_equal(const struct timespec64 *a,
				    const struct timespec64 *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static inline struct timespec64 timespec64_sub(struct timespec64 a,
					       struct timespec64 b)
{
	struct timespec64 d = { a.tv_sec - b.tv_sec, a.tv_nsec - b.tv_nsec };

	if (d.tv_nsec < 0) {
		d.tv_sec--;
		d.tv_nsec += NSEC_PER_SEC;
	}
	return d;
}

#endif
