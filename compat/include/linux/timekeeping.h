/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The clocks of the host: monotonic, real time, boot time and TAI. The raw clock
 * is that of ktime_get(), so its rate is adjusted. Left out: the coarse and fast
 * variants. Implemented in compat/timekeeping.c.
 */
#ifndef _LINUX_TIMEKEEPING_H
#define _LINUX_TIMEKEEPING_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/errno.h>
#include <linux/time64.h>

/**
 * ktime_get - the time of CLOCK_MONOTONIC
 *
 * Context: any.
 * Return: the time in nanoseconds.
 */
ktime_t ktime_get(void) LFSHIM(ktime_get);

/**
 * ktime_get_real - the time of CLOCK_REALTIME
 *
 * Context: any.
 * Return: the time in nanoseconds.
 */
ktime_t ktime_get_real(void) LFSHIM(ktime_get_real);

/*
 * The time of CLOCK_BOOTTIME, which goes on while the system is suspended, and of
 * CLOCK_TAI, which has no leap seconds. Context: any.
 */
ktime_t ktime_get_boottime(void) LFSHIM(ktime_get_boottime);
ktime_t ktime_get_clocktai(void) LFSHIM(ktime_get_clocktai);

static inline u64 ktime_get_ns(void)
{
	return ktime_get();
}

static inline ktime_t ktime_get_raw(void)
{
	return ktime_get();
}

static inline u64 ktime_get_raw_ns(void)
{
	return ktime_get();
}

static inline u64 ktime_get_real_ns(void)
{
	return ktime_get_real();
}

static inline u64 ktime_get_boottime_ns(void)
{
	return ktime_get_boottime();
}

static inline u64 ktime_get_clocktai_ns(void)
{
	return ktime_get_clocktai();
}

static inline void ktime_get_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(ktime_get());
}

static inline void ktime_get_real_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(ktime_get_real());
}

#endif
