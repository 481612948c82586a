/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * <linux/mm.h>, for kernel code that includes this header. There are no
 * notifiers.
 */
#ifndef _LINUX_MMU_NOTIFIER_H
#define _LINUX_MMU_NOTIFIER_H

#include <lfshim/kernel-code.h>
#include <linux/mm.h>

#endif
