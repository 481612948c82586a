/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_TIME64_H
#define _LINUX_TIME64_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

typedef s64 time64_t;

struct timespec64 {
	time64_t tv_sec;
	long tv_nsec;
};

/*
 * long on 64-bit systems, as in the kernel. On 32-bit systems the kernel has 32
 * bits here, and a product with NSEC_PER_SEC overflows from 2 seconds on.
 */
#define MSEC_PER_SEC	INT64_C(1000)
#define USEC_PER_MSEC	INT64_C(1000)
#define NSEC_PER_USEC	INT64_C(1000)
#define NSEC_PER_MSEC	INT64_C(1000000)
#define USEC_PER_SEC	INT64_C(1000000)
#define NSEC_PER_SEC	INT64_C(1000000000)

#endif
