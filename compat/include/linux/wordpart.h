/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* upper_32_bits() and lower_32_bits(). The 16-bit variants are left out. */
#ifndef _LINUX_WORDPART_H
#define _LINUX_WORDPART_H

#include <lfshim/kernel-code.h>

#define upper_32_bits(n)	((u32)(((n) >> 16) >> 16))
#define lower_32_bits(n)	((u32)((n) & 0xffffffff))

#endif
