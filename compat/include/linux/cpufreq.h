/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Frequencies of CPUs: nothing scales them. The types, for prototypes.
 */
#ifndef _LINUX_CPUFREQ_H
#define _LINUX_CPUFREQ_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

struct cpufreq_policy;

#endif
