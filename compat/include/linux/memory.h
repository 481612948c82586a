/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Hotplug of memory is off, as without CONFIG_MEMORY_HOTPLUG: nothing is notified. */
#ifndef _LINUX_MEMORY_H
#define _LINUX_MEMORY_H

#include <lfshim/kernel-code.h>
#include <linux/mutex.h>
#include <linux/notifier.h>

static inline int register_memory_notifier(struct notifier_block *nb)
{
	return 0;
}

static inline void unregister_memory_notifier(struct notifier_block *nb)
{
}

#endif
