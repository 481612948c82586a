/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * An entry of the table of device tree nodes that a driver is for. There is no
 * device tree, and nothing looks an entry up.
 */
#ifndef _LINUX_DEVICE_ID_OF_H
#define _LINUX_DEVICE_ID_OF_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

struct of_device_id {
	char name[32];
	char type[32];
	char compatible[128];
	const void *data;
};

#endif
