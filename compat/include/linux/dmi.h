/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Tables of the firmware: there are none. The types, for structures and prototypes.
 * Left out: all functions.
 */
#ifndef _LINUX_DMI_H
#define _LINUX_DMI_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

struct dmi_header {
	u8 type;
	u8 length;
	u16 handle;
};

#endif
