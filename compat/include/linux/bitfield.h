/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Fields of a word, which a mask of adjacent bits describes. All of it is
 * macros. Left out: the functions of fixed width, such as u32_get_bits().
 */
#ifndef _LINUX_BITFIELD_H
#define _LINUX_BITFIELD_H

#include <lfshim/kernel-code.h>
#include <linux/build_bug.h>

#define lfshim_field_shift_(mask)	__builtin_ctzll(mask)
#define FIELD_MAX(mask) \
	((__typeof__(mask))((mask) >> lfshim_field_shift_(mask)))
/* Does @val fit into the field? */
#define FIELD_FIT(mask, val) \
	(!((((__typeof__(mask))(val)) << lfshim_field_shift_(mask)) & ~(mask)))
/* A word with @val in the field, and the field of a word. */
#define FIELD_PREP(mask, val)						\
	((((__typeof__(mask))(val)) << lfshim_field_shift_(mask)) & (mask))
#define FIELD_GET(mask, word) \
	((__typeof__(mask))(((word) & (mask)) >> lfshim_field_shift_(mask)))

#endif
