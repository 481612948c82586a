/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * PCI devices: there are none. The types, and the private data of a device. Left
 * out: all other functions. The host has a header of this name, too.
 */
#ifndef LFSHIM_LINUX_PCI_H
#define LFSHIM_LINUX_PCI_H

#include <lfshim/kernel-code.h>
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/types.h>

struct pci_bus;

struct pci_dev {
	struct pci_bus *bus;
	unsigned int devfn;
	unsigned short vendor;
	unsigned short device;
	unsigned short subsystem_vendor;
	unsigned short subsystem_device;
	u8 revision;
	unsigned int irq;
	struct device dev;
};

#define to_pci_dev(x)	container_of(x, struct pci_dev, dev)

static inline void *pci_get_drvdata(struct pci_dev *pdev)
{
	return dev_get_drvdata(&pdev->dev);
}

static inline void pci_set_drvdata(struct pci_dev *pdev, void *data)
{
	dev_set_drvdata(&pdev->dev, data);
}

static inline const char *pci_name(const struct pci_dev *pdev)
{
	return dev_name(&pdev->dev);
}

#endif
