/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * <linux/spinlock.h>, for kernel code that includes this header.
 */
#ifndef _LINUX_SPINLOCK_TYPES_RAW_H
#define _LINUX_SPINLOCK_TYPES_RAW_H

#include <lfshim/kernel-code.h>
/* <linux/ratelimit.h> of the tree gets this one from here. */
#include <linux/printk.h>
#include <linux/spinlock.h>

#endif
