/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_MM_H
#define _LINUX_MM_H

#include <linux/types.h>
#include <linux/slab.h>

#undef PAGE_SIZE
#undef PAGE_SHIFT
#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)

#endif
