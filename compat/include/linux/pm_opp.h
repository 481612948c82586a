/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Operating points of devices: there are none. The types, for structures and
 * prototypes.
 */
#ifndef _LINUX_PM_OPP_H
#define _LINUX_PM_OPP_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

struct dev_pm_opp;
struct opp_table;

#endif
