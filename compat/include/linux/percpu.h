/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Variables with an instance for each CPU, on a cache line of its own.
 *
 * A thread in userspace may be moved to another CPU at any time, and interrupts
 * cannot be kept out. So there is only what the kernel has for code that can
 * live with that: raw_cpu_ptr() is where it is cheap to write, and others may
 * write there too.
 */
#ifndef _LINUX_PERCPU_H
#define _LINUX_PERCPU_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/smp.h>

/* A variable is an array: &name knows its type, and where the others are. */
#define DEFINE_PER_CPU(type, name) \
	struct { __typeof__(type) var; } ____cacheline_aligned name[NR_CPUS]
#define DEFINE_PER_CPU_ALIGNED(type, name)	DEFINE_PER_CPU(type, name)

#define per_cpu_ptr(ptr, cpu)	(&(*(ptr))[cpu].var)
#define raw_cpu_ptr(ptr)	per_cpu_ptr(ptr, raw_smp_processor_id())

#endif
