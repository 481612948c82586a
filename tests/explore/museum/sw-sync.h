/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The tree's sw_sync.c, whole. It has no descriptors and no debug lists here, so
 * these are stubs. A timeline is opened, counted up and closed as by a program.
 */
#ifndef LFX_SW_SYNC_H
#define LFX_SW_SYNC_H

#include "explore.h"

#include "sw_sync.c"

void sync_timeline_debug_add(struct sync_timeline *obj)
{
}

void sync_timeline_debug_remove(struct sync_timeline *obj)
{
}

struct sync_file *sync_file_create(struct dma_fence *fence)
{
	return NULL;
}

struct dma_fence *sync_file_get_fence(int fd)
{
	return NULL;
}

static struct sync_timeline *timeline;

static void open_timeline(void)
{
	timeline = sync_timeline_create("timeline");
	lfx_name(timeline, "timeline");
}

/* Closes it. */
static inline void close_timeline(void)
{
	struct file file = { .private_data = timeline };

	sw_sync_debugfs_release(NULL, &file);
}

static inline struct dma_fence *make_point(unsigned int value)
{
	struct sync_pt *pt = sync_pt_create(timeline, value);

	lfx_name(pt, "point");
	return &pt->base;
}

#endif
