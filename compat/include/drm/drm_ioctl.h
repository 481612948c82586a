/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The type of a function that handles an ioctl. Nothing calls it by number. */
#ifndef _DRM_IOCTL_H_
#define _DRM_IOCTL_H_

#include <lfshim/kernel-code.h>
#include <linux/types.h>

struct drm_device;
struct drm_file;

/**
 * drm_ioctl_t - handle an ioctl
 * @dev: the device
 * @data: the structure of the ioctl, of the kernel's; is changed
 * @file_priv: the open file
 *
 * Return: 0 or a positive number; a negative error number.
 */
typedef int drm_ioctl_t(struct drm_device *dev, void *data,
			struct drm_file *file_priv);

#endif
