/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The number of CPUs, and for_each_possible_cpu(). There are no CPU masks.
 * Implemented in compat/cpumask.c.
 */
#ifndef _LINUX_CPUMASK_H
#define _LINUX_CPUMASK_H

#include <lfshim/kernel-code.h>
#include <lfshim/abi.h>
#include <linux/atomic.h>
#include <linux/cleanup.h>

/*
 * The number of CPUs on which threads of this process are known to run: those of
 * the thread that loaded the library, and of each thread that used it since.
 */
unsigned int num_online_cpus(void) LFSHIM(num_online_cpus);
#define num_possible_cpus()	num_online_cpus()

/*
 * The number of instances of a per-CPU variable. If the machine has more than
 * NR_CPUS CPUs, some CPUs share an instance.
 */
#define NR_CPUS		64
#define nr_cpu_ids	lfshim_nr_cpu_ids()
#define for_each_possible_cpu(cpu) \
	for ((cpu) = 0; (cpu) < nr_cpu_ids; (cpu)++)

unsigned int lfshim_nr_cpu_ids(void);

#endif
