// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The number of CPUs; see <linux/cpumask.h>. */

#include <linux/cpumask.h>
#include <linux/minmax.h>
#include <linux/percpu.h>

#include "host/sys.h"

unsigned int num_online_cpus(void)
{
	return lfhost_cpus();
}

unsigned int lfshim_nr_cpu_ids(void)
{
	return min_t(unsigned int, lfhost_cpu_ids(), NR_CPUS);
}
