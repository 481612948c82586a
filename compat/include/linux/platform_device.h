/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The types of platform devices and drivers, for structures and prototypes
 * that have them. There is no bus: nothing probes a driver. Left out: all
 * functions, except for the private data of a device.
 */
#ifndef _LINUX_PLATFORM_DEVICE_H
#define _LINUX_PLATFORM_DEVICE_H

#include <lfshim/kernel-code.h>
#include <linux/device.h>

struct resource;

struct platform_device {
	const char *name;
	int id;
	struct device dev;
};

struct platform_driver {
	int (*probe)(struct platform_device *pdev);
	void (*remove)(struct platform_device *pdev);
	void (*shutdown)(struct platform_device *pdev);
	struct device_driver driver;
};

#define to_platform_device(x)	container_of(x, struct platform_device, dev)

static inline void *platform_get_drvdata(const struct platform_device *pdev)
{
	return dev_get_drvdata(&pdev->dev);
}

static inline void platform_set_drvdata(struct platform_device *pdev,
					void *data)
{
	dev_set_drvdata(&pdev->dev, data);
}

#endif
