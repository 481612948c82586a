/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The types of <linux/workqueue.h>.
 */
#ifndef _LINUX_WORKQUEUE_TYPES_H
#define _LINUX_WORKQUEUE_TYPES_H

#include <lfshim/kernel-code.h>
#include <linux/workqueue.h>

#endif
