/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The types of <linux/spinlock.h>.
 */
#ifndef _LINUX_SPINLOCK_TYPES_H
#define _LINUX_SPINLOCK_TYPES_H

#include <lfshim/kernel-code.h>
#include <linux/spinlock.h>

#endif
