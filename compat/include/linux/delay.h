/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * msleep(), usleep_range(), fsleep() and busy-waiting. Left out: the
 * interruptible variants. Implemented in compat/delay.c.
 */
#ifndef _LINUX_DELAY_H
#define _LINUX_DELAY_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/math.h>

/* Sleep for at least the given time. Context: may sleep. */
void msleep(unsigned int msecs) LFSHIM(msleep);
void usleep_range(unsigned long min, unsigned long max) LFSHIM(usleep_range);
/* Busy-wait for at least the given time. Context: any. */
void ndelay(u64 nsecs) LFSHIM(ndelay);
/* The kernel's udelay() may be wrong for longer times; this one is not. */
#define MAX_UDELAY_MS	5
#define udelay(usecs)	ndelay((u64)(usecs) * 1000)
#define mdelay(msecs)	ndelay((u64)(msecs) * 1000000)
#define fsleep(usecs)	usleep_range(usecs, 2 * (usecs))

#include <linux/sched.h>

#endif
