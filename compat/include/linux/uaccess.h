/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * copy_from_user() and copy_to_user(), for the arguments of ioctls. The memory
 * belongs to this process, but the address may be invalid, so the host copies
 * it with a system call. Left out: get_user(), put_user(), the strings and the
 * unsafe_ variants. Implemented in compat/uaccess.c.
 */
#ifndef _LINUX_UACCESS_H
#define _LINUX_UACCESS_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <linux/cleanup.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/util_macros.h>

/* Return: the number of bytes that were not copied: 0 or @n. */
unsigned long copy_from_user(void *to, const void __user *from,
			     unsigned long n) LFSHIM(copy_from_user);
unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
	LFSHIM(copy_to_user);


#endif
