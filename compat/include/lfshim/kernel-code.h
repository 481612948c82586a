/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Included first by every header that only the kernel has: from here on, a name
 * that the host has, too, is the kernel's. See <lfshim/side.h>.
 */
#ifndef LFSHIM_KERNEL_CODE
#define LFSHIM_KERNEL_CODE	1
#endif
