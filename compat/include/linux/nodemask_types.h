/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * <linux/numa.h>, for kernel code that includes this header. There are no masks.
 */
#ifndef _LINUX_NODEMASK_TYPES_H
#define _LINUX_NODEMASK_TYPES_H

#include <lfshim/kernel-code.h>
#include <linux/numa.h>

#endif
