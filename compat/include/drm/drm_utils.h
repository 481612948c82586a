/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A function that drm_syncobj.c defines. */
#ifndef __DRM_UTILS_H__
#define __DRM_UTILS_H__

#include <lfshim/kernel-code.h>
#include <linux/types.h>

/* The jiffies until a time in ns; 0 if it has passed. */
signed long drm_timeout_abs_to_jiffies(int64_t timeout_nsec);

#endif
