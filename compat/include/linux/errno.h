/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Error numbers. Shadows the UAPI header that libc's <errno.h> includes. */
#ifndef LFSHIM_LINUX_ERRNO_H
#define LFSHIM_LINUX_ERRNO_H

#include <uapi/linux/errno.h>

/* Never seen by a system call's caller; the fence wait functions return it. */
#define ERESTARTSYS	512
#define ERESTARTNOINTR	513
#define ERESTARTNOHAND	514
#define EPROBE_DEFER	517
#define ENOTSUPP	524

#endif
