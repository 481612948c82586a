/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The includes of the kernel's header of this name. There is no range manager:
 * <drm/drm_suballoc.h> includes this header and uses none.
 */
#ifndef _DRM_MM_H_
#define _DRM_MM_H_

#include <lfshim/kernel-code.h>
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <drm/drm_print.h>

#endif
