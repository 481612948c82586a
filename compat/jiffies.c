// SPDX-License-Identifier: GPL-2.0 OR MIT
/* jiffies: <linux/jiffies.h>. */

#include <linux/jiffies.h>

#include "host/sys.h"

u64 lfshim_jiffies_64(void)
{
	return INITIAL_JIFFIES + lfhost_clock() / TICK_NSEC;
}

unsigned long lfshim_jiffies(void)
{
	return lfshim_jiffies_64();
}
