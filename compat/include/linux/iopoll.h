/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Reading a register until it has an expected value. All of it is macros.
 * Left out: the _atomic variants.
 */
#ifndef _LINUX_IOPOLL_H
#define _LINUX_IOPOLL_H

#include <lfshim/kernel-code.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>

/*
 * Assign op(args) to @val until @cond is true. Sleeps for @sleep_us in between.
 * Return: 0, or -ETIMEDOUT after @timeout_us, which has no limit if it is 0.
 */
#define read_poll_timeout(op, val, cond, sleep_us, timeout_us, sleep_before_read, args...) ({ \
	u64 __timeout_us = (timeout_us);				\
	unsigned long __sleep_us = (sleep_us);				\
	ktime_t __end = ktime_add_us(ktime_get(), __timeout_us);	\
									\
	if ((sleep_before_read) && __sleep_us)				\
		usleep_range((__sleep_us >> 2) + 1, __sleep_us);	\
	for (;;) {							\
		(val) = op(args);					\
		if (cond)						\
			break;						\
		if (__timeout_us && ktime_after(ktime_get(), __end)) {	\
			/* The thread may have slept for long. */	\
			(val) = op(args);				\
			break;						\
		}							\
		if (__sleep_us)						\
			usleep_range((__sleep_us >> 2) + 1, __sleep_us); \
		cpu_relax();						\
	}								\
	(cond) ? 0 : -ETIMEDOUT; })
#define readx_poll_timeout(op, addr, val, cond, sleep_us, timeout_us) \
	read_poll_timeout(op, val, cond, sleep_us, timeout_us, false, addr)
#define readq_poll_timeout(addr, val, cond, sleep_us, timeout_us) \
	readx_poll_timeout(readq, addr, val, cond, sleep_us, timeout_us)
#define readl_poll_timeout(addr, val, cond, sleep_us, timeout_us) \
	readx_poll_timeout(readl, addr, val, cond, sleep_us, timeout_us)

#endif
