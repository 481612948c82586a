/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Memory of devices that has pages: there is none. The types, for structures and
 * prototypes.
 */
#ifndef _LINUX_MEMREMAP_H
#define _LINUX_MEMREMAP_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/mm_types.h>

struct page;

struct dev_pagemap_ops {
	void (*page_free)(struct page *page);
};

struct dev_pagemap {
	unsigned long flags;
	const struct dev_pagemap_ops *ops;
	void *owner;
};

#endif
