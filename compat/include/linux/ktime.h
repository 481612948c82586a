/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * ktime_t, a time in nanoseconds, and its arithmetic. All of it is inline. Left
 * out: division and the conversions to and from struct timespec64, except
 * ktime_to_timespec64().
 */
#ifndef _LINUX_KTIME_H
#define _LINUX_KTIME_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/time64.h>
#include <linux/jiffies.h>

#define KTIME_MAX		((s64)~((u64)1 << 63))
#define KTIME_SEC_MAX		(KTIME_MAX / NSEC_PER_SEC)

static inline ktime_t ktime_set(s64 secs, unsigned long nsecs)
{
	return secs >= KTIME_SEC_MAX ? KTIME_MAX
				     : secs * NSEC_PER_SEC + (s64)nsecs;
}

#define ktime_sub(a, b)		((a) - (b))
#define ktime_add(a, b)		((a) + (b))
#define ktime_add_ns(kt, ns)	((kt) + (ns))
#define ktime_sub_ns(kt, ns)	((kt) - (ns))
#define ktime_to_ns(kt)		(kt)

/* A sum that is too large becomes a time that is never reached. */
static inline ktime_t ktime_add_safe(const ktime_t a, const ktime_t b)
{
	ktime_t sum = (u64)a + (u64)b;

	return sum < 0 || sum < a || sum < b ? ktime_set(KTIME_SEC_MAX, 0) : sum;
}

/* @div is not 0. */
static inline s64 ktime_divns(const ktime_t kt, s64 div)
{
	return kt / div;
}

static inline ktime_t ns_to_ktime(u64 ns)
{
	return ns;
}

static inline ktime_t us_to_ktime(u64 us)
{
	return us * NSEC_PER_USEC;
}

static inline ktime_t ms_to_ktime(u64 ms)
{
	return ms * NSEC_PER_MSEC;
}

static inline ktime_t ktime_add_us(ktime_t kt, u64 us)
{
	return kt + us_to_ktime(us);
}

static inline ktime_t ktime_add_ms(ktime_t kt, u64 ms)
{
	return kt + ms_to_ktime(ms);
}

static inline s64 ktime_to_us(ktime_t kt)
{
	return kt / NSEC_PER_USEC;
}

static inline s64 ktime_to_ms(ktime_t kt)
{
	return kt / NSEC_PER_MSEC;
}

static inline s64 ktime_us_delta(ktime_t later, ktime_t earlier)
{
	return ktime_to_us(later - earlier);
}

static inline s64 ktime_ms_delta(ktime_t later, ktime_t earlier)
{
	return ktime_to_ms(later - earlier);
}

static inline int ktime_compare(ktime_t a, ktime_t b)
{
	return a < b ? -1 : a > b;
}

static inline bool ktime_after(ktime_t a, ktime_t b)
{
	return a > b;
}

static inline bool ktime_before(ktime_t a, ktime_t b)
{
	return a < b;
}

static inline struct timespec64 ktime_to_timespec64(ktime_t kt)
{
	struct timespec64 ts = { kt / NSEC_PER_SEC, kt % NSEC_PER_SEC };

	if (ts.tv_nsec < 0) {
		ts.tv_sec--;
		ts.tv_nsec += NSEC_PER_SEC;
	}
	return ts;
}

#include <linux/timekeeping.h>

#endif
