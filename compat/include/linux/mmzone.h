/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The orders of page allocations, for the sizes of arrays. There are no pages.
 */
#ifndef _LINUX_MMZONE_H
#define _LINUX_MMZONE_H

#include <lfshim/kernel-code.h>
#include <linux/sizes.h>
#include <asm/page.h>

#define MAX_PAGE_ORDER		10
#define NR_PAGE_ORDERS		(MAX_PAGE_ORDER + 1)
#define MAX_ORDER_NR_PAGES	(1 << MAX_PAGE_ORDER)

#endif
