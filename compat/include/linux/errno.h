/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The host's error numbers, and those that only the kernel has and that code on
 * the shim uses. The host has a header of this name, too: libc's <errno.h>
 * includes it.
 */
#ifndef LFSHIM_LINUX_ERRNO_H
#define LFSHIM_LINUX_ERRNO_H

#include <uapi/linux/errno.h>

/* Never returned by a system call; the fence wait functions return it. */
#define ERESTARTSYS	512
#define ERESTARTNOINTR	513
#define ERESTARTNOHAND	514
#define EPROBE_DEFER	517
#define ENOTSUPP	524

#endif
