/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Reset controllers: there are none. The types, for structures and prototypes.
 */
#ifndef _LINUX_RESET_H
#define _LINUX_RESET_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

struct reset_control;

struct reset_control_bulk_data {
	const char *id;
	struct reset_control *rstc;
};

#endif
