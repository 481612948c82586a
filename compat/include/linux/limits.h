/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Limits of the kernel's types. Those of C's types are libc's, with the same names.
 * The host has a header of this name, too: libc's <limits.h> includes it.
 */
#ifndef LFSHIM_LINUX_LIMITS_H
#define LFSHIM_LINUX_LIMITS_H

#include <uapi/linux/limits.h>
#include <lfshim/host-begin.h>
#include <limits.h>
#include <lfshim/host-end.h>
#include <linux/types.h>

#define U8_MAX		((u8)~0U)
#define S8_MAX		((s8)(U8_MAX >> 1))
#define S8_MIN		((s8)(-S8_MAX - 1))
#define U16_MAX		((u16)~0U)
#define S16_MAX		((s16)(U16_MAX >> 1))
#define S16_MIN		((s16)(-S16_MAX - 1))
#define U32_MAX		((u32)~0U)
#define S32_MAX		((s32)(U32_MAX >> 1))
#define S32_MIN		((s32)(-S32_MAX - 1))
#define U64_MAX		((u64)~0ULL)
#define S64_MAX		((s64)(U64_MAX >> 1))
#define S64_MIN		((s64)(-S64_MAX - 1))
#define PHYS_ADDR_MAX	(~(phys_addr_t)0)

#endif
