/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The size of a page, which code uses as a size of buffers: it is a constant,
 * and need not be the host's. libc may have a macro of this name, too.
 */
#ifndef _ASM_PAGE_H
#define _ASM_PAGE_H

#include <lfshim/kernel-code.h>
#include <lfshim/host-begin.h>
#include <limits.h>
#include <lfshim/host-end.h>

#undef PAGE_SIZE
#undef PAGE_SHIFT
#undef PAGE_MASK
#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))

#endif
