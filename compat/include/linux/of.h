/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The device tree: there is none. The types, for structures and prototypes.
 */
#ifndef _LINUX_OF_H
#define _LINUX_OF_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/cleanup.h>
#include <linux/device-id/of.h>

struct device_node;
struct property;

#endif
