/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * IOMMUs: there are none. The types, for structures and prototypes. The host has a
 * header of this name, too.
 */
#ifndef LFSHIM_LINUX_IOMMU_H
#define LFSHIM_LINUX_IOMMU_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

struct device;
struct iommu_domain;
struct iommu_group;
struct iommu_iotlb_gather;
struct iommu_ops;
struct notifier_block;

/* The permissions of a mapping. */
#define IOMMU_READ	(1 << 0)
#define IOMMU_WRITE	(1 << 1)
#define IOMMU_CACHE	(1 << 2)
#define IOMMU_NOEXEC	(1 << 3)

#endif
