/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Debugging messages that can be turned on, as in a kernel without
 * CONFIG_DYNAMIC_DEBUG: they are compiled and never printed, and there are no
 * classes of them.
 */
#ifndef _LINUX_DYNAMIC_DEBUG_H
#define _LINUX_DYNAMIC_DEBUG_H

#include <lfshim/kernel-code.h>
#include <linux/errno.h>
#include <linux/printk.h>

#define DECLARE_DYNDBG_CLASSMAP(...)
#define DYNAMIC_DEBUG_BRANCH(descriptor)	false

#define dynamic_pr_debug(fmt, ...)					\
	do {								\
		if (0)							\
			printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__);	\
	} while (0)

#endif
