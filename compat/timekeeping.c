// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Reading the clocks; see <linux/timekeeping.h>. */

#include <linux/timekeeping.h>

#include "host/sys.h"

ktime_t ktime_get(void)
{
	return lfhost_clock();
}

ktime_t ktime_get_real(void)
{
	return lfhost_clock_real();
}

ktime_t ktime_get_boottime(void)
{
	return lfhost_clock_boot();
}

ktime_t ktime_get_clocktai(void)
{
	return lfhost_clock_tai();
}
