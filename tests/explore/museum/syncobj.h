/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The tree's drm_syncobj.c, whole. It has no files here. */
#ifndef LFX_SYNCOBJ_H
#define LFX_SYNCOBJ_H

#include "museum.h"

#include "drm_syncobj.c"

struct sync_file *sync_file_create(struct dma_fence *fence)
{
	return NULL;
}

struct dma_fence *sync_file_get_fence(int fd)
{
	return NULL;
}

static struct drm_file drm_file;
/* The object is in the file only. */
static struct drm_syncobj *syncobj;
static u32 handle;

static inline void open_syncobj(struct dma_fence *fence)
{
	drm_syncobj_open(&drm_file);
	lfx_assert(!drm_syncobj_create(&syncobj, 0, fence));
	lfx_assert(!drm_syncobj_get_handle(&drm_file, syncobj, &handle));
	drm_syncobj_put(syncobj);
	lfx_name(syncobj, "syncobj");
}

static inline void destroy_syncobj(void)
{
	lfx_assert(!drm_syncobj_destroy(&drm_file, handle));
}

static inline void close_drm(void)
{
	drm_syncobj_release(&drm_file);
}

#endif
