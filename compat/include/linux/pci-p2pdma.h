/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * DMA between devices: there is none. The types are declared only, for
 * prototypes.
 */
#ifndef _LINUX_PCI_P2PDMA_H
#define _LINUX_PCI_P2PDMA_H

#include <lfshim/kernel-code.h>

struct p2pdma_provider;

#endif
