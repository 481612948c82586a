/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Types of power management, for structures that have them. Nothing is
 * suspended.
 */
#ifndef _LINUX_PM_H
#define _LINUX_PM_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

struct device;

typedef struct pm_message {
	int event;
} pm_message_t;

struct dev_pm_ops {
	int (*prepare)(struct device *dev);
	void (*complete)(struct device *dev);
	int (*suspend)(struct device *dev);
	int (*resume)(struct device *dev);
	int (*runtime_suspend)(struct device *dev);
	int (*runtime_resume)(struct device *dev);
	int (*runtime_idle)(struct device *dev);
};

struct dev_pm_domain {
	struct dev_pm_ops ops;
};

#endif
