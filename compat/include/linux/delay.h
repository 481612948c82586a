/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_DELAY_H
#define _LINUX_DELAY_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

/* Sleep at least that long. Context: may sleep. */
void msleep(unsigned int msecs) LFSHIM(msleep);
void usleep_range(unsigned long min, unsigned long max) LFSHIM(usleep_range);
/* Busy-wait. Context: any. */
void ndelay(u64 nsecs) LFSHIM(ndelay);
#define udelay(usecs)	ndelay((u64)(usecs) * 1000)
#define mdelay(msecs)	ndelay((u64)(msecs) * 1000000)
#define fsleep(usecs)	usleep_range(usecs, 2 * (usecs))

#include <linux/sched.h>

#endif
