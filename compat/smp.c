// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The number of the current CPU; see <linux/smp.h>. */

#include <linux/cpumask.h>
#include <linux/smp.h>

#include "host/sys.h"

unsigned int raw_smp_processor_id(void)
{
	unsigned int cpu = lfhost_this_cpu(), ids = lfshim_nr_cpu_ids();

	/* It may be beyond NR_CPUS, or new in the affinity of the process. */
	return cpu < ids ? cpu : cpu % ids;
}
