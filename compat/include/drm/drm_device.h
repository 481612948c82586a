/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* struct drm_device: which driver, which device, how many references. */
#ifndef _DRM_DEVICE_H_
#define _DRM_DEVICE_H_

#include <lfshim/kernel-code.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct device;
struct drm_driver;

/**
 * struct drm_device - a device of DRM
 * @ref: see drm_dev_get()
 * @dev: the device that messages name
 * @driver: its driver
 * @dev_private: the driver's own
 * @driver_features: features that the driver has, but this device has not, are
 *	not set here
 */
struct drm_device {
	struct kref ref;
	struct device *dev;
	const struct drm_driver *driver;
	void *dev_private;
	u32 driver_features;
	/* The memory that the last reference frees, or NULL. */
	void *lfshim_container;
};

#endif
