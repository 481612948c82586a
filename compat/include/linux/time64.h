/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * struct timespec64 and the units of time. The arithmetic of struct timespec64
 * is left out.
 */
#ifndef _LINUX_TIME64_H
#define _LINUX_TIME64_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/math64.h>

typedef s64 time64_t;

struct timespec64 {
	time64_t tv_sec;
	long tv_nsec;
};

/*
 * These have 64 bits. On 64-bit systems the type is long, as in the kernel. On
 * 32-bit systems the kernel's have 32 bits, and there a product with
 * NSEC_PER_SEC overflows from 3 seconds on.
 */
#define MSEC_PER_SEC	INT64_C(1000)
#define USEC_PER_MSEC	INT64_C(1000)
#define NSEC_PER_USEC	INT64_C(1000)
#define NSEC_PER_MSEC	INT64_C(1000000)
#define USEC_PER_SEC	INT64_C(1000000)
#define NSEC_PER_SEC	INT64_C(1000000000)

#endif
