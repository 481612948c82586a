/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * BIT(), BIT_MASK(), GENMASK() and their like. Left out: GENMASK() of fixed width, such
 * as GENMASK_U32(). The host has a header of this name, too.
 */
#ifndef LFSHIM_LINUX_BITS_H
#define LFSHIM_LINUX_BITS_H

#include <uapi/linux/bits.h>
#include <linux/build_bug.h>
#include <linux/overflow.h>

#define BITS_PER_BYTE	8
#define BITS_PER_LONG	(8 * __SIZEOF_LONG__)
#define BIT(nr)		(1UL << (nr))
#define BIT_ULL(nr)	(1ULL << (nr))
/* A value that does not fit into the type is a compile error. */
#define BIT_U8(nr)	((u8)(BIT_ULL(nr) + BUILD_BUG_ON_ZERO((nr) >= 8)))
#define BIT_U16(nr)	((u16)(BIT_ULL(nr) + BUILD_BUG_ON_ZERO((nr) >= 16)))
#define BIT_U32(nr)	((u32)(BIT_ULL(nr) + BUILD_BUG_ON_ZERO((nr) >= 32)))
#define BIT_U64(nr)	((u64)(BIT_ULL(nr) + BUILD_BUG_ON_ZERO((nr) >= 64)))
#define BITS_PER_TYPE(type)	(sizeof(type) * BITS_PER_BYTE)
#define BIT_MASK(nr)	(1UL << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr)	((nr) / BITS_PER_LONG)
#define BITS_TO_LONGS(nr)	(((nr) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define GENMASK(h, l)	((~0UL << (l)) & (~0UL >> (BITS_PER_LONG - 1 - (h))))
#define GENMASK_ULL(h, l)	((~0ULL << (l)) & (~0ULL >> (63 - (h))))
/* For headers of the tree for programs. Newer hosts have them. */
#ifndef __GENMASK
#define __GENMASK(h, l)		GENMASK(h, l)
#define __GENMASK_ULL(h, l)	GENMASK_ULL(h, l)
#endif

#endif
