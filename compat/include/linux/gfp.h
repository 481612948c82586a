/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The allocation flags; there are no pages. __GFP_ZERO clears the memory, and
 * __GFP_NOFAIL makes libfence_fail_nth() pass an allocation over. The checks
 * look at __GFP_DIRECT_RECLAIM (the caller may sleep) and at __GFP_FS.
 * The other flags have no effect.
 */
#ifndef _LINUX_GFP_H
#define _LINUX_GFP_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/cleanup.h>
#include <linux/sched.h>
#include <asm/page.h>

#define __GFP_ZERO		0x100u
#define __GFP_DIRECT_RECLAIM	0x400u
#define __GFP_KSWAPD_RECLAIM	0x800u
#define __GFP_RECLAIM		(__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)
#define __GFP_IO		0x40u
#define __GFP_FS		0x80u
#define __GFP_HIGH		0x20u
#define __GFP_NOWARN		0x2000u
#define __GFP_RETRY_MAYFAIL	0x4000u
#define __GFP_NOFAIL		0x8000u
#define __GFP_NORETRY		0x10000u
#define __GFP_ACCOUNT		0x400000u

#define GFP_KERNEL		(__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_KERNEL_ACCOUNT	(GFP_KERNEL | __GFP_ACCOUNT)
#define GFP_NOIO		__GFP_RECLAIM
#define GFP_NOFS		(__GFP_RECLAIM | __GFP_IO)
#define GFP_NOWAIT		(__GFP_KSWAPD_RECLAIM | __GFP_NOWARN)
#define GFP_ATOMIC		(__GFP_HIGH | __GFP_KSWAPD_RECLAIM)

static inline bool gfpflags_allow_blocking(gfp_t flags)
{
	return flags & __GFP_DIRECT_RECLAIM;
}

#endif
