/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The kernel's catch-all: it includes other headers of the shim and defines
 * nothing. The host has a header of this name, too: libc's <sys/sysinfo.h>
 * includes it.
 */
#ifndef LFSHIM_LINUX_KERNEL_H
#define LFSHIM_LINUX_KERNEL_H

#include <uapi/linux/kernel.h>
#include <linux/sprintf.h>
#include <linux/types.h>
#include <linux/align.h>
#include <linux/limits.h>
#include <linux/stddef.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/log2.h>
#include <linux/util_macros.h>
#include <linux/wordpart.h>
#include <linux/instruction_pointer.h>
#include <linux/stringify.h>
#include <linux/build_bug.h>
#include <linux/printk.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <linux/panic.h>
#include <asm/byteorder.h>

#endif
