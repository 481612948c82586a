/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The worker of a struct drm_vblank_crtc only: there are no displays. */
#ifndef _DRM_VBLANK_H_
#define _DRM_VBLANK_H_

#include <lfshim/kernel-code.h>
#include <linux/kthread.h>
#include <drm/drm_file.h>

struct drm_encoder;

struct drm_vblank_crtc {
	struct kthread_worker *worker;
};

#endif
