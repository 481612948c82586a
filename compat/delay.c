// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Sleeping and spinning for some time; see <linux/delay.h>. */

#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/sched.h>

#include "kernel/internal.h"

static void delay_sleep_ns(s64 ns)
{
	s64 deadline = lfhost_clock() + ns;

	do {
		__set_current_state(TASK_UNINTERRUPTIBLE);
		lfpriv_sleep(deadline);
	} while (lfhost_clock() < deadline);
}

void msleep(unsigned int msecs)
{
	might_sleep();
	delay_sleep_ns(msecs * NSEC_PER_MSEC);
}

void usleep_range(unsigned long min, unsigned long max)
{
	might_sleep();
	delay_sleep_ns(min * NSEC_PER_USEC);
}

#if !LFSHIM_SEAM
void ndelay(u64 nsecs)
{
	s64 end = lfhost_clock() + nsecs;

	while (lfhost_clock() < end)
		cpu_relax();
}
#endif
