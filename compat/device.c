// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Devices; see <linux/device.h> and <linux/dev_printk.h>. */

#include <stdarg.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/sprintf.h>
#include <linux/string.h>

/* A longer message is cut, as by _printk(). */
#define DEV_MESSAGE_MAX	1024

/* Memory, which follows, or an action. */
struct lfshim_devres {
	struct lfshim_devres *next;
	/* NULL: memory. */
	void (*action)(void *);
	void *data;
	char memory[] __aligned(16);
};

const char *dev_name(const struct device *dev)
{
	if (dev->lfshim_name)
		return dev->lfshim_name;
	return dev->init_name ? dev->init_name : "(null)";
}

const char *dev_driver_string(const struct device *dev)
{
	return dev->driver && dev->driver->name ? dev->driver->name : "";
}

static void dev_vprintk(const char *level, const struct device *dev,
			const char *prefix, const char *fmt, va_list args)
{
	char message[DEV_MESSAGE_MAX], with_level[16];

	vscnprintf(message, sizeof(message), fmt, args);
	/* The level is a part of the format. */
	scnprintf(with_level, sizeof(with_level), "%s%s", level,
		  dev ? "%s %s: %s%s" : "%s%s%s%s");
	_printk(with_level, dev ? dev_driver_string(dev) : "",
		dev ? dev_name(dev) : "(NULL device *): ", prefix, message);
}

void _dev_printk(const char *level, const struct device *dev, const char *fmt,
		 ...)
{
	va_list args;

	va_start(args, fmt);
	dev_vprintk(level, dev, "", fmt, args);
	va_end(args);
}

int dev_err_probe(const struct device *dev, int err, const char *fmt, ...)
{
	char prefix[32];
	va_list args;

	if (err == -EPROBE_DEFER || err == -ENOMEM)
		return err;
	scnprintf(prefix, sizeof(prefix), "error %d: ", err);
	va_start(args, fmt);
	dev_vprintk(KERN_ERR, dev, prefix, fmt, args);
	va_end(args);
	return err;
}

int dev_set_name(struct device *dev, const char *fmt, ...)
{
	char *name;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	name = kmalloc(len + 1, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	va_start(args, fmt);
	vsnprintf(name, len + 1, fmt, args);
	va_end(args);
	kfree(dev->lfshim_name);
	dev->lfshim_name = name;
	return 0;
}

void device_initialize(struct device *dev)
{
	kref_init(&dev->lfshim_ref);
	spin_lock_init(&dev->lfshim_lock);
}

int device_add(struct device *dev)
{
	if (!dev->lfshim_name && !dev->init_name)
		return -EINVAL;
	get_device(dev->parent);
	dev->lfshim_added = true;
	return 0;
}

/* Take the newest resource off the list. NULL if there is none. */
static struct lfshim_devres *devres_pop(struct device *dev)
{
	struct lfshim_devres *res;
	unsigned long flags;

	spin_lock_irqsave(&dev->lfshim_lock, flags);
	res = dev->lfshim_resources;
	if (res)
		dev->lfshim_resources = res->next;
	spin_unlock_irqrestore(&dev->lfshim_lock, flags);
	return res;
}

static void devres_release_all(struct device *dev)
{
	struct lfshim_devres *res;

	while ((res = devres_pop(dev))) {
		if (res->action)
			res->action(res->data);
		kfree(res);
	}
}

void device_del(struct device *dev)
{
	if (!dev->lfshim_added)
		return;
	dev->lfshim_added = false;
	devres_release_all(dev);
	put_device(dev->parent);
}

int device_register(struct device *dev)
{
	device_initialize(dev);
	return device_add(dev);
}

void device_unregister(struct device *dev)
{
	device_del(dev);
	put_device(dev);
}

struct device *get_device(struct device *dev)
{
	if (dev)
		kref_get(&dev->lfshim_ref);
	return dev;
}

static void device_free(struct kref *kref)
{
	struct device *dev = container_of(kref, struct device, lfshim_ref);
	char *name = dev->lfshim_name;

	devres_release_all(dev);
	if (!WARN(!dev->release, "device '%s' has no release()", dev_name(dev)))
		dev->release(dev);
	kfree(name);
}

void put_device(struct device *dev)
{
	if (dev)
		kref_put(&dev->lfshim_ref, device_free);
}

static void root_device_release(struct device *dev)
{
	kfree(dev);
}

struct device *root_device_register(const char *name)
{
	struct device *dev = kzalloc_obj(*dev);
	int err;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	dev->release = root_device_release;
	device_initialize(dev);
	err = dev_set_name(dev, "%s", name);
	if (!err)
		err = device_add(dev);
	if (!err)
		return dev;
	put_device(dev);
	return ERR_PTR(err);
}

void root_device_unregister(struct device *dev)
{
	device_unregister(dev);
}

static void devres_push(struct device *dev, struct lfshim_devres *res)
{
	unsigned long flags;

	spin_lock_irqsave(&dev->lfshim_lock, flags);
	res->next = dev->lfshim_resources;
	dev->lfshim_resources = res;
	spin_unlock_irqrestore(&dev->lfshim_lock, flags);
}

void *devm_kmalloc(struct device *dev, size_t size, gfp_t gfp)
{
	struct lfshim_devres *res;

	if (!size)
		return ZERO_SIZE_PTR;
	res = kmalloc(size_add(sizeof(*res), size), gfp);
	if (!res)
		return NULL;
	res->action = NULL;
	devres_push(dev, res);
	return res->memory;
}

int devm_add_action(struct device *dev, void (*action)(void *), void *data)
{
	struct lfshim_devres *res = kmalloc_obj(*res);

	if (!res)
		return -ENOMEM;
	res->action = action;
	res->data = data;
	devres_push(dev, res);
	return 0;
}

/*
 * Take a resource off the list, the newest if there are several: the memory
 * @data if @action is NULL, else an action. NULL if there is none.
 */
static struct lfshim_devres *devres_take(struct device *dev,
					 void (*action)(void *),
					 const void *data)
{
	struct lfshim_devres **link, *res;
	unsigned long flags;

	spin_lock_irqsave(&dev->lfshim_lock, flags);
	for (link = &dev->lfshim_resources; (res = *link); link = &res->next) {
		if (res->action == action &&
		    data == (action ? res->data : res->memory)) {
			*link = res->next;
			break;
		}
	}
	spin_unlock_irqrestore(&dev->lfshim_lock, flags);
	return res;
}

void devm_kfree(struct device *dev, const void *p)
{
	struct lfshim_devres *res;

	if (ZERO_OR_NULL_PTR(p))
		return;
	res = devres_take(dev, NULL, p);
	WARN(!res, "devm_kfree() of memory that is not the device's");
	kfree(res);
}

void devm_remove_action(struct device *dev, void (*action)(void *), void *data)
{
	struct lfshim_devres *res = devres_take(dev, action, data);

	WARN(!res, "devm_remove_action() of no action of the device");
	kfree(res);
}
