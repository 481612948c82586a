/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Devices for KUnit tests of DRM, which end with the case. Left out: display
 * objects. Implemented in tests/kernel/runner/device.c.
 */
#ifndef DRM_KUNIT_HELPERS_H_
#define DRM_KUNIT_HELPERS_H_

#include <lfshim/kernel-code.h>
#include <kunit/test.h>
#include <linux/device.h>
#include <drm/drm_drv.h>

/* Return: ERR_PTR(-ENOMEM) if there is no memory. Context: may sleep. */
struct device *drm_kunit_helper_alloc_device(struct kunit *test)
	LFSHIM(drm_kunit_helper_alloc_device);
/* End it now. */
void drm_kunit_helper_free_device(struct kunit *test, struct device *dev)
	LFSHIM(drm_kunit_helper_free_device);

/* Return: the structure of @size bytes, or an error pointer. */
static inline struct drm_device *
__drm_kunit_helper_alloc_drm_device_with_driver(struct kunit *test,
						struct device *dev, size_t size,
						size_t offset,
						const struct drm_driver *driver)
{
	return __devm_drm_dev_alloc(dev, driver, size, offset);
}

/* The same, with a driver that has these features. */
static inline struct drm_device *
__drm_kunit_helper_alloc_drm_device(struct kunit *test, struct device *dev,
				    size_t size, size_t offset, u32 features)
{
	struct drm_driver *driver =
		devm_kzalloc(dev, sizeof(*driver), GFP_KERNEL);

	if (!driver)
		return ERR_PTR(-ENOMEM);
	driver->driver_features = features;
	return __drm_kunit_helper_alloc_drm_device_with_driver(test, dev, size,
							       offset, driver);
}

/* Return: the structure @_type, whose @_member is the device. */
#define drm_kunit_helper_alloc_drm_device(_test, _dev, _type, _member, _feat) \
	((_type *)__drm_kunit_helper_alloc_drm_device(_test, _dev,	\
						      sizeof(_type),	\
						      offsetof(_type, _member), \
						      _feat))
#define drm_kunit_helper_alloc_drm_device_with_driver(_test, _dev, _type, \
						      _member, _drv)	\
	((_type *)__drm_kunit_helper_alloc_drm_device_with_driver(_test, _dev, \
						sizeof(_type),		\
						offsetof(_type, _member), \
						_drv))

#endif
