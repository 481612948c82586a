/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Devices for KUnit tests, which end with the case. Implemented in
 * tests/kernel/runner/device.c.
 */
#ifndef _KUNIT_DEVICE_H
#define _KUNIT_DEVICE_H

#include <lfshim/kernel-code.h>
#include <kunit/test.h>

struct device;
struct device_driver;

/**
 * kunit_driver_create - create a driver for devices of a test
 * @test: the case, which frees it
 * @name: its name; copied
 *
 * Context: may sleep.
 * Return: the driver; ERR_PTR(-ENOMEM).
 */
struct device_driver *kunit_driver_create(struct kunit *test, const char *name)
	LFSHIM(kunit_driver_create);

/**
 * kunit_device_register - create a device that ends with the case
 * @test: the case
 * @name: the name of the device, and of its driver; copied
 *
 * Context: may sleep.
 * Return: the device; ERR_PTR(-ENOMEM).
 */
struct device *kunit_device_register(struct kunit *test, const char *name)
	LFSHIM(kunit_device_register);
/* The same, with a driver from kunit_driver_create(). */
struct device *
kunit_device_register_with_driver(struct kunit *test, const char *name,
				  const struct device_driver *drv)
	LFSHIM(kunit_device_register_with_driver);
/* End the device now. Context: may sleep. */
void kunit_device_unregister(struct kunit *test, struct device *dev)
	LFSHIM(kunit_device_unregister);

#endif
