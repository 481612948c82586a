/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * BIT(), BIT_MASK(), GENMASK() and their like. Left out: the variants of fixed width, such
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
#define BITS_PER_TYPE(type)	(sizeof(type) * BITS_PER_BYTE)
#define BIT_MASK(nr)	(1UL << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr)	((nr) / BITS_PER_LONG)
#define BITS_TO_LONGS(nr)	(((nr) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define GENMASK(h, l)	((~0UL << (l)) & (~0UL >> (BITS_PER_LONG - 1 - (h))))
#define GENMASK_ULL(h, l)	((~0ULL << (l)) & (~0ULL >> (63 - (h))))

#endif
