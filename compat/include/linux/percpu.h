/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Per-CPU variables: one instance for each CPU, each on its own cache line.
 * Left out: this_cpu_ operations and dynamic allocation. <linux/smp.h>
 * has raw_smp_processor_id().
 *
 * The host may move a userspace thread to another CPU at any time, and
 * preemption cannot be disabled. So raw_cpu_ptr() is only a hint: the instance
 * is cheap to write, but other threads may write to it at the same time.
 */
#ifndef _LINUX_PERCPU_H
#define _LINUX_PERCPU_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/smp.h>
#include <linux/init.h>
#include <linux/preempt.h>
#include <linux/sched.h>

/* A variable is an array, so &name has its type and finds every instance. */
#define DEFINE_PER_CPU(type, name) \
	struct { __typeof__(type) var; } ____cacheline_aligned name[NR_CPUS]
#define DEFINE_PER_CPU_ALIGNED(type, name)	DEFINE_PER_CPU(type, name)

#define per_cpu_ptr(ptr, cpu)	(&(*(ptr))[cpu].var)
#define raw_cpu_ptr(ptr)	per_cpu_ptr(ptr, raw_smp_processor_id())

#endif
