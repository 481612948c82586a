/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Small macros: pointers of programs in an integer, and for_each_if(), with which a
 * macro that loops skips some turns. Left out: find_closest().
 */
#ifndef _LINUX_UTIL_MACROS_H
#define _LINUX_UTIL_MACROS_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

#define for_each_if(condition) \
	if (!(condition)) {} else

#define u64_to_user_ptr(x)	((void __user *)(uintptr_t)(u64)(x))

#endif
