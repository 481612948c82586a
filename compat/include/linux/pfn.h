/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Page numbers of byte addresses. All of it is macros.
 */
#ifndef _LINUX_PFN_H
#define _LINUX_PFN_H

#include <lfshim/kernel-code.h>
#include <asm/page.h>

#define PFN_UP(x)	(((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x)	((x) >> PAGE_SHIFT)

#endif
