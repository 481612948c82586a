/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What drm_syncobj.c needs of DRM. */
#include <drm/drm-core.h>
