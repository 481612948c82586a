/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Buffer objects: a reference count and a reservation object. They have no
 * memory, handles or mappings. All of it is inline.
 */
#ifndef __DRM_GEM_H__
#define __DRM_GEM_H__

#include <lfshim/kernel-code.h>
#include <linux/bug.h>
#include <linux/dma-resv.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct drm_device;
struct drm_gem_object;

struct drm_gem_object_funcs {
	/* Frees the object, which has no reference any more. */
	void (*free)(struct drm_gem_object *obj);
};

/**
 * struct drm_gem_object - a buffer object
 * @refcount: see drm_gem_object_get()
 * @dev: its device
 * @size: in bytes
 * @resv: its reservation object: &_resv, unless the driver has set another one
 *	before drm_gem_private_object_init()
 * @_resv: is used if no other is
 * @funcs: the driver's
 */
struct drm_gem_object {
	struct kref refcount;
	struct drm_device *dev;
	size_t size;
	struct dma_resv *resv;
	struct dma_resv _resv;
	const struct drm_gem_object_funcs *funcs;
};

/**
 * drm_gem_private_object_init - initialise a buffer object without memory
 * @dev: its device
 * @obj: zeroed, except for ->funcs and ->resv; gets one reference
 * @size: a number of whole pages
 *
 * Context: any.
 */
static inline void drm_gem_private_object_init(struct drm_device *dev,
					       struct drm_gem_object *obj,
					       size_t size)
{
	BUG_ON(size & (PAGE_SIZE - 1));
	obj->dev = dev;
	obj->size = size;
	kref_init(&obj->refcount);
	dma_resv_init(&obj->_resv);
	if (!obj->resv)
		obj->resv = &obj->_resv;
}

/* Drops the fences of the object's own reservation object. */
static inline void drm_gem_private_object_fini(struct drm_gem_object *obj)
{
	dma_resv_fini(&obj->_resv);
}

/* Before the driver frees an object. */
static inline void drm_gem_object_release(struct drm_gem_object *obj)
{
	drm_gem_private_object_fini(obj);
}

static inline void drm_gem_object_free(struct kref *kref)
{
	struct drm_gem_object *obj =
		container_of(kref, struct drm_gem_object, refcount);

	if (WARN_ON(!obj->funcs->free))
		return;
	obj->funcs->free(obj);
}

static inline void drm_gem_object_get(struct drm_gem_object *obj)
{
	kref_get(&obj->refcount);
}

/* @obj may be NULL. Context: that of ->free. */
static inline void drm_gem_object_put(struct drm_gem_object *obj)
{
	if (obj)
		kref_put(&obj->refcount, drm_gem_object_free);
}

#endif
