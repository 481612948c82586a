/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Frequencies of devices: nothing scales them. The types, for structures and
 * prototypes.
 */
#ifndef _LINUX_DEVFREQ_H
#define _LINUX_DEVFREQ_H

#include <lfshim/kernel-code.h>
#include <linux/device.h>

struct devfreq;
struct devfreq_dev_profile;

/* When the governor of this name changes the frequency, in per cent of load. */
struct devfreq_simple_ondemand_data {
	unsigned int upthreshold;
	unsigned int downdifferential;
};

#endif
