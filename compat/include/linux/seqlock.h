/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Includes <linux/spinlock.h> and <linux/mutex.h> and defines nothing: the
 * kernel's <linux/dma-resv.h> includes it, but uses no seqlock.
 */
#ifndef _LINUX_SEQLOCK_H
#define _LINUX_SEQLOCK_H

#include <lfshim/kernel-code.h>
#include <linux/spinlock.h>
#include <linux/mutex.h>

#endif
