/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Devices of the device tree: there are none. See <linux/of.h>.
 */
#ifndef _LINUX_OF_DEVICE_H
#define _LINUX_OF_DEVICE_H

#include <lfshim/kernel-code.h>
#include <linux/device.h>
#include <linux/of.h>

#endif
