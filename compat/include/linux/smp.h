/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The number of the calling CPU. compat/smp.c has the implementation. */
#ifndef _LINUX_SMP_H
#define _LINUX_SMP_H

#include <lfshim/kernel-code.h>
#include <lfshim/abi.h>
#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/preempt.h>

/* Below nr_cpu_ids. The thread may be on another CPU when this returns. */
unsigned int raw_smp_processor_id(void) LFSHIM(raw_smp_processor_id);

#endif
