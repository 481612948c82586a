/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Requests of power management: nobody looks at them. The types, for structures
 * and prototypes. Left out: all functions.
 */
#ifndef _LINUX_PM_QOS_H
#define _LINUX_PM_QOS_H

#include <lfshim/kernel-code.h>
#include <linux/list.h>
#include <linux/types.h>

struct device;

struct pm_qos_request {
	struct list_head lfshim_node;
};

struct dev_pm_qos_request {
	struct device *dev;
};

#endif
