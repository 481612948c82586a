// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The number of the calling CPU: <linux/smp.h>. */

#include <linux/cpumask.h>
#include <linux/smp.h>

#include "host/sys.h"

unsigned int raw_smp_processor_id(void)
{
	unsigned int cpu = lfhost_this_cpu(), ids = lfshim_nr_cpu_ids();

	/* A CPU that the process was not allowed to use at first. */
	return cpu < ids ? cpu : cpu % ids;
}
