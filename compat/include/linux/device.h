/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A device: a name, a reference count, and resources that end with it. There
 * are no buses, classes or attributes, and nobody can look a device up:
 * messages, and objects that belong to one device, refer to it. Implemented in
 * compat/device.c.
 *
 * A device that is zeroed and has an ->init_name can be used for messages
 * without any other call.
 */
#ifndef _LINUX_DEVICE_H
#define _LINUX_DEVICE_H

#include <lfshim/kernel-code.h>
#include <linux/dev_printk.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct device_driver {
	const char *name;
	struct module *owner;
};

struct lfshim_devres;

/* Of the program: the shim has no DMA. */
struct device_dma_parameters {
	unsigned int max_segment_size;
	unsigned int min_align_mask;
	unsigned long segment_boundary_mask;
};

/* Headers of drivers have pointers to these without including more. */
struct cpumask;
struct dentry;
struct device_node;

/**
 * struct device - a device
 * @parent: has a reference from device_add() to device_del(); or NULL
 * @init_name: the name, if dev_set_name() gives none
 * @driver: the driver, which messages name; or NULL
 * @driver_data: the driver's own
 * @release: called when the last reference is dropped; frees the device
 */
struct device {
	struct device *parent;
	const char *init_name;
	const struct device_driver *driver;
	void *driver_data;
	void (*release)(struct device *dev);
	/* Of the program: the shim has no DMA. */
	u64 *dma_mask;
	u64 coherent_dma_mask;
	struct kref lfshim_ref;
	/* From dev_set_name(), or NULL. */
	char *lfshim_name;
	/* Between device_add() and device_del(). */
	bool lfshim_added;
	/* Protects the list of resources, the newest first. */
	spinlock_t lfshim_lock;
	struct lfshim_devres *lfshim_resources;
};

/* Never NULL; "(null)" if the device has no name. */
const char *dev_name(const struct device *dev) LFSHIM(dev_name);
/* The name of the driver, or "". */
const char *dev_driver_string(const struct device *dev)
	LFSHIM(dev_driver_string);

/**
 * dev_set_name - name a device
 * @dev: the device
 * @fmt: printf format of the name
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM.
 */
int dev_set_name(struct device *dev, const char *fmt, ...)
	LFSHIM(dev_set_name);

/**
 * device_initialize - prepare a device
 * @dev: zeroed memory with a ->release
 *
 * Afterwards only put_device() may free it.
 * Context: any.
 */
void device_initialize(struct device *dev) LFSHIM(device_initialize);
/* Return: 0; -EINVAL without a name. Context: may sleep. */
int device_add(struct device *dev) LFSHIM(device_add);
/* Release the resources of a device. Its memory stays. Context: may sleep. */
void device_del(struct device *dev) LFSHIM(device_del);
/* device_initialize() and device_add(). After an error: put_device(). */
int device_register(struct device *dev) LFSHIM(device_register);
/* device_del() and put_device(). */
void device_unregister(struct device *dev) LFSHIM(device_unregister);

/* @dev may be NULL. Context: any for get; that of ->release for put. */
struct device *get_device(struct device *dev) LFSHIM(get_device);
void put_device(struct device *dev) LFSHIM(put_device);

/**
 * root_device_register - create a device that has no driver
 * @name: its name; copied
 *
 * Context: may sleep.
 * Return: the device, to be given to root_device_unregister();
 * ERR_PTR(-ENOMEM).
 */
struct device *root_device_register(const char *name)
	LFSHIM(root_device_register);
void root_device_unregister(struct device *dev) LFSHIM(root_device_unregister);

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

/*
 * Resources end in device_del(), or with the last reference, in the opposite
 * order.
 */

/**
 * devm_kmalloc - allocate memory that ends with a device
 * @dev: the device
 * @size: the number of bytes
 * @gfp: as for kmalloc()
 *
 * Context: as @gfp says.
 * Return: memory that the device frees, or devm_kfree(); NULL; ZERO_SIZE_PTR
 * if @size is 0.
 */
void *devm_kmalloc(struct device *dev, size_t size, gfp_t gfp)
	LFSHIM(devm_kmalloc);
/* Free memory of devm_kmalloc() now. Warns if it is none. Context: any. */
void devm_kfree(struct device *dev, const void *p) LFSHIM(devm_kfree);

static inline void *devm_kzalloc(struct device *dev, size_t size, gfp_t gfp)
{
	return devm_kmalloc(dev, size, gfp | __GFP_ZERO);
}

static inline void *devm_kmalloc_array(struct device *dev, size_t n,
				       size_t size, gfp_t gfp)
{
	size_t bytes;

	return check_mul_overflow(n, size, &bytes)
		       ? NULL
		       : devm_kmalloc(dev, bytes, gfp);
}

static inline void *devm_kcalloc(struct device *dev, size_t n, size_t size,
				 gfp_t gfp)
{
	return devm_kmalloc_array(dev, n, size, gfp | __GFP_ZERO);
}

/**
 * devm_add_action - call a function when a device ends
 * @dev: the device
 * @action: the function
 * @data: its argument
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM.
 */
int devm_add_action(struct device *dev, void (*action)(void *), void *data)
	LFSHIM(devm_add_action);
/* The same. If it fails, it calls the function. */
static inline int devm_add_action_or_reset(struct device *dev,
					   void (*action)(void *), void *data)
{
	int err = devm_add_action(dev, action, data);

	if (err)
		action(data);
	return err;
}
/* Forget an action. Warns if there is none. Context: any. */
void devm_remove_action(struct device *dev, void (*action)(void *), void *data)
	LFSHIM(devm_remove_action);
/* Call an action now, and forget it. */
static inline void devm_release_action(struct device *dev,
				       void (*action)(void *), void *data)
{
	devm_remove_action(dev, action, data);
	action(data);
}

#endif
