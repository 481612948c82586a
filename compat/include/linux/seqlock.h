/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Included by <linux/dma-resv.h> of the kernel's, which uses nothing of it. */
#ifndef _LINUX_SEQLOCK_H
#define _LINUX_SEQLOCK_H

#include <lfshim/kernel-code.h>
#include <linux/spinlock.h>
#include <linux/mutex.h>

#endif
