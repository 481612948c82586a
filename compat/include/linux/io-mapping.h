/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Mappings of I/O memory: there are none. The type, for structures and prototypes.
 */
#ifndef _LINUX_IO_MAPPING_H
#define _LINUX_IO_MAPPING_H

#include <lfshim/kernel-code.h>
#include <linux/io.h>
#include <linux/types.h>

struct io_mapping {
	phys_addr_t base;
	unsigned long size;
	void __iomem *iomem;
};

#endif
