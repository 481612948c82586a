/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * DRM's messages, and printers. The debugging messages are off, as they are in
 * the kernel by default: there is no parameter that turns them on. Left out:
 * the _ratelimited variants, and the printers of coredumps and debugfs.
 */
#ifndef DRM_PRINT_H_
#define DRM_PRINT_H_

#include <lfshim/kernel-code.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/sprintf.h>
#include <linux/types.h>

/* About a struct drm_device, or another structure with a ->dev; or NULL. */
#define lfshim_drm_dev_(drm) ({						\
	__typeof__(drm) __drm = (drm);					\
	__drm ? __drm->dev : NULL; })

#define drm_err(drm, fmt, ...)						\
	dev_err(lfshim_drm_dev_(drm), "[drm] *ERROR* " fmt, ##__VA_ARGS__)
#define drm_warn(drm, fmt, ...) \
	dev_warn(lfshim_drm_dev_(drm), "[drm] " fmt, ##__VA_ARGS__)
#define drm_notice(drm, fmt, ...) \
	dev_notice(lfshim_drm_dev_(drm), "[drm] " fmt, ##__VA_ARGS__)
#define drm_info(drm, fmt, ...) \
	dev_info(lfshim_drm_dev_(drm), "[drm] " fmt, ##__VA_ARGS__)
#define drm_err_once(drm, fmt, ...) \
	lfshim_dev_once_(drm_err, drm, fmt, ##__VA_ARGS__)
#define drm_warn_once(drm, fmt, ...) \
	lfshim_dev_once_(drm_warn, drm, fmt, ##__VA_ARGS__)
#define drm_info_once(drm, fmt, ...) \
	lfshim_dev_once_(drm_info, drm, fmt, ##__VA_ARGS__)

/* The arguments are compiled, and not evaluated. */
#define lfshim_drm_off_(drm, fmt, ...)					\
	do {								\
		if (0)							\
			drm_info(drm, fmt, ##__VA_ARGS__);		\
	} while (0)
#define drm_dbg(drm, fmt, ...)	lfshim_drm_off_(drm, fmt, ##__VA_ARGS__)
#define drm_dbg_core(drm, fmt, ...) lfshim_drm_off_(drm, fmt, ##__VA_ARGS__)
#define drm_dbg_driver(drm, fmt, ...) lfshim_drm_off_(drm, fmt, ##__VA_ARGS__)
#define drm_dbg_kms(drm, fmt, ...) lfshim_drm_off_(drm, fmt, ##__VA_ARGS__)
#define drm_dbg_prime(drm, fmt, ...) lfshim_drm_off_(drm, fmt, ##__VA_ARGS__)

#define drm_WARN(drm, condition, format, arg...)			\
	WARN(condition, "%s %s: [drm] " format,				\
	     dev_driver_string((drm)->dev), dev_name((drm)->dev), ##arg)
#define drm_WARN_ONCE(drm, condition, format, arg...)			\
	WARN_ONCE(condition, "%s %s: [drm] " format,			\
		  dev_driver_string((drm)->dev), dev_name((drm)->dev), ##arg)
#define drm_WARN_ON(drm, x) \
	drm_WARN(drm, x, "drm_WARN_ON(" __stringify(x) ")")
#define drm_WARN_ON_ONCE(drm, x) \
	drm_WARN_ONCE(drm, x, "drm_WARN_ON_ONCE(" __stringify(x) ")")

/* The older names, about no device. */
#define DRM_ERROR(fmt, ...) \
	printk(KERN_ERR "[drm:%s] *ERROR* " fmt, __func__, ##__VA_ARGS__)
#define DRM_WARN(fmt, ...) \
	printk(KERN_WARNING "[drm] " fmt, ##__VA_ARGS__)
#define DRM_NOTE(fmt, ...) \
	printk(KERN_NOTICE "[drm] " fmt, ##__VA_ARGS__)
#define DRM_INFO(fmt, ...)	printk(KERN_INFO "[drm] " fmt, ##__VA_ARGS__)
#define DRM_DEV_ERROR(dev, fmt, ...)					\
	dev_err(dev, "[drm:%s] *ERROR* " fmt, __func__, ##__VA_ARGS__)
#define DRM_DEV_INFO(dev, fmt, ...) \
	dev_info(dev, "[drm] " fmt, ##__VA_ARGS__)
#define lfshim_drm_debug_off_(fmt, ...)					\
	do {								\
		if (0)							\
			DRM_INFO(fmt, ##__VA_ARGS__);			\
	} while (0)
#define DRM_DEBUG(fmt, ...)	lfshim_drm_debug_off_(fmt, ##__VA_ARGS__)
#define DRM_DEBUG_DRIVER(fmt, ...) lfshim_drm_debug_off_(fmt, ##__VA_ARGS__)
#define DRM_DEBUG_KMS(fmt, ...)	lfshim_drm_debug_off_(fmt, ##__VA_ARGS__)

/**
 * struct drm_printer - where drm_printf() writes
 * @printfn: writes a piece of text
 * @arg: for @printfn
 * @prefix: for @printfn
 */
struct drm_printer {
	void (*printfn)(struct drm_printer *p, struct va_format *vaf);
	void *arg;
	const char *prefix;
};

static inline void drm_vprintf(struct drm_printer *p, const char *fmt,
			       va_list *va)
{
	struct va_format vaf = { .fmt = fmt, .va = va };

	p->printfn(p, &vaf);
}

static inline void drm_printf(struct drm_printer *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	drm_vprintf(p, fmt, &args);
	va_end(args);
}

static inline void drm_puts(struct drm_printer *p, const char *str)
{
	drm_printf(p, "%s", str);
}

static inline void lfshim_drm_print_seq(struct drm_printer *p,
					struct va_format *vaf)
{
	char text[512];

	vscnprintf(text, sizeof(text), vaf->fmt, *vaf->va);
	seq_puts(p->arg, text);
}

/* Writes to a struct seq_file. A piece of text has at most 511 bytes. */
static inline struct drm_printer drm_seq_file_printer(struct seq_file *f)
{
	return (struct drm_printer){
		.printfn = lfshim_drm_print_seq,
		.arg = f,
	};
}

static inline void lfshim_drm_print_info(struct drm_printer *p,
					 struct va_format *vaf)
{
	char text[512];

	vscnprintf(text, sizeof(text), vaf->fmt, *vaf->va);
	dev_info(p->arg, "[drm] %s", text);
}

/* Writes to the log, about a device. The same limit. */
static inline struct drm_printer drm_info_printer(struct device *dev)
{
	return (struct drm_printer){
		.printfn = lfshim_drm_print_info,
		.arg = dev,
	};
}

#endif
