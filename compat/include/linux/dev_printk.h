/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Messages about a device, which begin with the names of its driver and of the
 * device. Left out: the _ratelimited variants, and dynamic debug: dev_dbg()
 * prints with DEBUG only. Implemented in compat/device.c.
 */
#ifndef _LINUX_DEV_PRINTK_H
#define _LINUX_DEV_PRINTK_H

#include <lfshim/kernel-code.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/printk.h>
#include <linux/types.h>

struct device;

#ifndef dev_fmt
#define dev_fmt(fmt)	fmt
#endif

/**
 * _dev_printk - write a message about a device to the kernel log
 * @level: KERN_ERR or another level
 * @dev: the device, or NULL
 * @fmt: printf format, without a level
 *
 * Context: any.
 */
void _dev_printk(const char *level, const struct device *dev, const char *fmt,
		 ...) LFSHIM(_dev_printk);
#define dev_printk(level, dev, fmt, ...) \
	_dev_printk(level, dev, dev_fmt(fmt), ##__VA_ARGS__)

#define dev_emerg(dev, fmt, ...) \
	dev_printk(KERN_EMERG, dev, fmt, ##__VA_ARGS__)
#define dev_alert(dev, fmt, ...) \
	dev_printk(KERN_ALERT, dev, fmt, ##__VA_ARGS__)
#define dev_crit(dev, fmt, ...)	dev_printk(KERN_CRIT, dev, fmt, ##__VA_ARGS__)
#define dev_err(dev, fmt, ...)	dev_printk(KERN_ERR, dev, fmt, ##__VA_ARGS__)
#define dev_warn(dev, fmt, ...) \
	dev_printk(KERN_WARNING, dev, fmt, ##__VA_ARGS__)
#define dev_notice(dev, fmt, ...) \
	dev_printk(KERN_NOTICE, dev, fmt, ##__VA_ARGS__)
#define dev_info(dev, fmt, ...)	dev_printk(KERN_INFO, dev, fmt, ##__VA_ARGS__)
#ifdef DEBUG
#define dev_dbg(dev, fmt, ...)	dev_printk(KERN_DEBUG, dev, fmt, ##__VA_ARGS__)
#else
#define dev_dbg(dev, fmt, ...)						\
	do {								\
		if (0)							\
			dev_printk(KERN_DEBUG, dev, fmt, ##__VA_ARGS__); \
	} while (0)
#endif

/* Only the first time that this call site is reached. */
#define lfshim_dev_once_(dev_level, dev, fmt, ...)			\
	do {								\
		if (lfshim_once_())					\
			dev_level(dev, fmt, ##__VA_ARGS__);		\
	} while (0)
#define dev_err_once(dev, fmt, ...) \
	lfshim_dev_once_(dev_err, dev, fmt, ##__VA_ARGS__)
#define dev_warn_once(dev, fmt, ...) \
	lfshim_dev_once_(dev_warn, dev, fmt, ##__VA_ARGS__)
#define dev_notice_once(dev, fmt, ...) \
	lfshim_dev_once_(dev_notice, dev, fmt, ##__VA_ARGS__)
#define dev_info_once(dev, fmt, ...) \
	lfshim_dev_once_(dev_info, dev, fmt, ##__VA_ARGS__)

#define dev_WARN(dev, format, arg...) \
	WARN(1, "%s %s: " format, dev_driver_string(dev), dev_name(dev), ##arg)
#define dev_WARN_ONCE(dev, condition, format, arg...)			\
	WARN_ONCE(condition, "%s %s: " format, dev_driver_string(dev),	\
		  dev_name(dev), ##arg)

/**
 * dev_err_probe - log why a driver could not take a device
 * @dev: the device
 * @err: a negative error number. -EPROBE_DEFER and -ENOMEM are not logged.
 * @fmt: printf format
 *
 * Context: any.
 * Return: @err.
 */
int dev_err_probe(const struct device *dev, int err, const char *fmt, ...)
	LFSHIM(dev_err_probe);

#endif
