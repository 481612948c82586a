// SPDX-License-Identifier: GPL-2.0 OR MIT
/* An ioctl waits for a buffer, whose handle another thread closes. */
#include "museum.h"

#include <linux/slab.h>
#include <drm/drm_device.h>
#include <drm/drm_gem.h>

struct device_state {
	struct drm_device drm;
	int nr_resets;
};

static struct device_state device;
static DEFINE_SPINLOCK(handles_lock);
/* The only handle, with a reference, or NULL. */
static struct drm_gem_object *handle;

static void free_buffer(struct drm_gem_object *obj)
{
	drm_gem_object_release(obj);
	kfree(obj);
}

static const struct drm_gem_object_funcs funcs = {
	.free = free_buffer,
};

static void open_handle(void)
{
	handle = kzalloc_obj(*handle);
	handle->funcs = &funcs;
	drm_gem_private_object_init(&device.drm, handle, PAGE_SIZE);
	lfx_name(handle, "buffer");
}

static struct drm_gem_object *look_up(void)
{
	struct drm_gem_object *obj;

	spin_lock(&handles_lock);
	obj = handle;
	if (obj)
		drm_gem_object_get(obj);
	spin_unlock(&handles_lock);
	return obj;
}

static void close_handle(void)
{
	struct drm_gem_object *obj;

	spin_lock(&handles_lock);
	obj = handle;
	handle = NULL;
	spin_unlock(&handles_lock);
	drm_gem_object_put(obj);
}

/* The driver's use of the result, for the buffer's device. */
static void handle_lockup(struct drm_device *dev, bool idle)
{
	if (!idle)
		container_of(dev, struct device_state, drm)->nr_resets++;
}

static void wait_and_put_first(void)
{
	struct drm_gem_object *obj = look_up();
	bool idle;

	if (!obj)
		return;
	idle = dma_resv_test_signaled(obj->resv, DMA_RESV_USAGE_BOOKKEEP);
	drm_gem_object_put(obj);
	handle_lockup(READ_ONCE(obj->dev), idle);
}

static void wait_and_put_last(void)
{
	struct drm_gem_object *obj = look_up();

	if (!obj)
		return;
	handle_lockup(READ_ONCE(obj->dev),
		      dma_resv_test_signaled(obj->resv,
					     DMA_RESV_USAGE_BOOKKEEP));
	drm_gem_object_put(obj);
}

LFX_SCENARIO(put_first) = {
	.name = "m34-put-first",
	.what = "a buffer is used after its put, while its handle is closed",
	.setup = open_handle,
	.threads = {
		{ "ioctl", wait_and_put_first }, { "close", close_handle },
	},
};

LFX_SCENARIO(put_last) = {
	.name = "m34-put-last",
	.what = "a buffer is used before its put, while its handle is closed",
	.setup = open_handle,
	.threads = {
		{ "ioctl", wait_and_put_last }, { "close", close_handle },
	},
};
