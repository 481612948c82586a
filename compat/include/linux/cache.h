/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Cache lines: their size, and where variables are placed.
 */
#ifndef _LINUX_CACHE_H
#define _LINUX_CACHE_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>

#define L1_CACHE_SHIFT		6
#define L1_CACHE_BYTES		(1 << L1_CACHE_SHIFT)
#define SMP_CACHE_BYTES		L1_CACHE_BYTES
#define L1_CACHE_ALIGN(x)	(((x) + L1_CACHE_BYTES - 1) & ~(L1_CACHE_BYTES - 1))
/* Where a variable is placed makes no difference here. */
#define __read_mostly
#undef __ro_after_init
#define __ro_after_init

#endif
