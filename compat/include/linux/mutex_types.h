/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The types of <linux/mutex.h>.
 */
#ifndef _LINUX_MUTEX_TYPES_H
#define _LINUX_MUTEX_TYPES_H

#include <lfshim/kernel-code.h>
#include <linux/mutex.h>

#endif
