/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * ktime_get() and ktime_get_real(). Left out: the other clocks, the coarse and
 * fast variants, and those for struct timespec64. Implemented in
 * compat/timekeeping.c.
 */
#ifndef _LINUX_TIMEKEEPING_H
#define _LINUX_TIMEKEEPING_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/errno.h>

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

static inline u64 ktime_get_ns(void)
{
	return ktime_get();
}

#endif
