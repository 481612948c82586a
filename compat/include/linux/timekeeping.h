/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_TIMEKEEPING_H
#define _LINUX_TIMEKEEPING_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

/**
 * ktime_get - CLOCK_MONOTONIC
 *
 * Context: any.
 * Return: nanoseconds.
 */
ktime_t ktime_get(void) LFSHIM(ktime_get);

/**
 * ktime_get_real - CLOCK_REALTIME
 */
ktime_t ktime_get_real(void) LFSHIM(ktime_get_real);

static inline u64 ktime_get_ns(void)
{
	return ktime_get();
}

#endif
