/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Performance counters: there are none. The type, for structures and prototypes.
 * The host has a header of this name, too.
 */
#ifndef LFSHIM_LINUX_PERF_EVENT_H
#define LFSHIM_LINUX_PERF_EVENT_H

#include <lfshim/kernel-code.h>
#include <linux/device.h>
#include <linux/types.h>

struct perf_event;

struct pmu {
	struct module *module;
	struct device *parent;
	const char *name;
	int type;
};

#endif
