/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Doing something, as reading a register, until a condition is true. All of it is
 * macros.
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
 * Do @op until @cond is true. Sleeps for @sleep_us in between, and first if
 * @sleep_before_op. Return: 0, or -ETIMEDOUT after @timeout_us, which has no limit
 * if it is 0.
 */
#define poll_timeout_us(op, cond, sleep_us, timeout_us, sleep_before_op) ({ \
	u64 __timeout_us = (timeout_us);				\
	unsigned long __sleep_us = (sleep_us);				\
	ktime_t __end = ktime_add_us(ktime_get(), __timeout_us);	\
									\
	if ((sleep_before_op) && __sleep_us)				\
		usleep_range((__sleep_us >> 2) + 1, __sleep_us);	\
	for (;;) {							\
		op;							\
		if (cond)						\
			break;						\
		if (__timeout_us && ktime_after(ktime_get(), __end)) {	\
			/* The thread may have slept for long. */	\
			op;						\
			break;						\
		}							\
		if (__sleep_us)						\
			usleep_range((__sleep_us >> 2) + 1, __sleep_us); \
		cpu_relax();						\
	}								\
	(cond) ? 0 : -ETIMEDOUT; })

/*
 * The same for any context: it delays in between. As in the kernel, the delays are
 * counted, and not the time of @op, since the clock may stand still there.
 */
#define poll_timeout_us_atomic(op, cond, delay_us, timeout_us, delay_before_op) ({ \
	u64 __timeout_us = (timeout_us);				\
	unsigned long __delay_us = (delay_us);				\
	s64 __left_ns = __timeout_us * NSEC_PER_USEC;			\
									\
	if ((delay_before_op) && __delay_us) {				\
		udelay(__delay_us);					\
		__left_ns -= (u64)__delay_us * NSEC_PER_USEC;		\
	}								\
	for (;;) {							\
		op;							\
		if (cond)						\
			break;						\
		if (__timeout_us && __left_ns < 0) {			\
			op;						\
			break;						\
		}							\
		if (__delay_us)						\
			udelay(__delay_us);				\
		cpu_relax();						\
		/* A turn takes some time, too. */			\
		if (__timeout_us)					\
			__left_ns -= (u64)__delay_us * NSEC_PER_USEC + 1; \
	}								\
	(cond) ? 0 : -ETIMEDOUT; })

/* Assign op(args) to @val until @cond is true. */
#define read_poll_timeout(op, val, cond, sleep_us, timeout_us, sleep_before_read, args...) \
	poll_timeout_us((val) = op(args), cond, sleep_us, timeout_us,	\
			sleep_before_read)
#define read_poll_timeout_atomic(op, val, cond, delay_us, timeout_us, delay_before_read, args...) \
	poll_timeout_us_atomic((val) = op(args), cond, delay_us, timeout_us, \
			       delay_before_read)
#define readx_poll_timeout(op, addr, val, cond, sleep_us, timeout_us) \
	read_poll_timeout(op, val, cond, sleep_us, timeout_us, false, addr)
#define readx_poll_timeout_atomic(op, addr, val, cond, delay_us, timeout_us) \
	read_poll_timeout_atomic(op, val, cond, delay_us, timeout_us, false, addr)
#define readb_poll_timeout(addr, val, cond, sleep_us, timeout_us) \
	readx_poll_timeout(readb, addr, val, cond, sleep_us, timeout_us)
#define readb_poll_timeout_atomic(addr, val, cond, delay_us, timeout_us) \
	readx_poll_timeout_atomic(readb, addr, val, cond, delay_us, timeout_us)
#define readw_poll_timeout(addr, val, cond, sleep_us, timeout_us) \
	readx_poll_timeout(readw, addr, val, cond, sleep_us, timeout_us)
#define readw_poll_timeout_atomic(addr, val, cond, delay_us, timeout_us) \
	readx_poll_timeout_atomic(readw, addr, val, cond, delay_us, timeout_us)
#define readl_poll_timeout(addr, val, cond, sleep_us, timeout_us) \
	readx_poll_timeout(readl, addr, val, cond, sleep_us, timeout_us)
#define readl_poll_timeout_atomic(addr, val, cond, delay_us, timeout_us) \
	readx_poll_timeout_atomic(readl, addr, val, cond, delay_us, timeout_us)
#define readq_poll_timeout(addr, val, cond, sleep_us, timeout_us) \
	readx_poll_timeout(readq, addr, val, cond, sleep_us, timeout_us)
#define readq_poll_timeout_atomic(addr, val, cond, delay_us, timeout_us) \
	readx_poll_timeout_atomic(readq, addr, val, cond, delay_us, timeout_us)

#endif
