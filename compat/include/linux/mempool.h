/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Reserves of objects: there are none. The type, for structures and prototypes.
 */
#ifndef _LINUX_MEMPOOL_H
#define _LINUX_MEMPOOL_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

typedef struct mempool {
	void *pool_data;
} mempool_t;

#endif
