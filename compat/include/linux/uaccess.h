/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Memory of whoever called an ioctl. It is that of this process, but the
 * address may be wrong: the host copies, at the cost of a system call.
 */
#ifndef __LINUX_UACCESS_H__
#define __LINUX_UACCESS_H__

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/types.h>

/* How many bytes could not be copied: all of them, or none. */
unsigned long copy_from_user(void *to, const void __user *from,
			     unsigned long n) LFSHIM(copy_from_user);
unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
	LFSHIM(copy_to_user);

#define u64_to_user_ptr(x)	((void __user *)(uintptr_t)(u64)(x))

#endif
