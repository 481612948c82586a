/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Accesses to I/O memory; see <asm/io.h>.
 */
#ifndef _LINUX_IO_H
#define _LINUX_IO_H

#include <lfshim/kernel-code.h>
#include <linux/sizes.h>
#include <asm/io.h>

#endif
