/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Handles of stored stacks, as in a kernel without CONFIG_STACKDEPOT: the
 * type, so that structures that contain one compile, and stack_depot_init(),
 * which has nothing to do. Left out: saving and printing stacks.
 */
#ifndef _LINUX_STACKDEPOT_H
#define _LINUX_STACKDEPOT_H

#include <lfshim/kernel-code.h>
#include <linux/gfp.h>
#include <linux/types.h>

typedef u32 depot_stack_handle_t;

static inline int stack_depot_init(void)
{
	return 0;
}

#endif
