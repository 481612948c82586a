/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Every header that only the kernel has includes this first. After it, a name
 * that both the host and the kernel have means the kernel's header. See
 * <lfshim/side.h>.
 */
#ifndef LFSHIM_KERNEL_CODE
#define LFSHIM_KERNEL_CODE	1
#endif
