/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Files' pages: there are none. The types are those of <linux/mm_types.h>.
 */
#ifndef _LINUX_PAGEMAP_H
#define _LINUX_PAGEMAP_H

#include <lfshim/kernel-code.h>
#include <linux/mm.h>
#include <linux/mm_types.h>

#endif
