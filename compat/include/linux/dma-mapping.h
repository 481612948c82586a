/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The masks of addresses of devices, and the types that prototypes have.
 * Nothing is mapped. Left out: all functions.
 */
#ifndef _LINUX_DMA_MAPPING_H
#define _LINUX_DMA_MAPPING_H

#include <lfshim/kernel-code.h>
#include <linux/device.h>
#include <linux/dma-direction.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

#define DMA_BIT_MASK(n)		((n) == 64 ? ~0ULL : (1ULL << (n)) - 1)
/* A range of addresses of an IOMMU. */
struct dma_iova_state {
	dma_addr_t addr;
	u64 size;
};

#define DMA_MAPPING_ERROR	(~(dma_addr_t)0)

#endif
