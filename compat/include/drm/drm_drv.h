/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Drivers of DRM: their features. There are no device nodes, minors or ioctl
 * tables. All of it is inline.
 */
#ifndef _DRM_DRV_H_
#define _DRM_DRV_H_

#include <lfshim/kernel-code.h>
#include <linux/bits.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <drm/drm_device.h>

enum drm_driver_feature {
	DRIVER_GEM = BIT(0),
	DRIVER_MODESET = BIT(1),
	DRIVER_RENDER = BIT(3),
	DRIVER_ATOMIC = BIT(4),
	DRIVER_SYNCOBJ = BIT(5),
	DRIVER_SYNCOBJ_TIMELINE = BIT(6),
	DRIVER_COMPUTE_ACCEL = BIT(7),
	DRIVER_GEM_GPUVA = BIT(8),
};

struct drm_file;

struct drm_driver {
	int (*open)(struct drm_device *dev, struct drm_file *file);
	void (*postclose)(struct drm_device *dev, struct drm_file *file);
	void (*release)(struct drm_device *dev);
	int major, minor, patchlevel;
	const char *name, *desc;
	u32 driver_features;
};

/* All of them. Context: any. */
static inline bool drm_core_check_all_features(const struct drm_device *dev,
					       u32 features)
{
	u32 has = dev->driver->driver_features & dev->driver_features;

	return features && (has & features) == features;
}

static inline bool drm_core_check_feature(const struct drm_device *dev,
					  enum drm_driver_feature feature)
{
	return drm_core_check_all_features(dev, feature);
}

static inline void drm_dev_get(struct drm_device *dev)
{
	kref_get(&dev->ref);
}

static inline void lfshim_drm_dev_free(struct kref *ref)
{
	struct drm_device *dev = container_of(ref, struct drm_device, ref);
	struct device *parent = dev->dev;

	if (dev->driver->release)
		dev->driver->release(dev);
	put_device(parent);
	kfree(dev->lfshim_container);
}

/* @dev may be NULL. Context: that of the driver's ->release. */
static inline void drm_dev_put(struct drm_device *dev)
{
	if (dev)
		kref_put(&dev->ref, lfshim_drm_dev_free);
}

static inline void lfshim_drm_dev_put_action(void *dev)
{
	drm_dev_put(dev);
}

static inline void *__devm_drm_dev_alloc(struct device *parent,
					 const struct drm_driver *driver,
					 size_t size, size_t offset)
{
	void *container = kzalloc(size, GFP_KERNEL);
	struct drm_device *dev = container + offset;
	int err;

	if (!container)
		return ERR_PTR(-ENOMEM);
	kref_init(&dev->ref);
	dev->dev = get_device(parent);
	dev->driver = driver;
	dev->driver_features = ~0u;
	dev->lfshim_container = container;
	err = devm_add_action_or_reset(parent, lfshim_drm_dev_put_action, dev);
	return err ? ERR_PTR(err) : container;
}

/**
 * devm_drm_dev_alloc - allocate a device of DRM in a driver's structure
 * @parent: the device; when it ends, it drops the reference that this gives
 * @driver: the driver; outlives the device
 * @type: the driver's structure
 * @member: its struct drm_device
 *
 * Context: may sleep.
 * Return: a zeroed structure, which the last reference frees;
 * ERR_PTR(-ENOMEM).
 */
#define devm_drm_dev_alloc(parent, driver, type, member)		\
	((type *)__devm_drm_dev_alloc(parent, driver, sizeof(type),	\
				      offsetof(type, member)))

#endif
