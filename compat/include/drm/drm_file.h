/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * struct drm_file, an open file of a device, as far as sync objects and the
 * scheduler use it. There are no device nodes: a test makes one.
 */
#ifndef _DRM_FILE_H_
#define _DRM_FILE_H_

#include <lfshim/kernel-code.h>
#include <linux/cleanup.h>
#include <linux/file.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct drm_device;

/**
 * struct drm_file - an open file of a device
 * @syncobj_xa: the handles of its sync objects; see drm_syncobj_open()
 * @client_id: tells clients apart, in trace events
 * @driver_priv: the driver's own
 */
struct drm_file {
	struct xarray syncobj_xa;
	u64 client_id;
	void *driver_priv;
};

#endif
