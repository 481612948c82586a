/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What drm_syncobj.c needs of DRM, and the shim does not have. */
#ifndef LFX_DRM_CORE_H
#define LFX_DRM_CORE_H

#include <linux/cleanup.h>
#include <linux/file.h>
#include <linux/xarray.h>

struct drm_device;

struct drm_file {
	struct xarray syncobj_xa;
};

#define DRIVER_SYNCOBJ			1
#define DRIVER_SYNCOBJ_TIMELINE		2
#define DRM_DEBUG(...)			((void)0)
#define dev_err(dev, ...)		((void)(dev))

static inline bool drm_core_check_feature(const struct drm_device *dev,
					  unsigned int feature)
{
	return true;
}

/* No descriptor is open. */
struct fd {
	struct file *file;
};

#define fd_empty(f)	(!(f).file)
#define fd_file(f)	((f).file)

DEFINE_CLASS(fd, struct fd, (void)_T, (struct fd){ NULL }, int nr)

#ifndef u64_to_user_ptr
#define u64_to_user_ptr(x)		((void __user *)(uintptr_t)(x))
#endif
#ifndef lockdep_assert_none_held_once
#define lockdep_assert_none_held_once()	((void)0)
#endif

#endif
