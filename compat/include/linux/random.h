/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Random numbers for tests, not for keys. Left out: get_random_bytes() and the
 * other widths. Implemented in compat/random.c. The host has a header of this
 * name, too.
 */
#ifndef LFSHIM_LINUX_RANDOM_H
#define LFSHIM_LINUX_RANDOM_H

#include <uapi/linux/random.h>
#include <linux/types.h>
#include <linux/bug.h>
#include <linux/kernel.h>

/* LIBFENCE_SEED in the environment makes each thread's sequence repeatable. */
u32 get_random_u32(void) LFSHIM(get_random_u32);
/* Return: 0 ... @ceil - 1; 0 if @ceil is 0. */
u32 get_random_u32_below(u32 ceil) LFSHIM(get_random_u32_below);
/* The name in Linux 6.1 and older. */
#define prandom_u32_max(ceil)	get_random_u32_below(ceil)

static inline u64 get_random_u64(void)
{
	return (u64)get_random_u32() << 32 | get_random_u32();
}

/* Return: @floor ... @ceil, both included. */
static inline u32 get_random_u32_inclusive(u32 floor, u32 ceil)
{
	return ceil - floor == ~0U ? get_random_u32()
				   : floor + get_random_u32_below(ceil - floor + 1);
}

#endif
