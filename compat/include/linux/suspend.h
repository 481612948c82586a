/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Suspending the machine: nothing does. The type, for structures and prototypes.
 */
#ifndef _LINUX_SUSPEND_H
#define _LINUX_SUSPEND_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/notifier.h>
#include <linux/pm.h>

typedef int suspend_state_t;

#define PM_SUSPEND_ON		((suspend_state_t)0)
#define PM_SUSPEND_TO_IDLE	((suspend_state_t)1)
#define PM_SUSPEND_STANDBY	((suspend_state_t)2)
#define PM_SUSPEND_MEM		((suspend_state_t)3)

#endif
