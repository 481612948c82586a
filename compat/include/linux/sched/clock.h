/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The scheduler's clocks. Here they are CLOCK_MONOTONIC, which all CPUs share:
 * none goes backwards or differs between CPUs. All of it is inline.
 */
#ifndef _LINUX_SCHED_CLOCK_H
#define _LINUX_SCHED_CLOCK_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/timekeeping.h>

/* Return: the time in nanoseconds. Context: any. */
static inline u64 sched_clock(void)
{
	return ktime_get_ns();
}

static inline u64 local_clock(void)
{
	return sched_clock();
}

static inline u64 cpu_clock(int cpu)
{
	return sched_clock();
}

#endif
