/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The types of <linux/hrtimer.h>.
 */
#ifndef _LINUX_HRTIMER_TYPES_H
#define _LINUX_HRTIMER_TYPES_H

#include <lfshim/kernel-code.h>
#include <linux/hrtimer.h>

#endif
