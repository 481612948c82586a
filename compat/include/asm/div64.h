/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * do_div().
 */
#ifndef _ASM_DIV64_H
#define _ASM_DIV64_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

/* Divide the u64 variable @n by a 32-bit number. Returns the remainder. */
#define do_div(n, base) ({						\
	u32 __base = (base);						\
	u32 __rem = (u64)(n) % __base;					\
	(n) = (u64)(n) / __base;					\
	__rem; })

#endif
