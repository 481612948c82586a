/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The type, so that structures that contain one compile. Left out: all
 * functions.
 */
#ifndef _LINUX_LIST_LRU_H
#define _LINUX_LIST_LRU_H

#include <lfshim/kernel-code.h>
#include <linux/list.h>

struct list_lru {
	struct list_head list;
};

#endif
