/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_CPUMASK_H
#define _LINUX_CPUMASK_H

#include <lfshim/abi.h>

/* The CPUs that this process may run on. */
unsigned int num_online_cpus(void) LFSHIM(num_online_cpus);
#define num_possible_cpus()	num_online_cpus()

#endif
