// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Devices for KUnit tests: <kunit/device.h> and <drm/drm_kunit_helpers.h>. */

#include <kunit/device.h>
#include <drm/drm_kunit_helpers.h>
#include <linux/device.h>

struct device_driver *kunit_driver_create(struct kunit *test, const char *name)
{
	size_t size = strlen(name) + 1;
	struct device_driver *driver =
		kunit_kzalloc(test, sizeof(*driver), GFP_KERNEL);
	char *copy = kunit_kmalloc(test, size, GFP_KERNEL);

	if (!driver || !copy)
		return ERR_PTR(-ENOMEM);
	strscpy(copy, name, size);
	driver->name = copy;
	return driver;
}

static void kunit_device_free(struct device *dev)
{
	kfree(dev);
}

static void kunit_device_end(void *dev)
{
	device_unregister(dev);
}

struct device *
kunit_device_register_with_driver(struct kunit *test, const char *name,
				  const struct device_driver *drv)
{
	struct device *dev = kzalloc_obj(*dev);
	int err;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	dev->driver = drv;
	dev->release = kunit_device_free;
	device_initialize(dev);
	err = dev_set_name(dev, "%s", name) ?: device_add(dev);
	if (err) {
		put_device(dev);
		return ERR_PTR(err);
	}
	err = kunit_add_action_or_reset(test, kunit_device_end, dev);
	return err ? ERR_PTR(err) : dev;
}

struct device *kunit_device_register(struct kunit *test, const char *name)
{
	struct device_driver *drv = kunit_driver_create(test, name);

	if (IS_ERR(drv))
		return ERR_CAST(drv);
	return kunit_device_register_with_driver(test, name, drv);
}

void kunit_device_unregister(struct kunit *test, struct device *dev)
{
	kunit_release_action(test, kunit_device_end, dev);
}

struct device *drm_kunit_helper_alloc_device(struct kunit *test)
{
	return kunit_device_register(test, "drm-kunit-mock-device");
}

void drm_kunit_helper_free_device(struct kunit *test, struct device *dev)
{
	kunit_device_unregister(test, dev);
}
